"""docs/providers.md tells what the adapters tell of themselves."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest
from django.conf import settings

from backoffice.connections.providers import load_provider
from backoffice.contracts.provider import Provider
from integrations.poweroffice import answers

ROOT: Path = settings.BASE_DIR
PAGE = (ROOT / "docs" / "providers.md").read_text()
PROVIDERS = [load_provider(name) for name in sorted(settings.PROVIDERS)]


def section(heading: str) -> str:
    """Give the text under a heading of the page."""
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, f"docs/providers.md has no section {heading!r}"
    return found[1]


def table() -> list[str]:
    """Give the table of capabilities as it stands on the page."""
    return [line for line in section("What each can do").splitlines() if line.startswith("|")]


def table_of(providers: list[type[Provider]], meanings: dict[str, str]) -> list[str]:
    """Make the table from what the adapters say; a capability without a meaning gets a question mark."""
    words = sorted({word for provider in providers for word in provider.capabilities})
    rows = [
        [f"`{word}`", meanings.get(word, "?"), *("yes" if word in one.capabilities else "-" for one in providers)]
        for word in words
    ]
    head = ["capability", "means", *(provider.label for provider in providers)]
    return [f"| {' | '.join(row)} |" for row in (head, *rows)]


def test_the_table_of_capabilities_is_what_the_adapters_say() -> None:
    found = table()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in found[2:]]
    meanings = {row[0].strip("`"): row[1] for row in rows}
    expected = table_of(PROVIDERS, meanings)

    assert [found[0], *found[2:]] == expected, "Put this into docs/providers.md:\n" + "\n".join(expected)
    assert all(len(meaning) > 1 for meaning in meanings.values())


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.name)
def test_every_provider_has_a_section_that_names_it_as_settings_do(provider: type[Provider]) -> None:
    assert f"`{provider.name}`" in section(provider.label)
    assert provider.capabilities
    assert fields(provider.Config)


def test_every_code_of_a_refusal_by_poweroffice_is_explained_on_the_page() -> None:
    codes = {code for code, _ in answers._CODES_BY_WORDS} | set(answers._CODES_BY_STATUS.values())
    page = section("PowerOffice Go")

    assert [code for code in sorted(codes) if f"`{code}`" not in page] == []
