"""Sentences told in English are written in the reader's language, with the same parts."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.template import Context, Template
from django.utils import translation

from backoffice.common.sentences import Sentences, figure, sentences_of, told, told_in, told_step
from tools import sentences as tool

SAID = Sentences(
    {
        "It has no pages.": "Den har ingen sider.",
        "Ledger account {1} ({2}) is inactive.": "Konto {1} ({2}) er inaktiv.",
        "sales of {1}": "salg av {1}",
        "Invoice {1}, issued on {2}{3}": "{2}: faktura {1}{3}",
        ", due on {1}": ", forfall {1}",
        "{1} Map to a valid one.": "{1} Koble til en gyldig.",
        "{1} is not {2}.": "{1} er ikke {2}.",
        "{1} is not a VAT rate.": "{1} er ingen MVA-sats.",
        "A difference of {1}.": "Et avvik på {1}.",
        "{1} {2} has {3} characters.": "{1} {2} har {3} tegn.",
        "The customer's reference": "Kundens referanse",
    }
)


@pytest.fixture(autouse=True)
def norwegian() -> Iterator[None]:
    with translation.override("nb"):
        yield


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("It has no pages.", "Den har ingen sider."),
        ("Ledger account 3000 (sales of food) is inactive.", "Konto 3000 (salg av food) er inaktiv."),
        ("Ledger account 3000 (odd (very)) is inactive.", "Konto 3000 (odd (very)) er inaktiv."),
        ("It has no pages. Map to a valid one.", "Den har ingen sider. Koble til en gyldig."),
        ("Invoice 7, issued on 2026-11-02", "02.11.2026: faktura 7"),
        ("Invoice 7, issued on 2026-11-02, due on 2026-12-01", "02.11.2026: faktura 7, forfall 01.12.2026"),
        ("Invoice 7, issued on 2026-02-31", "2026-02-31: faktura 7"),
        ("13,5 is not a VAT rate.", "13,5 er ingen MVA-sats."),
        ("13,5 is not a date.", "13,5 is not a date."),
        ("Account 1906 is not active.", "Account 1906 is not active."),
        ("2026-11-20 is not a date.", "20.11.2026 er ikke a date."),
        ("A difference of -1234.50 NOK.", "Et avvik på -1 234,50 NOK."),
        ("It has no pages. A word of PowerOffice's. A difference of 1.00.", None),
        ("The customer's reference A-1 has 90 characters.", "Kundens referanse A-1 har 90 tegn."),
        ("Nobody wrote this down", "Nobody wrote this down"),
        ("", ""),
    ],
)
def test_a_sentence_is_written_with_its_parts(said: str, shown: str | None) -> None:
    expected = "Den har ingen sider. A word of PowerOffice's. Et avvik på 1,00." if shown is None else shown
    assert SAID.tell(said).replace("\N{NO-BREAK SPACE}", " ") == expected


def test_a_very_long_text_is_left_alone() -> None:
    text = "It has no pages. " * 1_000
    assert SAID.tell(text) == text


def test_what_a_person_wrote_is_not_taken_for_a_short_template() -> None:
    assert told("Sale tomorrow") == "Sale tomorrow"
    with translation.override("pl"):
        assert told_in("Sale 1001", "nb") == "Salg 1001"
        assert told_in("Payments 2026-11-20, supplement 2", "nb") == "Betalinger 20.11.2026, tillegg 2"
        assert told_in("Kasse 1 Z 7, 2026-11-20", "nb") == "Kasse 1 Z 7, 20.11.2026"
        assert told_in("Lunsj, LUNSJ-2026-11-20", "nb") == "Lunsj, LUNSJ-2026-11-20"
    assert told_step("Sale 1001") == "Salg 1001"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("2026-11-20", "20.11.2026"),
        ("2026-11-20 14:05", "20.11.2026 14:05"),
        ("-12.50", "-12,50"),
        ("1250.00 NOK", "1 250,00 NOK"),
        ("1.5", "1.5"),
        ("vipps", "vipps"),
    ],
)
def test_dates_and_amounts_are_written_as_the_reader_does(said: str, shown: str) -> None:
    assert figure(said).replace("\N{NO-BREAK SPACE}", " ") == shown


def test_english_readers_see_what_was_said() -> None:
    with translation.override("en"):
        assert told("It has no pages.") == "It has no pages."


def test_pages_write_it_through_a_filter_and_escape_it() -> None:
    page = Template("{% load console %}{{ text|told }}")
    assert page.render(Context({"text": "<b> is not JSON."})).startswith("&lt;b&gt; er ikke JSON")


@pytest.mark.parametrize("language", tool.LANGUAGES)
def test_every_sentence_of_the_code_is_translated(language: str) -> None:
    """When this fails: tools/sentences.py --write, then fill what is empty in both sentences.po."""
    assert tool.wrong(language) == []


@pytest.mark.parametrize("language", tool.LANGUAGES)
def test_every_sentence_is_found_again_with_its_parts(language: str) -> None:
    """No other template takes a sentence away: what was said with parts is told with the same parts."""
    lost = []
    for message in tool.catalogue(language):
        text, translated = str(message.id), str(message.string)
        parts = {f"{{{one}}}": f"⟨{one}⟩" for one in re.findall(r"\{(\d+)\}", text)}
        parts |= {f"{{{one}}}": "" for one in re.findall(r"\}\{(\d+)\}", text)}  # a tail, which may be empty
        filled, expected = text, translated
        for part, given in parts.items():
            filled, expected = filled.replace(part, given), expected.replace(part, given)
        if text and sentences_of(language).tell(filled, words=1) != expected:
            lost.append(text)
    assert lost == []


def test_the_search_finds_sentences_and_their_parts() -> None:
    found = tool.sentences()
    assert found["Ledger account {1} ({2}) is inactive. Activate it in the books, or map to another."]
    assert "Client key" in found
    assert len(found) > 500
    assert not any(text.startswith("SELECT") or "<" in text for text in found)
