"""Links to documents: made and revoked by people who are logged in, opened by customers who are not."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from backoffice.audit.services import Actor
from backoffice.clients.scope import person
from backoffice.clients.selectors import Right, clients_of
from backoffice.common.display import page_address
from backoffice.console.documents import pdf_response
from backoffice.invoices import links
from backoffice.invoices.models import DocumentLink, IssuedDocument
from backoffice.invoices.services import FileMissing, file_of
from backoffice.invoices.states import DocumentState

logger = logging.getLogger(__name__)
#: nobody keeps the answer, no search engine lists it, and the address is told to no other site
QUIET = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer"}


def make_link(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a link to a stored document and show it, this once."""
    mine = clients_of(person(request), Right.EDIT)
    row = get_object_or_404(IssuedDocument, pk=pk, client__in=mine, state=DocumentState.RENDERED)
    if request.method != "POST":
        return redirect(page_address(row))
    link, token = links.make_link(document=row, actor=Actor.person(person(request)))
    address = settings.PUBLIC_URL.rstrip("/") + reverse("open_link", args=[token])
    context: dict[str, Any] = {"title": _("Link for the customer"), "document": row, "link": link, "address": address}
    context |= {"page": page_address(row)}
    return render(request, "console/link_shown.html", admin.site.each_context(request) | context)


def revoke_link(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a link lead nowhere from now on."""
    mine = clients_of(person(request), Right.EDIT)
    rows = DocumentLink.objects.select_related("document__client")
    row = get_object_or_404(rows, pk=pk, document__client__in=mine)
    if request.method == "POST":
        links.revoke_link(link=row, actor=Actor.person(person(request)))
        messages.success(request, _("The link is revoked. It opens nothing any more."))
    return HttpResponseRedirect(page_address(row.document))


@require_safe
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """Show the document to whoever has its link; anything else is one and the same page that says so."""
    link = links.link_behind(token)
    response = _shown(request, link) if link else None
    if response is None:
        response = render(request, "link_gone.html", status=404)
    for name, value in QUIET.items():
        response[name] = value
    return response


def _shown(request: HttpRequest, link: DocumentLink) -> HttpResponse | None:
    try:
        response = pdf_response(file_of(link.document), link.document.file_name)
    except FileMissing:
        logger.exception("A customer's link leads to a document whose file is missing.")
        return None
    if request.method == "GET":
        links.note_opening(link=link)
    return response
