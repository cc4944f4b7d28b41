"""Payouts of payment providers: rows or a settlement file are taken in; what became of each payout can be read."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from backoffice.api.authentication import key_holder
from backoffice.api.base import ApiView
from backoffice.api.fields import AmountField, DayField
from backoffice.api.idempotency import idempotent
from backoffice.api.incoming_payouts import PayoutFileInput, PayoutsInput, read_payouts
from backoffice.api.outgoing import BecameOutput, Out, page_of, text, word
from backoffice.api.paging import UPDATED_AFTER, Filter, page
from backoffice.api.parsers import StrictJSONParser, check_length, read_body
from backoffice.api.problems import INVALID_BODY, NOT_FOUND, Error, Problem
from backoffice.api.schema import query_parameters
from backoffice.api.showing import Shown, amount, time
from backoffice.clients.models import SalesPoint
from backoffice.contracts.errors import Misconfigured, UnreadablePayload
from backoffice.settlements.models import Payout
from backoffice.settlements.selectors import explanation_of
from backoffice.settlements.services import RecordedStatement
from backoffice.settlements.states import PayoutState
from backoffice.workflows.payout_files import take_in_file, take_in_statements

FILTERS = (
    Filter("provider", "account__provider", "Exactly this provider."),
    Filter("account", "account__external_id", "Exactly this account of the provider."),
    Filter("reference", "reference", "Exactly this reference."),
    Filter("state", "state", "Where the payout stands.", "choice", tuple(PayoutState)),
    Filter("paid_on_from", "paid_on__gte", "Paid on this day or later.", "day"),
    Filter("paid_on_to", "paid_on__lte", "Paid on this day or earlier.", "day"),
    UPDATED_AFTER,
)
PAYOUTS_BODY = {
    "provider": "vipps",
    "account": "123455",
    "currency": "NOK",
    "rows": [
        {"key": "a-1", "kind": "capture", "amount": "1250.00", "booked_on": "2026-11-20", "reference": "1001",
         "payout": "2000810"},
        {"key": "a-2", "kind": "fee", "amount": "-18.75", "booked_on": "2026-11-20", "payout": "2000810"},
    ],
    "payouts": [{"reference": "2000810", "amount": "1231.25", "paid_on": "2026-11-23"}],
    "balances": [{"on": "2026-11-23", "amount": "0.00"}],
}  # fmt: skip
EXAMPLES = [OpenApiExample("A day and its payout", value=PAYOUTS_BODY, request_only=True)]


class KindSumOutput(Out):
    """What rows of one kind add to."""

    kind = text()
    amount = AmountField()


class PayoutOutput(BecameOutput):
    """A payout beside its rows, and what became of it."""

    id = serializers.IntegerField()
    provider = text()
    account = text()
    reference = text()
    currency = text()
    amount = AmountField()
    paid_on = DayField()
    state = word([state.value for state in PayoutState])
    because = text(null=True)
    sums = KindSumOutput(many=True)
    difference = AmountField()


class TakenOutput(Out):
    """What a report changed, per account. payouts are those that the report itself names."""

    provider = text()
    account = text()
    currency = text()
    new_rows = serializers.IntegerField()
    filled_rows = serializers.IntegerField()
    differing_rows = serializers.IntegerField()
    new_payouts = serializers.IntegerField()
    payouts = PayoutOutput(many=True)


class PayoutsTakenOutput(Out):
    """What was taken in."""

    statements = TakenOutput(many=True)


def payouts_of(sales_point: SalesPoint) -> QuerySet[Payout]:
    """The payouts of the sales point's own provider accounts."""
    return Payout.objects.filter(account__sales_point=sales_point).select_related("account", "voucher")


def show_payout(payout: Payout) -> Shown:
    """Give a payout and what became of it."""
    voucher, check = payout.voucher, explanation_of(payout).check
    return {
        "id": payout.pk,
        "provider": payout.account.provider,
        "account": payout.account.external_id,
        "reference": payout.reference,
        "currency": payout.currency,
        "amount": amount(payout.amount_minor, payout.currency),
        "paid_on": payout.paid_on.isoformat(),
        "state": payout.state,
        "because": payout.because or None,
        "sums": [{"kind": kind.value, "amount": str(added)} for kind, added in check.sums.items()],
        "difference": str(check.difference),
        "voucher": {"id": voucher.pk, "state": voucher.state, "number": voucher.number or None} if voucher else None,
        "created_at": time(payout.created_at),
        "updated_at": time(payout.updated_at),
    }


