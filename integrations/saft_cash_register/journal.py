"""What one register's receipts come to between two Z reports. Sums only: memory does not grow with the journal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from lxml import etree

Element = etree._Element
ZERO = Decimal(0)


@dataclass(slots=True)
class Sums:
    """Signed, VAT included, returns taken off."""

    sales: dict[tuple[str, Decimal], Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    quantities: dict[tuple[str, Decimal], Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    payments: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    drawer: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    rounding: Decimal = ZERO
    receipts: int = 0
    left_out: int = 0


def text_of(element: Element, name: str) -> str:
    """Give a child's text, blanks taken off; empty where there is none."""
    return (element.findtext(f"{{*}}{name}") or "").strip()


def amount_of(element: Element, name: str) -> Decimal:
    """Give a child's amount; zero where there is none."""
    return Decimal(text_of(element, name) or "0")


def moment_of(element: Element, day: str, time: str) -> datetime:
    """Give the till's local date and time, without a zone; fractions and offsets a till adds are cut off."""
    return datetime.fromisoformat(f"{text_of(element, day)[:10]}T{text_of(element, time)[:8]}")


def signed(element: Element, name: str) -> Decimal:
    """Give an amount with one sign: a return may be marked D, be negative, or both, and means the same."""
    value = amount_of(element, name)
    return -abs(value) if text_of(element, "amntTp") == "D" else value


def is_flagged(element: Element, name: str) -> bool:
    """Whether a flag is set: "true", "1", or the id of a training session."""
    return text_of(element, name).lower() not in ("", "false", "0")


def add_receipt(sums: Sums, receipt: Element, *, is_credit: bool) -> None:
    """Add a receipt's lines, rounding and payments; training, voided and credit receipts are only counted."""
    if is_credit or is_flagged(receipt, "trainingID") or is_flagged(receipt, "voidTransaction"):
        sums.left_out += 1
        return
    sums.receipts += 1
    for line in receipt.iterfind("{*}ctLine"):
        for rate, gross in _by_rate(line):
            key = (text_of(line, "artGroupID"), rate)
            sums.sales[key] += gross
            sums.quantities[key] += amount_of(line, "qnt")
    for rounding in receipt.iterfind("{*}rounding"):
        sums.rounding += amount_of(rounding, "roundingAmnt")
    for payment in receipt.iterfind("{*}payment"):
        sums.payments[text_of(payment, "paymentType")] += amount_of(payment, "paidAmnt")


def add_drawer_move(sums: Sums, receipt: Element, kind: str) -> None:
    """Add what went into the drawer or out of it without a sale, by its standard code; training and voided: none."""
    if is_flagged(receipt, "trainingID") or is_flagged(receipt, "voidTransaction"):
        sums.left_out += 1
        return
    sums.drawer[kind] += signed(receipt, "transAmntIn")


def _by_rate(line: Element) -> Iterator[tuple[Decimal, Decimal]]:
    """Split a line by its VAT parts; with one rate, or none, the whole of it has that rate."""
    gross = signed(line, "lineAmntIn")
    parts = list(line.iterfind("{*}vat"))
    if len(parts) <= 1:
        yield (amount_of(parts[0], "vatPerc") if parts else ZERO), gross
        return
    rest = gross
    for part in parts[:-1]:
        value = abs(amount_of(part, "vatBasAmnt")) + abs(amount_of(part, "vatAmnt"))
        share = -value if gross < 0 else value
        rest -= share
        yield amount_of(part, "vatPerc"), share
    yield amount_of(parts[-1], "vatPerc"), rest
