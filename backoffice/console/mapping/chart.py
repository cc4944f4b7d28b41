"""What the accounting system has, as we last read it, and the button that reads it again."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from backoffice.audit.services import Actor
from backoffice.chart.models import BrandingTheme, Dimension, LedgerAccount, PaymentTerm, Product, VatCode
from backoffice.chart.selectors import accounts_like, limits_of
from backoffice.chart.sync import sync_chart
from backoffice.clients.scope import clients_shown, person
from backoffice.clients.selectors import Right, clients_of, has_right
from backoffice.common.sentences import told
from backoffice.connections.selectors import accounting_connection
from backoffice.contracts.errors import ProviderError

MAX_ACCOUNTS = 500


def chart_page(request: HttpRequest) -> HttpResponse:
    """Show one client's chart, or let the person choose the client."""
    context: dict[str, Any] = {**admin.site.each_context(request), "title": _("Chart of accounts")}
    clients = list(clients_shown(request).filter(is_active=True))
    asked = request.GET.get("client", "")
    if asked.isdecimal():
        clients = [one for one in clients if one.pk == int(asked)]
        if not clients:
            raise Http404
    if len(clients) != 1:
        context["choices"] = clients
        return TemplateResponse(request, "console/mapping_choose.html", context)
    client = clients[0]
    words = request.GET.get("q", "").strip()
    accounts = LedgerAccount.objects.filter(client=client).order_by("number")
    read = accounts.order_by("-synced_at").first()
    context |= {
        "client": client,
        "words": words,
        "accounts": accounts_like(client, words, limit=MAX_ACCOUNTS) if words else accounts[:MAX_ACCOUNTS],
        "account_count": accounts.count(),
        "vat_codes": VatCode.objects.filter(client=client),
        "dimensions": Dimension.objects.filter(client=client)[:MAX_ACCOUNTS],
        "themes": BrandingTheme.objects.filter(client=client),
        "terms": PaymentTerm.objects.filter(client=client),
        "products": Product.objects.filter(client=client)[:MAX_ACCOUNTS],
        "limits": limits_of(client),
        "read_at": read.synced_at if read else None,
        "connection": accounting_connection(client),
        "may_edit": has_right(person(request), client, Right.EDIT),
    }
    return TemplateResponse(request, "console/chart.html", context)


def read_chart(request: HttpRequest, client_id: int) -> HttpResponse:
    """Read the chart again, now."""
    client = get_object_or_404(clients_of(person(request)), pk=client_id)
    if not has_right(person(request), client, Right.EDIT):
        raise PermissionDenied
    if request.method == "POST":
        connection = accounting_connection(client)
        if connection is None:
            messages.error(request, _("The client has no connection to an accounting system. Set one up first."))
        else:
            try:
                messages.success(
                    request, sync_chart(connection=connection, actor=Actor.person(person(request))).summary
                )
            except ProviderError as error:
                text = _("It could not be read: %(why)s") % {"why": told(error.message)}
                messages.error(request, text)
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        back = f"{reverse('admin:chart')}?client={client.pk}"
    return HttpResponseRedirect(back)
