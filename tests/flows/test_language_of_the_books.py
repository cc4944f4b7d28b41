"""Vouchers of a client whose books are Norwegian say what they are in Norwegian, here and over there."""

from __future__ import annotations

import pytest

from backoffice.contracts.documents import DocumentKind
from backoffice.vouchers.models import Voucher
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def posted_payments(world: World, language: str) -> Voucher:
    world.client.books_language = language
    world.client.save(update_fields=["books_language"])
    world.sell("1001")
    world.post_everything()
    return Voucher.objects.get(kind=DocumentKind.BANK_JOURNAL)


def test_a_day_of_payments_is_worded_in_norwegian_in_the_books(world: World) -> None:
    voucher = posted_payments(world, "nb")
    assert voucher.description.startswith("Betalinger 20.11.2026")
    assert voucher.document["description"] == voucher.description
    texts = {line["description"] for line in voucher.document["lines"]}
    assert texts == set(voucher.postings.values_list("description", flat=True))


def test_english_is_the_default_and_changes_nothing(world: World) -> None:
    assert posted_payments(world, "en").description.startswith("Payments 2026-11-20")


def test_the_shops_own_texts_stay(world: World) -> None:
    posted_payments(world, "nb")
    order = Voucher.objects.get(kind=DocumentKind.SALES_ORDER)
    assert "Chair" in {posting.description for posting in order.postings.all()}
