"""The figures of a day closing on their accounts: each a line of the sales day, with the steps that explain it."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from backoffice.clients.models import DayLines, SalesPoint
from backoffice.common.codec import from_builtins
from backoffice.contracts.accounting import Party
from backoffice.contracts.closings import CASH, ClosingInvoicePayment, DayClosingDetails
from backoffice.contracts.errors import Reason
from backoffice.contracts.sales import SaleDetails
from backoffice.ledger.money import Money, total
from backoffice.ledger.sales_day import CUSTOMER, DayLine, Move
from backoffice.ledger.vat import split_gross
from backoffice.ledger.voucher import Dimensions
from backoffice.sales.closings import details_of, invoices_are_apart, missing_before
from backoffice.sales.models import DayClosing, Sale
from backoffice.workflows.books import Books, ResolvedPayment, ResolvedSales
from backoffice.workflows.closing_drawer import read_drawer
from backoffice.workflows.sale_parts import ROUNDING_TEXT, TIP

GIFT_CARD = "gift_card"
NO_VAT_RATE = Decimal(0)
SECTIONS = ("sales", "payments", "rounding", "tips", "gift_cards_sold", "invoice_payments")
LineKey = tuple[str, str, Dimensions, str, str]


@dataclass(slots=True)
class About:
    """What a posting shows beside its amount, gathered from every figure in it."""

    account_name: str = ""
    vat_rate: Decimal | None = None
    party: Party | None = None
    steps: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class Figures:
    """All lines of one or several closings by section, and what is known about each posting they become."""

    lines: dict[str, list[DayLine]] = field(default_factory=lambda: {name: [] for name in SECTIONS})
    moves: list[Move] = field(default_factory=list)
    about: dict[LineKey, About] = field(default_factory=dict)
    reasons: list[Reason] = field(default_factory=list)

    def stop(self, reasons: list[Reason]) -> None:
        """Note what is in the way, each once."""
        self.reasons += [reason for reason in reasons if reason not in self.reasons]

    def note(self, line: DayLine, about: About) -> None:
        """Join what is known about a line to its posting."""
        key = (line.account, line.vat_code, tuple(sorted(line.dimensions)), line.matching_reference, line.description)
        kept = self.about.setdefault(key, About(about.account_name, about.vat_rate, about.party))
        kept.steps += [step for step in about.steps if "rule" not in step or step not in kept.steps]

    def add(self, section: str, line: DayLine, about: About) -> None:
        """Add a figure of a section."""
        self.lines[section].append(line)
        self.note(line, about)

    def move(self, move: Move, debit: About, credit: About) -> None:
        """Add an amount that goes from one account to another."""
        self.moves.append(move)
        for line, about in zip(move.lines, (debit, credit), strict=True):
            self.note(line, about)


class ClosingReader:
    """Puts one closing's figures on accounts; what is missing becomes a reason, never a guess."""

    def __init__(self, closing: DayClosing, books: Books, figures: Figures) -> None:
        self.closing, self.books, self.figures = closing, books, figures
        self.details: DayClosingDetails = details_of(closing)
        merged = {**closing.sales_point.dimensions, **self.details.dimensions}
        given = {kind: str(code) for kind, code in merged.items() if code}
        self.point: SalesPoint = copy(closing.sales_point)
        self.point.dimensions = given
        self.dimensions: Dimensions = tuple(sorted(given.items()))
        self.name = f"{closing.sales_point.name}, {closing}"

    def read(self) -> None:
        """Read every section."""
        self._gap()
        for one in self.details.sales:
            text = f"{self.name}: {one.group} at {one.vat_rate:g} %"
            title = f"{one.group}, {one.vat_rate.normalize():f} %" if self.point.day_lines == DayLines.GROUP else ""
            self._sales("sales", one.group, one.vat_rate, one.amount, text, title)
        for section, group, amount, text in (
            ("tips", TIP, self.details.tips, "Tips"),
            ("gift_cards_sold", GIFT_CARD, self.details.gift_cards_sold, "Gift cards sold"),
        ):
            if amount:
                self._sales(section, group, NO_VAT_RATE, amount, f"{self.name}: {text.lower()}", text)
        for payment in self.details.payments:
            self._payment(payment.method, payment.amount)
        is_apart = invoices_are_apart(self.details)
        for invoice in self.details.invoice_payments:
            if is_apart:
                self._payment(invoice.method, invoice.amount)
            self._invoice(invoice)
        self._rounding()
        read_drawer(self, received=self._cash_received(is_apart=is_apart))

    def _gap(self) -> None:
        missing = missing_before(self.closing)
        if missing is None or self.closing.missing_accepted_by:
            return
        first, last = missing
        which = f"{first} is missing" if first == last else f"{first} to {last} are missing"
        text = (
            f"Z {self.closing.number} of {self.closing.register} does not follow on: {which}. Send what is missing, or "
            "say on the closing's page that it does not exist."
        )
        self.figures.stop([Reason("z_number_gap", text, str(self.closing))])

    def _sales(self, section: str, group: str, rate: Decimal, amount: Money, text: str, title: str = "") -> None:
        if not amount:
            return
        to = self.books.sales(self.point, group, rate, self.closing.closed_on)
        if not isinstance(to, ResolvedSales):
            self.figures.stop(to)
            return
        steps: list[dict[str, Any]] = [
            {"text": text, "amount": str(amount)},
            {"text": to.explanation, "amount": "", "rule": to.rule},
        ]
        if to.vat_rate:
            inside = split_gross(amount, to.vat_rate).vat
            said = f"VAT code {to.vat_code} takes {to.vat_rate:g} % out of it: {inside}"
            steps.append({"text": said, "amount": ""})
        line = DayLine(to.account_number, amount, to.vat_code, title or to.account_name, self.dimensions)
        self.figures.add(section, line, About(to.account_name, to.vat_rate, None, steps))

    def _payment(self, method: str, amount: Money) -> None:
        if not amount:
            return
        to = self.books.payment(self.point, method)
        if not isinstance(to, ResolvedPayment):
            self.figures.stop(to)
            return
        steps: list[dict[str, Any]] = [
            {"text": f"{self.name}: paid by {method}", "amount": str(amount)},
            {"text": to.explanation, "amount": "", "rule": to.rule},
        ]
        line = DayLine(to.account_number, amount, "0", to.account_name, self.dimensions)
        self.figures.add("payments", line, About(to.account_name, None, None, steps))

    def _rounding(self) -> None:
        if not self.details.rounding:
            return
        to = self.books.rounding()
        if not isinstance(to, ResolvedSales):
            self.figures.stop(to)
            return
        steps = [{"text": f"{self.name}: rounding for coins", "amount": str(self.details.rounding)}]
        line = DayLine(to.account_number, self.details.rounding, to.vat_code, ROUNDING_TEXT, self.dimensions)
        self.figures.add("rounding", line, About(to.account_name, to.vat_rate, None, steps))

    def _invoice(self, paid: ClosingInvoicePayment) -> None:
        """Credit the customer under the invoice's own reference; the sale was posted with the invoice."""
        if not paid.amount:
            return
        reference = paid.matching_reference
        sale = Sale.objects.filter(client=self.closing.client_id, matching_reference=reference).first()
        if sale is None:
            text = (
                f"{self.name} took {paid.amount} for an invoice under {reference}, and no sale has that matching "
                "reference. Send the sale, or correct the reference in the books after posting by hand."
            )
            self.figures.stop([Reason("invoice_payment_unknown", text, reference)])
            return
        if sale.currency != self.closing.currency:
            text = f"{reference} is invoiced in {sale.currency}, the till took {self.closing.currency}. Post by hand."
            self.figures.stop([Reason("invoice_payment_currency", text, reference)])
            return
        customer = from_builtins(sale.details, SaleDetails).customer
        line = DayLine(f"{CUSTOMER}{sale.customer_key}", paid.amount, "0", f"{sale.reference}: {paid.method}",
                       self.dimensions, reference)  # fmt: skip
        text = f"{self.name}: invoice of sale {sale.reference} paid by {paid.method}"
        steps = [
            {"text": text, "amount": str(paid.amount)},
            {"text": f"Matched by {reference} with its invoice.", "amount": ""},
        ]
        self.figures.add("invoice_payments", line, About("", None, Party(sale.customer_key, customer), steps))

    def _cash_received(self, *, is_apart: bool) -> Money:
        came_in = [(one.method, one.amount) for one in self.details.payments]
        came_in += [(one.method, one.amount) for one in self.details.invoice_payments if is_apart]
        return total((amount for method, amount in came_in if method.casefold() == CASH), self.details.currency)

    def moved(self, move: Move, debit_name: str, credit_name: str, said: str) -> None:
        """Add an amount that goes from one account to another, and say why."""
        debit, credit = (
            About(name, None, None, [{"text": said, "amount": str(move.amount)}]) for name in (debit_name, credit_name)
        )
        self.figures.move(move, debit, credit)
