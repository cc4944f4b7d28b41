"""Batches: the list of the sales behind one, as a file."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from backoffice.common.blobs import BlobMissing
from backoffice.common.sentences import told
from backoffice.console.documents import pdf_response
from backoffice.console.vouchers.acts import my_voucher
from backoffice.invoices.pdf import CannotRender
from backoffice.vouchers.models import SourceType, Voucher
from backoffice.workflows.batch_lists import csv_of
from backoffice.workflows.batch_papers import file_name, pdf_of


def batch_list(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the list behind a batch of one of the person's clients, for a spreadsheet."""
    voucher = _batch(request, pk)
    answer = HttpResponse(csv_of(voucher), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{file_name(voucher, "csv")}"'
    return answer


def batch_paper(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the same list as PDF: the stored one, else as it stands now."""
    voucher = _batch(request, pk)
    try:
        return pdf_response(pdf_of(voucher), file_name(voucher, "pdf"))
    except (CannotRender, BlobMissing) as error:
        messages.error(request, told(error))
        return redirect("admin:vouchers_voucher_change", voucher.pk)


def _batch(request: HttpRequest, pk: int) -> Voucher:
    voucher = my_voucher(request, pk)
    if voucher.source_type != SourceType.SALES_DAY:
        raise Http404("Only a batch has a list of its sales.")
    return voucher
