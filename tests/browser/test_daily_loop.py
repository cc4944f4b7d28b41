"""A bookkeeper's morning in a real browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from backoffice.chart.models import LedgerAccount, PaymentMethodMapping, SalesMapping
from backoffice.clients.models import Membership, User
from backoffice.vouchers.models import Voucher
from backoffice.workflows.services import rebuild_voucher
from tests.browser.conftest import PHONE, log_in
from tests.office import OFFICE, PASSWORD, Office
from tests.world import World


def state_of(voucher: Voucher) -> str:
    return Voucher.objects.get(pk=voucher.pk).state


def test_from_the_desk_to_an_approved_voucher_and_on_to_the_next(kari: Page, office: Office) -> None:
    first, second = office.to_approve("1001"), office.to_approve("1002", gross_minor=99_00)
    kari.goto("/")
    kari.locator("#needs a", has_text="to approve").click()
    kari.locator("#result_list a.bo-link", has_text="Nettbutikk 1001").click()
    expect(kari.locator(".bo-head-title")).to_have_text("Sales order Nettbutikk 1001")
    expect(kari.locator("#postings tfoot")).to_contain_text("12,500.00")
    expect(kari.get_by_text("Debit equals credit")).to_be_visible()
    why = kari.locator("details.bo-why").last
    why.locator("summary").click()
    expect(why).to_contain_text("Rule version 1, by test")
    kari.get_by_role("button", name="Approve").click()
    expect(kari.get_by_text("Here is the next one")).to_be_visible()
    expect(kari.locator(".bo-head-title")).to_have_text("Sales order Nettbutikk 1002")
    assert (state_of(first), state_of(second)) == ("approved", "awaiting_approval")


def test_an_approved_voucher_comes_back_with_its_invoice_number(open_page: Callable[..., Page], world: World) -> None:
    user = User.objects.create_user("kari", password=PASSWORD)
    Membership.objects.create(user=user, client=world.client, role="bookkeeper")
    world.sell("1001")
    world.drain()
    page = log_in(open_page(), "kari")
    page.locator("#needs a", has_text="to approve").click()
    page.locator("#result_list a.bo-link", has_text="Nettbutikk").click()
    page.get_by_role("button", name="Approve").click()
    page.get_by_text("Approved: Sales order").wait_for()
    world.settle()
    posted = Voucher.objects.get(source_type="sale")
    number = posted.invoice_number
    assert number
    page.goto(f"/vouchers/voucher/{posted.pk}/change/")
    expect(page.locator(".bo-badge", has_text=f"Invoice {number}")).to_be_visible()
    expect(page.locator(".bo-timeline")).to_contain_text("Posted")


def test_a_payment_method_is_mapped_from_the_voucher_it_blocks(kari: Page, office: Office) -> None:
    office.sell("1001", method="klarna")
    blocked = Voucher.objects.get(state="blocked")
    kari.goto("/")
    kari.locator("#causes a", has_text="Mend it").click()
    expect(kari.locator("#reasons")).to_contain_text("A payment method has no ledger account")
    kari.get_by_role("button", name="1904 Klarna oppgjør").click()
    expect(kari.locator("input[name=ledger_account]")).to_have_value("1904 Klarna oppgjør")
    kari.get_by_role("button", name="Save and release").click()
    expect(kari.get_by_text("1 voucher that waited for this goes on")).to_be_visible()
    assert PaymentMethodMapping.objects.get(client=office.client, method="klarna").ledger_account == "1904"
    assert state_of(blocked) != "blocked"


def test_a_sales_group_is_mapped_once_for_all_it_stops(kari: Page, office: Office) -> None:
    first = office.to_approve("1001", group="food", rate=15)
    second = office.to_approve("1002", group="food", rate=15)
    assert (state_of(first), state_of(second)) == ("blocked", "blocked")
    kari.goto(f"/vouchers/voucher/{first.pk}/change/")
    kari.get_by_role("button", name="3001 Salg matvarer").click()
    expect(kari.locator("select[name=vat_code]")).to_have_value("31")
    kari.get_by_role("button", name="Save and release").click()
    kari.get_by_text("2 vouchers that waited for this go on").wait_for()
    assert (state_of(first), state_of(second)) == ("awaiting_approval", "awaiting_approval")
    assert SalesMapping.objects.get(client=office.client, group="food").vat_code == "31"


def test_a_failed_voucher_is_resent_after_saying_that_it_is_safe(kari: Page, office: Office) -> None:
    failed = office.failed()
    kari.goto("/")
    kari.locator("#needs a", has_text="failed").click()
    kari.locator("#result_list a.bo-link").click()
    expect(kari.locator("#reasons")).to_contain_text("Account 3010 does not exist.")
    kari.locator("summary", has_text="Resend").click()
    expect(kari.get_by_text("what was refused never took effect")).to_be_visible()
    kari.get_by_role("button", name="Resend").click()
    kari.get_by_text("It is sent again, under the same reference").wait_for()
    assert state_of(failed) == "approved"


def test_a_voucher_in_doubt_offers_check_now_and_no_resend(kari: Page, office: Office) -> None:
    doubtful = office.in_doubt()
    kari.goto(f"/vouchers/voucher/{doubtful.pk}/change/")
    expect(kari.get_by_text("It was sent, but the answer did not come back")).to_be_visible()
    expect(kari.get_by_text("The next look-up runs")).to_be_visible()
    assert kari.get_by_text("Resend", exact=True).count() == 0
    kari.get_by_role("button", name="Check now").click()
    kari.get_by_text("The other side is being asked").wait_for()


def test_many_are_approved_after_a_summary_that_names_who_is_left_out(kari: Page, office: Office) -> None:
    good = [office.to_approve(str(number), gross_minor=100_00) for number in (1001, 1002, 1003)]
    held = office.failed("2001")
    kari.goto("/vouchers/voucher/")
    kari.locator("#action-toggle").check()
    kari.locator("#changelist-actions select[name=action]").select_option("approve_many")
    kari.get_by_role("button", name="Run").click()
    expect(kari.locator("#sums")).to_contain_text("300.00 NOK")
    expect(kari.locator("#excluded")).to_contain_text("It is not waiting for approval: Failed.")
    kari.locator("#approve-all").click()
    kari.get_by_text("3 vouchers approved.").wait_for()
    assert [state_of(one) for one in good] == ["approved"] * 3
    assert state_of(held) == "failed"


def test_what_changed_since_it_was_looked_at_is_shown_and_not_approved(kari: Page, office: Office) -> None:
    voucher = office.to_approve("1001")
    kari.goto(f"/vouchers/voucher/{voucher.pk}/change/")
    SalesMapping.objects.filter(group="furniture").update(ledger_account="3001")

    LedgerAccount.objects.filter(number="3001").update(vat_code="3")
    rebuild_voucher(voucher_id=voucher.pk, actor=OFFICE)
    kari.get_by_role("button", name="Approve").click()
    changes = kari.locator("#changes")
    expect(changes).to_contain_text("It changed since you looked at it")
    expect(changes).to_contain_text("3000")
    expect(changes).to_contain_text("3001")
    assert state_of(voucher) == "awaiting_approval"
    kari.get_by_role("button", name="Approve").click()
    kari.get_by_text("Approved:").wait_for()
    assert state_of(voucher) == "approved"


def test_the_whole_loop_needs_only_the_keyboard(kari: Page, office: Office) -> None:
    first, second = office.to_approve("1001"), office.to_approve("1002")
    kari.goto("/vouchers/voucher/?state=awaiting_approval")
    kari.keyboard.press("j")
    kari.keyboard.press("o")
    kari.wait_for_selector("#voucher-page")
    kari.keyboard.press("?")
    expect(kari.locator("#keys-help")).to_be_visible()
    kari.keyboard.press("Escape")
    kari.keyboard.press("w")
    expect(kari.locator("details.bo-why[open]").first).to_be_visible()
    kari.keyboard.press("a")
    kari.get_by_text("Here is the next one").wait_for()
    kari.keyboard.press("a")
    kari.get_by_text("Nothing is left to approve").wait_for()
    assert (state_of(first), state_of(second)) == ("approved", "approved")


PAGES = (
    "/",
    "/vouchers/voucher/",
    "/vouchers/voucher/{voucher}/change/",
    "/vouchers/voucher/{blocked}/change/",
    "/sales/sale/",
    "/sales/sale/{sale}/change/",
    "/sales/payment/",
    "/connections/inboundevent/",
    "/connections/inboundevent/{event}/change/",
    "/connections/delivery/",
    "/connections/connection/{connection}/change/",
    "/mapping/payment-methods/?client={client}",
    "/mapping/sales-groups/?client={client}",
    "/chart/?client={client}",
    "/audit/auditentry/",
    "/clients/client/{client}/change/",
    "/clients/salespoint/{shop}/change/",
    "/clients/membership/",
    "/help/what-can-go-wrong/",
    "/health/queue/",
)


def test_no_page_scrolls_sideways_on_a_phone(open_page: Callable[..., Page], office: Office) -> None:
    voucher, blocked = office.to_approve("1001"), office.to_approve("1002", group="food", rate=15)
    office.posted()
    sale = voucher.sales.get()
    page = log_in(open_page(PHONE), "administrator")
    page.wait_for_selector("#needs-title")
    names = {
        "voucher": voucher.pk,
        "blocked": blocked.pk,
        "sale": sale.pk,
        "event": sale.event_id,
        "connection": office.connection.pk,
        "client": office.client.pk,
        "shop": office.shop.pk,
    }
    for pattern in PAGES:
        path = pattern.format(**names)
        page.goto(path)
        page.wait_for_selector("#content")
        too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert too_wide <= 0, path


def test_five_wrong_passwords_lock_the_door_for_a_while(open_page: Callable[..., Page], office: Office) -> None:
    page = open_page()
    for _attempt in range(5):
        log_in(page, "bookkeeper", "wrong")
        page.wait_for_load_state()
    expect(page.get_by_role("alert")).to_contain_text("locked for 15 minutes")
    log_in(page)
    expect(page.get_by_role("alert")).to_contain_text("Too many wrong passwords")


def test_the_raw_body_of_an_event_is_shown_and_never_run(kari: Page, office: Office) -> None:
    sale = office.sell("1001")
    kari.goto(f"/connections/inboundevent/{sale.event_id}/change/")
    expect(kari.locator("#body")).to_have_text('{"note": "<script>alert(1)</script>"}')


def test_the_pages_are_narrowed_to_one_client_and_widened_again(open_page: Callable[..., Page], office: Office) -> None:
    Membership.objects.create(user=office.people["bookkeeper"], client=office.other, role="auditor")
    office.to_approve("1001")
    page = log_in(open_page())
    page.locator("select[name=client]").select_option(label="Fjord Kaffe AS")
    expect(page.get_by_text("Nothing has arrived yet")).to_be_visible()
    page.goto("/vouchers/voucher/")
    expect(page.locator(".bo-scope")).to_contain_text("Fjord Kaffe AS")
    page.get_by_role("link", name="Show all clients").click()
    expect(page.locator("#result_list")).to_contain_text("Nettbutikk 1001")


@pytest.mark.parametrize(("language", "word"), [("nb", "Passord"), ("pl", "Hasło"), ("en", "Password")])
def test_the_login_speaks_the_chosen_language(
    open_page: Callable[..., Page], office: Office, language: str, word: str
) -> None:
    page = open_page()
    page.goto("/login/")
    page.locator(f"button[lang={language}]").click()
    expect(page.get_by_text(word, exact=True)).to_be_visible()
