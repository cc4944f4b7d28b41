"""Sales: take them in, one or many, and tell what became of them."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.db import IntegrityError
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from backoffice.api.authentication import key_holder
from backoffice.api.base import ApiView
from backoffice.api.conflicts import matching_reference_taken, sale_conflict
from backoffice.api.examples import BATCH, SALE
from backoffice.api.idempotency import idempotent
from backoffice.api.incoming import BatchEnvelope, BatchInput, SaleInput
from backoffice.api.intake import once_more, recorded, take_in
from backoffice.api.outgoing import BatchOutput, SaleOutput, page_of
from backoffice.api.paging import UPDATED_AFTER, Filter, page
from backoffice.api.problems import NOT_FOUND, Problem, as_problem, invalid_body, request_id_of
from backoffice.api.reading import Reader
from backoffice.api.schema import query_parameters
from backoffice.api.showing import show_sale
from backoffice.clients.models import SalesPoint
from backoffice.connections.models import InboundEvent
from backoffice.contracts.sales import SaleDetails, SaleKind
from backoffice.sales.models import Sale, SaleState
from backoffice.sales.services import RecordedSale, ReferenceUsed, record_sale

FILTERS = (
    Filter("reference", "reference", "Exactly this reference."),
    Filter("state", "state", "Where the sale stands.", "choice", tuple(SaleState.values)),
    Filter("kind", "kind", "Kind of sale.", "choice", tuple(SaleKind)),
    Filter("sold_on_from", "sold_on__gte", "Sold on this day or later, in the client's time zone.", "day"),
    Filter("sold_on_to", "sold_on__lte", "Sold on this day or earlier.", "day"),
    UPDATED_AFTER,
)


def sales_of(sales_point: SalesPoint) -> QuerySet[Sale]:
    """The sales point's own sales, with all that is shown of them."""
    return (
        Sale.objects.filter(sales_point=sales_point)
        .select_related("voucher__balance", "voucher__paper")
        .prefetch_related("payments", "documents")
    )


def record(sales_point: SalesPoint, sale: SaleDetails, event: InboundEvent) -> RecordedSale:
    """Record a sale; what stands in its way becomes a problem that names the fields."""
    try:
        result = once_more(lambda: record_sale(sales_point=sales_point, sale=sale, event=event))
    except ReferenceUsed as error:
        raise sale_conflict(sales_point, sale) from error
    except IntegrityError as error:
        raise matching_reference_taken(sale) from error
    if result.outcome == "same":  # the row may have been raised to this revision behind the object's back
        result.sale.revision = max(result.sale.revision, sale.revision)
    return result


class SalesView(ApiView):
    """The sales of the key's sales point."""

    @extend_schema(
        operation_id="list_sales",
        summary="List sales",
        tags=["Sales"],
        parameters=query_parameters(FILTERS),
        responses={200: page_of(SaleOutput)},
    )
    def get(self, request: Request) -> Response:
        """Give a page of sales, newest first; with updated_after oldest change first."""
        return Response(page(request, sales_of(key_holder(request).sales_point), FILTERS, show_sale))

    @extend_schema(
        operation_id="record_sale",
        summary="Hand over a sale",
        tags=["Sales"],
        request=SaleInput,
        examples=SALE,
        responses={201: SaleOutput, 200: SaleOutput},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Record a sale. 201: stored durably. 200: it was recorded already, or a higher revision replaced it.

        Another body under a used reference is a 409 that names the differing fields; send a changed sale with a
        higher revision. What follows is asynchronous and readable at the sale's address.
        """
        point = key_holder(request).sales_point
        sale = Reader().sale(request.data)
        result = take_in(request, "sales", lambda event: record(point, sale, event))
        path = f"/api/v1/sales/{quote(sale.reference, safe='')}"
        return recorded(request, show_sale(result.sale), is_new=result.outcome == "created", path=path)


class SaleView(ApiView):
    """One sale."""

    @extend_schema(operation_id="get_sale", summary="Read a sale", tags=["Sales"], responses=SaleOutput)
    def get(self, request: Request, reference: str) -> Response:
        """Give a sale by its reference, with its voucher and invoice number."""
        sale = sales_of(key_holder(request).sales_point).filter(reference=reference).first()
        if sale is None:
            raise Problem(NOT_FOUND, f"No sale {reference[:100]!r} is recorded at this sales point.")
        return Response(show_sale(sale))


class BatchView(ApiView):
    """Many sales in one request."""

    @extend_schema(
        operation_id="record_sales",
        summary="Hand over up to 500 sales",
        tags=["Sales"],
        request=BatchInput,
        examples=BATCH,
        responses={200: BatchOutput},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Record up to 500 sales. Each is answered on its own, in order: a wrong one does not stop the others."""
        try:
            bodies = BatchEnvelope().run_validation(request.data)["sales"]
        except ValidationError as error:
            raise invalid_body(error.detail) from error
        reader = Reader()
        read = [_read(reader, body) for body in bodies]
        results: list[Any]
        if any(isinstance(one, SaleDetails) for one in read):
            point = key_holder(request).sales_point
            results = take_in(request, "sales/batch", lambda event: [_record(point, one, event) for one in read])
        else:
            results = [*read]
        return Response(_answers(request, bodies, results))


def _read(reader: Reader, body: Any) -> SaleDetails | Problem:
    try:
        return reader.sale(body)
    except Problem as problem:
        return problem


def _record(point: SalesPoint, read: SaleDetails | Problem, event: InboundEvent) -> RecordedSale | Problem:
    if isinstance(read, Problem):
        return read
    try:
        return record(point, read, event)
    except Exception as error:
        problem = as_problem(error)
        if problem.kind.status >= 500:
            raise
        return problem


def _answers(request: Request, bodies: list[Any], results: list[Any]) -> dict[str, Any]:
    items = []
    for index, (body, result) in enumerate(zip(bodies, results, strict=True)):
        named = body.get("reference") if isinstance(body, dict) else None
        item: dict[str, Any] = {"index": index, "reference": named if isinstance(named, str) else None}
        if isinstance(result, RecordedSale):
            item |= {"status": 201 if result.outcome == "created" else 200, "sale": show_sale(result.sale)}
        else:
            item |= {"status": result.kind.status, "problem": result.as_dict(request_id_of(request))}
        items.append(item)
    refused = sum("problem" in item for item in items)
    return {"accepted": len(items) - refused, "refused": refused, "results": items}