def _show_taken(recorded: RecordedStatement) -> Shown:
    account = recorded.account
    rows = Payout.objects.filter(pk__in=[payout.pk for payout in recorded.payouts])
    return {
        "provider": account.provider,
        "account": account.external_id,
        "currency": account.currency,
        "new_rows": recorded.new_rows,
        "filled_rows": recorded.filled_rows,
        "differing_rows": recorded.differing_rows,
        "new_payouts": recorded.new_payouts,
        "payouts": [show_payout(p) for p in rows.select_related("account", "voucher").order_by("paid_on", "id")],
    }


def _is_form(request: Request) -> bool:
    return (request.content_type or "").startswith("multipart/")


class PayoutsView(ApiView):
    """The payouts of the key's sales point."""

    parser_classes = (StrictJSONParser, MultiPartParser)

    @extend_schema(
        operation_id="list_payouts",
        summary="List payouts",
        tags=["Payouts"],
        parameters=query_parameters(FILTERS),
        responses={200: page_of(PayoutOutput)},
    )
    def get(self, request: Request) -> Response:
        """Give a page of payouts, newest first; with updated_after oldest change first."""
        return Response(page(request, payouts_of(key_holder(request).sales_point), FILTERS, show_payout))

    @extend_schema(
        operation_id="record_payouts",
        summary="Hand over what a payment provider reports",
        tags=["Payouts"],
        request={"application/json": PayoutsInput, "multipart/form-data": PayoutFileInput},
        examples=EXAMPLES,
        responses={201: PayoutsTakenOutput, 200: PayoutsTakenOutput},
    )
    def post(self, request: Request) -> Response | HttpResponse:
        """Record rows, payouts and balances, or a settlement file (fields `file` and `provider`).

        The same row or file again changes nothing (200). Other content under a used key is kept beside the first and
        shown to a person; an unknown kind keeps its amount and waits for one.
        """
        if _is_form(request):
            check_length(request._request, settings.PAYOUT_FILE_MAX_MB * 1_000_000, "Ask for a shorter period.")
            _ = request.data  # read before a transaction begins: a large file takes its time
        else:
            read_body(request._request)
        return self._record(request)

    @idempotent
    def _record(self, request: Request) -> Response:
        holder = key_holder(request)
        common: dict[str, Any] = {
            "client": holder.sales_point.client,
            "sales_point": holder.sales_point,
            "api_key": holder.api_key,
        }
        try:
            taken = self._take_in(request, common)
        except (UnreadablePayload, Misconfigured) as error:
            raise Problem(INVALID_BODY, str(error), [Error("unreadable", str(error), "/file")]) from error
        is_new = any(one.new_rows or one.new_payouts or one.filled_rows for one in taken)
        return Response({"statements": [_show_taken(one) for one in taken]}, status=201 if is_new else 200)

    def _take_in(self, request: Request, common: dict[str, Any]) -> list[RecordedStatement]:
        if _is_form(request):
            given = PayoutFileInput(data=request.data)
            if not given.is_valid():
                errors = [Error("required", str(told[0]), f"/{name}") for name, told in given.errors.items()]
                raise Problem(INVALID_BODY, "Send the fields file and provider.", errors)
            values = given.validated_data
            upload, method = values["file"], values.get("method", "")
            return take_in_file(
                provider=values["provider"], body=upload.read(), filename=upload.name, method=method, **common
            )
        provider, method, statement = read_payouts(request.data)
        raw = read_body(request._request)
        return take_in_statements(
            provider=provider, statements=[statement], body=raw, headers=request.headers, method=method, **common
        )


class PayoutView(ApiView):
    """One payout."""

    @extend_schema(operation_id="get_payout", summary="Read a payout", tags=["Payouts"], responses=PayoutOutput)
    def get(self, request: Request, payout_id: int) -> Response:
        """Give a payout, the sums of its rows per kind, what it differs by and its voucher."""
        payout = payouts_of(key_holder(request).sales_point).filter(pk=payout_id).first()
        if payout is None:
            raise Problem(NOT_FOUND, f"Payout {payout_id} is not known at this sales point.")
        return Response(show_payout(payout))
