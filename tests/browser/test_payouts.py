"""A settlement file from the upload to a clearing account that is even, in a real browser."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from backoffice.clients.models import Membership, User
from backoffice.settlements.models import Payout, ProviderAccount
from tests.browser.conftest import log_in
from tests.flows.paying_out import balance, map_payouts
from tests.office import PASSWORD
from tests.world import World

FILE = """\
Salgsdato;Vippsnummer;Transaksjons-ID;Ordre-ID;Brutto;Gebyr;Transaksjonstype;Oppgjørs-ID;Oppgjørsdato;Oppgjørssum
20.11.2026;123455;90001;1001;125,00;-2,19;Salg;2000023;23.11.2026;{paid}
20.11.2026;123455;90002;1002;99,00;-1,73;Salg;2000023;23.11.2026;{paid}
20.11.2026;123455;90003;;-49,00;0,00;Terminalleie;2000023;23.11.2026;{paid}
"""
NOVEMBER = "?from=2026-11-01&through=2026-11-30"


def bookkeeper(open_page: Callable[..., Page], world: World) -> Page:
    """Log the client's bookkeeper in."""
    user = User.objects.create_user("kari", password=PASSWORD)
    Membership.objects.create(user=user, client=world.client, role="bookkeeper")
    page = log_in(open_page(), "kari")
    page.wait_for_selector("#needs-title, .bo-empty")
    return page


def upload(page: Page, text: str) -> None:
    """Choose provider and file, and send them."""
    page.goto("/payouts/upload/")
    page.locator("select[name=provider]").select_option("vipps")
    if page.locator("select[name=client]").count():
        page.locator("select[name=client]").select_option(index=1)
    page.set_input_files("input[name=file]", {"name": "oppgjor.csv", "mimeType": "text/csv", "buffer": text.encode()})
    page.get_by_role("button", name="Upload").click()
    page.get_by_role("status").wait_for()


def test_a_settlement_file_is_taken_to_a_clearing_account_that_is_even(
    open_page: Callable[..., Page], world: World
) -> None:
    map_payouts(world)
    world.sell("1001", 12_500)
    world.sell("1002", 9_900)
    world.post_everything()
    assert balance(world, "1903") == 22_400
    page = bookkeeper(open_page, world)

    upload(page, FILE.format(paid="171,08"))
    expect(page.get_by_role("status")).to_contain_text("6 new rows, 1 new payouts")
    page.get_by_role("status").get_by_role("link", name="Payouts").click()
    page.locator("#result_list a.bo-link", has_text="2000023").click()
    expect(page.locator("#wrong")).to_contain_text("Its rows add up, but 1 row needs a person.")
    expect(page.locator("#parked")).to_contain_text("Terminalleie")
    expect(page.locator("#parked")).to_contain_text("-49.00")
    page.locator("#parked select[name=kind]").select_option("fee")
    page.locator("#parked").get_by_role("button", name="Save").click()
    page.get_by_text("The payout is explained now.").wait_for()
    world.drain()

    page.reload()
    page.locator(".bo-facts a", has_text="2000023").first.click()
    expect(page.locator("#postings tfoot")).to_contain_text("224.00")
    page.get_by_role("button", name="Approve").click()
    page.get_by_text("Approved:").wait_for()
    world.settle()
    world.drain()

    assert Payout.objects.get().state == "posted"
    assert [balance(world, one) for one in ("1903", "7770", "1920")] == [0, 5_292, 17_108]
    page.goto(f"/clearing/{ProviderAccount.objects.get().pk}/{NOVEMBER}")
    expect(page.locator("#verdict")).to_contain_text("Books and provider agree.")
    expect(page.locator("#books tbody")).to_contain_text("of which stands in the books already")
    expect(page.locator("#unnamed")).to_contain_text("0.00")


def test_a_payout_that_is_short_says_by_how_much_and_is_accepted_with_a_reason(
    open_page: Callable[..., Page], world: World
) -> None:
    map_payouts(world)
    page = bookkeeper(open_page, world)
    upload(page, FILE.format(paid="170,00").replace("Terminalleie", "Salg").replace("-49,00", "49,00"))
    page.goto(f"/settlements/payout/{Payout.objects.get().pk}/change/")
    expect(page.locator("#wrong")).to_contain_text("The difference is \N{MINUS SIGN}99.08")
    page.locator("summary", has_text="Accept the difference").click()
    page.locator("form.bo-act-form input[name=ledger_account]").first.fill("7770")
    page.get_by_role("button", name="Accept", exact=True).click()
    assert Payout.objects.get().state == "discrepancy", "the browser asks for a reason first"
    page.locator("form.bo-act-form input[name=reason]").fill("Vipps confirms a fee of 99.08")
    page.get_by_role("button", name="Accept", exact=True).click()
    page.get_by_text("The payout is explained now.").wait_for()
    expect(page.locator("#sums")).to_contain_text("Vipps confirms a fee of 99.08")
