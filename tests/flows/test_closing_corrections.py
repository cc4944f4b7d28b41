"""A till's day that was posted wrong is posted again, once; more returns than sales at a rate are said."""

from __future__ import annotations

from decimal import Decimal

import pytest

from backoffice.contracts.closings import ClosingPayment, ClosingSales
from backoffice.sales.closings import record_day_closing
from backoffice.sales.models import DayClosing
from backoffice.vouchers.models import Voucher
from backoffice.vouchers.reversing import reverse
from backoffice.vouchers.services import withdraw
from backoffice.workflows.drafting_anew import draft_anew
from tests.flows.paying_out import balance, proof
from tests.flows.test_day_closings import closing, nok, simple, till
from tests.world import TESTER, World

__all__ = ["till"]


def test_a_withdrawn_closing_is_drafted_again_as_another_document(till: World) -> None:
    record_day_closing(sales_point=till.shop, closing=simple(), event=None)
    till.drain()
    first = Voucher.objects.get()
    withdraw(voucher_id=first.pk, actor=TESTER, reason="wrong account")
    draft_anew(voucher_id=first.pk, actor=TESTER)
    till.post_everything()

    second = DayClosing.objects.get().voucher
    assert second is not None
    assert (second.pk != first.pk, second.source_key, second.generation) == (True, first.source_key, 1)
    assert second.state == "posted"
    assert set(second.postings.values_list("ledger_account", flat=True)) == {"1900", "3000"}


@pytest.mark.parametrize("posting", ["per_sales_point", "consolidated"])
def test_a_reversed_day_is_posted_again_and_stands_in_the_books_once(till: World, posting: str) -> None:
    till.shop.day_posting = posting
    till.shop.save()
    record_day_closing(sales_point=till.shop, closing=simple(), event=None)
    till.post_everything()
    first = Voucher.objects.get()
    assert first.state == "posted"
    reverse(voucher_id=first.pk, actor=TESTER, reason="wrong account")
    for _ in range(5):
        till.drain()
    draft_anew(voucher_id=first.pk, actor=TESTER)
    till.post_everything()

    assert sorted(Voucher.objects.values_list("state", flat=True)) == ["posted", "reversed"]
    assert not proof(till)["duplicates"]
    assert balance(till, "1900") == 10_000


@pytest.mark.parametrize(
    ("language", "ending"),
    [
        ("en", "2026-11-20 (more returns than sales: VAT code 31)"),
        ("nb", "2026-11-20 (flere returer enn salg: mva-kode 31)"),
        ("pl", "2026-11-20 (więcej zwrotów niż sprzedaży: kod VAT 31)"),
    ],
)
def test_more_returns_than_sales_at_a_rate_are_said_and_stop_nothing(till: World, language: str, ending: str) -> None:
    till.client.books_language = language
    till.client.save(update_fields=["books_language"])
    sales = (
        ClosingSales("house", Decimal("25.00"), nok(10_000)),
        ClosingSales("takeaway", Decimal("15.00"), nok(-2_300)),
    )
    record_day_closing(
        sales_point=till.shop, closing=closing(sales=sales, payments=(ClosingPayment("cash", nok(7_700)),)), event=None
    )
    till.post_everything()

    voucher = Voucher.objects.get()
    assert voucher.state == "posted"
    assert voucher.description.endswith(ending)
    assert voucher.document["description"] == voucher.description
    steps = voucher.postings.get(vat_code="31").why
    assert any("More came back than was sold here at 15" in step["text"] for step in steps)
    assert not any("More came back" in step["text"] for step in voucher.postings.get(vat_code="3").why)
