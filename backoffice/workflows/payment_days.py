"""W4: one bank journal per client, day and currency for all payments of invoiced sales.

Each payment method's ledger account is debited with the day's sum, each customer credited line by line with the
matching reference of the invoice. A day that was posted never changes: what comes later makes a supplement.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from backoffice.clients.models import Client
from backoffice.common.codec import from_builtins
from backoffice.contracts.accounting import DocumentKind, JournalDocument, JournalLine, Party
from backoffice.contracts.errors import Reason
from backoffice.contracts.sales import SaleDetails
from backoffice.ledger.money import Money, total
from backoffice.sales.models import Payment
from backoffice.vouchers.drafting import Draft, DraftPosting, reference_for
from backoffice.vouchers.models import SourceType
from backoffice.workflows import why
from backoffice.workflows.books import CUSTOMER_LEDGER, Books, ResolvedPayment
from backoffice.workflows.dates import date_voucher


@dataclass(frozen=True, slots=True)
class _Placed:
    """A payment with the ledger account its method goes to."""

    payment: Payment
    to: ResolvedPayment


def day_key(day: date, currency: str, number: int) -> str:
    """Name a day's voucher as a source: the first of a day is number 0, its supplements count on."""
    return f"{day.isoformat()}/{currency}/{number}"


def draft_payment_day(
    client: Client,
    key: str,
    payments: Sequence[Payment],
    books: Books,
    *,
    is_growing: bool,
    may_move: bool = False,
) -> Draft:
    """Draft the bank journal of a day's payments (with their sales loaded), in the order in which they came."""
    text, currency, number = key.split("/")
    day = date.fromisoformat(text)
    dated = date_voucher(
        client, day, locked_through=books.locked_through, converted_on=books.converted_on, may_move=may_move
    )
    reasons: list[Reason] = [dated.reason] if dated.reason else []
    placed: list[_Placed] = []
    for payment in payments:
        found = books.payment(payment.sales_point, payment.method)
        if isinstance(found, ResolvedPayment):
            placed.append(_Placed(payment, found))
        else:
            reasons += [reason for reason in found if reason not in reasons]
    moved = f" (paid {day})" if dated.moved_from else ""
    supplement = f", supplement {number}" if number != "0" else ""
    description = f"Payments {day}{supplement}{moved}"
    debits = _debits(placed, currency)
    credits = [*_advances(placed, currency, books, reasons), *_credits(placed, currency)]
    document = None
    if not reasons and not is_growing:
        document = _document(client, key, dated.day, currency, description, debits, credits)
    return Draft(
        kind=DocumentKind.BANK_JOURNAL,
        dated_on=dated.day,
        original_dated_on=dated.moved_from,
        currency=currency,
        description=description,
        postings=(*debits, *(posting for posting, _ in credits)),
        document=document,
        reasons=tuple(reasons),
        is_growing=is_growing,
        occurred_at=max((payment.paid_at for payment in payments), default=None),
    )


def _debits(placed: Sequence[_Placed], currency: str) -> tuple[DraftPosting, ...]:
    by_account: dict[str, list[_Placed]] = defaultdict(list)
    for one in placed:
        by_account[one.to.account_number].append(one)
    postings = []
    for account, group in sorted(by_account.items()):
        amount = total((Money(one.payment.amount_minor, currency) for one in group), currency)
        if not amount:
            continue
        postings.append(
            DraftPosting(
                ledger_account=account,
                account_name=group[0].to.account_name,
                amount=amount,
                description=", ".join(sorted({one.payment.method for one in group})),
                why=why.payment_sum([(one.payment, one.to) for one in group], amount),
            )
        )
    return tuple(postings)


def _advances(
    placed: Sequence[_Placed], currency: str, books: Books, reasons: list[Reason]
) -> list[tuple[DraftPosting, Party | None]]:
    """Credit the advance account with what was paid before delivery, sale by sale."""
    by_sale: dict[str, list[Payment]] = defaultdict(list)
    for one in placed:
        if one.payment.is_advance and one.payment.sale:
            by_sale[one.payment.sale.reference].append(one.payment)
    to = books.advance() if by_sale else []
    if not isinstance(to, ResolvedPayment):
        reasons += [reason for reason in to if reason not in reasons]
        return []
    lines: list[tuple[DraftPosting, Party | None]] = []
    for reference, payments in by_sale.items():
        amount = total((Money(payment.amount_minor, currency) for payment in payments), currency)
        if not amount:
            continue
        posting = DraftPosting(
            ledger_account=to.account_number,
            account_name=to.account_name,
            amount=-amount,
            description=f"{reference}: paid before delivery",
            why=({"text": to.explanation, "amount": ""}, *why.payments_of(payments)),
        )
        lines.append((posting, None))
    return lines


def _credits(placed: Sequence[_Placed], currency: str) -> list[tuple[DraftPosting, Party | None]]:
    """Credit each customer per matching reference: two payments of one invoice on one day are one line that matches."""
    by_item: dict[tuple[str, str], list[Payment]] = defaultdict(list)
    for one in [one for one in placed if not one.payment.is_advance]:
        by_item[one.payment.sale.customer_key if one.payment.sale else "", one.payment.matching_reference].append(
            one.payment
        )
    lines: list[tuple[DraftPosting, Party | None]] = []
    for (customer_key, reference), payments in by_item.items():
        amount = total((Money(payment.amount_minor, currency) for payment in payments), currency)
        sale = payments[0].sale
        if not amount or sale is None:
            continue
        details = from_builtins(sale.details, SaleDetails).customer
        posting = DraftPosting(
            ledger_account=CUSTOMER_LEDGER,
            amount=-amount,
            customer_key=customer_key,
            customer_name=details.name,
            matching_reference=reference,
            description=f"{sale.reference}: {', '.join(sorted({p.method for p in payments}))}",
            why=why.payments_of(payments),
        )
        lines.append((posting, Party(customer_key, details)))
    return lines


def _document(
    client: Client,
    key: str,
    day: date,
    currency: str,
    description: str,
    debits: Sequence[DraftPosting],
    credits: Sequence[tuple[DraftPosting, Party | None]],
) -> JournalDocument | None:
    lines = [
        JournalLine(posting.amount, day, posting.vat_code, ledger_account=posting.ledger_account,
                    description=posting.description)
        for posting in debits
    ]  # fmt: skip
    lines += [
        JournalLine(posting.amount, day, posting.vat_code, customer=party, description=posting.description,
                    ledger_account="" if party else posting.ledger_account,
                    matching_reference=posting.matching_reference)
        for posting, party in credits
    ]  # fmt: skip
    if not lines:
        return None
    return JournalDocument(
        reference=reference_for(client, DocumentKind.BANK_JOURNAL, SourceType.PAYMENT_DAY, key),
        kind=DocumentKind.BANK_JOURNAL,
        dated_on=day,
        currency=currency,
        description=description,
        lines=tuple(lines),
    )
