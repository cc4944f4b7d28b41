"""Who may do what at which client, and keys that are shown once."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction

from backoffice.clients.models import ApiKey, Client, Membership, Role, User
from backoffice.clients.selectors import RIGHTS, Right, approval_limit_minor, clients_of, has_right
from backoffice.clients.services import create_api_key, revoke_api_key, use_api_key
from tests.factories import make_client, make_sales_point

pytestmark = pytest.mark.django_db


def make_user(client: Client, role: str, **membership: int) -> User:
    """Give somebody with a role at a client."""
    user = User.objects.create_user(f"{role}-{client.key}")
    Membership.objects.create(user=user, client=client, role=role, **membership)
    return user


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("right", list(Right))
def test_a_role_gives_its_rights_at_its_client_and_nowhere_else(role: Role, right: Right) -> None:
    mine, other = make_client(key="mine"), make_client(key="other")
    user = make_user(mine, role)

    assert has_right(user, mine, right) is (right in RIGHTS[role])
    assert not has_right(user, other, right)


def test_nobody_and_the_inactive_see_nothing_and_a_superuser_sees_all() -> None:
    client = make_client()
    gone = make_user(client, Role.ADMINISTRATOR)
    gone.is_active = False
    gone.save()

    assert not clients_of(AnonymousUser())
    assert not clients_of(gone)
    assert list(clients_of(User.objects.create_superuser("root"))) == [client]


def test_the_limit_of_an_approver_stands_on_the_membership() -> None:
    client = make_client()

    assert approval_limit_minor(make_user(client, Role.APPROVER, approve_up_to_minor=500), client) == 500
    assert approval_limit_minor(make_user(client, Role.BOOKKEEPER), client) is None
    assert approval_limit_minor(User.objects.create_user("stranger"), client) == 0


def test_one_role_a_person_and_client() -> None:
    client = make_client()
    user = make_user(client, Role.AUDITOR)

    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(user=user, client=client, role=Role.APPROVER)


def test_a_key_is_shown_once_and_kept_as_a_hash() -> None:
    point = make_sales_point(make_client())
    row, key = create_api_key(sales_point=point, name="till")

    assert key.startswith(row.prefix)
    stored = ApiKey.objects.get(pk=row.pk)
    assert key not in str(stored.__dict__)
    found = use_api_key(key=key)
    assert found is not None
    assert found.sales_point == point
    assert ApiKey.objects.get(pk=row.pk).last_used_at is not None


def test_a_revoked_unknown_or_sleeping_key_opens_nothing() -> None:
    point = make_sales_point(make_client())
    row, key = create_api_key(sales_point=point, name="till")
    _, other = create_api_key(sales_point=point, name="other")

    revoke_api_key(api_key=row)
    assert use_api_key(key=key) is None
    assert use_api_key(key=other[:-1]) is None
    point.is_active = False
    point.save()
    assert use_api_key(key=other) is None
