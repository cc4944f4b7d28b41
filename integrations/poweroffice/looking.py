"""Ask PowerOffice whether a request has taken effect, and what became of what it took in."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date

from backoffice.contracts.accounting import DocumentKind, Receipt, Request
from backoffice.contracts.errors import OutcomeUnknown, Permanent, ProviderError, Rejected, Retryable
from integrations.poweroffice import api, wire_inferred, wire_journals, wire_orders
from integrations.poweroffice.calls import Calls
from integrations.poweroffice.wire import Row, text_of
from integrations.poweroffice.wire_journals import JOURNALS

#: At most so many questions that cost a call of their own, each time we are asked.
MAX_SINGLE_QUESTIONS = 10
OUTGOING_KINDS = frozenset({DocumentKind.OUTGOING_INVOICE, DocumentKind.OUTGOING_CREDIT_NOTE})


def find(calls: Calls, request: Request) -> Receipt | None:
    """Give what stands over there for a request, or None when nothing shows (yet).

    Reads may lag behind writes, so one None proves nothing; the caller waits and asks again.
    """
    if request.kind is DocumentKind.SALES_ORDER:
        return _order(calls, request)
    if request.kind is DocumentKind.INVOICE_SENDING:
        return _sending(calls, request)
    if request.kind is DocumentKind.REVERSAL:
        return _reversal(calls, request)
    if request.kind in OUTGOING_KINDS:
        return _outgoing(calls, request)
    return _journal(calls, request)


def _is_ours(row: Row, request: Request) -> bool:
    return text_of(row, "ExternalImportReference").lower() == request.reference.lower()


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


def _sending(calls: Calls, request: Request) -> Receipt | None:
    """A sending that failed shows as None: nothing was invoiced, and sending again brings the reason to light."""
    order_id = request.lookup["order_id"]
    for row in api.outgoing_invoices_by_id(calls, [order_id]):
        if text_of(row, "Id").lower() == order_id.lower():
            receipt = wire_orders.invoice_receipt(row, request.total.currency)
            return replace(receipt, is_final=bool(receipt.invoice_number))
    state = api.sent_state(calls, order_id)
    found = wire_orders.sending_receipt(state) if state else None
    return found if isinstance(found, Receipt) else None


def _outgoing(calls: Calls, request: Request) -> Receipt | None:
    """The customer ledger can be asked for an invoice number, which the postings cannot."""
    rows = api.statement_of_invoice(calls, on=_posted_on(request), invoice_number=request.lookup["invoice_number"])
    for row in rows:
        if _is_ours(row, request) and text_of(row, "VoucherType") == JOURNALS[request.kind].voucher_type:
            voucher = api.voucher(calls, JOURNALS[request.kind].path, text_of(row, "VoucherId"))
            if voucher is None:
                return wire_inferred.statement_receipt(row, request.total.currency)
            if voucher.get("IsReversed") is not True:
                return wire_inferred.invoice_receipt(voucher, request.total.currency)
    return None


def _journal(calls: Calls, request: Request) -> Receipt | None:
    """Scan one account's postings of the day for our reference: vouchers cannot be asked for by it."""
    journal = JOURNALS[request.kind]
    rows = api.account_transactions(
        calls,
        on=_posted_on(request),
        account_no=request.lookup.get("account_no", ""),
        voucher_types=journal.voucher_type,
    )
    for row in rows:
        # A reversed voucher has set its reference free again, and so does not count.
        if _is_ours(row, request) and row.get("IsReversed") is not True and not text_of(row, "ReversedVoucherId"):
            voucher = api.voucher(calls, journal.path, text_of(row, "VoucherId"))
            if voucher is None:
                return Receipt(text_of(row, "VoucherId"), text_of(row, "VoucherNo"))
            return wire_journals.voucher_receipt(voucher, request.total.currency)
    return None


def _posted_on(request: Request) -> date:
    return date.fromisoformat(request.lookup.get("posted_on", request.dated_on.isoformat()))


def _reversal(calls: Calls, request: Request) -> Receipt | None:
    row = api.voucher(calls, request.lookup["journal"], request.lookup["voucher_id"])
    if row is None or row.get("IsReversed") is not True:
        return None
    return Receipt(text_of(row, "Id"))


def outcomes(calls: Calls, requests: Sequence[Request], overdue: Collection[str]) -> Mapping[str, Receipt | Permanent]:
    """Say what became of sendings and reversals, in as few calls as possible.

    The invoices of all sendings are asked for together, about forty in an address. An invoice whose voucher number
    is not dealt yet is left out while it is young: the next list will have it, a question of its own would cost a
    call. Why a sending failed is told order by order only, so that is asked for the overdue, a few each time.

    What cannot be told of one must not hide what is told of the others: such a failure is raised only when nothing
    else was found out, and the question is asked again. Only a sending that they say has failed is Permanent here;
    a question that went wrong says nothing about the sending.
    """
    by_order = {one.lookup["order_id"].lower(): one for one in requests if one.kind is DocumentKind.INVOICE_SENDING}
    found: dict[str, Receipt | Permanent] = {}
    failures: list[ProviderError] = []
    for row in api.outgoing_invoices_by_id(calls, sorted(by_order)):
        request = by_order.get(text_of(row, "Id").lower())
        if request is not None:
            try:
                receipt = wire_orders.invoice_receipt(row, request.total.currency)
            except Permanent as error:
                failures.append(error)
                continue
            if receipt.invoice_number and (receipt.number or request.reference in overdue):
                found[request.reference] = receipt
    late = [one for one in by_order.values() if one.reference in overdue and one.reference not in found]
    reversals = [one for one in requests if one.kind is DocumentKind.REVERSAL]
    for request in late[:MAX_SINGLE_QUESTIONS] + reversals[:MAX_SINGLE_QUESTIONS]:
        try:
            outcome = _outcome_of_one(calls, request)
        except Permanent as error:
            failures.append(error)
        except (Retryable, OutcomeUnknown) as error:
            failures.append(error)
            break  # the next question would fare no better
        else:
            found |= {request.reference: outcome} if outcome is not None else {}
    if failures and not found:
        raise failures[0]
    return found


def _outcome_of_one(calls: Calls, request: Request) -> Receipt | Rejected | None:
    if request.kind is DocumentKind.REVERSAL:
        return _reversal(calls, request)
    state = api.sent_state(calls, request.lookup["order_id"])
    outcome = wire_orders.sending_receipt(state) if state else None
    return outcome if isinstance(outcome, Rejected) or (outcome is not None and outcome.is_final) else None
