"""Who may log in to the demo. Passwords are made on the first run and kept in a file that only its owner reads."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import transaction

from backoffice.audit.services import Actor
from backoffice.clients.models import Client, Membership, Role, SalesPoint, User
from backoffice.clients.services import create_api_key, use_api_key
from backoffice.console.setup.audited import record_change
from backoffice.console.setup.clients import tell_key

#: `manage.py up` shows it at every start
LOGIN_NOTE = "demo-login.txt"
BOOKKEEPER, ADMINISTRATOR = "demo@nordlys.example", "admin@nordlys.example"
#: letters and digits that nobody takes for one another
ALPHABET, PASSWORD_CHARACTERS = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", 14


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the note: what it is, whose login or which sales point, the password or key."""

    what: str
    name: str
    secret: str

    def __str__(self) -> str:
        return f"{self.what:<14} {self.name:<24} {self.secret}"


def note() -> Path:
    """Give the file that keeps the demo's passwords and its API key."""
    return Path(settings.DATA_DIR) / LOGIN_NOTE


def lines() -> dict[str, Line]:
    """Read the note, by login or sales point."""
    if not note().exists():
        return {}
    words = [text.rsplit(maxsplit=2) for text in note().read_text().splitlines()]
    return {one[1]: Line(*one) for one in words if len(one) == 3}


def _keep(line: Line) -> None:
    kept = {**lines(), line.name: line}
    note().touch(mode=0o600)
    note().chmod(0o600)
    note().write_text("".join(f"{one}\n" for one in kept.values()))


def _new_password() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(PASSWORD_CHARACTERS))


def make_people(clients: Iterable[Client], actor: Actor) -> User:
    """Make the bookkeeper, with a role at each client, and the administrator of all; give the bookkeeper.

    Whoever is there already keeps name, password and roles.
    """
    bookkeeper = _person("bookkeeper", BOOKKEEPER, ("Berit", "Lund"), actor)
    _person("administrator", ADMINISTRATOR, ("Anders", "Vik"), actor, is_superuser=True)
    for client in clients:
        defaults = {"role": Role.BOOKKEEPER}
        with transaction.atomic():
            role, is_new = Membership.objects.get_or_create(user=bookkeeper, client=client, defaults=defaults)
            if is_new:
                record_change(obj=role, noun="membership", client=client, actor=actor, before={})
    return bookkeeper


@transaction.atomic
def _person(what: str, name: str, names: tuple[str, str], actor: Actor, *, is_superuser: bool = False) -> User:
    user = User.objects.filter(username=name).first()
    if user is not None:
        return user
    line = lines().get(name) or Line(what, name, _new_password())
    _keep(line)
    first_name, last_name = names
    user = User.objects.create_user(
        name, name, line.secret, first_name=first_name, last_name=last_name, is_superuser=is_superuser
    )
    record_change(obj=user, noun="user", client=None, actor=actor, before={})
    return user


@transaction.atomic
def key_of(point: SalesPoint, actor: Actor) -> str:
    """Give the demo's API key of a sales point, the same at every run; one that opens nothing any more is replaced."""
    name = f"{point.client.key}/{point.key}"
    line = lines().get(name)
    if line is not None and (row := use_api_key(key=line.secret)) is not None and row.sales_point_id == point.pk:
        return line.secret
    row, key = create_api_key(sales_point=point, name="demo")
    tell_key(row, "api_key.created", actor)
    _keep(Line("API key", name, key))
    return key
