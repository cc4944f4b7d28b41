"""All texts of the pages are there in Norwegian and Polish, with every placeholder, and compiled.

When this fails: `manage.py makemessages -l nb -l pl -i .venv -i tests -i var --no-location --no-wrap`, translate what
is empty, then `manage.py compilemessages` (both need gettext: apt-get install gettext).
"""

from __future__ import annotations

import ast
import gettext
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[2]
LOCALE = ROOT / "backoffice" / "locale"
LANGUAGES = ("nb", "pl")
ONE = {"_", "gettext", "gettext_lazy", "gettext_noop"}
TWO = {"ngettext", "ngettext_lazy"}
PLACEHOLDER = re.compile(r"%\(\w+\)s|%%|<[^>]+>")
STRING = r"""(u?'(?:[^'\\]|\\.)*'|u?"(?:[^"\\]|\\.)*")"""
IN_TEMPLATE = re.compile(rf"\b(?:gettext|_)\({STRING}\)|\bngettext\({STRING},\s*{STRING}")


def constant(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def in_python(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = getattr(node.func, "id", "")
        text = constant(node.args[0])
        if text is not None and name in ONE | TWO:
            yield text


def in_template(path: Path) -> Iterator[str]:
    for found in IN_TEMPLATE.finditer(templatize(path.read_text(encoding="utf-8"), origin=str(path))):
        yield ast.literal_eval(found.group(1) or found.group(2))


@cache
def texts() -> frozenset[str]:
    sources = [path for path in (ROOT / "backoffice").rglob("*.py") if "migrations" not in path.parts]
    pages = [*(ROOT / "backoffice").rglob("*.html"), *(ROOT / "templates").rglob("*.html")]
    found = {text for path in sources for text in in_python(path)}
    return frozenset(found | {text for path in pages for text in in_template(path)})


@cache
def catalogue(language: str) -> Catalog:
    with (LOCALE / language / "LC_MESSAGES" / "django.po").open("rb") as file:
        return read_po(file, locale=language)


def forms(value: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (value or "",) if value is None or isinstance(value, str) else tuple(value)


def test_the_search_for_texts_finds_those_of_python_and_of_templates() -> None:
    assert {"Needs a person", "In doubt", "%(n)s day", "Why?"} <= texts()
    assert len(texts()) > 700


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated(language: str) -> None:
    done = {
        forms(message.id)[0]
        for message in catalogue(language)
        if message.id and not message.fuzzy and all(forms(message.string))
    }
    assert sorted(texts() - done) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_translation_keeps_the_placeholders(language: str) -> None:
    differing = []
    for message in catalogue(language):
        if not message.id:
            continue
        wanted = {one for text in forms(message.id) for one in PLACEHOLDER.findall(text)}
        for form in forms(message.string):
            if not set(PLACEHOLDER.findall(form)) <= wanted or (len(forms(message.id)) == 1 and set(
                PLACEHOLDER.findall(form)) != wanted):  # fmt: skip
                differing.append(message.id)
    assert differing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_stays_a_sentence(language: str) -> None:
    """A full stop at the end stays one, so that texts can stand beside each other."""
    lost = [
        message.id
        for message in catalogue(language)
        if message.id
        and forms(message.id)[0].endswith(".")
        and not all(form.endswith((".", "…")) for form in forms(message.string))
        and forms(message.id)[0] != "No."
    ]
    assert lost == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_compiled_is_what_is_written(language: str) -> None:
    with (LOCALE / language / "LC_MESSAGES" / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for message in catalogue(language):
        if not message.id:
            continue
        if isinstance(message.id, str):
            assert compiled.gettext(message.id) == message.string
        else:
            singular, plural = forms(message.id)
            shown = {compiled.ngettext(singular, plural, number) for number in (1, 2, 5, 22, 105)}
            assert shown <= set(forms(message.string))
