"""A webshop order becomes an invoice and a matched payment in PowerOffice, approved by a person, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from backoffice.chart.models import BookLimits
from backoffice.connections.services import resume
from backoffice.contracts.sales import Address, CustomerDetails, PaymentDetails, SaleLineDetails
from backoffice.ledger.money import Money
from backoffice.ledger.vat import split_gross
from backoffice.sales.models import Payment
from backoffice.sales.services import record_payment, record_sale
from backoffice.vouchers.models import Voucher
from backoffice.vouchers.services import NotAllowed, approve, resend
from backoffice.workflows.services import link_customer
from integrations.poweroffice.sandbox import Fault
from tests.world import SOLD_AT, TESTER, World, asked, requests_to, sale_details


def test_an_order_is_invoiced_and_its_payment_matched(world: World) -> None:
    world.sell("1001", 12_500)

    world.drain()
    order = Voucher.objects.get(kind="sales_order")
    assert order.state == "awaiting_approval"
    lines = [(p.ledger_account, p.amount_minor, p.vat_code, p.matching_reference) for p in order.postings.all()]
    assert lines == [("1500", 12_500, "0", "nettbutikk/1001"), ("3000", -12_500, "3", "")]

    world.approve_all()
    world.settle()
    world.close_days()
    world.approve_all()
    world.settle()

    order.refresh_from_db()
    assert order.state == "posted"
    assert order.invoice_number
    assert world.wrong_in_the_books(sales=1, clearing={"1903": 12_500}) == []


def test_the_payment_may_be_posted_before_the_invoice(world: World) -> None:
    world.sell("1001", 12_500)
    world.drain()

    world.close_days()
    for voucher in Voucher.objects.filter(kind="bank_journal"):
        approve(voucher_id=voucher.pk, actor=TESTER)
    world.settle()
    assert Voucher.objects.get(kind="bank_journal").state == "posted"
    assert asked(world.sandbox, "proof")[next(iter(asked(world.sandbox, "proof")))]["open_items"] == 1

    world.approve_all()
    world.settle()

    assert world.wrong_in_the_books(sales=1, clearing={"1903": 12_500}) == []


def test_a_basket_of_several_rates_comes_to_what_the_customer_saw(world: World) -> None:
    world.map_group("*", "15.00", "3030", "31")
    world.map_group("*", "12.00", "3050", "33")
    world.map_group("*", "0.00", "3100", "5")
    parts = [("Chair", "25", 99_901), ("Coffee", "15", 8_993), ("Ticket", "12", 22_001), ("Book", "0", 34_900)]
    lines = tuple(
        SaleLineDetails(name, name, gross, split_gross(gross, Decimal(rate)).vat, Decimal(rate), quantity=Decimal(3))
        for name, rate, gross in ((n, r, Money(m, "NOK")) for n, r, m in parts)
    )
    owed = sum(minor for _, _, minor in parts)
    world.sell("1001", owed, lines=lines)

    world.post_everything()

    assert world.wrong_in_the_books(sales=1, clearing={"1903": owed}) == []


@pytest.mark.parametrize("gross_minor", [2, 7, 12, 17, 12_507])
def test_a_total_that_no_unit_price_gives_has_a_visible_rounding_line(world: World, gross_minor: int) -> None:
    world.sell("1001", gross_minor)

    world.post_everything()

    postings = Voucher.objects.get(kind="sales_order").postings
    assert postings.filter(ledger_account="7740").count() == 1
    assert world.wrong_in_the_books(sales=1, clearing={"1903": gross_minor}) == []


def test_two_payments_of_one_invoice_on_one_day_are_one_line_that_matches(world: World) -> None:
    payments = (
        PaymentDetails("g-1", "klarna_payments", Money(2_500, "NOK"), SOLD_AT),
        PaymentDetails("v-1", "vipps", Money(10_000, "NOK"), SOLD_AT + timedelta(hours=1)),
    )
    world.sell("1001", 12_500, payments=payments)

    world.post_everything()

    journal = Voucher.objects.get(kind="bank_journal")
    assert [p.amount_minor for p in journal.postings.filter(ledger_account="1500")] == [-12_500]
    assert world.wrong_in_the_books(sales=1, clearing={"1903": 10_000, "1904": 2_500}) == []


def test_a_company_with_an_organisation_number_gets_its_invoice_by_ehf(world: World) -> None:
    company = CustomerDetails(
        name="Kunde AS",
        is_company=True,
        organisation_number="923609016",
        email="faktura@kunde.example",
        address=Address("Storgata 1", "", "0155", "Oslo"),
    )
    world.sell("1001", 12_500, customer=company)

    world.post_everything()

    customers = world.sandbox.books.customers.all()
    assert [(c["Name"], c["OrganizationNumber"], c["InvoiceDeliveryType"]) for c in customers] == [
        ("Kunde AS", "923609016", "EHF")
    ]
    assert world.wrong_in_the_books(sales=1, clearing={"1903": 12_500}) == []


def test_a_paid_order_uses_the_paid_theme_also_when_the_payment_comes_later(world: World) -> None:
    sale = world.sell("1001", 12_500, paid=False)
    world.drain()
    assert Voucher.objects.get(kind="sales_order").document["branding_theme"] == "STD"

    payment = PaymentDetails("v-1", "vipps", Money(12_500, "NOK"), SOLD_AT, sale_reference=sale.reference)
    record_payment(sales_point=world.shop, payment=payment, event=None)
    world.drain()

    assert Voucher.objects.get(kind="sales_order").document["branding_theme"] == "PAID"


def test_a_payment_that_comes_before_its_sale_waits_for_it(world: World) -> None:
    payment = PaymentDetails("v-1", "vipps", Money(12_500, "NOK"), SOLD_AT, sale_reference="1001")
    record_payment(sales_point=world.shop, payment=payment, event=None)
    world.drain()
    assert not Voucher.objects.exists()

    world.sell("1001", 12_500, paid=False)
    world.post_everything()

    assert world.wrong_in_the_books(sales=1, clearing={"1903": 12_500}) == []


def test_a_sale_in_euro_is_ordered_paid_and_matched_in_euro(world: World) -> None:
    gross = Money(11_900, "EUR")
    line = SaleLineDetails("1", "Chair", gross, split_gross(gross, Decimal(25)).vat, Decimal("25.00"))
    world.sell("1001", 11_900, currency="EUR", lines=(line,))

    world.post_everything()

    assert {v.currency for v in Voucher.objects.all()} == {"EUR"}
    assert world.wrong_in_the_books(sales=1, clearing={}) == []


def test_what_comes_for_a_closed_day_goes_into_a_supplement(world: World) -> None:
    world.sell("1001", 12_500)
    world.post_everything()

    world.sell("1002", 5_000)
    world.post_everything()

    days = list(Voucher.objects.filter(kind="bank_journal").order_by("id").values_list("source_key", "state"))
    assert days == [("2026-11-20/NOK/0", "posted"), ("2026-11-20/NOK/1", "posted")]
    assert world.wrong_in_the_books(sales=2, clearing={"1903": 17_500}) == []


def test_what_comes_late_in_pieces_is_one_supplement(world: World) -> None:
    world.sell("1001", 12_500)
    world.drain()
    assert Voucher.objects.get(kind="bank_journal").state == "awaiting_approval"  # its day is long over
    world.approve_all()
    world.settle()

    for number in ("1002", "1003"):
        world.sell(number, 5_000)
        world.drain()

    supplement = Voucher.objects.get(source_key="2026-11-20/NOK/1")
    assert (supplement.state, supplement.payments.count()) == ("draft", 2)
    world.post_everything()
    assert world.wrong_in_the_books(sales=3, clearing={"1903": 22_500}) == []


def test_a_failed_voucher_says_why_and_is_resent_once_after_the_fix(world: World) -> None:
    for account in world.sandbox.books.accounts.all():
        if account["AccountNo"] == 3000:
            world.sandbox.books.accounts.change(account["Id"], IsActive=False)
    world.sell("1001", 12_500, paid=False)
    world.drain()
    world.approve_all()
    world.settle()
    voucher = Voucher.objects.get()
    assert voucher.state == "failed"
    assert voucher.reasons[0]["detail"]

    for account in world.sandbox.books.accounts.all():
        if account["AccountNo"] == 3000:
            world.sandbox.books.accounts.change(account["Id"], IsActive=True)
    resend(voucher_id=voucher.pk, actor=TESTER)
    world.settle()

    voucher.refresh_from_db()
    assert voucher.state == "posted"
    assert len(world.sandbox.books.orders) == 1


def test_a_customer_that_is_ambiguous_goes_to_a_person(world: World) -> None:
    for number in ("C1", "C2"):
        world.sell(number, 1_000, customer=CustomerDetails(name="Kari", email="same@example.no", reference=number))
    world.drain()
    world.approve_all()
    world.settle()
    # both sales were the same person by e-mail: one customer over there
    assert len(world.sandbox.books.customers) == 1

    only = world.sandbox.books.customers.all()[0]
    twin = {**only, "Id": only["Id"] + 10_000, "Number": only["Number"] + 1, "ExternalImportReference": None,
            "SubledgerAccountId": only["SubledgerAccountId"] + 10_000}  # fmt: skip
    world.sandbox.books.customers.put(twin)
    world.sell("C3", 1_000, customer=CustomerDetails(name="Kari", email="same@example.no", reference="C3"))
    world.drain()
    world.approve_all()
    world.settle()

    voucher = Voucher.objects.get(description="Nettbutikk C3")
    assert voucher.state == "failed"
    assert voucher.reasons[0]["code"] == "customer_ambiguous"
    assert len(world.sandbox.books.customers) == 2

    key = voucher.reasons[0]["subject"]
    with pytest.raises(NotAllowed, match="no active customer"):
        link_customer(client=world.client, customer_key=key, number="99999", actor=TESTER)
    link_customer(client=world.client, customer_key=key, number=str(twin["Number"]), actor=TESTER)
    world.settle()

    voucher.refresh_from_db()
    assert voucher.state == "posted"
    assert len(world.sandbox.books.customers) == 2


def test_the_total_is_compared_before_the_invoice_is_sent(world: World) -> None:
    """A ledger account whose VAT code was changed over there after we read the chart would give another total."""
    for account in world.sandbox.books.accounts.all():
        if account["AccountNo"] == 3000:
            food = next(row for row in world.sandbox.books.accounts.all() if row["VatCode"] == "31")
            world.sandbox.books.accounts.change(account["Id"], VatCode="31", VatCodeId=food["VatCodeId"])
    world.sell("1001", 12_500)
    world.drain()
    world.approve_all()
    world.settle()

    voucher = Voucher.objects.get(kind="sales_order")
    assert voucher.state == "failed"
    assert voucher.reasons[0]["code"] == "total_differs"
    assert requests_to(world.sandbox, "POST /v2/SalesOrders/{id}/createAndSendInvoice") == 0
    assert asked(world.sandbox, "proof")[next(iter(asked(world.sandbox, "proof")))]["sales_orders_open"] == 0


def test_missing_privileges_pause_the_connection_and_one_fix_releases_all(world: World) -> None:
    world.sandbox.faults.rules.append(Fault("401", "POST /v2/SalesOrders/Complete", count=2))
    world.sell("1001", 12_500)
    world.drain()
    world.approve_all()
    world.drain()
    world.connection.refresh_from_db()
    assert world.connection.paused_at is not None
    assert Voucher.objects.get(kind="sales_order").state == "approved"

    resume(connection=world.connection, actor=TESTER)
    world.post_everything()

    assert world.wrong_in_the_books(sales=1, clearing={"1903": 12_500}) == []


def test_a_locked_period_is_seen_before_sending_and_the_policy_decides(world: World) -> None:
    world.sell("1001", 12_500)
    world.drain()
    world.approve_all()
    world.sandbox.books.set_lock_date(date(2026, 11, 22))
    BookLimits.objects.all().delete()
    world.settle()
    assert Voucher.objects.get(kind="sales_order").reasons[0]["code"] == "locked_period"

    world.client.locked_period = "move"
    world.client.save()
    world.post_everything()

    order = Voucher.objects.get(kind="sales_order")
    assert (order.state, order.dated_on, order.original_dated_on) == (
        "posted",
        date(2026, 11, 23),
        date(2026, 11, 20),
    )


def test_the_same_sale_reported_twice_is_one_sale_and_one_voucher(world: World) -> None:
    details = sale_details("1001")
    first = record_sale(sales_point=world.shop, sale=details, event=None)
    again = record_sale(sales_point=world.shop, sale=replace(details, revision=7), event=None)
    world.drain()

    assert (first.outcome, again.outcome) == ("created", "same")
    assert Voucher.objects.filter(kind="sales_order").count() == 1
    assert Payment.objects.count() == 1
