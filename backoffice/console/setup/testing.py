"""Test, confirm, pause and resume a connection."""

from __future__ import annotations

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from backoffice.audit.services import Actor
from backoffice.clients.scope import person
from backoffice.clients.selectors import Right, clients_of, has_right
from backoffice.common.display import page_address
from backoffice.common.sentences import told
from backoffice.connections import services
from backoffice.connections.models import Connection
from backoffice.connections.providers import build_provider
from backoffice.contracts.accounting import AccountingSystem, CompanyInformation
from backoffice.contracts.errors import ProviderError


def _mine(request: HttpRequest, pk: int, right: Right) -> Connection:
    found = Connection.objects.select_related("client", "sales_point")
    connection = get_object_or_404(found, pk=pk, client__in=clients_of(person(request)))
    if not has_right(person(request), connection.client, right):
        raise PermissionDenied
    return connection


def _identify(request: HttpRequest, connection: Connection) -> CompanyInformation | None:
    """Ask whose books these are; what goes wrong is said, and gives None."""
    try:
        provider = build_provider(connection)
        if isinstance(provider, AccountingSystem):
            return provider.identify()
        messages.success(request, _("The settings are complete. The next order from the shop shows that it works."))
    except ProviderError as error:
        messages.error(request, _("It does not work: %(why)s") % {"why": told(error.message)})
    return None


def test_connection(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the other side whose books these are, and show it for confirmation."""
    connection = _mine(request, pk, Right.ADMINISTER)
    if request.method != "POST":
        return redirect("admin:connections_connection_change", pk)
    information = _identify(request, connection)
    if information is None:
        return HttpResponseRedirect(page_address(connection))
    context = {
        **admin.site.each_context(request),
        "title": _("Is this the right company?"),
        "connection": connection,
        "information": information,
        "is_same": _digits(information.organisation_number) == _digits(connection.client.organisation_number),
    }
    return TemplateResponse(request, "console/connection_test.html", context)


def confirm_connection(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what the other side said; a paused connection goes on."""
    connection = _mine(request, pk, Right.ADMINISTER)
    if request.method == "POST":
        information = _identify(request, connection)
        if information is not None:
            actor = Actor.person(person(request))
            services.remember_company(connection=connection, information=information, actor=actor)
            services.resume(connection=connection, actor=actor)
            text = _("Connected to %(company)s. Read its chart of accounts next.") % {"company": information.name}
            messages.success(request, text)
    return HttpResponseRedirect(page_address(connection))


def pause_connection(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop sending over it."""
    connection = _mine(request, pk, Right.EDIT)
    if request.method == "POST":
        reason = request.POST.get("reason", "").strip()[:500] or _("Paused by hand")
        services.pause(connection=connection, reason=reason, actor=Actor.person(person(request)))
        messages.success(request, _("Nothing is sent over it until somebody resumes it. What waits keeps waiting."))
    return HttpResponseRedirect(page_address(connection))


def resume_connection(request: HttpRequest, pk: int) -> HttpResponse:
    """Send over it again."""
    connection = _mine(request, pk, Right.EDIT)
    if request.method == "POST":
        services.resume(connection=connection, actor=Actor.person(person(request)))
        messages.success(request, _("It sends again. What waited goes out now."))
    return HttpResponseRedirect(page_address(connection))


def _digits(text: str) -> str:
    return "".join(one for one in text if one.isdigit())
