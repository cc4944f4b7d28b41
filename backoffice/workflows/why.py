"""The words under "Why?": each posting tells how its amount came about, in steps that add up again.

A step is a dict: text (a sentence), amount (a decimal string, empty when the step has none), and for a mapping rule
rule {id, kind, version, by, at, text}.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from backoffice.contracts.accounting import OrderLine
from backoffice.contracts.sales import IssuedInvoice
from backoffice.invoices.document import Incomplete
from backoffice.invoices.rates import exchange_for
from backoffice.ledger.invoice_totals import PricedLine
from backoffice.ledger.money import Money
from backoffice.ledger.vat import split_gross
from backoffice.sales.models import Payment, Refund, Sale, SaleLine
from backoffice.vouchers.models import Posting, Voucher
from backoffice.workflows.books import ResolvedPayment, ResolvedSales

Step = dict[str, Any]
#: a day's sum names at most so many payments one by one; the voucher's credit lines name them all
MAX_NAMED = 50


def sales_line(line: SaleLine, to: ResolvedSales, priced: PricedLine) -> tuple[Step, ...]:
    """Tell how a line of the sale came to its ledger account and amount."""
    gross = Money(line.gross_minor, priced.net.currency)
    steps: list[Step] = [
        {
            "text": f"{line.quantity.normalize():f} x {line.description} ({line.group}, {line.vat_rate:g} %)",
            "amount": str(gross),
        },
        {"text": to.explanation, "amount": "", "rule": to.rule},
        {
            "text": (
                f"Invoice line: {priced.quantity.normalize():f} x {priced.unit_price.normalize():f} = {priced.net} "
                f"ex VAT, VAT {to.vat_rate:g} % = {priced.vat}"
            ),
            "amount": str(priced.gross_predicted),
        },
    ]
    if priced.difference:
        steps.append(
            {
                "text": "No unit price gives the line exactly; the difference is met elsewhere on the order.",
                "amount": str(priced.difference),
            }
        )
    return tuple(steps)


def issued_line(line: SaleLine, to: ResolvedSales, currency: str) -> tuple[Step, ...]:
    """Tell how a line of an invoice that the sales system issued came to its ledger account."""
    gross = Money(line.gross_minor, currency)
    inside = split_gross(gross, to.vat_rate).vat
    return (
        {
            "text": f"{line.quantity.normalize():f} x {line.description} ({line.group}, {line.vat_rate:g} %)",
            "amount": str(gross),
        },
        {"text": to.explanation, "amount": "", "rule": to.rule},
        {
            "text": f"Posted VAT included; VAT code {to.vat_code} takes {to.vat_rate:g} % out of it",
            "amount": str(inside),
        },
    )


def issued(invoice: IssuedInvoice, owed: Money, sale: Sale) -> tuple[Step, ...]:
    """Tell why the customer owes an invoice that the sales system issued."""
    due = f", due on {invoice.due_on}" if invoice.due_on else ""
    text = f"Invoice {invoice.number}, issued on {invoice.issued_on} by the sales system{due}"
    return ({"text": text, "amount": str(owed)}, *_at_home(sale, owed, invoice.issued_on), *_matched(sale))


def customer(sale: Sale, owed: Money) -> tuple[Step, ...]:
    """Tell why the customer owes this."""
    total = f"Total of sale {sale.reference}, VAT included"
    return ({"text": total, "amount": str(owed)}, *_at_home(sale, owed, sale.sold_on), *_matched(sale))


def _matched(sale: Sale) -> tuple[Step, ...]:
    return ({"text": f"Matched by {sale.matching_reference} with its payments.", "amount": ""},)


def _at_home(sale: Sale, owed: Money, on: date) -> tuple[Step, ...]:
    """Tell what foreign money is worth on the customer's document; nothing while no rate is known for sure."""
    try:
        found = exchange_for(sale.client, owed.currency, on)
    except Incomplete:  # said where the document is asked for
        return ()
    if found is None:
        return ()
    worth = Money.rounded(owed.to_decimal() * found.rate, found.home)
    text = (
        f"1 {found.currency} is {found.rate} {found.home} ({found.source}, {found.on}): {worth} {found.home} by the "
        f"document's rate. The books convert by a rate of their own."
    )
    return ({"text": text, "amount": ""},)


def refund(row: Refund, sale: Sale, invoice_number: str, matching_reference: str) -> tuple[Step, ...]:
    """Tell why the customer is credited, and what closes the entry."""
    if matching_reference == sale.matching_reference:
        meets = f"Matched by {matching_reference}, the sale's own."
    else:
        meets = f"Matched by {matching_reference} with the money back."
    amount = str(Money(-row.amount_minor, row.currency))
    reason = f": {row.reason}" if row.reason else ""
    split = f"Split over the VAT rates accepted by {row.split_accepted_by}."
    return (
        {"text": f"Refund {row.reference} of sale {sale.reference}, VAT included{reason}", "amount": amount},
        {"text": f"It credits invoice {invoice_number}.", "amount": ""},
        *([{"text": split, "amount": ""}] if row.split_accepted_by else []),
        {"text": meets, "amount": ""},
    )


