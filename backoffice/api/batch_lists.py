"""The list of the sales behind a batch, downloaded by the sales point or by people."""

from __future__ import annotations

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from backoffice.api.base import PersonOrKeyView
from backoffice.api.problems import NOT_FOUND, NOT_READY, Problem
from backoffice.api.vouchers import voucher_of
from backoffice.common.blobs import BlobMissing
from backoffice.invoices.pdf import CannotRender
from backoffice.vouchers.models import SourceType, Voucher
from backoffice.workflows.batch_lists import csv_of
from backoffice.workflows.batch_papers import file_name, pdf_of


class BatchCsvView(PersonOrKeyView):
    """The list as CSV."""

    @extend_schema(
        operation_id="get_batch_csv",
        summary="Download the sales behind a batch as CSV",
        tags=["Vouchers"],
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request: Request, voucher_id: int) -> HttpResponse:
        """Give a row per sale, refund and payment, a column per account and VAT code; the last row is their sum."""
        voucher = _batch(request, voucher_id)
        return _file(csv_of(voucher), "text/csv; charset=utf-8", file_name(voucher, "csv"))


class BatchPdfView(PersonOrKeyView):
    """The list as PDF."""

    @extend_schema(
        operation_id="get_batch_pdf",
        summary="Download the sales behind a batch as PDF",
        tags=["Vouchers"],
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, voucher_id: int) -> HttpResponse:
        """Give the list that documents the voucher: of a posted batch always the same, of another as it stands."""
        voucher = _batch(request, voucher_id)
        try:
            return _file(pdf_of(voucher), "application/pdf", file_name(voucher, "pdf"))
        except (CannotRender, BlobMissing) as error:
            raise Problem(NOT_READY, str(error)) from error


def _batch(request: Request, voucher_id: int) -> Voucher:
    voucher = voucher_of(request, voucher_id)
    if voucher.source_type != SourceType.SALES_DAY:
        raise Problem(NOT_FOUND, f"Voucher {voucher_id} is no batch of sales.")
    return voucher


def _file(content: bytes, media_type: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
