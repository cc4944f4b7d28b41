"""Webhook addresses in the browser: added with a secret shown once, tested, paused, sent again; trouble on the desk."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from backoffice.audit.models import AuditEntry
from backoffice.webhooks.models import WebhookDelivery, WebhookEndpoint
from backoffice.webhooks.services import add_endpoint, secrets_of, send_test
from tests.office import OFFICE, Office

AsPerson = Callable[[str], Browser]
ADD = "admin:webhooks_webhookendpoint_add"


def values(office: Office, **changes: object) -> dict[str, object]:
    """Give a filled form."""
    plain = {"client": office.client.pk, "url": "https://shop.example/hook", "event_types": ["invoice.paid"],
             "is_active": "on"}  # fmt: skip
    return {**plain, **changes}


def test_an_administrator_adds_an_address_and_sees_its_secret_once(office: Office, as_person: AsPerson) -> None:
    browser = as_person("administrator")
    answer = browser.post(reverse(ADD), values(office))
    row = WebhookEndpoint.objects.get()
    (secret,) = secrets_of(row)
    assert secret in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert row.event_types == ["invoice.paid"]
    assert secret not in row.sealed_secrets
    page = browser.get(reverse("admin:webhooks_webhookendpoint_change", args=[row.pk])).content.decode()
    assert secret not in page
    assert not AuditEntry.objects.filter(note__contains=secret).exists()


@pytest.mark.parametrize("url", ["http://shop.example/", "https://10.0.0.1/", "https://me:you@shop.example/"])
def test_an_address_that_may_not_be_called_is_refused_on_the_form(
    office: Office, as_person: AsPerson, url: str
) -> None:
    answer = as_person("administrator").post(reverse(ADD), values(office, url=url))
    assert "url" in answer.context["adminform"].form.errors
    assert not WebhookEndpoint.objects.exists()


@pytest.mark.parametrize("who", ["bookkeeper", "approver", "auditor", "stranger"])
def test_nobody_else_adds_one(office: Office, as_person: AsPerson, who: str) -> None:
    as_person(who).post(reverse(ADD), values(office))
    assert not WebhookEndpoint.objects.exists()


def test_what_was_given_up_stands_on_the_desk_and_is_sent_again(office: Office, kari: Browser) -> None:
    endpoint, _secret = add_endpoint(client=office.client, url="https://shop.example/hook", actor=OFFICE)
    row = send_test(endpoint=endpoint, actor=OFFICE)
    WebhookDelivery.objects.filter(pk=row.pk).update(
        state="failed", reason_code="webhook_refused", problem="The address answered 500 instead of 2xx."
    )
    WebhookEndpoint.objects.update(failing_since=timezone.now() - timedelta(hours=1))
    labels = {tile.label: tile.number for tile in kari.get("/").context["needs"]}
    assert labels["webhooks given up"] == "1"
    assert labels["webhook addresses fail"] == "1"
    page = kari.get(reverse("admin:webhooks_webhookdelivery_change", args=[row.pk])).content.decode()
    assert "The address answered 500" in page
    assert "Mend the receiver" in page
    kari.post(reverse("admin:webhook_resend", args=[row.pk]))
    row.refresh_from_db()
    assert row.state == "waiting"


def test_a_new_secret_is_shown_and_the_old_one_signs_beside_it(office: Office, as_person: AsPerson) -> None:
    endpoint, old = add_endpoint(client=office.client, url="https://shop.example/hook", actor=OFFICE)
    answer = as_person("administrator").post(reverse("admin:webhook_act", args=[endpoint.pk, "secret"]))
    new, kept = secrets_of(WebhookEndpoint.objects.get())
    assert new in answer.content.decode()
    assert kept == old
