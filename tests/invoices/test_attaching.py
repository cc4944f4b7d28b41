"""Documents of sales stand with their vouchers over there: by policy, once, and again after a reversal."""

from __future__ import annotations

import base64
from datetime import date, timedelta
from typing import Any

import pytest

from backoffice.contracts.sales import IssuedCreditNote, IssuedInvoice, PaymentDetails, RefundDetails
from backoffice.invoices.attaching import attachment_of
from backoffice.invoices.models import DocumentPolicy, IssuedDocument
from backoffice.invoices.services import file_of, request_document
from backoffice.ledger.money import Money
from backoffice.sales.models import Sale
from backoffice.sales.services import record_payment, record_refund
from backoffice.vouchers.models import Voucher, VoucherAttachment
from backoffice.vouchers.reversing import reverse
from backoffice.workflows.drafting_anew import draft_anew
from tests.invoices.conftest import BUYER, give_profile
from tests.world import SOLD_AT, TESTER, World

pytestmark = pytest.mark.usefixtures("pango")


@pytest.fixture
def shop(world: World) -> World:
    """Give a shop that issues its invoices itself."""
    give_profile(world.client)
    world.shop.invoice_issuer = "sales_system"
    world.shop.save()
    return world


def sold(world: World, **changes: Any) -> Sale:
    return world.sell(
        "1001", 12_500, customer=BUYER, **{"invoice": IssuedInvoice("F-1001", date(2026, 11, 20)), **changes}
    )


def stored(world: World, voucher: Voucher) -> bytes | None:
    row = world.sandbox.books.documents.get(voucher.external_id)
    return base64.b64decode(row["content"]) if row else None


def test_the_invoice_stands_with_its_voucher_byte_for_byte_whichever_is_there_first(shop: World) -> None:
    sale = sold(shop, paid=False)
    document = request_document(sale=sale, actor=TESTER)
    shop.drain()
    document.refresh_from_db()
    assert document.state == "rendered"
    assert not VoucherAttachment.objects.exists()

    shop.post_everything()

    voucher = Voucher.objects.get(kind="outgoing_invoice")
    attachment = attachment_of(IssuedDocument.objects.get())
    assert attachment is not None
    assert attachment.state == "attached"
    assert stored(shop, voucher) == file_of(document)


def test_of_invoice_and_paid_invoice_the_first_one_made_goes(shop: World) -> None:
    sale = sold(shop, paid=False)
    request_document(sale=sale, actor=TESTER)
    shop.post_everything()
    payment = PaymentDetails("p1", "vipps", Money(12_500, "NOK"), SOLD_AT, sale_reference="1001")
    record_payment(sales_point=shop.shop, payment=payment, event=None)
    request_document(sale=Sale.objects.get(), actor=TESTER)
    shop.post_everything()

    assert sorted(IssuedDocument.objects.values_list("kind", flat=True)) == ["invoice", "paid_invoice"]
    assert list(VoucherAttachment.objects.values_list("name", "state")) == [("invoice-F-1001.pdf", "attached")]
    assert not IssuedDocument.objects.filter(awaits_voucher=True).exists()


def test_nothing_is_attached_where_the_policy_says_so(shop: World) -> None:
    DocumentPolicy.objects.create(sales_point=shop.shop, makes_paid_invoices=True, attaches_to_voucher=False)
    sold(shop)
    shop.post_everything()

    assert IssuedDocument.objects.get().state == "rendered"
    assert not VoucherAttachment.objects.exists()


def test_made_by_itself_it_is_attached_by_itself_and_the_credit_note_too(shop: World) -> None:
    DocumentPolicy.objects.create(sales_point=shop.shop, makes_paid_invoices=True)
    sale = sold(shop)
    shop.post_everything()
    assert list(VoucherAttachment.objects.values_list("name", "state")) == [("paid-invoice-F-1001.pdf", "attached")]

    back_at = SOLD_AT + timedelta(days=1)
    refund = RefundDetails("r1", "1001", back_at, Money(12_500, "NOK"), credit_note=IssuedCreditNote("K-1"))
    recorded = record_refund(sales_point=shop.shop, refund=refund, event=None).refund
    shop.drain()
    recorded.refresh_from_db()
    request_document(sale=sale, refund=recorded, actor=TESTER)
    shop.post_everything()

    note = VoucherAttachment.objects.get(voucher__kind="outgoing_credit_note")
    assert (note.name, note.state) == ("credit-note-K-1.pdf", "attached")


def test_the_paid_invoice_of_an_order_stays_here(world: World) -> None:
    give_profile(world.client)
    DocumentPolicy.objects.create(sales_point=world.shop, makes_paid_invoices=True)
    world.sell("1001", 12_500, customer=BUYER)
    world.post_everything()

    assert IssuedDocument.objects.get().state == "rendered"
    assert not IssuedDocument.objects.get().awaits_voucher
    assert not VoucherAttachment.objects.exists()


def test_the_voucher_that_takes_a_reversed_ones_place_gets_its_document(shop: World) -> None:
    sale = sold(shop, paid=False)
    request_document(sale=sale, actor=TESTER)
    shop.post_everything()
    first = Voucher.objects.get(kind="outgoing_invoice")
    reverse(voucher_id=first.pk, actor=TESTER, reason="wrong account")
    shop.settle()
    first.refresh_from_db()
    assert first.state == "reversed"
    draft_anew(voucher_id=first.pk, actor=TESTER)
    shop.post_everything()

    second = Voucher.objects.get(kind="outgoing_invoice", state="posted")
    assert second.generation == 1
    assert stored(shop, second) == file_of(IssuedDocument.objects.get())
    assert VoucherAttachment.objects.filter(state="attached").count() == 2
