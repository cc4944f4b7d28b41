"""Narrow the pages to one client, or widen them to all."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from backoffice.clients.scope import choose_client, person
from backoffice.clients.selectors import clients_of


def choose(request: HttpRequest) -> HttpResponse:
    """Keep the choice in the session and go back; a client that is not the person's counts as "all"."""
    key = request.GET.get("client", "")
    client = clients_of(person(request)).filter(pk=key).first() if key.isdecimal() else None
    choose_client(request, client)
    back = request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        back = reverse("admin:index")
    return HttpResponseRedirect(back)
