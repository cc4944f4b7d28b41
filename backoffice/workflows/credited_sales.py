"""What every credit note is made from: its refund, its sale as it was posted, and what is credited of each line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Self

from backoffice.common.codec import from_builtins
from backoffice.contracts.accounting import Party
from backoffice.contracts.sales import LineKind, RefundDetails, SaleDetails
from backoffice.ledger.money import Money
from backoffice.sales.models import Refund, Sale, SaleLine
from backoffice.vouchers.drafting import DraftPosting
from backoffice.vouchers.models import Posting, Voucher
from backoffice.vouchers.states import GONE
from backoffice.workflows import why
from backoffice.workflows.books import CUSTOMER_LEDGER, Books
from backoffice.workflows.credits import ROUNDING_POSITION, Credited, Part, Share
from backoffice.workflows.dates import DatedOn, date_voucher
from backoffice.workflows.sale_parts import lines_of


@dataclass(frozen=True, slots=True)
class CreditedSale:
    """A refund with the posted sale it credits; credited says what of each line."""

    refund: Refund
    sale: Sale
    voucher: Voucher
    credited: Credited
    #: the sale as it was reported
    details: SaleDetails
    #: the reference under which the credit note is matched
    matching_reference: str
    #: the postings of the sale's own voucher
    originals: tuple[Posting, ...]
    #: the sale's lines by their place; the tip is 0
    lines: Mapping[int, SaleLine]

    @classmethod
    def load(cls, refund: Refund, sale: Sale, voucher: Voucher, credited: Credited) -> Self:
        """Read what the credit note needs of the sale."""
        return cls(
            refund=refund,
            sale=sale,
            voucher=voucher,
            credited=credited,
            details=from_builtins(sale.details, SaleDetails),
            matching_reference=_matching_reference(refund, sale, credited),
            originals=tuple(voucher.postings.all()),
            lines={line.position: line for line in lines_of(sale)},
        )

    @property
    def amount(self) -> Money:
        """What comes back, positive, VAT included."""
        return Money(self.refund.amount_minor, self.refund.currency)

    @property
    def party(self) -> Party:
        """The customer who was invoiced."""
        return Party(self.sale.customer_key, self.details.customer)

    @property
    def invoice_number(self) -> str:
        """The invoice that is credited."""
        return self.sale.invoice_number or self.voucher.invoice_number

    @property
    def names(self) -> dict[str, str]:
        """Names of the ledger accounts, as the sale's voucher has them."""
        return {posting.ledger_account: posting.account_name for posting in self.originals}


def _matching_reference(refund: Refund, sale: Sale, credited: Credited) -> str:
    """Choose the reference under which the credit note finds its counterpart, which has the opposite amount.

    It is the refund's own, shared with the money back. A whole sale that nobody has paid is credited under the
    sale's own, so that credit note and invoice close each other. Money back that was posted under the sale's
    reference before its refund was known is met there.
    """
    found = {payment.matching_reference for payment in refund.payments.filter(is_cancelled=False)}
    if len(found) == 1:
        return found.pop()
    is_paid = bool(found) or sale.payments.filter(amount_minor__gt=0, is_cancelled=False).exists()
    return sale.matching_reference if credited.is_whole and not is_paid else refund.matching_reference


def parts_of(sale: Sale, *, without: Refund) -> list[Part]:
    """Give what of a sale can be credited, with what other refunds have taken of it. Lock the sale first."""
    taken: dict[int, int] = {}
    quantities: dict[int, Decimal] = {}
    others = Refund.objects.filter(sale=sale, voucher__isnull=False).exclude(voucher__state__in=GONE)
    for other in others.exclude(pk=without.pk):
        for share in read_shares(other):
            taken[share.position] = taken.get(share.position, 0) + share.gross.minor
            quantities[share.position] = quantities.get(share.position, Decimal(0)) + share.quantity
    parts = []
    for line in lines_of(sale):
        left = abs(line.quantity) - quantities.get(line.position, Decimal(0))
        parts.append(
            Part(
                position=line.position,
                reference=line.reference,
                kind=LineKind(line.kind),
                vat_rate=line.vat_rate,
                gross=Money(line.gross_minor, sale.currency),
                rest=Money(line.gross_minor - taken.get(line.position, 0), sale.currency),
                rest_quantity=left if left > 0 else Decimal(1),
            )
        )
    if sale.rounding_minor:
        gross = Money(sale.rounding_minor, sale.currency)
        rest = Money(sale.rounding_minor - taken.get(ROUNDING_POSITION, 0), sale.currency)
        parts.append(Part(ROUNDING_POSITION, "", LineKind.OTHER, Decimal(0), gross, rest, Decimal(1)))
    return parts


def read_shares(refund: Refund) -> tuple[Share, ...]:
    """Give what was decided that a refund credits."""
    return tuple(
        Share(row["position"], Money(row["gross_minor"], refund.currency), Decimal(row["quantity"]))
        for row in refund.shares
    )


def write_shares(shares: tuple[Share, ...]) -> list[dict[str, Any]]:
    """Give shares as a refund keeps them."""
    return [
        {"position": share.position, "gross_minor": share.gross.minor, "quantity": f"{share.quantity:f}"}
        for share in shares
    ]


def date_credit(of: CreditedSale, wanted: date, books: Books, *, may_move: bool) -> DatedOn:
    """Date a credit note on its own day, never before the invoice; a locked day follows the client's policy."""
    return date_voucher(
        of.refund.client,
        max(wanted, of.voucher.dated_on),
        locked_through=books.locked_through,
        converted_on=books.converted_on,
        may_move=may_move,
    )


def refund_day(refund: Refund) -> date:
    """Give the day of the credit note: of its issue where the sales system issued it, else of the refund."""
    details = from_builtins(refund.details, RefundDetails)
    issued_on = details.credit_note.issued_on if details.credit_note else None
    return issued_on or refund.refunded_on


def customer_credit(of: CreditedSale) -> DraftPosting:
    """Credit the customer with what comes back."""
    return DraftPosting(
        ledger_account=CUSTOMER_LEDGER,
        amount=-of.amount,
        customer_key=of.sale.customer_key,
        customer_name=of.details.customer.name,
        matching_reference=of.matching_reference,
        description=f"{of.sale.reference}: {of.refund.reference}",
        why=why.refund(of.refund, of.sale, of.invoice_number, of.matching_reference),
    )


def negated(of: CreditedSale) -> tuple[DraftPosting, ...]:
    """Give the sale's own postings the other way round, the customer's under the credit note's reference."""
    sales = [
        DraftPosting(
            ledger_account=posting.ledger_account,
            account_name=posting.account_name,
            amount=Money(-posting.amount_minor, posting.currency),
            vat_code=posting.vat_code,
            vat_rate=posting.vat_rate,
            description=posting.description,
            dimensions=posting.dimensions,
            why=why.negated(posting, of.voucher),
        )
        for posting in of.originals
        if not posting.customer_key
    ]
    return (customer_credit(of), *sales)


def remarked(postings: Sequence[DraftPosting]) -> tuple[DraftPosting, ...]:
    """Say on every posting that takes back a VAT code's base what the VAT return wants if the code ends negative.

    Which code ends its term negative is known only when the term is over. Rule R020 of the VAT return
    (skatteetaten.github.io/mva-meldingen).
    """
    return tuple(
        replace(one, why=(*one.why, *why.negative_base(one.vat_code))) if one.vat_rate and one.amount.minor > 0 else one
        for one in postings
    )
