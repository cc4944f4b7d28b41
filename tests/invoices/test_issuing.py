"""A document is asked for, made once, stored under its hash, and given as it is from then on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from backoffice.contracts.sales import PaymentDetails
from backoffice.invoices import pdf
from backoffice.invoices.document import Incomplete
from backoffice.invoices.models import DocumentPolicy, IssuedDocument, SellerProfile
from backoffice.invoices.services import (
    FileMissing,
    file_of,
    get_document,
    render_due,
    request_document,
    request_due,
)
from backoffice.ledger.money import Money
from backoffice.sales.models import Sale
from backoffice.sales.services import record_payment
from backoffice.worker.jobs import drain_once
from tests.invoices.conftest import BUYER, give_profile
from tests.invoices.reading import text_of
from tests.world import SOLD_AT, TESTER, World

pytestmark = pytest.mark.usefixtures("pango")
Sell = Callable[..., Sale]


def test_a_paid_sale_gets_a_paid_invoice_that_says_so(sell: Sell) -> None:
    row = get_document(sale=sell(), actor=TESTER)

    assert (row.kind, row.number, row.state, row.language) == ("paid_invoice", "F-1001", "rendered", "nb")
    text = text_of(file_of(row))
    assert "BETALT" in text
    assert "Å betale NOK 0,00" in text


def test_a_second_ask_gives_the_stored_file_even_when_everything_else_has_changed(
    sell: Sell, monkeypatch: pytest.MonkeyPatch
) -> None:
    sale = sell()
    first = get_document(sale=sale, actor=TESTER)
    SellerProfile.objects.update(city="Bergen")
    monkeypatch.setattr(pdf, "render", lambda *_: pytest.fail("it was made anew"))

    again = get_document(sale=sale, actor=TESTER)

    assert (again.pk, again.sha256) == (first.pk, first.sha256)
    assert "Bergen" not in text_of(file_of(again))


def test_a_file_that_was_changed_or_lost_is_told_and_never_made_anew(sell: Sell) -> None:
    row = get_document(sale=sell(), actor=TESTER)
    row.path.write_bytes(b"%PDF-1.7 something else")

    with pytest.raises(FileMissing, match="was changed after it was stored"):
        file_of(row)
    row.path.unlink()
    with pytest.raises(FileMissing, match=r"Restore .* from a backup"):
        file_of(row)


def test_an_unpaid_sale_gets_an_invoice_and_later_a_paid_one_beside_it(sell: Sell) -> None:
    sale = sell(paid=False)
    unpaid = get_document(sale=sale, actor=TESTER)
    payment = PaymentDetails("vipps-1", "vipps", Money(12_500, "NOK"), SOLD_AT, sale_reference="1001")
    record_payment(sales_point=sale.sales_point, payment=payment, event=None)

    paid = get_document(sale=sale, actor=TESTER)

    assert (unpaid.kind, paid.kind) == ("invoice", "paid_invoice")
    assert "KID 12345674" in text_of(file_of(unpaid))
    assert "KID" not in text_of(file_of(paid))


def test_a_sale_without_a_number_or_seller_details_says_what_is_missing(sell: Sell) -> None:
    with pytest.raises(Incomplete, match="no invoice number yet"):
        request_document(sale=sell("1", number=""), actor=TESTER)
    SellerProfile.objects.all().delete()
    with pytest.raises(Incomplete, match="no seller details yet"):
        request_document(sale=sell("2"), actor=TESTER)
    assert IssuedDocument.objects.count() == 0


def test_without_pango_everything_but_the_file_works_and_the_command_is_named(
    sell: Sell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_library(name: str) -> Any:
        raise OSError(f"cannot load library 'libpango-1.0-0' for {name}")

    pdf.forget()
    monkeypatch.setattr("backoffice.invoices.pdf.importlib.import_module", no_library)
    sale = sell()

    with pytest.raises(pdf.PangoMissing, match=r"apt-get install .*libpango-1\.0-0"):
        get_document(sale=sale, actor=TESTER)
    assert render_due(sale.client) == 0
    assert IssuedDocument.objects.get().state == "requested"

    monkeypatch.undo()
    pdf.forget()
    assert render_due(sale.client) == 1
    assert IssuedDocument.objects.get().state == "rendered"


def test_a_document_that_cannot_be_laid_out_is_kept_as_failed_and_can_be_asked_for_again(
    sell: Sell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_long(*_: Any) -> bytes:
        raise pdf.CannotRender("The document has more than 200 pages. Split the sale.")

    sale = sell()
    with monkeypatch.context() as patch:
        patch.setattr(pdf, "render", too_long)
        with pytest.raises(pdf.CannotRender, match="Split the sale"):
            get_document(sale=sale, actor=TESTER)
    assert IssuedDocument.objects.get().failed_because.endswith("Split the sale.")

    assert get_document(sale=sale, actor=TESTER).state == "rendered"


def test_by_policy_paid_invoices_are_made_by_themselves_and_what_cannot_be_is_shown_once(
    world: World, settings: Any
) -> None:
    give_profile(world.client)
    DocumentPolicy.objects.create(sales_point=world.shop, makes_paid_invoices=True)
    world.sell("1001", customer=BUYER)
    world.sell("1002")  # its buyer has no address

    world.post_everything()

    made = IssuedDocument.objects.get(sale__reference="1001")
    assert made.state == "rendered"
    assert made.number == made.sale.voucher.invoice_number  # type: ignore[union-attr]  # it was posted
    refused = IssuedDocument.objects.get(sale__reference="1002")
    assert (refused.state, "buyer's address" in refused.failed_because) == ("failed", True)
    assert drain_once(world.client) == 0
    assert request_due(world.client) == 0


def test_nothing_is_made_for_a_sales_point_without_a_policy(world: World) -> None:
    world.sell("1001")

    world.post_everything()

    assert IssuedDocument.objects.count() == 0
