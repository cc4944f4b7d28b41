"""A file that is stopped anywhere and gone on with gives what it gives in one go."""

from __future__ import annotations

import io
from zoneinfo import ZoneInfo

import pytest

from backoffice.contracts.closings import DayClosingDetails
from backoffice.contracts.errors import UnreadablePayload
from backoffice.contracts.till_files import ReadTo
from integrations.saft_cash_register import freezing, pieces
from integrations.saft_cash_register.reading import read_file
from tests.integrations.saft_cash_register.files import TAIL, receipt, report, text_of

OSLO = ZoneInfo("Europe/Oslo")
Found = list[DayClosingDetails | ReadTo]
SECOND = "</cashregister><cashregister><registerID>Kasse Ø</registerID>"
TWO_REGISTERS = text_of(
    report(1), report(2), receipt(), receipt("99.00", training="true"), receipt(at="2026-03-03T12:00:00"), SECOND,
    report(7, "250.00", "200.00", "50.00", "250.00").replace(">R1<", ">Kasse Ø<"), *[receipt()] * 3,
    receipt("9.00", tp="D"),
    receipt("100.00", kind="UT", tp="D"), receipt(at="2026-04-01T12:00:00"),
)  # fmt: skip


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut everywhere, so that every event and receipt is a place to stop at."""
    monkeypatch.setattr(pieces, "PIECE_BYTES", 113)


def read(content: bytes, frozen: str = "") -> Found:
    return list(read_file(io.BytesIO(content), zone=OSLO, frozen=frozen))


def closings(found: Found) -> list[DayClosingDetails]:
    return [one for one in found if isinstance(one, DayClosingDetails)]


def stops(content: bytes) -> list[tuple[int, str, int]]:
    """Stop at every place; give the closings so far, the reader's note and the bytes read."""
    places, count = [], 0
    for found in read_file(io.BytesIO(content), zone=OSLO):
        if isinstance(found, ReadTo):
            if found.freeze is not None:
                places.append((count, found.freeze(), found.offset))
        else:
            count += 1
    return places


FILES = {
    "plain": TWO_REGISTERS.encode(),
    "with a mark of its byte order": b"\xef\xbb\xbf" + TWO_REGISTERS.encode(),
    "latin": TWO_REGISTERS.replace('"UTF-8"', '"ISO-8859-1"').encode("latin-1"),
    "with prefixes": TWO_REGISTERS.replace("</", "</n1:").replace("xmlns=", "xmlns:n1=").replace("<", "<n1:")
    .replace("<n1:/n1:", "</n1:").replace("<n1:?", "<?").encode(),
    "with blanks in tags": TWO_REGISTERS.replace("</cashtransaction>", "</cashtransaction\n >").encode(),
}  # fmt: skip


@pytest.mark.parametrize("content", FILES.values(), ids=FILES)
def test_stopped_anywhere_it_goes_on_to_the_same_closings(content: bytes) -> None:
    whole = read(content)
    last = whole[-1]
    assert isinstance(last, ReadTo)
    assert [(one.register, one.number) for one in closings(whole)] == [("R1", 1), ("R1", 2), ("Kasse Ø", 7)]
    assert (last.offset, last.receipts, last.left_out) == (len(content), 9, 1)
    assert last.notes[0].startswith("Receipts of register Kasse Ø after its last Z report: 1.")

    places = stops(content)
    assert len(places) >= 10
    for before, frozen, _ in places:
        rest = read(content, frozen)
        assert closings(rest) == closings(whole)[before:]
        end = rest[-1]
        assert isinstance(end, ReadTo)
        assert (end.offset, end.receipts, end.left_out, end.notes) == (len(content), 9, 1, last.notes)


@pytest.mark.parametrize(
    "trap",
    ["<!-- </cashtransaction> -->", "<!-- <event></event> -->", "<x><![CDATA[</event>]]></x>", "<event/>",
     "<?note </event>?>"],
)  # fmt: skip
def test_what_only_looks_like_an_end_is_none(trap: str) -> None:
    content = TWO_REGISTERS.replace("<cashtransaction>", f"{trap}<cashtransaction>", 3).encode()
    whole = closings(read(content))
    assert whole == closings(read(TWO_REGISTERS.encode()))
    for before, frozen, _ in stops(content):
        assert closings(read(content, frozen)) == whole[before:]


def test_an_encoding_of_two_bytes_is_read_in_one_go() -> None:
    content = TWO_REGISTERS.replace('"UTF-8"', '"UTF-16"').encode("utf-16")
    assert stops(content) == []
    assert closings(read(content)) == closings(read(TWO_REGISTERS.encode()))


def test_the_note_of_another_reader_is_not_gone_on_with(monkeypatch: pytest.MonkeyPatch) -> None:
    content = TWO_REGISTERS.encode()
    _, frozen, offset = stops(content)[-1]
    assert offset > len(content) // 2
    with monkeypatch.context() as patch:
        patch.setattr("integrations.saft_cash_register.state.VERSION", "newer")
        assert closings(read(content, frozen)) == closings(read(content))
    assert len(closings(read(content, frozen))) == 1


@pytest.mark.parametrize("is_stopped", [False, True])
def test_what_is_wrong_is_told_with_its_line_also_after_a_stop(is_stopped: bool) -> None:
    days = text_of(report(1), *[receipt()] * 20)
    line = days.count("\n")
    amount = days.replace(TAIL, receipt("12,50") + TAIL)
    broken = days.replace(TAIL, "<cashtransaction><nr>2</nr></cash>" + TAIL)
    for content, words in ((amount, f"The cashtransaction at line {line} cannot"), (broken, rf"\(line {line}\)")):
        frozen = [one for _, one, offset in stops(days.encode()) if offset < len(days) - 200][-1] if is_stopped else ""
        with pytest.raises(UnreadablePayload, match=words):
            read(content.encode(), frozen)


def test_only_sums_are_frozen() -> None:
    with pytest.raises(TypeError, match="set cannot be frozen"):
        freezing.freeze({"a": {1}})
