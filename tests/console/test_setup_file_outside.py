"""The set-up file: accounts with payment providers and webhook addresses."""

from __future__ import annotations

import pytest
import yaml
from django.core.management import CommandError

from backoffice.audit.models import AuditEntry
from backoffice.audit.services import Actor
from backoffice.common.secrets import unseal
from backoffice.settlements.models import ProviderAccount
from backoffice.webhooks.models import WebhookEndpoint
from backoffice.webhooks.services import add_endpoint
from tests.console import test_setup_file
from tests.console.test_setup_file import EXAMPLE, PAGE, SECRETS, Take, changed, exported, line_of

TEXT = EXAMPLE + PAGE.read_text(encoding="utf-8").split("```yaml\n")[2].split("```")[0]
take = test_setup_file.take
MODELS = (ProviderAccount, WebhookEndpoint, AuditEntry)


@pytest.fixture(autouse=True)
def _environment(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)


def stored() -> list[object]:
    return [list(model._default_manager.order_by("pk").values()) for model in MODELS]


def test_both_are_taken_and_the_secret_is_shown_once(take: Take) -> None:
    said = take(TEXT)

    account, endpoint = ProviderAccount.objects.get(), WebhookEndpoint.objects.get()
    assert (account.external_id, account.currency, account.method) == ("acct_1NORDLYS", "NOK", "vipps")
    assert (account.sales_point.key, account.connection.key) == ("nettbutikk", "woocommerce")  # type: ignore[union-attr]
    assert (endpoint.sales_point.key, endpoint.event_types) == ("nettbutikk", ["invoice.numbered", "invoice.paid"])  # type: ignore[union-attr]
    secret = unseal(endpoint.sealed_secrets)["current"]
    assert said.count(secret) == 1
    entry = AuditEntry.objects.get(action="webhook.created")
    assert entry.actor == "set-up file"


def test_taken_again_and_exported_it_leaves_no_trace(take: Take) -> None:
    take(TEXT)
    before, text = stored(), exported()

    assert "whsec_" not in take(TEXT) + take(text)

    assert stored() == before
    assert exported() == text
    assert unseal(WebhookEndpoint.objects.get().sealed_secrets)["current"] not in text
    client = yaml.safe_load(text)["clients"][0]
    assert client["webhooks"] == [
        {
            "url": "https://shop.nordlys.example/webhooks",
            "sales_point": "nettbutikk",
            "event_types": ["invoice.numbered", "invoice.paid"],
        }
    ]
    assert client["payout_accounts"][0]["connection"] == "woocommerce"


def test_a_check_makes_no_address_and_shows_no_secret(take: Take) -> None:
    said = take(TEXT, "--check")
    assert "webhook nordlys-butikk/nettbutikk: https://shop.nordlys.example/webhooks: created" in said
    assert "whsec_" not in said
    assert not WebhookEndpoint.objects.exists()


def test_changes_are_audited_and_keep_the_secret(take: Take) -> None:
    take(TEXT)
    AuditEntry.objects.all().delete()
    sealed = WebhookEndpoint.objects.get().sealed_secrets
    text = changed(TEXT, "[invoice.numbered, invoice.paid]", "null\n        active: false")
    said = take(changed(text, "method: vipps, sales_point", "method: klarna, sales_point"))

    endpoint = WebhookEndpoint.objects.get()
    assert (endpoint.event_types, endpoint.is_active, endpoint.sealed_secrets) == ([], False, sealed)
    assert ProviderAccount.objects.get().method == "klarna"
    assert "0 created, 2 changed" in said
    assert [one.action for one in AuditEntry.objects.order_by("id")] == [
        "provideraccount.changed",
        "provideraccount.method_chosen",
        "webhook_endpoint.changed",
    ]


def test_an_address_out_of_use_stays_so_elsewhere(take: Take) -> None:
    take(TEXT)
    WebhookEndpoint.objects.update(is_active=False)
    text = exported()
    WebhookEndpoint.objects.all().delete()
    assert "whsec_" in take(text)
    assert not WebhookEndpoint.objects.get().is_active
    assert exported() == text


def test_two_stored_with_one_address_are_both_exported_and_known_again(take: Take) -> None:
    take(TEXT)
    first = WebhookEndpoint.objects.select_related("client", "sales_point").get()
    add_endpoint(client=first.client, sales_point=first.sales_point, url=first.url, actor=Actor.system("test"))
    text, before = exported(), stored()
    take(text)
    assert stored() == before


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("https://shop.nordlys", "http://shop.nordlys", "must begin with https"),
        ("invoice.paid]", "invoice.payed]", "'invoice.payed' is not possible here. Did you mean invoice.paid?"),
        ("[invoice.numbered, invoice.paid]", "invoice.paid", "event_types must be a list"),
        ("        event_types:", "        events:", "'events' is not known here. Did you mean event_types?"),
        ("sales_point: nettbutikk         # without", "sales_point: kasse # without", "has no sales point kasse"),
        ("connection: woocommerce}", "connection: stripe}", "has no connection stripe"),
        ("currency: NOK,", "currency: kroner,", "Write a currency code"),
        ("account: acct_1NORDLYS, ", "", "account is missing"),
    ],
)
def test_a_mistake_is_told_with_its_line(take: Take, before: str, after: str, problem: str) -> None:
    text = changed(TEXT, before, after)
    with pytest.raises(CommandError) as error:
        take(text)
    told = next(one for one in str(error.value).splitlines() if problem in one)
    assert told.startswith(f"line {line_of(TEXT, before.strip())}:")
    assert not WebhookEndpoint.objects.exists()


def test_one_address_twice_in_the_file_is_refused(take: Take) -> None:
    twice = TEXT + "      - {url: https://shop.nordlys.example/webhooks, sales_point: nettbutikk}\n"
    with pytest.raises(CommandError, match=r"A second webhook .*; the first stands in line"):
        take(twice)
