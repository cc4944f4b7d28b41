"""Who may see and do what."""

from __future__ import annotations

from enum import StrEnum

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from backoffice.clients.models import Client, Membership, Role, User


class Right(StrEnum):
    """One thing a role may do."""

    READ = "read"
    EDIT = "edit"  # mappings, hold, rebuild, resend, close a day
    APPROVE = "approve"
    ADMINISTER = "administer"  # connections, people, keys, policies


RIGHTS: dict[str, frozenset[Right]] = {
    Role.ADMINISTRATOR: frozenset(Right),
    Role.BOOKKEEPER: frozenset({Right.READ, Right.EDIT, Right.APPROVE}),
    Role.APPROVER: frozenset({Right.READ, Right.APPROVE}),
    Role.AUDITOR: frozenset({Right.READ}),
}


def clients_of(user: User | AnonymousUser, right: Right = Right.READ) -> QuerySet[Client]:
    """Clients for which the user has a right; a superuser has all rights everywhere."""
    if not user.is_active or not user.pk:
        return Client.objects.none()
    if user.is_superuser:
        return Client.objects.all()
    roles = [role for role, rights in RIGHTS.items() if right in rights]
    return Client.objects.filter(memberships__user=user, memberships__role__in=roles)


def has_right(user: User | AnonymousUser, client: Client, right: Right) -> bool:
    """Whether the user has a right at a client."""
    return clients_of(user, right).filter(pk=client.pk).exists()


def approval_limit_minor(user: User, client: Client) -> int | None:
    """The largest amount the user may approve at a client, in minor units; None for no limit."""
    if user.is_superuser:
        return None
    membership = Membership.objects.filter(user=user, client=client).first()
    return membership.approve_up_to_minor if membership else 0
