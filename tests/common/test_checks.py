"""Mistakes in the settings are told before they hurt, each with what to do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from pytest_django import Settings

from backoffice.common.checks import (
    MUST_BE_GIVEN,
    NEW_KEY,
    is_given,
    production_is_given_what_it_needs,
    sealing_keys_are_keys,
)

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def production(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    settings.PRODUCTION = True
    settings.DEBUG = False
    for name in MUST_BE_GIVEN:
        monkeypatch.setenv(name, "given")
    return settings


def ids(messages: object) -> list[str]:
    return [message.id for message in messages]  # type: ignore[attr-defined]  # an iterable of CheckMessage


def test_a_production_that_was_told_everything_is_fine(production: Settings) -> None:
    assert ids(production_is_given_what_it_needs()) == []


@pytest.mark.parametrize("name", MUST_BE_GIVEN)
def test_production_does_not_make_up_what_it_must_be_told(
    production: Settings, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.delenv(name)
    (message,) = production_is_given_what_it_needs()
    assert message.id == "backoffice.E001"
    assert message.msg == f"{name} is not set, and PRODUCTION is on."
    monkeypatch.setenv(f"{name}_FILE", "somewhere")
    assert ids(production_is_given_what_it_needs()) == []


def test_production_shows_no_error_pages_of_development(production: Settings) -> None:
    production.DEBUG = True
    assert ids(production_is_given_what_it_needs()) == ["backoffice.E003"]


def test_a_test_system_is_said_to_be_one_when_it_is_deployed(settings: Settings) -> None:
    settings.PRODUCTION = False
    assert ids(production_is_given_what_it_needs()) == ["backoffice.W001"]


def test_a_key_that_is_none_is_told_with_its_place_and_how_to_make_one(settings: Settings) -> None:
    settings.CREDENTIALS_KEYS = [Fernet.generate_key().decode(), "secret"]
    (message,) = sealing_keys_are_keys()
    assert message.id == "backoffice.E002"
    assert message.msg == "Key number 2 in CREDENTIALS_KEYS is no Fernet key."
    assert NEW_KEY in str(message.hint)


def test_an_empty_value_is_not_given() -> None:
    assert not is_given("SECRET_KEY", {"SECRET_KEY": ""})


def test_every_check_is_explained_on_the_settings_page() -> None:
    page = (ROOT / "docs" / "settings.md").read_text()
    assert all(f"`backoffice.{code}`" in page for code in ("E001", "E002", "E003", "W001"))


@pytest.mark.parametrize("start", [["manage.py", "check", "--deploy"], ["-c", "import backoffice.wsgi"]])
def test_production_starts_on_no_secret_made_on_the_way(start: list[str], tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), "PRODUCTION": "1"}
    environment["CREDENTIALS_KEYS"] = Fernet.generate_key().decode()

    command = [sys.executable, *start]
    done = subprocess.run(command, cwd=ROOT, env=environment, text=True, capture_output=True, check=False)

    assert done.returncode != 0
    assert "(backoffice.E001) SECRET_KEY is not set, and PRODUCTION is on." in done.stderr
    assert list(tmp_path.glob("*.secret")) == []
