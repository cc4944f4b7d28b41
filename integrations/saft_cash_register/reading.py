"""Read SAF-T Cash Register 1.00 XML as a stream: files of any size in constant memory.

Entities are not resolved, no DTD is read and no network is used; a file with a document type is refused. In the file a
register's events come before its receipts, so Z reports are kept (one a day) and receipts only summed into them.
Reference: Norwegian_SAF-T_Cash_Register_Schema_v_1.00.xsd (github.com/Skatteetaten/saf-t).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO
from zoneinfo import ZoneInfo

from lxml import etree

from backoffice.contracts.closings import DayClosingDetails
from backoffice.contracts.errors import UnreadablePayload
from integrations.saft_cash_register.codes import CREDIT_SALES, DRAWER, EVENT, TRANSACTION, Z_REPORT
from integrations.saft_cash_register.journal import Element, Sums, add_drawer_move, add_receipt, moment_of, text_of
from integrations.saft_cash_register.reports import Basics, ZReport, closing_of, read_report

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


@dataclass(slots=True)
class _State:
    standard: dict[tuple[str, str], str] = field(default_factory=dict)
    described: dict[tuple[str, str], str] = field(default_factory=dict)
    currency: str = "NOK"
    register: str = ""
    reports: list[ZReport] = field(default_factory=list)
    is_sorted: bool = False
    after_last: Sums = field(default_factory=Sums)


class _Counted:
    """A file that tells how many bytes were read."""

    def __init__(self, file: BinaryIO, tell: Callable[[int], None]) -> None:
        self.file, self.tell, self.count = file, tell, 0

    def read(self, size: int = -1) -> bytes:
        """Read on."""
        data = self.file.read(size)
        self.count += len(data)
        self.tell(self.count)
        return data


def read_closings(
    file: BinaryIO, *, zone: ZoneInfo, progress: Callable[[int], None] = lambda _: None
) -> Iterator[DayClosingDetails]:
    """Yield a day closing per register and Z report, register by register as the file has them.

    progress is told the bytes read. Times in the file are the till's local ones, in `zone`. Raises
    UnreadablePayload for what is no such file, naming the line.
    """
    state = _State()
    try:
        events = etree.iterparse(
            _Counted(file, progress), events=("end",), resolve_entities=False, load_dtd=False, dtd_validation=False,
            no_network=True, huge_tree=False, remove_comments=True, remove_pis=True,
        )  # fmt: skip
        is_first = True
        for _, element in events:
            if is_first:
                _refuse_others(element)
                is_first = False
            name = etree.QName(element).localname
            if name == "cashregister":
                yield from _closings(state, zone)
            elif name in KEPT:
                _take(state, name, element)
            if name in WHOLE:
                _forget(element)
    except etree.XMLSyntaxError as error:
        raise UnreadablePayload(
            f"The file is not whole XML (line {error.lineno}): {error.msg}. Export it again."
        ) from error


def _refuse_others(element: Element) -> None:
    root = element.getroottree()
    if root.docinfo.internalDTD is not None:
        raise UnreadablePayload("The file has a document type (DOCTYPE), which no SAF-T file has. It is not read.")
    top = root.getroot()
    if top is None or etree.QName(top) != etree.QName(NAMESPACE, "auditfile"):
        raise UnreadablePayload(
            f"This is no SAF-T Cash Register file: it does not begin with auditfile of {NAMESPACE}."
        )


def _take(state: _State, name: str, element: Element) -> None:
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


def _add(state: _State, receipt: Element) -> None:
    """Sum a receipt into the first Z report at or after it."""
    if not state.is_sorted:
        state.reports.sort(key=lambda report: (report.at, report.number))
        state.is_sorted = True
    place = bisect_left(state.reports, moment_of(receipt, "transDate", "transTime"), key=lambda report: report.at)
    sums = state.reports[place].sums if place < len(state.reports) else state.after_last
    kind = state.standard.get((TRANSACTION, text_of(receipt, "transType")), "")
    if kind in DRAWER:
        add_drawer_move(sums, receipt, kind)
    else:
        add_receipt(sums, receipt, is_credit=kind in CREDIT_SALES)


def _closings(state: _State, zone: ZoneInfo) -> Iterator[DayClosingDetails]:
    basics = Basics(state.standard, state.described)
    opened = None
    for report in sorted(state.reports, key=lambda one: one.number):
        yield closing_of(report, basics, state.currency, zone, opened)
        opened = report.at
    state.reports, state.is_sorted, state.register, state.after_last = [], False, "", Sums()


def _forget(element: Element) -> None:
    """Free an element that was read, and everything before it on its level."""
    element.clear()
    parent = element.getparent()
    while parent is not None and (before := element.getprevious()) is not None:
        parent.remove(before)
