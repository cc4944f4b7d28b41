"""Every page and act as every role, as a member of another client, and as somebody without any role."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from backoffice.audit.models import AuditEntry
from backoffice.clients.models import ApiKey, Membership
from backoffice.clients.services import create_api_key
from backoffice.connections.models import Delivery, InboundEvent
from backoffice.console.many import RUN_ACTS
from backoffice.console.pages import pages
from backoffice.console.payouts.acts import PAYOUT_ACTS, ROW_ACTS
from backoffice.console.tills.page import IMPORT_ACTS
from backoffice.contracts.sales import RefundDetails
from backoffice.invoices.models import DocumentLink, DocumentRun, DocumentSending, DocumentTheme, IssuedDocument
from backoffice.ledger.money import Money
from backoffice.sales.closings import record_day_closing
from backoffice.sales.models import DayClosing, Refund, Sale
from backoffice.sales.services import record_refund
from backoffice.settlements.models import Payout, PayoutEntry
from backoffice.settlements.services import record_statement
from backoffice.vouchers.models import Voucher, VoucherAttachment
from backoffice.webhooks.models import WebhookDelivery
from backoffice.webhooks.services import add_endpoint, send_test
from tests.fakes.payouts import paid, row, statement
from tests.flows.test_day_closings import closing
from tests.invoices.conftest import give_profile
from tests.office import OFFICE, Office
from tests.sales.tills import hand_over

ROLES = ("administrator", "bookkeeper", "approver", "auditor", "stranger", "nobody", "superuser")
READERS = {"administrator", "bookkeeper", "approver", "auditor", "superuser"}
EDITORS = {"administrator", "bookkeeper", "superuser"}
APPROVERS = {"administrator", "bookkeeper", "approver", "superuser"}
ADMINISTRATORS = {"administrator", "superuser"}
SUPERUSERS = {"superuser"}

AsPerson = Callable[[str], Browser]


def things(office: Office) -> dict[str, Any]:
    """Make one of everything at the client and name its page."""
    voucher = office.to_approve()
    sale = voucher.sales.get()
    posted = office.posted()
    key, _secret = create_api_key(sales_point=office.shop, name="shop")
    return {
        "vouchers_voucher": voucher,
        "sales_sale": sale,
        "sales_payment": sale.payments.get(),
        "connections_inboundevent": InboundEvent.objects.filter(client=office.client).first(),
        "connections_delivery": Delivery.objects.get(subject_id=posted.pk),
        "connections_connection": office.connection,
        "audit_auditentry": AuditEntry.objects.filter(client=office.client).first(),
        "sales_dayclosing": a_closing(office),
        "sales_tillimport": hand_over(office.shop).till_import,
        "invoices_issueddocument": a_document(sale).document,
        "invoices_documentrun": a_run(office),
        "invoices_documenttheme": DocumentTheme.objects.create(client=office.client, name="Plain", created_by="test"),
        "invoices_sellerprofile": give_profile(office.client),
        "webhooks_webhookendpoint": a_hook(office).endpoint,
        "webhooks_webhookdelivery": a_hook(office),
        "settlements_payout": a_payout(office),
        "settlements_payoutentry": PayoutEntry.objects.get(key="2"),
        "settlements_provideraccount": a_payout(office).account,
        "clients_client": office.client,
        "clients_salespoint": office.shop,
        "clients_membership": Membership.objects.get(user=office.people["auditor"]),
        "clients_apikey": key,
        "clients_user": office.people["auditor"],
    }


ADMINISTRATOR_PAGES = {"clients_membership", "clients_apikey", "clients_user"}


@pytest.mark.parametrize("who", ROLES)
def test_pages_of_things_open_for_those_who_may_read(office: Office, as_person: AsPerson, who: str) -> None:
    browser = as_person(who)
    for name, thing in things(office).items():
        readers = ADMINISTRATORS if name in ADMINISTRATOR_PAGES else READERS
        answer = browser.get(reverse(f"admin:{name}_change", args=[thing.pk]))
        if who in readers:
            assert answer.status_code == 200, (name, who)
        elif who == "nobody":
            assert answer["Location"].startswith("/login/"), name
        else:
            assert answer.status_code in (302, 403, 404), (name, who)
            assert answer.get("Location", "/") == "/", name


@pytest.mark.parametrize("who", ROLES)
def test_lists_show_only_what_belongs_to_the_persons_clients(office: Office, as_person: AsPerson, who: str) -> None:
    made = things(office)
    browser = as_person(who)
    for name, thing in made.items():
        answer = browser.get(reverse(f"admin:{name}_changelist"))
        if who == "nobody":
            assert answer["Location"].startswith("/login/")
        elif name in ADMINISTRATOR_PAGES and who not in ADMINISTRATORS | {"stranger"}:
            assert answer.status_code == 403, (name, who)
        else:
            listed = list(answer.context["cl"].result_list)
            assert (thing in listed) is (who != "stranger"), (name, who)


HOOK_VERBS = ("test", "pause", "resume", "resend")
REFUND_VERBS = ("accept_split", "enter_number", "route_again", "dealt_with")


def a_refund(office: Office, sale: Sale) -> Refund:
    details = RefundDetails(f"r-{sale.reference}", sale.reference, sale.sold_at, Money(100, sale.currency))
    return record_refund(sales_point=office.shop, refund=details, event=None).refund


def a_hook(office: Office) -> WebhookDelivery:
    """Give an address and something that was told to it; nothing is sent."""
    found = WebhookDelivery.objects.filter(client=office.client).first()
    if found is not None:
        return found
    endpoint, _secret = add_endpoint(client=office.client, url="https://shop.example/hook", actor=OFFICE)
    return send_test(endpoint=endpoint, actor=OFFICE)


def a_closing(office: Office) -> DayClosing:
    """Record a closing of a till."""
    return record_day_closing(sales_point=office.shop, closing=closing(), event=None).closing


PAYOUT_VERBS = tuple(PAYOUT_ACTS)
ROW_VERBS = tuple(ROW_ACTS)


def a_payout(office: Office) -> Payout:
    """Record a payout with a row that nobody knows."""
    rows = (row("1", "capture", "100.00", payout_reference="P1"), row("2", "loyalty", "-5.00", payout_reference="P1"))
    reported = statement(*rows, payouts=(paid("P1", "95.00"),))
    record_statement(client=office.client, provider="vipps", statement=reported, event=None)
    return Payout.objects.select_related("account").get(reference="P1")


def a_document(sale: Sale) -> DocumentSending:
    """Ask for a document and its sending; nothing is made or sent."""
    row = IssuedDocument.objects.create(client=sale.client, sale=sale, kind="invoice", number="1", language="nb")
    return DocumentSending.objects.create(document=row, recipient="a@b.example", next_attempt_at=timezone.now())


def a_link(sending: DocumentSending) -> DocumentLink:
    """Note a link to the document; nobody has its token."""
    return DocumentLink.objects.create(
        document=sending.document, token_sha256=f"{sending.pk:064}", made_by="test", expires_at=timezone.now()
    )


def a_run(office: Office) -> DocumentRun:
    """Order something with many documents; nobody works on it."""
    return DocumentRun.objects.create(client=office.client, kind="email", asked_by="test")


def an_attachment(voucher: Voucher) -> VoucherAttachment:
    """Note a file that was refused."""
    return VoucherAttachment.objects.create(
        voucher=voucher, client=voucher.client, name="a.pdf", media_type="application/pdf", sha256="0" * 64,
        size_bytes=1, state="failed", next_attempt_at=timezone.now(),
    )  # fmt: skip


def acts(office: Office) -> list[tuple[str, dict[str, str], set[str]]]:
    """Every POST address with what it needs and who may use it; the values do nothing that breaks the next."""
    voucher = office.to_approve("act-1")
    failed = office.failed("act-2")
    sale = voucher.sales.get()
    refund = a_refund(office, sale)
    key = ApiKey.objects.filter(sales_point=office.shop).first() or create_api_key(sales_point=office.shop, name="k")[0]
    event = InboundEvent.objects.filter(client=office.client).first()
    assert event is not None
    role = Membership.objects.get(user=office.people["auditor"])
    client = office.client.pk
    connection = office.connection.pk
    hook = a_hook(office)
    sending = a_document(sale)
    theme = DocumentTheme.objects.create(client=office.client, name="Plain", created_by="test")
    payout = a_payout(office)
    entry = payout.entries.earliest("pk")
    file = hand_over(office.shop).till_import

    def act(verb: str, pk: int = voucher.pk) -> str:
        return reverse("admin:voucher_act", args=[pk, verb])

    return [
        (act("check"), {}, EDITORS),
        (act("rebuild"), {}, EDITORS),
        (act("move_day"), {}, EDITORS),
        (act("close_day"), {}, EDITORS),
        (act("hold"), {"reason": "wait"}, EDITORS),
        (act("release"), {}, EDITORS),
        (act("resend", failed.pk), {}, EDITORS),
        (act("withdraw"), {}, EDITORS),
        (act("approve"), {"seen_sha256": "other"}, APPROVERS),
        (reverse("admin:voucher_fix", args=[voucher.pk]), {"code": "payment_method_unmapped"}, EDITORS),
        (reverse("admin:save_rule", args=[client, "payment"]), {}, EDITORS),
        (reverse("admin:save_rule", args=[client, "sales"]), {}, EDITORS),
        (reverse("admin:take_out_rule", args=[client, "sales"]), {"rule": "0"}, EDITORS),
        (reverse("admin:chart_read", args=[client]), {}, EDITORS),
        (reverse("admin:pause_connection", args=[connection]), {"reason": "x"}, EDITORS),
        (reverse("admin:resume_connection", args=[connection]), {}, EDITORS),
        (reverse("admin:test_connection", args=[connection]), {}, ADMINISTRATORS),
        (reverse("admin:confirm_connection", args=[connection]), {}, ADMINISTRATORS),
        (reverse("admin:connections_connection_change", args=[connection]), {}, ADMINISTRATORS),
        (reverse("admin:read_event_again", args=[event.pk]), {}, EDITORS),
        (reverse("admin:delete_event_file", args=[event.pk]), {}, EDITORS),
        (reverse("admin:clients_client_change", args=[client]), {}, ADMINISTRATORS),
        (reverse("admin:clients_salespoint_change", args=[office.shop.pk]), {}, ADMINISTRATORS),
        (reverse("admin:clients_membership_change", args=[role.pk]), {}, ADMINISTRATORS),
        (reverse("admin:clients_user_change", args=[office.people["auditor"].pk]), {}, SUPERUSERS),
        (reverse("admin:set_password", args=[office.people["auditor"].pk]), {}, SUPERUSERS),
        (reverse("admin:closing_accept_missing", args=[a_closing(office).pk]), {}, EDITORS),
        (reverse("admin:sale_act", args=["sale", sale.pk, "dealt_with"]), {"note": "x"}, EDITORS),
        (reverse("admin:sale_act", args=["sale", sale.pk, "route_again"]), {}, EDITORS),
        (reverse("admin:sale_act", args=["sale", sale.pk, "delivered"]), {"on": "2026-11-20"}, EDITORS),
        *((reverse("admin:webhook_act", args=[hook.endpoint_id, verb]), {}, EDITORS) for verb in HOOK_VERBS),
        (reverse("admin:webhook_act", args=[hook.endpoint_id, "secret"]), {}, ADMINISTRATORS),
        (reverse("admin:webhook_resend", args=[hook.pk]), {}, EDITORS),
        (reverse("admin:webhooks_webhookendpoint_change", args=[hook.endpoint_id]), {}, ADMINISTRATORS),
        (reverse("admin:make_document", args=["sale", sale.pk]), {}, EDITORS),
        (reverse("admin:email_document", args=[sending.document_id]), {"recipient": "c@d.example"}, EDITORS),
        (reverse("admin:make_link", args=[sending.document_id]), {}, EDITORS),
        (reverse("admin:revoke_link", args=[a_link(sending).pk]), {}, EDITORS),
        (reverse("admin:act_on_sending", args=[sending.pk, "resend"]), {}, EDITORS),
        (reverse("admin:act_on_attachment", args=[an_attachment(voucher).pk, "resend"]), {}, EDITORS),
        (reverse("admin:fetch_paper", args=[voucher.pk]), {}, EDITORS),
        (reverse("admin:invoices_documenttheme_change", args=[theme.pk]), {}, ADMINISTRATORS),
        (reverse("admin:invoices_sellerprofile_change", args=[give_profile(office.client).pk]), {}, ADMINISTRATORS),
        *((reverse("admin:sale_act", args=["refund", refund.pk, verb]), {}, EDITORS) for verb in REFUND_VERBS),
        *((reverse("admin:payout_act", args=[payout.pk, verb]), {}, EDITORS) for verb in PAYOUT_VERBS),
        *((reverse("admin:payout_row_act", args=[entry.pk, verb]), {}, EDITORS) for verb in ROW_VERBS),
        (reverse("admin:payout_account_exchange", args=[payout.account_id]), {}, EDITORS),
        (reverse("admin:payout_account_method", args=[payout.account_id]), {}, EDITORS),
        (reverse("admin:payout_upload"), {}, EDITORS | {"stranger"}),
        (reverse("admin:till_upload"), {}, EDITORS | {"stranger"}),
        *((reverse("admin:till_import_act", args=[file.pk, verb]), {}, EDITORS) for verb in IMPORT_ACTS),
        *((reverse("admin:document_run_act", args=[a_run(office).pk, verb]), {}, EDITORS) for verb in RUN_ACTS),
        (reverse("admin:many_documents"), {"client": str(client), "act": "email"}, EDITORS | {"stranger"}),
        (reverse("admin:clients_client_add"), {}, SUPERUSERS),
        (reverse("admin:revoke_key", args=[key.pk]), {}, ADMINISTRATORS),
        (reverse("admin:remove_membership", args=[role.pk]), {}, ADMINISTRATORS),
    ]


@pytest.mark.parametrize("who", ROLES)
def test_acts_are_refused_to_those_who_may_not(office: Office, as_person: AsPerson, who: str) -> None:
    browser = as_person(who)
    for address, values, allowed in acts(office):
        before = AuditEntry.objects.count()
        answer = browser.post(address, values)
        if who == "nobody":
            assert answer["Location"].startswith("/login/"), address
        elif who not in allowed:
            assert answer.status_code in (403, 404) or answer["Location"] == "/", (address, who, answer.status_code)
        else:
            assert answer.status_code in (200, 302, 404), (address, who, answer.status_code)
        if who not in allowed:
            assert AuditEntry.objects.count() == before, address


def test_every_act_of_the_console_stands_in_the_matrix(office: Office) -> None:
    """A new address with a person's act must be added to the matrix above."""
    covered = {address.split("?")[0] for address, _values, _allowed in acts(office)}
    open_to_readers = {"choose_client", "approve_selected", "verify_audit", "payment_mapping", "sales_mapping", "chart",
                       "attachment_file", "paper_file",
                       "catalogue", "health", "document_file", "preview_theme", "batch_list", "batch_paper",
                       "clearing", "clearing_account", "payout_upload", "till_upload", "many_documents",
                       "document_run_zip"}  # fmt: skip
    for pattern in pages(admin.site):
        name = str(pattern.name)
        begin = (
            reverse(f"admin:{name}", args=_some_arguments(name)).split("0")[0] if name not in open_to_readers else ""
        )
        assert name in open_to_readers or any(address.startswith(begin) for address in covered), name


