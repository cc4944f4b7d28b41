"""Sentences in the reader's language: what services, rules and adapters said is stored and told in English.

A sentence is written where it is known, as a plain f-string: a reason, a step of "Why?", a note. It goes into rows,
logs and API answers in English, so that one text means one thing everywhere. A page shows it through `told`, which
knows every sentence as a template (`locale/*/LC_MESSAGES/sentences.po`, "Ledger account {1} is inactive."), finds the
one that gives exactly this text, and writes it in the reader's language with the same parts. A part that is a
sentence, a date or an amount is written in that language too; anything else stays as it is. What no template gives is
shown as it was said. `tools/sentences.py` reads the templates out of the code; a test holds both against each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path

from babel.messages.pofile import read_po
from django.utils import formats, translation

LOCALE = Path(__file__).resolve().parents[1] / "locale"
#: what the sentences are written in
ORIGINAL = "en"
PART = re.compile(r"\{(\d+)\}")
PIECES = re.compile(r"(\{\d+\})")
WORD = re.compile(r"[^\W\d_]{2,}")
DATE = re.compile(r"(\d{4}-\d\d-\d\d)( \d\d:\d\d)?")
DAY = re.compile(r"(?<![\w-])\d{4}-\d\d-\d\d(?![\w-])")
AMOUNT = re.compile(r"(-?\d{1,12}\.\d\d)( [A-Z]{3})?")
END_OF_SENTENCE = re.compile(r"(?<=[.!?:;]) ")
#: what makes a sentence of its own; a part of a sentence may be shorter
SENTENCE_WORDS = 2
#: a whole sentence of fewer words of its own is only believed where a part of it is known
VAGUE_WORDS = 3
#: longer texts are quotations, not sentences
LONGEST = 4_000
#: what a fragment begins with that is put behind something: ", due on {1}"
TAIL = (" ", ",", ".", ";", ":", "(")
#: a first word may be a part, so these templates are tried for every text
ANY = ""


@dataclass(frozen=True, slots=True)
class Template:
    """One sentence: its English form as patterns, and its form in the reader's language.

    Two parts with only a blank between them can be cut in two ways; each has its pattern.
    """

    patterns: tuple[re.Pattern[str], ...]
    translated: str
    literal: int
    words: int
    #: so little of it is its own ("{1} is not {2}.") that somebody else's words may fit it by chance
    is_vague: bool


class Sentences:
    """All sentences of one language. translated: English template to template, parts as {1}, {2} …"""

    def __init__(self, translated: Mapping[str, str]) -> None:
        self._whole = {text: to for text, to in translated.items() if not PART.search(text)}
        self._by_first: dict[str, list[Template]] = {}
        tails = "|".join(re.escape(PART.split(text)[0]) for text in translated if text[:1] in TAIL) or "$"
        for text, to in translated.items():
            if text not in self._whole:
                self._by_first.setdefault(_first_word(text), []).append(_template(text, to, tails))
        for same in self._by_first.values():
            same.sort(key=lambda one: -one.literal)

    def tell(self, text: str, *, words: int = SENTENCE_WORDS) -> str:
        """Write a text in the language: as a whole, or sentence by sentence; what is unknown stays.

        words: so many words of its own a template needs, lest a person's own "Sale tomorrow" be taken for "Sale {1}".
        """
        if len(text) > LONGEST:
            return text
        return self._one(text, words) or " ".join(self._several(text))

    def _one(self, text: str, words: int = 0) -> str | None:
        if text in self._whole:
            return self._whole[text]
        for template in (*self._by_first.get(_first_word(text), ()), *self._by_first.get(ANY, ())):
            if template.words < words:
                continue
            readings = [self._read(found) for one in template.patterns if (found := one.fullmatch(text))]
            if readings:
                known, parts = max(readings, key=lambda reading: reading[0])
                if template.is_vague and not known and words != 1:
                    continue  # a quotation stays whole
                return "".join(parts.get(piece, piece) for piece in PIECES.split(template.translated))
        return None

    def _read(self, found: re.Match[str]) -> tuple[int, dict[str, str]]:
        """Give how many parts of a match are known, and each part as it is written."""
        parts = {f"{{{name[1:]}}}": (part, self._part(part)) for name, part in found.groupdict().items()}
        known = sum(1 for part, written in parts.values() if part != written)
        return known, {name: written for name, (_, written) in parts.items()}

    def _part(self, text: str) -> str:
        written = figure(text)
        if written != text:
            return written
        several = " ".join(self._several(text)) if END_OF_SENTENCE.search(text) else text
        return self._one(text) or several

    def _several(self, text: str) -> Iterator[str]:
        """Give a text's sentences one after the other, the longest known first at every place."""
        while text:
            ends = [*(at.start() for at in END_OF_SENTENCE.finditer(text)), len(text)]
            for end in reversed(ends):
                known = self._one(text[:end], SENTENCE_WORDS)
                if known is not None or end == ends[0]:
                    yield known or text[:end]
                    text = text[end + 1 :]
                    break


