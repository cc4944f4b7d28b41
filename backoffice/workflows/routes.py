"""Which route a stored sale takes, and what is drafted on it."""

from __future__ import annotations

from backoffice.contracts.sales import SaleKind
from backoffice.sales.models import Sale
from backoffice.workflows.outgoing_invoices import draft_outgoing_invoice
from backoffice.workflows.routing import Answers, Decision, Route, decide
from backoffice.workflows.sales_orders import draft_sales_order

#: routes that have a draft of their own; the others wait for a person with what to do
DRAFTS = {Route.SALES_ORDER: draft_sales_order, Route.OUTGOING_INVOICE: draft_outgoing_invoice}
#: a sale of a batch has no draft of its own: see `workflows.batches`
BUILT = frozenset({*DRAFTS, Route.SALES_DAY})


def decision_for(sale: Sale) -> Decision:
    """Route a sale by the answers on its sales point."""
    point = sale.sales_point
    return decide(
        Answers(
            country=sale.client.country,
            sales_point_kind=point.kind,
            invoice_issuer=point.invoice_issuer,
            saft_reporter=point.saft_reporter,
            batch_journal=point.batch_journal,
            sale_kind=SaleKind(sale.kind),
            has_invoice=bool(sale.invoice_number),
            has_saft=bool(sale.details.get("saft")),
        )
    )


def not_built(decision: Decision) -> str:
    """Say to a person why nothing is posted, and what to do."""
    if decision.route is Route.UNDECIDED:
        return decision.why
    return f"{decision.why} This route is not posted from here; post it by hand and mark the sale as dealt with."