def negated(posting: Posting, voucher: Voucher) -> tuple[Step, ...]:
    """Tell that the whole sale is taken back as it was posted."""
    text = f"The whole of {voucher.description}, as it was posted, the other way round"
    return ({"text": text, "amount": str(Money(-posting.amount_minor, posting.currency))},)


def credited_line(line: OrderLine, wanted: Money, gross: Money, *, is_as_invoiced: bool) -> tuple[Step, ...]:
    """Tell how a credited line came to its amount; wanted and gross are positive on a plain line."""
    price = "the invoice's own unit price" if is_as_invoiced else "a unit price ex VAT that gives the amount"
    steps: list[Step] = [
        {"text": f"Given back of {line.description}, VAT included", "amount": str(wanted)},
        {
            "text": f"{line.quantity.normalize():f} x {line.unit_price.normalize():f} ex VAT, {price}, VAT added",
            "amount": str(gross),
        },
    ]
    if gross != wanted:
        text = "No unit price gives the line exactly; the difference is met elsewhere on the credit note."
        steps.append({"text": text, "amount": str(gross - wanted)})
    return tuple(steps)


def credited_share(line: SaleLine | None, gross: Money) -> Step:
    """Tell of which line of the invoice something is given back, on the account it was posted to."""
    text = f"Given back of {line.description} ({line.vat_rate:g} %)" if line else "Given back of the rounding"
    return {"text": f"{text}, where the invoice posted it", "amount": str(gross)}


def negative_base(vat_code: str) -> tuple[Step, ...]:
    """Tell what the VAT return wants when more is taken back than was sold under a VAT code."""
    text = (
        f"A credit note counts negative in the VAT return. If VAT code {vat_code} ends its term negative, the VAT "
        "return wants a remark, such as credit note."
    )
    return ({"text": text, "amount": ""},)


def credit_rounding(amount: Money) -> tuple[Step, ...]:
    """Tell where a credit note's rounding line comes from; amount as on the document."""
    text = "What no unit price ex VAT can give, so that the credit note equals what came back"
    return ({"text": text, "amount": str(-amount)},)


def rounding(sale: Sale, amount: Money) -> tuple[Step, ...]:
    """Tell where a rounding line comes from."""
    steps: list[Step] = []
    if sale.rounding_minor:
        steps.append({"text": "Rounding by the sales system", "amount": str(Money(sale.rounding_minor, sale.currency))})
    rest = amount.minor - sale.rounding_minor
    if rest:
        steps.append(
            {
                "text": "What no unit price ex VAT can give, so that the invoice equals what the customer saw",
                "amount": str(Money(rest, sale.currency)),
            }
        )
    return tuple(steps)


def payment_sum(placed: Sequence[tuple[Payment, ResolvedPayment]], amount: Money) -> tuple[Step, ...]:
    """Tell which payments make up a ledger account's sum, and by which rule."""
    steps: list[Step] = []
    rules = {to.rule["id"]: to for _, to in placed}
    steps += [{"text": to.explanation, "amount": "", "rule": to.rule} for to in rules.values()]
    steps += [
        {
            "text": _payment(payment),
            "amount": str(Money(payment.amount_minor, payment.currency)),
        }
        for payment, _ in placed[:MAX_NAMED]
    ]
    if len(placed) > MAX_NAMED:
        rest = sum(payment.amount_minor for payment, _ in placed[MAX_NAMED:])
        text = f"{len(placed) - MAX_NAMED} more payments, each with its customer below"
        steps.append({"text": text, "amount": str(Money(rest, amount.currency))})
    if len(placed) > 1:
        steps.append({"text": f"Sum of {len(placed)} payments", "amount": str(amount)})
    return tuple(steps)


def _payment(payment: Payment) -> str:
    return (
        f"{payment.method} {payment.reference}, paid {payment.paid_at.astimezone(payment.client.zone):%Y-%m-%d %H:%M}"
    )


def advance_moved(sale: Sale, payments: Sequence[Payment], amount: Money, to: ResolvedPayment) -> tuple[Step, ...]:
    """Tell why a sale's advances leave the advance account."""
    delivered = f" on {sale.delivered_on}" if sale.delivered_on else ""
    return (
        {"text": to.explanation, "amount": ""},
        *payments_of(payments),
        {
            "text": f"Sale {sale.reference} was delivered{delivered}: what rests goes to its customer",
            "amount": str(amount),
        },
    )


def payments_of(payments: Sequence[Payment]) -> tuple[Step, ...]:
    """Tell which payments a customer is credited for."""
    return tuple(
        {
            "text": _payment(payment),
            "amount": str(Money(payment.amount_minor, payment.currency)),
        }
        for payment in payments
    )
