"""Production does not start on secrets that were made up on the way."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import Tags, run_checks

from backoffice.common.secrets import seal, unseal

BOTH = {"SECRET_KEY": "long-" * 12, "CREDENTIALS_KEYS": Fernet.generate_key().decode()}


def python(data_dir: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python as in production, with nothing of the tests' own environment but the path."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], "DATA_DIR": str(data_dir), "PRODUCTION": "1", **environment},
        text=True,
        capture_output=True,
        check=False,
    )


@pytest.mark.parametrize("missing", sorted(BOTH))
def test_production_without_a_secret_is_refused_and_none_is_made(missing: str, tmp_path: Path) -> None:
    given = {name: value for name, value in BOTH.items() if name != missing}

    checked = python(tmp_path, "manage.py", "check", **given)
    served = python(tmp_path, "-c", "import backoffice.wsgi", **given)

    for done in (checked, served):
        assert done.returncode != 0
        assert f"(backoffice.E001) PRODUCTION is on and {missing} is not in the environment." in done.stderr
    assert list(tmp_path.glob("*.secret")) == []


def test_production_takes_secrets_from_files(tmp_path: Path) -> None:
    for name, value in BOTH.items():
        (tmp_path / name).write_text(value)

    done = python(tmp_path, "manage.py", "check", **{f"{name}_FILE": str(tmp_path / name) for name in BOTH})

    assert done.returncode == 0, done.stderr


def test_a_key_that_can_seal_nothing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "CREDENTIALS_KEYS", [BOTH["CREDENTIALS_KEYS"], "secret"])

    found = run_checks(tags=[Tags.security])

    assert [(error.id, error.msg[:5]) for error in found] == [("backoffice.E002", "Key 2")]


def test_what_an_older_key_sealed_opens_after_a_new_one_was_put_first(monkeypatch: pytest.MonkeyPatch) -> None:
    sealed = seal({"client_key": "abc"})
    monkeypatch.setattr(settings, "CREDENTIALS_KEYS", [BOTH["CREDENTIALS_KEYS"], *settings.CREDENTIALS_KEYS])

    assert unseal(sealed) == {"client_key": "abc"}
