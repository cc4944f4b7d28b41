"""Which clients a page shows: those of the person, narrowed to the one that was chosen at the top of the page."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest

from backoffice.clients.models import Client, User
from backoffice.clients.selectors import Right, clients_of

CHOSEN = "chosen_client"


def person(request: HttpRequest) -> User:
    """The person who is logged in; pages behind the login have nobody else."""
    user = request.user
    if not isinstance(user, User):
        raise TypeError("This page is only for people who are logged in.")
    return user


def chosen_client(request: HttpRequest) -> Client | None:
    """The client that the person narrowed the pages to, or None for all of theirs."""
    key = request.session.get(CHOSEN)
    return clients_of(person(request)).filter(pk=key).first() if key else None


def rights_anywhere(request: HttpRequest) -> frozenset[Right]:
    """The rights the person has at one client at least; asked of the database once a request."""
    known: frozenset[Right] | None = getattr(request, "_rights_anywhere", None)
    if known is None:
        known = frozenset(right for right in Right if clients_of(request.user, right).exists())
        request._rights_anywhere = known  # type: ignore[attr-defined]  # a note for the rest of this request
    return known


def choose_client(request: HttpRequest, client: Client | None) -> None:
    """Narrow the pages to one client, or widen them to all."""
    if client is None:
        request.session.pop(CHOSEN, None)
    else:
        request.session[CHOSEN] = client.pk


def clients_shown(request: HttpRequest, right: Right = Right.READ) -> QuerySet[Client]:
    """The clients a list shows: the chosen one, else all for which the person has the right."""
    mine = clients_of(person(request), right)
    chosen = chosen_client(request)
    return mine.filter(pk=chosen.pk) if chosen else mine
