"""Batches: the list of the sales behind one, as a file."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse

from backoffice.console.vouchers.acts import my_voucher
from backoffice.vouchers.models import SourceType
from backoffice.workflows.batch_lists import csv_of


def batch_list(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the list behind a batch of one of the person's clients."""
    voucher = my_voucher(request, pk)
    if voucher.source_type != SourceType.SALES_DAY:
        raise Http404("Only a batch has a list of its sales.")
    answer = HttpResponse(csv_of(voucher), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="sales-{voucher.dated_on}-{voucher.pk}.csv"'
    return answer
