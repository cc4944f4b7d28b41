"""Payments on their own, in any order with the sales they pay."""

from __future__ import annotations

from urllib.parse import quote

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from backoffice.api.authentication import key_holder
from backoffice.api.base import ApiView
from backoffice.api.conflicts import payment_conflict
from backoffice.api.examples import PAYMENT
from backoffice.api.idempotency import idempotent
from backoffice.api.incoming_money import PaymentInput
from backoffice.api.intake import once_more, recorded, take_in
from backoffice.api.outgoing import PaymentOutput, page_of
from backoffice.api.paging import UPDATED_AFTER, Filter, page
from backoffice.api.problems import NOT_FOUND, Problem
from backoffice.api.reading import Reader
from backoffice.api.schema import query_parameters
from backoffice.api.showing import show_payment
from backoffice.clients.models import SalesPoint
from backoffice.connections.models import InboundEvent
from backoffice.contracts.sales import PaymentDetails
from backoffice.sales.models import Payment
from backoffice.sales.services import RecordedPayment, ReferenceUsed, record_payment

FILTERS = (
    Filter("reference", "reference", "Exactly this reference."),
    Filter("method", "method", "Exactly this payment method."),
    Filter("sale", "sale__reference", "Payments of this sale."),
    Filter("paid_on_from", "paid_on__gte", "Paid on this day or later, in the client's time zone.", "day"),
    Filter("paid_on_to", "paid_on__lte", "Paid on this day or earlier.", "day"),
    UPDATED_AFTER,
)


def payments_of(sales_point: SalesPoint) -> QuerySet[Payment]:
    """The sales point's own payments, with all that is shown of them."""
    return Payment.objects.filter(sales_point=sales_point).select_related("voucher", "sale")


def record(sales_point: SalesPoint, payment: PaymentDetails, event: InboundEvent) -> RecordedPayment:
    """Record a payment; a used reference becomes a problem that names the fields."""
    try:
        return once_more(lambda: record_payment(sales_point=sales_point, payment=payment, event=event))
    except ReferenceUsed as error:
        raise payment_conflict(sales_point, payment) from error


class PaymentsView(ApiView):
    """The payments of the key's sales point."""

    @extend_schema(
        operation_id="list_payments",
        summary="List payments",
        tags=["Payments"],
        parameters=query_parameters(FILTERS),
        responses={200: page_of(PaymentOutput)},
    )
    def get(self, request: Request) -> Response:
        """Give a page of payments, newest first; with updated_after oldest change first."""
        return Response(page(request, payments_of(key_holder(request).sales_point), FILTERS, show_payment))

    @extend_schema(
        operation_id="record_payment",
        summary="Hand over a payment",
        tags=["Payments"],
        request=PaymentInput,
        examples=PAYMENT,
        responses={201: PaymentOutput, 200: PaymentOutput},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Record a payment. It may come before the sale it pays, which is then waited for."""
        point = key_holder(request).sales_point
        payment = Reader().payment(request.data)
        result = take_in(request, "payments", lambda event: record(point, payment, event))
        path = f"/api/v1/payments/{quote(payment.reference, safe='')}"
        return recorded(request, show_payment(result.payment), is_new=result.outcome == "created", path=path)


class PaymentView(ApiView):
    """One payment."""

    @extend_schema(operation_id="get_payment", summary="Read a payment", tags=["Payments"], responses=PaymentOutput)
    def get(self, request: Request, reference: str) -> Response:
        """Give a payment by its reference, with the day's voucher that carries it."""
        payment = payments_of(key_holder(request).sales_point).filter(reference=reference).first()
        if payment is None:
            raise Problem(NOT_FOUND, f"No payment {reference[:100]!r} is recorded at this sales point.")
        return Response(show_payment(payment))
