"""The set-up file: read as written, refused with line numbers, applied once, exported as it was."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import CommandError, call_command

from backoffice.audit.models import AuditEntry
from backoffice.chart.models import PaymentMethodMapping, SalesMapping
from backoffice.clients.models import Client, SalesPoint
from backoffice.common.secrets import unseal
from backoffice.connections.models import Connection
from backoffice.connections.providers import build_provider
from backoffice.invoices.models import DocumentPolicy, SellerProfile
from tests.factories import make_chart, make_client, make_payment_rule

PAGE = Path(__file__).parents[2] / "docs" / "setup-file.md"
EXAMPLE = PAGE.read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0]
SECRETS = {"NORDLYS_CLIENT_KEY": "a-client-key-0001", "NORDLYS_WEBHOOK_SECRET": "a-webhook-secret-0001"}
Take = Callable[..., str]
MODELS = (
    Client,
    SalesPoint,
    Connection,
    PaymentMethodMapping,
    SalesMapping,
    SellerProfile,
    DocumentPolicy,
    AuditEntry,
)


@pytest.fixture(autouse=True)
def _environment(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def take(tmp_path: Path) -> Take:
    """Give a function that imports a text and returns what was said."""

    def take(text: str, *options: str) -> str:
        file = tmp_path / "setup.yaml"
        file.write_text(text, encoding="utf-8")
        said = io.StringIO()
        call_command("import_setup", str(file), *options, stdout=said)
        return said.getvalue()

    return take


def exported(*options: str) -> str:
    """Give what export_setup writes."""
    said = io.StringIO()
    call_command("export_setup", *options, stdout=said)
    return said.getvalue()


def stored() -> list[Any]:
    """Give all rows as they are, to the last column."""
    return [list(model._default_manager.order_by("pk").values()) for model in MODELS]


def changed(text: str, before: str, after: str) -> str:
    """Change one place of a text."""
    assert text.count(before) == 1, before
    return text.replace(before, after)


def line_of(text: str, words: str) -> int:
    """Give the line that words stand in, from 1."""
    return text[: text.index(words)].count("\n") + 1


def refused(take: Take, text: str) -> list[str]:
    """Import a text that must be refused without a trace, and give its problems."""
    before = stored()
    with pytest.raises(CommandError) as error:
        take(text)
    assert stored() == before
    first, *problems = str(error.value).splitlines()
    assert "nothing was changed" in first
    return problems


def test_the_example_of_the_page_is_taken(take: Take) -> None:
    said = take(EXAMPLE)

    client = Client.objects.get()
    assert (client.key, client.country, client.organisation_number) == ("nordlys-butikk", "NO", "923609016")
    point = SalesPoint.objects.get()
    assert (point.kind, point.batch_journal, point.dimensions) == ("webshop", "", {"department": "10"})
    assert (point.theme_unpaid, point.theme_paid) == ("STD", "PAID")
    books = Connection.objects.get(key="poweroffice")
    assert (books.settings, books.sales_point) == ({"environment": "sandbox"}, None)
    assert unseal(books.sealed_secrets) == {"client_key": "a-client-key-0001"}
    shop = Connection.objects.get(key="woocommerce")
    assert (shop.sales_point, shop.settings) == (point, {"shop_url": "https://nordlys.example"})
    assert build_provider(shop).name == "woocommerce"
    rules = {rule.method: rule for rule in PaymentMethodMapping.objects.all()}
    assert (rules["vipps"].fee_ledger_account, rules["klarna*"].fee_ledger_account) == ("7770", "")
    assert SalesMapping.objects.get(group="takeaway").sales_point == point
    assert SalesMapping.objects.get(group="*").product == "SALG25"
    seller = SellerProfile.objects.get(client=client)
    assert (seller.company_form, seller.bank_account, seller.payment_terms_days) == ("AS", "86011117947", 14)
    policy = DocumentPolicy.objects.get(sales_point=point)
    assert (policy.makes_paid_invoices, policy.emails_customer, policy.attaches_to_voucher) == (True, False, True)
    assert "client nordlys-butikk: created" in said
    assert said.endswith("Done: 10 created, 0 changed, 0 unchanged.\n")


def test_taking_it_again_changes_nothing_at_all(take: Take) -> None:
    take(EXAMPLE)
    before = stored()

    said = take(EXAMPLE)

    assert stored() == before
    assert said.endswith("Done: 0 created, 0 changed, 10 unchanged.\n")


def test_a_check_says_the_same_and_changes_nothing(take: Take) -> None:
    before = stored()
    said = take(EXAMPLE, "--check")
    assert stored() == before
    assert "nothing was changed: 10 created" in said


def test_changes_are_named_versioned_and_audited(take: Take) -> None:
    take(EXAMPLE)
    AuditEntry.objects.all().delete()
    text = changed(EXAMPLE, "locked_period: hold ", "locked_period: move ")
    text = changed(text, 'ledger_account: "1904"', 'ledger_account: "1905"')
    text = changed(text, "{unpaid: STD, paid: PAID}", "{unpaid: STD, paid: null}")

    said = take(text)

    assert "client nordlys-butikk: changed (locked_period)" in said
    assert "sales point nordlys-butikk/nettbutikk: changed (theme_paid)" in said
    assert "payment method nordlys-butikk: klarna*: changed (was klarna* → 1904)" in said
    assert "0 created, 3 changed, 7 unchanged" in said
    assert PaymentMethodMapping.objects.get(method="klarna*", superseded_at=None).version == 2
    entries = AuditEntry.objects.order_by("id")
    assert [one.action for one in entries] == ["client.changed", "sales_point.changed", "mapping.changed"]
    assert {one.actor for one in entries} == {"set-up file"}


def test_what_the_file_does_not_say_stays(take: Take) -> None:
    take(EXAMPLE)
    Client.objects.update(four_eyes=True, rounding_ledger_account="7745")
    make_payment_rule(Client.objects.get(), "stripe", "1910")

    said = take("clients:\n- key: nordlys-butikk\n  name: Nordlys AS\n")

    client = Client.objects.get()
    assert (client.name, client.four_eyes, client.rounding_ledger_account) == ("Nordlys AS", True, "7745")
    assert "1 changed" in said
    assert PaymentMethodMapping.objects.filter(superseded_at=None).count() == 3


def test_what_seller_and_documents_do_not_say_stays_too(take: Take) -> None:
    take(EXAMPLE)
    AuditEntry.objects.all().delete()

    said = take(
        "clients:\n- key: nordlys-butikk\n  seller: {city: Bodø, email: null}\n"
        "  sales_points:\n  - {key: nettbutikk, documents: {email_customer: true}}\n"
    )

    seller, policy = SellerProfile.objects.get(), DocumentPolicy.objects.get()
    assert (seller.city, seller.email, seller.postal_code) == ("Bodø", "", "9008")
    assert (policy.makes_paid_invoices, policy.emails_customer) == (True, True)
    assert "seller details nordlys-butikk: changed (city, email)" in said
    entries = AuditEntry.objects.order_by("id")
    assert [(one.action, one.client.key if one.client else "") for one in entries] == [
        ("seller.changed", "nordlys-butikk"),
        ("document_policy.changed", "nordlys-butikk"),
    ]


def test_values_are_read_as_they_are_written(take: Take) -> None:
    take(
        "clients:\n- {key: a, name: on, country: NO, organisation_number: 923609016,"
        " rounding_ledger_account: 0774, policies: {daily_cutoff: 04:30, approval: automatic_up_to,"
        " automatic_up_to: 10000.50}}\n"
    )
    client = Client.objects.get()
    assert (client.name, client.country, client.rounding_ledger_account) == ("on", "NO", "0774")
    assert (f"{client.daily_cutoff:%H:%M}", client.automatic_up_to_minor) == ("04:30", 1_000_050)


def test_a_polish_client_keeps_zloty_and_its_own_time(take: Take) -> None:
    take('clients:\n- {key: a, name: A, country: PL, organisation_number: "856-734-62-15"}\n')
    client = Client.objects.get()
    assert (client.currency, client.time_zone, client.organisation_number) == ("PLN", "Europe/Warsaw", "8567346215")


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(EXAMPLE))
    call_command("import_setup", "-", stdout=io.StringIO())
    assert Client.objects.count() == 1


def test_export_then_import_changes_nothing(take: Take, monkeypatch: pytest.MonkeyPatch) -> None:
    take(EXAMPLE)
    Client.objects.update(approval="automatic_up_to", automatic_up_to_minor=1_000_000, is_active=False)
    SalesPoint.objects.update(batch_journal="bank", name=" Kasse: «1» ")
    Connection.objects.filter(key="woocommerce").update(is_active=False)
    SellerProfile.objects.update(
        is_in_liquidation=True, iban="NO9386011117947", bic="DNBANOKK", phone="", website="a.no"
    )
    DocumentPolicy.objects.update(attaches_to_voucher=False)
    make_payment_rule(Client.objects.get(), "*", "1910", fee_vat_code="1", sales_point=SalesPoint.objects.get())
    for name in SECRETS:
        monkeypatch.delenv(name)
    text, before = exported(), stored()

    said = take(text)

    assert stored() == before
    assert exported() == text
    assert "0 created, 0 changed" in said


def test_an_export_sets_up_another_installation(take: Take, monkeypatch: pytest.MonkeyPatch) -> None:
    take(EXAMPLE)
    text = exported()
    for model in reversed(MODELS):
        model._default_manager.all().delete()
    monkeypatch.setenv("NORDLYS_BUTIKK_POWEROFFICE_CLIENT_KEY", "another-key-0002")
    monkeypatch.setenv("NORDLYS_BUTIKK_WOOCOMMERCE_WEBHOOK_SECRET", "another-secret-0002")

    assert "10 created" in take(text)
    assert exported() == text


def test_an_export_holds_no_secret_and_can_be_of_one_client(take: Take) -> None:
    take(EXAMPLE)
    make_client("other")
    text = exported("--client", "nordlys-butikk")
    assert [one["key"] for one in yaml.safe_load(text)["clients"]] == ["nordlys-butikk"]
    assert not any(secret in text for secret in SECRETS.values())
    with pytest.raises(CommandError, match="No client has the key nobody"):
        exported("--client", "nobody")


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("    sales_mapping:", "    sales_maping:", "'sales_maping' is not known here. Did you mean sales_mapping?"),
        ("      four_eyes:", "      for_eyes:", "'for_eyes' is not known here. Did you mean four_eyes?"),
        ('{department: "10"}', "{shelf: 1}", "'shelf' is not known here. Known are: department, location,"),
        ("        environment: sandbox", "        enviroment: sandbox", "Did you mean environment?"),
        (
            "environment: sandbox",
            "environment: sandbocks",
            "'sandbocks' is not possible here. Did you mean sandbox?",
        ),
        ("country: NO", "country: SE", "country: 'SE' is not possible here"),
        ('"923609016"', '"923609017"', "923609017"),
        ("approval: manual ", "approval: automatic_up_to ", "Say up to which amount"),
        ("automatic_up_to: null", 'automatic_up_to: "1.005"', "more than the 2 decimals"),
        ("automatic_up_to: null", 'automatic_up_to: "-1"', "must not be negative"),
        ("automatic_up_to: null", "automatic_up_to: much", "is not an amount"),
        ("four_eyes: false", "four_eyes: maybe", "Write true or false"),
        ("four_eyes: false", "four_eyes: null", "four_eyes has no value"),
        ('"03:00"', '"25:00"', "Write a time such as"),
        ("kind: webshop ", "kind: web ", "kind: 'web' is not possible here"),
        ("- key: nordlys-butikk ", "- key: Nordlys Butikk ", "small letters"),
        ("provider: woocommerce", "provider: shopify", "No provider is called 'shopify'"),
        ("sales_point: nettbutikk ", "sales_point: butikken ", "has no sales point butikken"),
        ("        sales_point: nettbutikk ", "        # ", "needs a sales_point"),
        ("NORDLYS_CLIENT_KEY", "NOT_SET", "The environment variable NOT_SET is not set, and no client_key"),
        ("secrets_from_env: {client_key: NORDLYS_CLIENT_KEY}", "client_key: abc", "is a secret and never stands"),
        ("https://nordlys.example", "http://nordlys.example", "must begin with https"),
        ('"86011117947"', '"86011117948"', "bank_account: "),
        ("payment_terms_days: 14", "payment_terms_days: soon", "Write a whole number of days from 0 to 365"),
        ("hei@nordlys.example", "hei", "email: "),
        ("company_form: AS ", "company_form: LTD ", "company_form: 'LTD' is not possible here"),
        ("      city: Tromsø", "      # ", "city is missing, and seller details nordlys-butikk is new"),
        ("email_customer: false", "email_costumer: false", "Did you mean email_customer?"),
        ('vat_rate: "25.00"', "vat_rate: high", "Write a percent"),
        ('vat_rate: "25.00"', 'vat_rate: "250"', "is not a VAT rate"),
        ('"klarna*"', '"kl*rna"', "not at its end"),
        ('method: "klarna*"', "method: vipps", "A second rule for payment method vipps; the first stands in line"),
        (', vat_code: "3"', "", "vat_code is missing"),
        ("    name: Nordlys Butikk AS", "    # ", "name is missing, and nordlys-butikk is new"),
        ("        name: Nettbutikk", "        name: [a]", "name must be a single value"),
        ("    name: Nordlys Butikk AS", "    name: A\n    name: B", "name stands here twice, first in line"),
    ],
)
def test_a_mistake_is_told_with_its_line(take: Take, before: str, after: str, problem: str) -> None:
    text = changed(EXAMPLE, before, after)
    problems = refused(take, text)
    assert any(problem in one for one in problems), problems
    told = next(one for one in problems if problem in one)
    line = int(told.split(":")[0].removeprefix("line "))
    # the value's own line, or the line where the thing begins that it belongs to
    assert 0 <= line_of(EXAMPLE, before) - line <= 5 or line == line_of(EXAMPLE, before) + 1, told


def test_all_mistakes_are_told_at_once_in_the_order_of_their_lines(take: Take) -> None:
    text = changed(changed(EXAMPLE, "country: NO", "country: SE"), "kind: webshop ", "kind: web ")
    problems = refused(take, text)
    numbers = [int(one.split(":")[0].removeprefix("line ")) for one in problems]
    assert numbers == [line_of(text, "country: SE"), line_of(text, "kind: web ")]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "line 1: The file is empty"),
        ("clients: [", "line 1: This is not YAML"),
        ("clients:\n\t- key: a\n", "line 2: This is not YAML"),
        ("clients: {key: a}\n", "line 1: clients must be a list"),
        ("clients:\n- just text\n", "line 2: Expected a client"),
        ("- key: a\n", "line 1: Expected the file"),
        ("clients:\n- &a\n  key: a\n  sales_points: [*a]\n", "is not known here"),
        ("clients: []\n---\nclients: []\n", "line 2: This is not YAML"),
        ("clients:\n- {name: A}\n", "line 2: key is missing"),
        ("clients:\n- key: a\n- key: a\n", "line 3: A second client a; the first stands in line 2"),
        ("clients:\n- ? [a]\n  : b\n", "line 2: A key must be a plain word"),
    ],
)
def test_a_text_that_is_no_set_up_is_refused(take: Take, text: str, problem: str) -> None:
    assert any(problem in one for one in refused(take, text))


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_setup", str(tmp_path / "nowhere.yaml"))
    (tmp_path / "latin1.yaml").write_bytes("clients: # Blåbær".encode("latin-1"))
    with pytest.raises(CommandError, match="UTF-8"):
        call_command("import_setup", str(tmp_path / "latin1.yaml"))


def test_a_connection_keeps_its_provider_and_sales_point(take: Take) -> None:
    take(EXAMPLE)
    other = "\n      - {key: kasse, name: Kasse, kind: pos, invoice_issuer: sales_system}\n    payment_methods:"
    text = changed(EXAMPLE, "\n    payment_methods:", other)
    moved = changed(text, "        sales_point: nettbutikk ", "        sales_point: kasse ")
    assert "A connection stays at its sales point" in refused(take, moved)[0]
    renamed = changed(EXAMPLE, "key: poweroffice", "key: woo").replace("key: woocommerce", "key: poweroffice")
    assert "is a connection to poweroffice and stays one" in refused(take, renamed)[0]


def test_a_variable_that_is_gone_keeps_the_stored_secret(take: Take, monkeypatch: pytest.MonkeyPatch) -> None:
    take(EXAMPLE)
    monkeypatch.delenv("NORDLYS_CLIENT_KEY")
    assert "0 created, 0 changed" in take(EXAMPLE)
    assert unseal(Connection.objects.get(key="poweroffice").sealed_secrets) == {"client_key": "a-client-key-0001"}


def test_a_new_secret_is_sealed_and_told_without_being_shown(take: Take, monkeypatch: pytest.MonkeyPatch) -> None:
    take(EXAMPLE)
    monkeypatch.setenv("NORDLYS_CLIENT_KEY", "a-new-client-key-0003")
    said = take(EXAMPLE)
    assert "connection nordlys-butikk/poweroffice: changed (secrets)" in said
    assert "a-new-client-key-0003" not in said
    row = Connection.objects.get(key="poweroffice")
    assert "a-new-client-key-0003" not in row.sealed_secrets
    assert unseal(row.sealed_secrets) == {"client_key": "a-new-client-key-0003"}
    assert AuditEntry.objects.latest("id").action == "connection.credentials_changed"
    assert "a-new-client-key-0003" not in str(list(AuditEntry.objects.values()))


def test_rules_are_held_against_the_chart_once_it_was_read(take: Take) -> None:
    assert "its chart was never read. Run manage.py sync_chart --client nordlys-butikk" in take(EXAMPLE)
    make_chart(Client.objects.get())

    said = take(EXAMPLE)

    assert "Look at this: takeaway 15.00 % → 3001 (31): Ledger account 3001 (sales of takeaway) does not exist" in said
    assert "1903" not in said


def test_the_policy_for_sales_that_are_paid_before_delivery_is_taken_and_shown(take: Take) -> None:
    text = changed(EXAMPLE, "paid_before_delivery: at_once ", "paid_before_delivery: advance ")
    take(changed(text, "    policies:\n", '    advance_ledger_account: "2905"\n    policies:\n'))

    assert SalesPoint.objects.get().paid_before_delivery == "advance"
    assert Client.objects.get().advance_ledger_account == "2905"
    assert "paid_before_delivery: advance" in exported()
    assert exported() == text_after_another_import(take)


def text_after_another_import(take: Take) -> str:
    """Import the export and export again."""
    take(exported())
    return exported()
