"""Read SAF-T Cash Register 1.00 XML as a stream: files of any size in constant memory, in as many goes as you like.

Entities are not resolved, no DTD is read and no network is used; a file with a document type is refused. In the file a
register's events come before its receipts, so Z reports are kept (one a day) and receipts only summed into them.
Reference: Norwegian_SAF-T_Cash_Register_Schema_v_1.00.xsd (github.com/Skatteetaten/saf-t).

Behind an event or a receipt everything known is in a `State`, and a new parser goes on with the bytes after it. So
the whole file is read, a piece at a time; going on after a stop is no other case: it only thaws the state first.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from typing import BinaryIO
from xml.sax.saxutils import quoteattr
from zoneinfo import ZoneInfo

from lxml import etree

from backoffice.contracts.closings import DayClosingDetails
from backoffice.contracts.errors import UnreadablePayload
from backoffice.contracts.till_files import ReadTo
from integrations.saft_cash_register.codes import CREDIT_SALES, DRAWER, EVENT, TRANSACTION, Z_REPORT
from integrations.saft_cash_register.journal import Element, Sums, add_drawer_move, add_receipt, moment_of, text_of
from integrations.saft_cash_register.pieces import Piece, pieces_of
from integrations.saft_cash_register.reports import Basics, closing_of, read_report
from integrations.saft_cash_register.state import State, thawed

NAMESPACE = "urn:StandardAuditFile-Taxation-CashRegister:NO"
KEPT = ("curCode", "basic", "registerID", "event", "cashtransaction", "cashregister")
#: children of these are cleared with them, once they are whole
WHOLE = (
    "basic",
    "event",
    "cashtransaction",
    "cashregister",
    "article",
    "employee",
    "customerSupplier",
    "vatCodeDetail",
)
TAGS = tuple(f"{{*}}{name}" for name in sorted({*KEPT, *WHOLE}))
#: reading can go on behind these
ENDS = ("event", "cashtransaction")
ENCODING = re.compile(rb"<\?xml\s[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")
#: what the parser adds to its errors, counted from where it began
PLACE = re.compile(r", line \d+, column \d+$")
#: encodings in which the bytes of "</event>" are nothing else; a file in another one is read in one go
LIKE_ASCII = re.compile(r"utf-?8|us-ascii|ascii|iso-?8859-\d+|windows-125\d|latin-?1", re.IGNORECASE)


def read_file(file: BinaryIO, *, zone: ZoneInfo, frozen: str = "") -> Iterator[DayClosingDetails | ReadTo]:
    """Yield a day closing per register and Z report, as the file has them, and between them how far it is read.

    frozen is what a ReadTo gave for the same bytes; reading goes on there. A note of another version of this reader is
    not used: the file is read from its beginning. Times in the file are the till's local ones, in `zone`. Raises
    UnreadablePayload for what is no such file, naming the line.
    """
    state = thawed(frozen)
    file.seek(state.offset)
    parsing = _Parsing(state, zone)
    for piece in pieces_of(file):
        yield from parsing.take(piece)
        may_stop = piece.is_cut and parsing.may_go_on_here()
        yield _read_to(state, state.freeze if may_stop else None)
        if may_stop:
            parsing = _Parsing(state, zone)
    yield from parsing.finish()
    yield _read_to(state, None)


def _read_to(state: State, freeze: Callable[[], str] | None) -> ReadTo:
    return ReadTo(state.offset, state.receipts, state.left_out, tuple(state.notes), freeze)


def read_closings(
    file: BinaryIO, *, zone: ZoneInfo, progress: Callable[[int], None] = lambda _: None
) -> Iterator[DayClosingDetails]:
    """Yield the day closings of `read_file` alone; progress is told the bytes read."""
    for found in read_file(file, zone=zone):
        if isinstance(found, ReadTo):
            progress(found.offset)
        else:
            yield found


class _Parsing:
    """One parser's way through the file, from where the state says."""

    def __init__(self, state: State, zone: ZoneInfo) -> None:
        self.state, self.zone = state, zone
        self.lines_before, self.cut_ends, self.seen_ends = state.lines, 0, 0
        self.last: Element | None = None
        self.is_first = not state.opened
        # all elements at first, so that another kind of file is refused at its first one; then only those that count
        tags = None if self.is_first else TAGS
        self.parser = etree.XMLPullParser(
            events=("end",), tag=tags, resolve_entities=False, load_dtd=False, dtd_validation=False, no_network=True,
            huge_tree=False, remove_comments=True, remove_pis=True,
        )  # fmt: skip
        if state.opened:
            self.parser.feed(f'<?xml version="1.0" encoding="{state.encoding}"?>'.encode())
            self.parser.feed(state.opened.encode(state.encoding))

    def take(self, piece: Piece) -> Iterator[DayClosingDetails]:
        """Parse a piece and take what ended in it into the state; yield the closings of registers that ended."""
        if not self.state.offset and (declared := ENCODING.search(piece.data[:200])):
            self.state.encoding = declared[1].decode()
        self.state.offset += len(piece.data)
        self.state.lines += piece.data.count(b"\n")
        self.cut_ends += piece.ends
        broken = None
        try:
            self.parser.feed(piece.data)
        except etree.XMLSyntaxError as error:
            broken = error  # what was whole before it is taken first
        yield from self._ended()
        if broken is not None:
            raise self._not_whole(broken)

    def finish(self) -> Iterator[DayClosingDetails]:
        """End the file and take what the parser held back; raises UnreadablePayload where something is still open."""
        try:
            self.parser.close()
        except etree.XMLSyntaxError as error:
            raise self._not_whole(error) from error
        yield from self._ended()

    def may_go_on_here(self) -> bool:
        """Whether the parser stands right behind an event or receipt of a register, and note what is open there."""
        last = self.last
        parent = last.getparent() if last is not None else None
        if parent is None or _name(parent) != "cashregister" or self.cut_ends != self.seen_ends:
            return False
        if not LIKE_ASCII.fullmatch(self.state.encoding):
            return False
        self.state.opened = "".join(map(_start_tag, [*reversed(list(parent.iterancestors())), parent]))
        return True

    def _ended(self) -> Iterator[DayClosingDetails]:
        events: Iterator[tuple[str, Element]] = self.parser.read_events()  # type: ignore[assignment]  # ends only
        for _, element in events:
            yield from self._take(element)

    def _take(self, element: Element) -> Iterator[DayClosingDetails]:
        if self.is_first:
            _refuse_others(element)
            self.is_first = False
        name = _name(element)
        self.last = element if name in ENDS else None
        self.seen_ends += name in ENDS
        try:
            if name == "cashregister":
                yield from _closings(self.state, self.zone)
            elif name in KEPT:
                _take(self.state, name, element)
        except (UnreadablePayload, ArithmeticError, ValueError) as error:
            raise UnreadablePayload(
                f"The {name} at line {self.lines_before + _line(element)} cannot be read: {_said(error)} "
                "Have the till's supplier correct the export, and upload it again."
            ) from error
        if name in WHOLE:
            _forget(element)

    def _not_whole(self, error: etree.XMLSyntaxError) -> UnreadablePayload:
        line = self.lines_before + (error.lineno or 1)
        said = PLACE.sub("", error.msg or "")
        return UnreadablePayload(f"The file is not whole XML (line {line}): {said}. Export it again.")


