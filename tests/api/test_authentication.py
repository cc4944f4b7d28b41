"""Who may call: a living key, nothing else."""

from __future__ import annotations

import pytest

from backoffice.clients.models import ApiKey, SalesPoint, User
from backoffice.clients.services import revoke_api_key
from tests.api.conftest import Api, kind_of, sale_body

PATHS = ["/sales", "/sales/1", "/payments", "/payments/1", "/refunds", "/refunds/1", "/vouchers", "/vouchers/1"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("header", ["", "Bearer", "Bearer nonsense", "Basic dXNlcjpwdw==", "Token x", "Bearer \u00f8"])
def test_without_a_valid_key_nothing_is_read(api: Api, path: str, header: str) -> None:
    answer = api.get(path, Authorization=header)
    assert answer.status_code == 401
    assert kind_of(answer) == "not_authenticated"
    assert answer["WWW-Authenticate"] == 'Bearer realm="api"'


def test_a_body_is_not_even_read_without_a_key(api: Api) -> None:
    assert api.post("/sales", b"not json", Authorization="").status_code == 401


def test_a_revoked_key_opens_nothing(api: Api) -> None:
    assert api.get("/sales").status_code == 200
    revoke_api_key(api_key=ApiKey.objects.get())
    assert api.get("/sales").status_code == 401


def test_a_switched_off_sales_point_or_client_takes_nothing(api: Api, sales_point: SalesPoint) -> None:
    sales_point.client.is_active = False
    sales_point.client.save()
    assert api.post("/sales", sale_body()).status_code == 401
    sales_point.client.is_active = True
    sales_point.client.save()
    assert api.post("/sales", sale_body()).status_code == 201


def test_the_use_of_a_key_is_noted(api: Api) -> None:
    api.get("/sales")
    assert ApiKey.objects.get().last_used_at is not None


def test_a_login_does_not_hand_over_sales(api: Api) -> None:
    user = User.objects.create_superuser("root", password="correct horse battery")
    api.browser.force_login(user)
    assert api.post("/sales", sale_body(), Authorization="").status_code == 401
