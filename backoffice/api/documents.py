"""The PDF for the customer: of a sale, or the credit note of a refund. Made at the first ask, then as it was stored."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from backoffice.api.authentication import key_holder
from backoffice.api.base import ApiView
from backoffice.api.problems import DOCUMENT_INCOMPLETE, NOT_FOUND, NOT_READY, Problem
from backoffice.audit.services import Actor
from backoffice.common import blobs
from backoffice.common.codec import from_builtins
from backoffice.invoices.document import Document
from backoffice.invoices.ehf import ehf_of, has_ehf, name_of
from backoffice.invoices.models import IssuedDocument
from backoffice.invoices.pdf import CannotRender
from backoffice.invoices.services import FileMissing, file_of, get_document
from backoffice.invoices.states import DocumentState
from backoffice.ledger.errors import LedgerError
from backoffice.sales.models import Refund, Sale
from backoffice.vouchers.models import VoucherPaper
from backoffice.vouchers.states import PaperState

EHF = {(200, "application/xml"): OpenApiTypes.BINARY}
PDF = {(200, "application/pdf"): OpenApiTypes.BINARY}


def pdf_of(request: Request, sale: Sale, refund: Refund | None) -> HttpResponse:
    """Answer with the document; what is missing for it becomes a problem that says where to enter it."""
    actor = Actor.system(key_holder(request).caller)
    try:
        row = get_document(sale=sale, refund=refund, actor=actor)
        data = file_of(row)
    except LedgerError as error:
        raise Problem(DOCUMENT_INCOMPLETE, str(error)) from error
    except (CannotRender, FileMissing) as error:
        raise Problem(NOT_READY, str(error)) from error
    response = HttpResponse(data, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{row.file_name}"'
    response["ETag"] = f'"{row.sha256}"'
    return response


class SaleDocumentView(ApiView):
    """The document of one sale."""

    @extend_schema(
        operation_id="get_sale_document",
        summary="Download the invoice, paid invoice or receipt of a sale",
        tags=["Documents"],
        responses=PDF,
    )
    def get(self, request: Request, reference: str) -> HttpResponse:
        """Give the PDF of a sale by its reference: paid invoice when it is paid, invoice when it is not."""
        sales: Any = Sale.objects.select_related("client", "sales_point", "voucher")
        sale = sales.filter(sales_point=key_holder(request).sales_point, reference=reference).first()
        if sale is None:
            raise Problem(NOT_FOUND, f"No sale {reference[:100]!r} is recorded at this sales point.")
        return pdf_of(request, sale, None)


class RefundDocumentView(ApiView):
    """The credit note of one refund."""

    @extend_schema(
        operation_id="get_refund_document",
        summary="Download the credit note of a refund",
        tags=["Documents"],
        responses=PDF,
    )
    def get(self, request: Request, reference: str) -> HttpResponse:
        """Give the PDF of a refund's credit note by the refund's reference."""
        refunds: Any = Refund.objects.select_related("sale__client", "sale__sales_point", "sale__voucher", "voucher")
        refund = refunds.filter(sales_point=key_holder(request).sales_point, reference=reference).first()
        if refund is None:
            raise Problem(NOT_FOUND, f"No refund {reference[:100]!r} is recorded at this sales point.")
        if refund.sale is None:
            raise Problem(DOCUMENT_INCOMPLETE, "The refund's sale has not arrived yet.")
        return pdf_of(request, refund.sale, refund)


class DocumentFileView(ApiView):
    """One stored PDF by its hash."""

    @extend_schema(
        operation_id="get_document_file",
        summary="Download a stored PDF of a sale by its hash",
        tags=["Documents"],
        responses=PDF,
    )
    def get(self, request: Request, sha256: str) -> HttpResponse:
        """Give a PDF that a sale's `documents` names: ours, or the accounting system's own of an invoice it issued."""
        point = key_holder(request).sales_point
        is_known = (
            IssuedDocument.objects.filter(sale__sales_point=point, state=DocumentState.RENDERED, sha256=sha256).exists()
            or VoucherPaper.objects.filter(
                voucher__sales__sales_point=point, state=PaperState.FETCHED, sha256=sha256
            ).exists()
        )
        if not is_known:
            raise Problem(NOT_FOUND, "No document of this sales point has that hash.")
        try:
            data = blobs.read(sha256, "pdf")
        except blobs.BlobMissing as error:
            raise Problem(NOT_READY, str(error)) from error
        response = HttpResponse(data, content_type="application/pdf")
        response["Content-Disposition"] = f'attachment; filename="{sha256[:16]}.pdf"'
        response["ETag"] = f'"{sha256}"'
        return response


class DocumentEhfView(ApiView):
    """The same document as EHF Billing 3.0."""

    @extend_schema(
        operation_id="get_document_ehf",
        summary="Download a stored invoice or credit note as EHF Billing 3.0",
        tags=["Documents"],
        responses=EHF,
    )
    def get(self, request: Request, sha256: str) -> HttpResponse:
        """Give the UBL of an invoice or credit note that was made here, by the hash of its PDF; both say the same."""
        point = key_holder(request).sales_point
        made = IssuedDocument.objects.filter(sale__sales_point=point, state=DocumentState.RENDERED, sha256=sha256)
        row = made.first()
        if row is None:
            raise Problem(NOT_FOUND, "No document that was made here for this sales point has that hash.")
        document = from_builtins(row.source, Document)
        if not has_ehf(document):
            raise Problem(NOT_FOUND, "EHF is made of a Norwegian seller's invoices and credit notes, not of this one.")
        response = HttpResponse(ehf_of(document), content_type="application/xml")
        response["Content-Disposition"] = f'attachment; filename="{name_of(document)}"'
        return response