def _name(element: Element) -> str:
    return etree.QName(element).localname


def _line(element: Element) -> int:
    found: int | None = element.sourceline  # type: ignore[assignment]  # the stubs know no type
    return found or 1


def _said(error: Exception) -> str:
    """Give the error's sentence; a number or date that is none has none of its own."""
    if isinstance(error, UnreadablePayload):
        return str(error)
    return f"{error}." if isinstance(error, ValueError) else "an amount is no number."


def _start_tag(element: Element) -> str:
    name = f"{element.prefix}:{_name(element)}" if element.prefix else _name(element)
    spaces = (f" xmlns{f':{prefix}' if prefix else ''}={quoteattr(uri)}" for prefix, uri in element.nsmap.items())
    return f"<{name}{''.join(spaces)}>"


def _refuse_others(element: Element) -> None:
    root = element.getroottree()
    if root.docinfo.internalDTD is not None:
        raise UnreadablePayload("The file has a document type (DOCTYPE), which no SAF-T file has. It is not read.")
    top = root.getroot()
    if top is None or etree.QName(top) != etree.QName(NAMESPACE, "auditfile"):
        raise UnreadablePayload(
            f"This is no SAF-T Cash Register file: it does not begin with auditfile of {NAMESPACE}."
        )


def _take(state: State, name: str, element: Element) -> None:
    parent = element.getparent()
    if name == "basic":
        key = (text_of(element, "basicType"), text_of(element, "basicID"))
        state.standard[key] = text_of(element, "predefinedBasicID")
        state.described[key] = text_of(element, "basicDesc")
    elif name == "event":
        if state.standard.get((EVENT, text_of(element, "eventType"))) == Z_REPORT:
            state.reports.append(read_report(element, state.register))
    elif name == "cashtransaction":
        _add(state, element)
    elif name == "registerID" and parent is not None and etree.QName(parent).localname == "cashregister":
        state.register = (element.text or "").strip()
    elif name == "curCode" and parent is not None and etree.QName(parent).localname == "header":
        state.currency = (element.text or "").strip()


def _add(state: State, receipt: Element) -> None:
    """Sum a receipt into the first Z report at or after it."""
    if not state.is_sorted:
        state.reports.sort(key=lambda report: (report.at, report.number))
        state.is_sorted = True
    place = bisect_left(state.reports, moment_of(receipt, "transDate", "transTime"), key=lambda report: report.at)
    sums = state.reports[place].sums if place < len(state.reports) else state.after_last
    kind = state.standard.get((TRANSACTION, text_of(receipt, "transType")), "")
    left_out = sums.left_out
    if kind in DRAWER:
        add_drawer_move(sums, receipt, kind)
    else:
        add_receipt(sums, receipt, is_credit=kind in CREDIT_SALES)
    state.receipts += 1
    state.left_out += sums.left_out - left_out


def _closings(state: State, zone: ZoneInfo) -> Iterator[DayClosingDetails]:
    basics = Basics(state.standard, state.described)
    opened = None
    for report in sorted(state.reports, key=lambda one: one.number):
        yield closing_of(report, basics, state.currency, zone, opened)
        opened = report.at
    if state.after_last.receipts:
        state.notes.append(
            f"Receipts of register {state.register} after its last Z report: {state.after_last.receipts}. They are in "
            "no day closing and belong to the next Z report; see that a later file has it."
        )
    state.reports, state.is_sorted, state.register, state.after_last = [], False, "", Sums()


def _forget(element: Element) -> None:
    """Free an element that was read, and everything before it on its level."""
    element.clear()
    parent = element.getparent()
    while parent is not None and (before := element.getprevious()) is not None:
        parent.remove(before)
