"""Documents for customers: made, downloaded and sent from the pages of sales, refunds and documents."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.clickjacking import xframe_options_sameorigin

from backoffice.audit.services import Actor
from backoffice.clients.scope import person
from backoffice.clients.selectors import Right, clients_of
from backoffice.common.codec import from_builtins
from backoffice.common.display import page_address
from backoffice.common.machine import IllegalMove, StaleState
from backoffice.common.sentences import told
from backoffice.console.vouchers.acts import why_not
from backoffice.invoices.admin import DocumentListAdmin
from backoffice.invoices.attaching import attachment_of
from backoffice.invoices.document import Document
from backoffice.invoices.ehf import ehf_of, has_ehf, lacking_for_peppol
from backoffice.invoices.emailing import BadRecipient, confirm_arrival, note_bounce, request_email, resend
from backoffice.invoices.links import links_of
from backoffice.invoices.models import DocumentSending, IssuedDocument
from backoffice.invoices.pdf import CannotRender
from backoffice.invoices.services import FileMissing, file_of, get_document
from backoffice.invoices.states import DocumentState, SendingState
from backoffice.invoices.words_of_states import document_badge, sending_badge
from backoffice.ledger.errors import LedgerError
from backoffice.sales.models import Refund, Sale
from backoffice.vouchers.models import VoucherPaper
from backoffice.vouchers.states import PaperState

#: what a browser may do with a shown PDF: show it
PDF_POLICY = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"


def pdf_response(data: bytes, name: str) -> HttpResponse:
    """Answer with a PDF that the browser shows and never keeps for others."""
    response = HttpResponse(data, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    response["Content-Security-Policy"] = PDF_POLICY
    response["Cache-Control"] = "private, no-store"
    return response


class DocumentPage(DocumentListAdmin):
    """Documents, with what can be done with one, and with those that were ticked."""

    actions = ("many_ticked",)

    @admin.action(description=gettext_lazy("Send or download …"))
    def many_ticked(self, request: HttpRequest, queryset: QuerySet[IssuedDocument]) -> HttpResponse:
        """Lead to what can be done with many, for these; they are one client's, whose first one is ticked."""
        rows = list(queryset.order_by("id").values_list("pk", "client_id"))
        ids = ",".join(str(pk) for pk, client in rows if client == rows[0][1])
        query = urlencode({"client": rows[0][1], "ids": ids})
        if len({client for _pk, client in rows}) > 1:
            messages.warning(request, _("Several clients were ticked. These are the documents of the first one."))
        return redirect(f"{reverse('admin:many_documents')}?{query}")

    def page_context(self, request: HttpRequest, obj: IssuedDocument) -> dict[str, Any]:
        """Give the document with its sendings and acts."""
        may_edit = clients_of(person(request), Right.EDIT).filter(pk=obj.client_id).exists()
        return {
            "document": obj,
            "lacking": lacking_in_ehf(obj),
            "state": document_badge(obj.state),
            "is_stored": obj.state == DocumentState.RENDERED,
            "sendings": [
                (one, sending_badge(one.state), acts_on(one) if may_edit else []) for one in obj.sendings.all()
            ],
            "may_edit": may_edit,
            "links": links_of(obj),
            "attachment": attachment_of(obj),
        }


def lacking_in_ehf(row: IssuedDocument) -> list[str] | None:
    """Name what Peppol would ask for in a stored document; None where there is no EHF."""
    if row.state != DocumentState.RENDERED:
        return None
    document = from_builtins(row.source, Document)
    return lacking_for_peppol(document) if has_ehf(document) else None


def acts_on(sending: DocumentSending) -> list[tuple[str, str]]:
    """Name what a person can do with a sending."""
    again, arrived = ("resend", _("Send again")), ("arrived", _("It arrived"))
    return {
        SendingState.IN_DOUBT: [again, arrived],
        SendingState.FAILED: [again],
        SendingState.DELIVERED: [again, ("bounced", _("It came back"))],
    }.get(SendingState(sending.state), [])


