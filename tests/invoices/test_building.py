"""From sales and refunds as they were reported to documents: credit notes, foreign money, rounding, tips, receipts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from backoffice.clients.models import Client
from backoffice.contracts.sales import PaymentDetails, RefundDetails, RefundLineDetails, SaleKind, SaleLineDetails
from backoffice.invoices.building import document_of_refund, document_of_sale
from backoffice.invoices.document import DocumentKind, Incomplete, WithoutVat
from backoffice.invoices.models import HomeRate, SellerProfile
from backoffice.ledger.money import Money
from backoffice.ledger.vat import split_gross
from backoffice.sales.models import Sale
from backoffice.sales.services import record_refund
from tests.invoices.conftest import BUYER, give_profile
from tests.world import SOLD_AT, World

Sell = Callable[..., Sale]
DAY = SOLD_AT.date()


def line(name: str, minor: int, rate: str = "25", quantity: int = 1, currency: str = "NOK") -> SaleLineDetails:
    gross = Money(minor, currency)
    vat = split_gross(gross, Decimal(rate)).vat
    return SaleLineDetails(name, name, gross, vat, Decimal(rate), quantity=Decimal(quantity))


def test_a_refund_becomes_a_credit_note_that_names_its_invoice(world: World) -> None:
    give_profile(world.client)
    sale = world.sell("1001", 20_000, customer=BUYER, lines=(line("Chair", 15_000, quantity=3), line("Lamp", 5_000)))
    world.post_everything()
    back = Money(5_000, "NOK")
    refund = record_refund(
        sales_point=world.shop,
        refund=RefundDetails(
            "R-1", "1001", SOLD_AT + timedelta(days=2), back, (RefundLineDetails("Chair", back, Decimal(1)),),
            reason="Angrerett", payments=(PaymentDetails("back-1", "vipps", back, SOLD_AT + timedelta(days=2)),),
        ),
        event=None,
    ).refund  # fmt: skip
    with pytest.raises(Incomplete, match="not decided yet"):
        document_of_refund(refund, language="nb")
    world.post_everything()
    sale.refresh_from_db()
    refund.refresh_from_db()

    document = document_of_refund(refund, language="nb")

    assert sale.voucher is not None
    assert (document.kind, document.credited_number) == (DocumentKind.CREDIT_NOTE, sale.voucher.invoice_number)
    assert document.number not in ("", document.credited_number)
    assert [(one.description, str(one.quantity), str(one.gross), str(one.vat)) for one in document.lines] == [
        ("Chair", "1", "50.00", "10.00")
    ]
    assert (str(document.total), str(document.due), document.reason) == ("50.00", "0.00", "Angrerett")


def test_money_back_for_a_refund_leaves_the_paid_invoice_paid(sell: Sell) -> None:
    sale = sell()
    back = Money(2_500, "NOK")
    refund = RefundDetails("R-1", "1001", SOLD_AT, back, payments=(PaymentDetails("b", "vipps", back, SOLD_AT),))
    record_refund(sales_point=sale.sales_point, refund=refund, event=None)

    document = document_of_sale(sale, language="nb")

    assert (document.kind, str(document.due), len(document.payments)) == (DocumentKind.PAID_INVOICE, "0.00", 1)


def test_foreign_money_needs_a_rate_of_the_last_week(sell: Sell) -> None:
    sale = sell(currency="EUR", lines=(line("Chair", 12_500, currency="EUR"),))
    client = Client.objects.get()
    HomeRate.objects.create(client=client, currency="EUR", rated_on=DAY - timedelta(days=8), rate=Decimal("11.5"))

    with pytest.raises(Incomplete, match="no rate of EUR is known"):
        document_of_sale(sale, language="en")
    HomeRate.objects.create(client=client, currency="EUR", rated_on=DAY - timedelta(days=2), rate=Decimal("11.7325"))
    document = document_of_sale(sale, language="en")

    assert [(str(one.vat), str(one.vat_home)) for one in document.vat] == [("25.00", "293.31")]
    assert document.exchange is not None
    assert document.exchange.on == DAY - timedelta(days=2)


def test_rounding_and_tip_stand_apart_without_vat(sell: Sell) -> None:
    total = Money(13_500, "NOK")
    payment = PaymentDetails("p", "vipps", total, SOLD_AT)
    sale = sell(
        gross_minor=13_500, total=total, lines=(line("Meal", 12_540),), rounding=Money(-40, "NOK"),
        tip=Money(1_000, "NOK"), payments=(payment,),
    )  # fmt: skip

    document = document_of_sale(sale, language="nb")

    assert (str(document.rounding), str(document.tip), str(document.total)) == ("-0.40", "10.00", "135.00")
    assert str(document.net + document.vat_sum) == "125.40"


def test_a_cash_sale_gets_a_receipt_under_its_own_reference(sell: Sell) -> None:
    document = document_of_sale(sell(kind=SaleKind.CASH_SALE, number=""), language="nb")

    assert (document.kind, document.number) == (DocumentKind.RECEIPT, "1001")


def test_dates_and_kid_are_those_of_the_shops_invoice_else_by_the_sellers_terms(sell: Sell) -> None:
    document = document_of_sale(sell(paid=False), language="nb")

    assert (document.issued_on, document.due_on) == (DAY, DAY + timedelta(days=14))
    assert document.slip is not None
    assert (document.slip.account, document.slip.kid) == ("86011117947", "12345674")
    SellerProfile.objects.update(payment_terms_days=30, bank_account="")
    later = document_of_sale(sell("1002", paid=False), language="nb")
    assert (later.due_on, later.slip) == (DAY + timedelta(days=30), None)


def test_the_seller_is_named_as_the_law_asks(sell: Sell) -> None:
    sale = sell()
    seller = document_of_sale(sale, language="nb").seller
    assert (seller.vat_number, seller.is_in_company_register) == ("NO 923 609 016 MVA", True)

    SellerProfile.objects.update(is_vat_registered=False, company_form="ENK")
    seller = document_of_sale(sale, language="nb").seller
    assert (seller.vat_number, seller.organisation_number, seller.is_in_company_register) == ("", "923 609 016", False)


def test_a_sale_below_zero_is_no_invoice(sell: Sell) -> None:
    minus = Money(-12_500, "NOK")
    sale = sell(total=minus, lines=(line("Chair", -12_500, quantity=-1),), paid=False)

    with pytest.raises(Incomplete, match="names no invoice that it credits"):
        document_of_sale(sale, language="nb")


@pytest.mark.parametrize(
    ("codes", "why"),
    [
        (["3", "52"], WithoutVat.EXPORT), (["6"], WithoutVat.EXEMPT), (["5"], WithoutVat.ZERO_RATED),
        (["5", "52"], WithoutVat.ZERO_RATED), (["3"], WithoutVat.ZERO_RATED),
    ],
)  # fmt: skip
def test_the_vat_code_of_the_books_says_why_there_is_no_vat(world: World, codes: list[str], why: WithoutVat) -> None:
    give_profile(world.client, company_form="ENK")
    sale = world.sell(customer=BUYER)
    world.post_everything()
    sale.refresh_from_db()
    assert sale.voucher is not None
    posted = sale.voucher.postings.filter(customer_key="")
    first = posted.first()
    assert first is not None
    for position, code in enumerate(codes[1:], 90):
        first.pk, first.position, first.vat_code = None, position, code
        first.save()
    posted.filter(position__lt=90).update(vat_code=codes[0])

    assert document_of_sale(sale, language="nb").without_vat is why
