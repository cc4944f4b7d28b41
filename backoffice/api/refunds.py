"""Refunds: goods or money back."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from backoffice.api.authentication import key_holder
from backoffice.api.base import ApiView
from backoffice.api.conflicts import refund_conflict
from backoffice.api.examples import REFUND
from backoffice.api.fields import CONTROL
from backoffice.api.idempotency import idempotent
from backoffice.api.incoming_money import RefundInput
from backoffice.api.intake import once_more, recorded, take_in
from backoffice.api.outgoing import RefundOutput, page_of
from backoffice.api.paging import UPDATED_AFTER, Filter, page
from backoffice.api.problems import NOT_FOUND, Problem
from backoffice.api.reading import Reader
from backoffice.api.schema import query_parameters
from backoffice.api.showing import show_refund
from backoffice.clients.models import SalesPoint
from backoffice.connections.models import InboundEvent
from backoffice.contracts.sales import RefundDetails
from backoffice.sales.models import Refund, Sale, SaleState
from backoffice.sales.services import RecordedRefund, ReferenceUsed, record_refund

FILTERS = (
    Filter("reference", "reference", "Exactly this reference."),
    Filter("sale", "sale_reference", "Refunds of this sale."),
    Filter("state", "state", "Where the refund stands.", "choice", tuple(SaleState.values)),
    UPDATED_AFTER,
)


def refunds_of(sales_point: SalesPoint) -> QuerySet[Refund]:
    """The sales point's own refunds, with all that is shown of them."""
    return Refund.objects.filter(sales_point=sales_point).select_related("voucher")


def record(sales_point: SalesPoint, refund: RefundDetails, event: InboundEvent) -> RecordedRefund:
    """Record a refund; a used reference becomes a problem that names the fields."""
    try:
        result = once_more(lambda: record_refund(sales_point=sales_point, refund=refund, event=event))
    except ReferenceUsed as error:
        raise refund_conflict(sales_point, refund) from error
    conflict = refund_conflict(sales_point, refund) if result.outcome == "same" else None
    if conflict is not None and conflict.errors:
        raise conflict  # the service overlooks what shops tell in two ways; a program that says two things is told
    return result


def _currency_of_sale(sales_point: SalesPoint, body: Any) -> str:
    named = body.get("sale") if isinstance(body, dict) else None
    if not isinstance(named, str) or CONTROL.search(named):  # refused later, with the place; a database may not take it
        return ""
    found = Sale.objects.filter(sales_point=sales_point, reference=named.strip()).values_list("currency", flat=True)
    return found.first() or ""


class RefundsView(ApiView):
    """The refunds of the key's sales point."""

    @extend_schema(
        operation_id="list_refunds",
        summary="List refunds",
        tags=["Refunds"],
        parameters=query_parameters(FILTERS),
        responses={200: page_of(RefundOutput)},
    )
    def get(self, request: Request) -> Response:
        """Give a page of refunds, newest first; with updated_after oldest change first."""
        return Response(page(request, refunds_of(key_holder(request).sales_point), FILTERS, show_refund))

    @extend_schema(
        operation_id="record_refund",
        summary="Hand over a refund",
        tags=["Refunds"],
        request=RefundInput,
        examples=REFUND,
        responses={201: RefundOutput, 200: RefundOutput},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Record a refund. Lines and charges say which VAT goes back; an amount alone may wait for a person."""
        point = key_holder(request).sales_point
        refund = Reader().refund(request.data, currency_of_sale=_currency_of_sale(point, request.data))
        result = take_in(request, "refunds", lambda event: record(point, refund, event))
        path = f"/api/v1/refunds/{quote(refund.reference, safe='')}"
        return recorded(request, show_refund(result.refund), is_new=result.outcome == "created", path=path)


class RefundView(ApiView):
    """One refund."""

    @extend_schema(operation_id="get_refund", summary="Read a refund", tags=["Refunds"], responses=RefundOutput)
    def get(self, request: Request, reference: str) -> Response:
        """Give a refund by its reference."""
        refund = refunds_of(key_holder(request).sales_point).filter(reference=reference).first()
        if refund is None:
            raise Problem(NOT_FOUND, f"No refund {reference[:100]!r} is recorded at this sales point.")
        return Response(show_refund(refund))
