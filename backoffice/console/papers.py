"""Documentation of a voucher on its page: files of ours with their state, and the accounting system's own PDF."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from backoffice.audit.services import Actor
from backoffice.clients.scope import person
from backoffice.clients.selectors import Right, clients_of
from backoffice.common.blobs import BlobMissing
from backoffice.common.display import page_address
from backoffice.common.machine import IllegalMove, StaleState
from backoffice.common.sentences import told
from backoffice.console.documents import pdf_response
from backoffice.console.vouchers.acts import my_voucher, why_not
from backoffice.console.vouchers.buttons import rights_of
from backoffice.vouchers import attachments, papers
from backoffice.vouchers.models import VoucherAttachment, VoucherPaper
from backoffice.vouchers.states import PaperState

ACTS: dict[str, Any] = {"resend": attachments.resend, "check": attachments.check_now}


def act_on_attachment(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Send a file again, or try at once."""
    mine = clients_of(person(request))
    row = get_object_or_404(VoucherAttachment.objects.select_related("voucher"), pk=pk, client__in=mine)
    if verb not in ACTS:
        raise Http404(verb)
    if Right.EDIT not in rights_of(person(request), row.voucher):
        raise PermissionDenied
    if request.method == "POST":
        try:
            ACTS[verb](attachment_id=row.pk, actor=Actor.person(person(request)))
            messages.success(request, _("It goes in a moment. How it went stands below."))
        except (IllegalMove, StaleState) as error:
            messages.error(request, why_not(error))
    return HttpResponseRedirect(page_address(row.voucher))


def attachment_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a file as it was given."""
    row = get_object_or_404(VoucherAttachment, pk=pk, client__in=clients_of(person(request)))
    try:
        return pdf_response(attachments.content_of(row), "documentation.pdf")
    except BlobMissing as error:
        messages.error(request, told(error))
        return redirect(page_address(row.voucher))


def fetch_paper(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for the accounting system's own PDF, where it is not stored yet."""
    voucher = my_voucher(request, pk)
    if Right.EDIT not in rights_of(person(request), voucher):
        raise PermissionDenied
    if request.method == "POST":
        if papers.request_paper(voucher=voucher, actor=Actor.person(person(request))) is None:
            messages.error(request, _("The accounting system makes no PDF of this voucher."))
        else:
            messages.success(request, _("It is fetched in a moment."))
    return HttpResponseRedirect(page_address(voucher))


def paper_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the accounting system's own PDF as it was stored."""
    found = VoucherPaper.objects.select_related("voucher").filter(state=PaperState.FETCHED)
    row = get_object_or_404(found, voucher=pk, client__in=clients_of(person(request)))
    try:
        return pdf_response(papers.content_of(row), "invoice.pdf")
    except BlobMissing as error:
        messages.error(request, told(error))
        return redirect(page_address(row.voucher))
