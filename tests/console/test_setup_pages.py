"""Set-up in the browser: saves stand in the audit trail, secrets are never shown, amounts are typed as such."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from backoffice.audit.models import AuditEntry
from backoffice.clients.models import ApiKey, Membership, SalesPoint, User
from backoffice.clients.services import use_api_key
from backoffice.common.secrets import unseal
from backoffice.connections.models import Connection
from backoffice.console.setup.fields import AmountField
from tests.office import PASSWORD, Office

AsPerson = Callable[[str], Browser]


def client_values(office: Office, **changes: Any) -> dict[str, Any]:
    values = {
        "name": office.client.name,
        "country": "NO",
        "organisation_number": "923609016",
        "currency": "NOK",
        "time_zone": "Europe/Oslo",
        "books_language": "en",
        "is_active": "on",
        "approval": "manual",
        "automatic_up_to_minor": "",
        "locked_period": "hold",
        "daily_cutoff": "03:00",
        "rounding_ledger_account": "7740",
        "cash_difference_ledger_account": "1909",
        "advance_ledger_account": "2900",
        "exchange_gain_ledger_account": "8060",
        "exchange_loss_ledger_account": "8160",
    }
    return values | changes


def test_a_policy_is_changed_with_amounts_as_people_write_them(office: Office, as_person: AsPerson) -> None:
    values = client_values(office, approval="automatic_up_to", automatic_up_to_minor="10 000,50")
    answer = as_person("administrator").post(reverse("admin:clients_client_change", args=[office.client.pk]), values)
    assert answer.status_code == 302
    office.client.refresh_from_db()
    assert office.client.automatic_up_to_minor == 1_000_050
    entry = AuditEntry.objects.get(action="client.changed")
    assert entry.before["approval"] == "manual"
    assert entry.after["approval"] == "automatic_up_to"
    assert entry.actor == "Administrator"


def test_an_unchanged_form_leaves_no_entry(office: Office, as_person: AsPerson) -> None:
    as_person("administrator").post(
        reverse("admin:clients_client_change", args=[office.client.pk]), client_values(office)
    )
    assert not AuditEntry.objects.filter(action="client.changed").exists()


@pytest.mark.parametrize("typed", ["ten", "-5", "1.234"])
def test_what_is_no_amount_is_refused(typed: str, office: Office, as_person: AsPerson) -> None:
    answer = as_person("administrator").post(
        reverse("admin:clients_client_change", args=[office.client.pk]),
        client_values(office, automatic_up_to_minor=typed),
    )
    assert "automatic_up_to_minor" in answer.context["adminform"].form.errors


def test_an_amount_is_shown_with_its_decimals() -> None:
    assert AmountField().prepare_value(1_000_005) == "10000.05"


def test_dimensions_of_a_sales_point_are_asked_one_by_one(office: Office, as_person: AsPerson) -> None:
    values = {
        "name": "Nettbutikk",
        "kind": "webshop",
        "is_active": "on",
        "invoice_issuer": "accounting_system",
        "saft_reporter": "accounting_system",
        "batch_journal": "",
        "day_posting": "per_sales_point",
        "day_lines": "account",
        "paid_before_delivery": "at_once",
        "dimension_department": "10",
        "dimension_project": "",
    }
    browser = as_person("administrator")
    address = reverse("admin:clients_salespoint_change", args=[office.shop.pk])
    assert browser.post(address, values).status_code == 302
    assert SalesPoint.objects.get(pk=office.shop.pk).dimensions == {"department": "10"}
    assert browser.get(address).context["adminform"].form["dimension_department"].value() == "10"


def test_a_key_is_shown_once_and_opens_the_api(office: Office, as_person: AsPerson) -> None:
    browser = as_person("administrator")
    answer = browser.post(reverse("admin:clients_apikey_add"), {"sales_point": office.shop.pk, "name": "nettbutikk"})
    key = answer.context["key"]
    assert key in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert use_api_key(key=key) is not None
    row = ApiKey.objects.get()
    assert key not in browser.get(reverse("admin:clients_apikey_changelist")).content.decode()
    assert AuditEntry.objects.get(action="api_key.created").client == office.client
    browser.post(reverse("admin:revoke_key", args=[row.pk]))
    assert use_api_key(key=key) is None


def test_a_key_cannot_be_made_for_another_clients_sales_point(office: Office, as_person: AsPerson) -> None:
    other = SalesPoint.objects.get(client=office.other)
    as_person("administrator").post(reverse("admin:clients_apikey_add"), {"sales_point": other.pk, "name": "x"})
    assert not ApiKey.objects.exists()


def test_a_connection_keeps_its_secret_and_never_shows_it(office: Office, as_person: AsPerson) -> None:
    browser = as_person("administrator")
    address = reverse("admin:connections_connection_change", args=[office.connection.pk])
    browser.post(address, {"client_key": "a-very-secret-key", "environment": "demo", "is_active": "on"})
    browser.post(address, {"client_key": "", "environment": "sandbox", "is_active": "on"})
    connection = Connection.objects.get(pk=office.connection.pk)
    assert unseal(connection.sealed_secrets) == {"client_key": "a-very-secret-key"}
    assert connection.settings == {"environment": "sandbox"}
    assert "a-very-secret-key" not in browser.get(address).content.decode()
    told = [str([entry.before, entry.after, entry.note]) for entry in AuditEntry.objects.all()]
    assert not any("a-very-secret-key" in one for one in told)
    assert AuditEntry.objects.filter(action="connection.credentials_changed").count() == 1


def test_a_new_connection_is_made_in_two_steps(office: Office, as_person: AsPerson) -> None:
    values = {"client": office.client.pk, "provider": "woocommerce", "sales_point": office.shop.pk, "key": "shop"}
    answer = as_person("administrator").post(reverse("admin:connections_connection_add"), values)
    made = Connection.objects.get(key="shop")
    assert answer["Location"] == reverse("admin:connections_connection_change", args=[made.pk])
    again = as_person("administrator").post(reverse("admin:connections_connection_add"), values)
    assert "key" in again.context["form"].errors


def test_a_connection_that_cannot_be_reached_says_why(office: Office, as_person: AsPerson) -> None:
    answer = as_person("administrator").post(reverse("admin:test_connection", args=[office.connection.pk]), follow=True)
    assert "It does not work" in answer.content.decode()


def test_pausing_keeps_the_reason_and_resuming_forgets_it(office: Office, kari: Browser) -> None:
    kari.post(reverse("admin:pause_connection", args=[office.connection.pk]), {"reason": "audit week"})
    office.connection.refresh_from_db()
    assert office.connection.paused_reason == "audit week"
    assert "audit week" in kari.get("/").content.decode()
    kari.post(reverse("admin:resume_connection", args=[office.connection.pk]))
    office.connection.refresh_from_db()
    assert office.connection.paused_at is None


def test_an_administrator_adds_a_person_and_gives_a_role(office: Office, as_person: AsPerson) -> None:
    browser = as_person("administrator")
    values = {"username": "nina", "email": "nina@example.com", "password1": PASSWORD, "password2": PASSWORD}
    assert browser.post(reverse("admin:clients_user_add"), values).status_code == 302
    nina = User.objects.get(username="nina")
    assert not nina.is_superuser
    role = {"user": nina.pk, "client": office.client.pk, "role": "approver", "approve_up_to_minor": "5000"}
    browser.post(reverse("admin:clients_membership_add"), role)
    made = Membership.objects.get(user=nina)
    assert (made.role, made.approve_up_to_minor) == ("approver", 500_000)
    browser.post(reverse("admin:remove_membership", args=[made.pk]))
    assert not Membership.objects.filter(user=nina).exists()
    acts = list(AuditEntry.objects.filter(subject_type="membership").order_by("id").values_list("action", flat=True))
    assert acts == ["membership.created", "membership.removed"]


def test_a_superuser_sets_a_forgotten_password(office: Office, as_person: AsPerson) -> None:
    nina = office.people["auditor"]
    values = {"password1": "another-horse-8", "password2": "another-horse-8", "usable_password": "true"}
    answer = as_person("superuser").post(reverse("admin:set_password", args=[nina.pk]), values)
    assert answer.status_code == 302
    nina.refresh_from_db()
    assert nina.check_password("another-horse-8")
    assert AuditEntry.objects.filter(action="user.password_set").exists()
