"""Which document follows a sale. Pure: the answers kept on the sales point decide, nothing is guessed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from backoffice.contracts.sales import SaleKind


class Route(StrEnum):
    """Where a sale goes. W numbers are those of docs/workflows.md."""

    SALES_ORDER = "sales_order"  # W3, W10: the accounting system issues the invoice
    OUTGOING_INVOICE = "outgoing_invoice"  # W2, W9: the sales system issued it
    SALES_DAY = "sales_day"  # W1: a batch per day and sales point
    DAY_CLOSING = "day_closing"  # W6: the till's day closing covers it; no voucher of its own
    UNDECIDED = "undecided"  # shown to a person


@dataclass(frozen=True, slots=True)
class Answers:
    """The questions that decide, answered on the sales point, and what the sale itself says."""

    country: str
    sales_point_kind: str
    invoice_issuer: str
    saft_reporter: str
    batch_journal: str
    sale_kind: SaleKind
    has_invoice: bool
    has_saft: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """A route and, in a sentence, why; for an undecided sale the sentence says what to do."""

    route: Route
    why: str


def decide(answers: Answers) -> Decision:
    """Choose the route of a sale; raises nothing, an impossible combination is UNDECIDED with what to mend."""
    if answers.country != "NO":
        return Decision(Route.UNDECIDED, "Sales of clients outside Norway have no route yet. Keep the sale by hand.")
    if answers.sale_kind is SaleKind.CASH_SALE:
        return _cash_sale(answers)
    if answers.invoice_issuer == "accounting_system":
        if answers.has_invoice:
            return Decision(
                Route.UNDECIDED,
                "The sale carries an invoice of the sales system, but the accounting system issues this sales "
                "point's invoices. Change the sales point's invoice issuer, or send the sale without an invoice.",
            )
        return Decision(Route.SALES_ORDER, "The accounting system issues the invoice.")
    if answers.invoice_issuer == "sales_system":
        return _issued_by_the_sales_system(answers)
    return Decision(
        Route.UNDECIDED, "This back office issues invoices for Polish clients only. Change the invoice issuer."
    )


def _cash_sale(answers: Answers) -> Decision:
    if answers.sales_point_kind == "pos":
        return Decision(Route.DAY_CLOSING, "A cash sale at a till is covered by its day closing.")
    return Decision(
        Route.UNDECIDED,
        "A webshop has no cash sales: send it as an invoice_sale, or make the sales point a till.",
    )


def _issued_by_the_sales_system(answers: Answers) -> Decision:
    if answers.saft_reporter == "sales_system":
        if not answers.has_saft:
            return Decision(
                Route.UNDECIDED,
                "The sales point posts in batches, and a batch needs batch_id and source_id of the sales system's "
                "SAF-T report. Send the sale again with them, at a higher revision.",
            )
        if not answers.batch_journal:
            return Decision(Route.UNDECIDED, "Choose on the sales point which journal its batches go to.")
        return Decision(Route.SALES_DAY, "The sales system reports SAF-T itself: one batch per day.")
    if not answers.has_invoice:
        return Decision(
            Route.UNDECIDED,
            "The sales system issues the invoices, but the sale came without its invoice number. "
            "Send it again with the invoice, at a higher revision.",
        )
    return Decision(Route.OUTGOING_INVOICE, "The sales system issued the invoice.")