def _some_arguments(name: str) -> list[Any]:
    if name == "voucher_act":
        return [0, "approve"]
    if name in ("payout_act", "payout_row_act"):
        return [0, "assign"]
    if name in ("till_import_act", "document_run_act"):
        return [0, "stop"]
    if name == "sale_act":
        return ["sale", 0, "dealt_with"]
    if name == "make_document":
        return ["sale", 0]
    if name in ("act_on_sending", "act_on_attachment"):
        return [0, "resend"]
    if name == "webhook_act":
        return [0, "test"]
    return [0, "sales"] if name in ("save_rule", "take_out_rule") else [0]


@pytest.mark.parametrize("who", ["auditor", "stranger"])
def test_bulk_approval_takes_nothing_the_person_may_not_approve(office: Office, as_person: AsPerson, who: str) -> None:
    voucher = office.to_approve()
    address = reverse("admin:approve_selected")
    as_person(who).post(address, {"voucher": [voucher.pk], f"seen_{voucher.pk}": voucher.content_sha256})
    voucher.refresh_from_db()
    assert voucher.state == "awaiting_approval"


@pytest.mark.parametrize("who", ["auditor", "approver"])
def test_bulk_acts_of_the_list_ask_for_the_right(office: Office, as_person: AsPerson, who: str) -> None:
    voucher = office.to_approve()
    address = reverse("admin:vouchers_voucher_changelist")
    for action in ("hold_many", "rebuild_many", "resend_many"):
        as_person(who).post(address, {"action": action, "_selected_action": [voucher.pk]})
    assert Voucher.objects.get(pk=voucher.pk).state == "awaiting_approval"


@pytest.mark.parametrize("who", ["auditor", "stranger", "approver"])
def test_mapping_and_chart_of_another_client_do_not_exist(office: Office, as_person: AsPerson, who: str) -> None:
    mine, theirs = (office.other, office.client) if who == "stranger" else (office.client, office.other)
    for name in ("payment_mapping", "sales_mapping", "chart"):
        address = reverse(f"admin:{name}")
        assert as_person(who).get(f"{address}?client={mine.pk}").status_code == 200
        assert as_person(who).get(f"{address}?client={theirs.pk}").status_code == 404


def test_a_client_administrator_cannot_give_roles_at_another_client(office: Office, as_person: AsPerson) -> None:
    values = {"user": office.people["auditor"].pk, "client": office.other.pk, "role": "administrator"}
    answer = as_person("administrator").post(reverse("admin:clients_membership_add"), values)
    assert answer.status_code == 200
    assert "client" in answer.context["adminform"].form.errors
    assert not Membership.objects.filter(user=office.people["auditor"], client=office.other).exists()


def test_a_library_page_is_not_served() -> None:
    names = {model._meta.label for model in admin.site._registry}
    assert "auth.Group" not in names
    assert not any(name.startswith(("django_rq", "axes")) for name in names)