def documents_of(request: HttpRequest, *, sale: Sale, refund: Refund | None = None) -> dict[str, Any]:
    """Give what the page of a sale or refund shows of its documents."""
    rows = sale.documents.filter(refund=refund).order_by("id")
    voucher = refund.voucher if refund else sale.voucher
    return {
        "paper": VoucherPaper.objects.filter(voucher=voucher, state=PaperState.FETCHED).first() if voucher else None,
        "documents": [(row, document_badge(row.state)) for row in rows],
        "may_make_document": clients_of(person(request), Right.EDIT).filter(pk=sale.client_id).exists(),
        "document_subject": ("refund", refund.pk) if refund else ("sale", sale.pk),
    }


def make_document(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Make the document of a sale or refund, or find the stored one, and show it."""
    models: dict[str, type[Sale] | type[Refund]] = {"sale": Sale, "refund": Refund}
    if kind not in models:
        raise Http404(kind)
    row: Any = get_object_or_404(models[kind], pk=pk, client__in=clients_of(person(request)))
    if request.method != "POST":
        return redirect(page_address(row))
    if not clients_of(person(request), Right.EDIT).filter(pk=row.client_id).exists():
        raise PermissionDenied
    sale, refund = (row, None) if kind == "sale" else (row.sale, row)
    if sale is None:
        messages.error(request, _("The refund's sale has not arrived yet."))
        return redirect(page_address(row))
    try:
        document = get_document(sale=sale, refund=refund, actor=Actor.person(person(request)))
    except (LedgerError, CannotRender) as error:
        messages.error(request, told(error))
        return redirect(page_address(row))
    return redirect("admin:document_file", document.pk)


@xframe_options_sameorigin
def document_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a stored document."""
    row = get_object_or_404(IssuedDocument, pk=pk, client__in=clients_of(person(request)), state=DocumentState.RENDERED)
    try:
        return pdf_response(file_of(row), row.file_name)
    except FileMissing as error:
        messages.error(request, told(error))
        return redirect(page_address(row))


def document_ehf(request: HttpRequest, pk: int) -> HttpResponse:
    """Download what a stored document says as EHF."""
    row = get_object_or_404(IssuedDocument, pk=pk, client__in=clients_of(person(request)), state=DocumentState.RENDERED)
    document = from_builtins(row.source, Document)
    if not has_ehf(document):
        raise Http404(str(row))
    response = HttpResponse(ehf_of(document), content_type="application/xml")
    response["Content-Disposition"] = f'attachment; filename="{row.file_name.removesuffix(".pdf")}.xml"'
    response["Cache-Control"] = "private, no-store"
    return response


def email_document(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a stored document to an address."""
    mine = clients_of(person(request), Right.EDIT)
    row = get_object_or_404(IssuedDocument.objects.select_related("sale", "client"), pk=pk, client__in=mine)
    if request.method == "POST":
        try:
            request_email(
                document=row, recipient=request.POST.get("recipient", ""), actor=Actor.person(person(request))
            )
            messages.success(request, _("It is sent in a moment. How it went stands below."))
        except BadRecipient as error:
            messages.error(request, told(error))
    return HttpResponseRedirect(page_address(row))


def act_on_sending(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Send again, note that it came back, or that it arrived."""
    mine = clients_of(person(request), Right.EDIT)
    rows = DocumentSending.objects.select_related("document__client", "document__sale")
    row = get_object_or_404(rows, pk=pk, document__client__in=mine)
    if verb not in SENDING_ACTS:
        raise Http404(verb)
    if request.method == "POST":
        try:
            SENDING_ACTS[verb](row, Actor.person(person(request)))
            messages.success(request, _("Done."))
        except (IllegalMove, StaleState) as error:
            messages.error(request, why_not(error))
    return HttpResponseRedirect(page_address(row.document))


SENDING_ACTS: dict[str, Callable[[DocumentSending, Actor], None]] = {
    "resend": lambda row, actor: resend(sending=row, actor=actor),
    "bounced": lambda row, actor: note_bounce(sending=row, why=_("It came back."), actor=actor),
    "arrived": lambda row, actor: confirm_arrival(sending=row, actor=actor),
}
