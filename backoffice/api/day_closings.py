"""Day closings of tills: take them in, and tell what became of them."""

from __future__ import annotations

from urllib.parse import quote

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from backoffice.api.authentication import key_holder
from backoffice.api.base import ApiView
from backoffice.api.idempotency import idempotent
from backoffice.api.incoming_closings import DayClosingInput, read_closing
from backoffice.api.intake import once_more, recorded, take_in
from backoffice.api.outgoing import page_of
from backoffice.api.paging import UPDATED_AFTER, Filter, page
from backoffice.api.problems import NOT_FOUND, REFERENCE_USED, TOTALS_DIFFER, Error, Problem
from backoffice.api.schema import query_parameters
from backoffice.api.showing import differing
from backoffice.api.showing_closings import DayClosingOutput, closing_body, show_closing
from backoffice.clients.models import SalesPoint
from backoffice.connections.models import InboundEvent
from backoffice.contracts.closings import DayClosingDetails
from backoffice.ledger.errors import TotalsDiffer
from backoffice.sales.closings import RecordedClosing, details_of, record_day_closing, show_repeat
from backoffice.sales.models import DayClosing, SaleState
from backoffice.sales.payments import ReferenceUsed

FILTERS = (
    Filter("register", "register", "Exactly this register."),
    Filter("state", "state", "Where the closing stands.", "choice", tuple(SaleState.values)),
    Filter("closed_on_from", "closed_on__gte", "Closed on this day or later, in the client's time zone.", "day"),
    Filter("closed_on_to", "closed_on__lte", "Closed on this day or earlier.", "day"),
    UPDATED_AFTER,
)
CLOSING_BODY = {
    "number": 17,
    "register": "kasse-1",
    "opened_at": "2026-11-20T10:00:00+01:00",
    "closed_at": "2026-11-20T23:30:00+01:00",
    "currency": "NOK",
    "sales": [
        {"group": "food", "vat_rate": "25.00", "amount": "12500.00", "quantity": "80"},
        {"group": "takeaway", "vat_rate": "15.00", "amount": "1150.00", "quantity": "9"},
    ],
    "payments": [{"method": "cash", "amount": "5000.00"}, {"method": "visa", "amount": "8650.00"}],
    "cash": {"opening": "2000.00", "counted": "7000.00", "banked": "0.00"},
}
EXAMPLES = [OpenApiExample("A restaurant's day", value=CLOSING_BODY, request_only=True)]


def closings_of(sales_point: SalesPoint) -> QuerySet[DayClosing]:
    """The sales point's own closings, with all that is shown of them."""
    return DayClosing.objects.filter(sales_point=sales_point).select_related("voucher")


def record(sales_point: SalesPoint, closing: DayClosingDetails, event: InboundEvent) -> RecordedClosing:
    """Record a closing; what stands in its way becomes a problem that names the fields."""
    try:
        return once_more(lambda: record_day_closing(sales_point=sales_point, closing=closing, event=event))
    except ReferenceUsed as error:
        raise _conflict(sales_point, closing) from error
    except TotalsDiffer as error:
        raise Problem(TOTALS_DIFFER, str(error), [Error(TOTALS_DIFFER.code, str(error), "/payments")]) from error


def _conflict(sales_point: SalesPoint, given: DayClosingDetails) -> Problem:
    row = closings_of(sales_point).get(register=given.register, number=given.number)
    errors = [
        Error("differs", f"Recorded is {stored!s:.80}, sent was {sent!s:.80}.", pointer)
        for pointer, stored, sent in differing(closing_body(details_of(row)), closing_body(given))
    ]
    text = f"Z {given.number} of {given.register} is recorded with other content. A Z report is never changed."
    return Problem(REFERENCE_USED, text, errors)


class DayClosingsView(ApiView):
    """The day closings of the key's sales point."""

    @extend_schema(
        operation_id="list_day_closings",
        summary="List day closings",
        tags=["Day closings"],
        parameters=query_parameters(FILTERS),
        responses={200: page_of(DayClosingOutput)},
    )
    def get(self, request: Request) -> Response:
        """Give a page of day closings, newest first; with updated_after oldest change first."""
        return Response(page(request, closings_of(key_holder(request).sales_point), FILTERS, show_closing))

    @extend_schema(
        operation_id="record_day_closing",
        summary="Hand over a day closing",
        tags=["Day closings"],
        request=DayClosingInput,
        examples=EXAMPLES,
        responses={201: DayClosingOutput, 200: DayClosingOutput},
    )
    def post(self, request: Request) -> Response | HttpResponse:
        """Record a Z report: payments = sales + rounding + tips + gift cards sold + invoice payments.

        Numbers count on by one per register; a gap stops the closing after it until the missing one comes or a person
        says that it does not exist. Another body under a used number is a 409 and is shown to a person.
        """
        try:
            return self._record(request)
        except Problem as problem:
            if problem.kind is REFERENCE_USED:  # what was rolled back with the refusal is kept beside the closing
                show_repeat(sales_point=key_holder(request).sales_point, closing=read_closing(request.data))
            raise

    @idempotent
    def _record(self, request: Request) -> Response:
        point = key_holder(request).sales_point
        closing = read_closing(request.data)
        result = take_in(request, "day-closings", lambda event: record(point, closing, event))
        path = f"/api/v1/day-closings/{quote(closing.register, safe='')}/{closing.number}"
        return recorded(request, show_closing(result.closing), is_new=result.outcome == "created", path=path)


class DayClosingView(ApiView):
    """One day closing."""

    @extend_schema(
        operation_id="get_day_closing", summary="Read a day closing", tags=["Day closings"], responses=DayClosingOutput
    )
    def get(self, request: Request, register: str, number: int) -> Response:
        """Give a closing by register and number, with its voucher and what is missing before it."""
        closing = closings_of(key_holder(request).sales_point).filter(register=register, number=number).first()
        if closing is None:
            raise Problem(NOT_FOUND, f"No Z {number} of {register[:100]!r} is recorded at this sales point.")
        return Response(show_closing(closing))
