"""Ask PowerOffice whether a request has taken effect, and what became of what it took in."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from backoffice.contracts.accounting import DocumentKind, Receipt, Request
from backoffice.contracts.errors import Permanent, Rejected
from integrations.poweroffice import api, wire_inferred, wire_journals, wire_orders
from integrations.poweroffice.calls import Calls
from integrations.poweroffice.wire import Row, text_of
from integrations.poweroffice.wire_journals import JOURNALS

#: at most so many sentState calls in one question: each costs a call of its own
MAX_SINGLE_QUESTIONS = 10


def find(calls: Calls, request: Request) -> Receipt | None:
    """Give what stands over there for a request, or None when nothing shows (yet)."""
    if request.kind is DocumentKind.SALES_ORDER:
        return _order(calls, request)
    if request.kind is DocumentKind.INVOICE_SENDING:
        return _sending(calls, request)
    if request.kind is DocumentKind.REVERSAL:
        return _reversal(calls, request)
    return _voucher(calls, request)


def _order(calls: Calls, request: Request) -> Receipt | None:
    """An order that was sent is gone from the orders and stands among the invoices, under the same id."""
    currency = request.total.currency
    for row in api.sales_orders_by_reference(calls, request.reference):
        if _is_ours(row, request):
            return wire_orders.order_receipt(row, currency)
    for row in api.outgoing_invoices_by_reference(calls, request.reference):
        if _is_ours(row, request):
            return wire_orders.invoiced_order_receipt(row, currency)
    return None


def _is_ours(row: Row, request: Request) -> bool:
    return text_of(row, "ExternalImportReference").lower() == request.reference.lower()


def _sending(calls: Calls, request: Request) -> Receipt | None:
    order_id = request.lookup["order_id"]
    invoices = api.outgoing_invoices_by_id(calls, [order_id])
    if invoices:
        return wire_orders.invoice_receipt(invoices[0], request.total.currency)
    state = api.sent_state(calls, order_id)
    found = wire_orders.sending_receipt(state) if state else None
    return found if isinstance(found, Receipt) else None


def _voucher(calls: Calls, request: Request) -> Receipt | None:
    """Scan one account's postings of the day for our reference: vouchers cannot be asked for by it."""
    journal = JOURNALS[request.kind]
    rows = api.account_transactions(
        calls,
        on=date.fromisoformat(request.lookup.get("posted_on", request.dated_on.isoformat())),
        account_no=request.lookup.get("account_no", ""),
        voucher_types=journal.voucher_type,
    )
    ours = [row for row in rows if _is_ours(row, request) and row.get("IsReversed") is not True]
    if not ours:
        return None
    row = api.voucher(calls, journal.path, text_of(ours[0], "VoucherId"))
    if row is None:
        return Receipt(text_of(ours[0], "VoucherId"), text_of(ours[0], "VoucherNo"))
    if request.kind in (DocumentKind.OUTGOING_INVOICE, DocumentKind.OUTGOING_CREDIT_NOTE):
        return wire_inferred.invoice_receipt(row, request.total.currency)
    return wire_journals.voucher_receipt(row, request.total.currency)


def _reversal(calls: Calls, request: Request) -> Receipt | None:
    row = api.voucher(calls, request.lookup["journal"], request.lookup["voucher_id"])
    if row is None or row.get("IsReversed") is not True:
        return None
    return Receipt(text_of(row, "Id"))


def outcomes(calls: Calls, requests: Sequence[Request], overdue: Collection[str]) -> Mapping[str, Receipt | Permanent]:
    """Say what became of sendings: one list for all of them, then single questions for a few that are overdue."""
    by_order = {request.lookup["order_id"].lower(): request for request in requests if "order_id" in request.lookup}
    found: dict[str, Receipt | Permanent] = {}
    for row in api.outgoing_invoices_by_id(calls, sorted(by_order)):
        request = by_order.get(text_of(row, "Id").lower())
        if request is not None:
            receipt = wire_orders.invoice_receipt(row, request.total.currency)
            if receipt.invoice_number:
                found[request.reference] = receipt
    late = [request for request in by_order.values() if request.reference in overdue and request.reference not in found]
    for request in late[:MAX_SINGLE_QUESTIONS]:
        state = api.sent_state(calls, request.lookup["order_id"])
        outcome = wire_orders.sending_receipt(state) if state else None
        if isinstance(outcome, Rejected) or (isinstance(outcome, Receipt) and outcome.is_final):
            found[request.reference] = outcome
    return found