def told(text: object) -> str:
    """Write what was said (a sentence, or an error) in the language of the page."""
    return _told(str(text), translation.get_language() or ORIGINAL, SENTENCE_WORDS)


def told_step(text: object) -> str:
    """Write what only the house says, such as a step of "Why?", in the language of the page, however short it is."""
    return _told(str(text), translation.get_language() or ORIGINAL, 1)


def told_in(text: str, language: str) -> str:
    """Write what the house said, however short, in another language than the page's: that of a client's books.

    Names that are no sentence stay, but for a day in them ("Kasse 1 Z 7, 2026-11-20").
    """
    with translation.override(language):
        written = _told(text, language, 1)
        return DAY.sub(lambda at: figure(at[0]), text) if written == text and language != ORIGINAL else written


@lru_cache(maxsize=8_192)
def _told(text: str, language: str, words: int) -> str:
    is_original = language.partition("-")[0] == ORIGINAL
    return text if is_original else sentences_of(language).tell(text, words=words)


@cache
def sentences_of(language: str) -> Sentences:
    """Give the sentences of a language; none where it has no file."""
    path = LOCALE / language / "LC_MESSAGES" / "sentences.po"
    if not path.exists():
        return Sentences({})
    with path.open("rb") as file:
        return Sentences({str(one.id): str(one.string) for one in read_po(file) if one.id and one.string})


def _template(text: str, translated: str, tails: str) -> Template:
    """Make patterns of a sentence. A part right after another one is empty or one of the tails (", due on ")."""
    pieces = PART.split(text)
    own = " ".join(pieces[::2])
    patterns = [_pattern(pieces, tails, before_blank=".*?")]
    if any(piece == " " for piece in pieces[2:-1:2]):
        patterns.append(_pattern(pieces, tails, before_blank=".*"))
    count = len(WORD.findall(own))
    return Template(tuple(patterns), translated, len(own), count, text.endswith(".") and count < VAGUE_WORDS)


def _pattern(pieces: list[str], tails: str, *, before_blank: str) -> re.Pattern[str]:
    pattern = ""
    for place, piece in enumerate(pieces):
        if not place % 2:
            pattern += re.escape(piece)
            continue
        is_tail, is_before_blank = place > 1 and not pieces[place - 1], pieces[place + 1] == " "
        part = f"(?:(?:{tails}).*?)?" if is_tail else before_blank if is_before_blank else ".*?"
        pattern += f"(?P<p{piece}>{part})"
    return re.compile(pattern, re.DOTALL)


def _first_word(text: str) -> str:
    word = text.split(" ", 1)[0]
    return ANY if "{" in word else word


def figure(text: str) -> str:
    """Write a date ("2026-11-20 14:05") or an amount ("-12.50 NOK") as the reader's language does; others stay."""
    if at := DATE.fullmatch(text):
        try:
            return f"{formats.date_format(date.fromisoformat(at[1]), 'SHORT_DATE_FORMAT', use_l10n=True)}{at[2] or ''}"
        except ValueError:  # thirty-first of February: no date
            return text
    if amount := AMOUNT.fullmatch(text):
        number = formats.number_format(Decimal(amount[1]), 2, use_l10n=True, force_grouping=True)
        return f"{number}{amount[2] or ''}"
    return text
