"""Stored values of a connection."""

from __future__ import annotations

import pytest

from backoffice.contracts.errors import Misconfigured
from integrations.woocommerce.config import Config, Rules
from tests.integrations.woocommerce.shop import VALUES, make_shop


def test_an_address_and_a_secret_are_enough() -> None:
    config = Config.read(VALUES)
    assert not config.has_rest
    assert config.host == "nordlys.example"
    assert Rules.of(config).counting_statuses == ("processing", "completed")


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"webhook_secret": ""}, "Webhook secret is missing"),
        ({"webhook_secret": "short"}, "at least 16"),
        ({"shop_url": "nordlys.example"}, "complete"),
        ({"shop_url": "http://nordlys.example"}, "https"),
        ({"consumer_key": "ck_1"}, "belong together"),
        ({"time_zone": "Oslo"}, "not a time zone"),
        ({"vat_rates": "25, much"}, "VAT rates"),
        ({"counting_statuses": " , "}, "status"),
        ({"colour": "red"}, "Unknown setting 'colour'"),
    ],
)
def test_each_mistake_is_said_in_words(values: dict[str, str], word: str) -> None:
    with pytest.raises(Misconfigured, match=word):
        make_shop(**values)


def test_all_mistakes_are_said_at_once() -> None:
    with pytest.raises(Misconfigured) as caught:
        make_shop(webhook_secret="short", time_zone="Mars")
    assert "16" in caught.value.message
    assert "Mars" in caught.value.message


def test_no_sku_is_a_gift_card_until_one_is_named() -> None:
    rules = Rules.of(Config.read(VALUES))
    assert not rules.is_gift_card_sku("")
    assert not rules.is_gift_card_sku("GAVEKORT-1")
    named = Rules.of(Config.read({**VALUES, "gift_card_skus": "gavekort"}))
    assert named.is_gift_card_sku("GAVEKORT-1")


def test_a_tip_is_a_whole_word_and_a_gift_card_part_of_one() -> None:
    rules = Rules.of(Config.read(VALUES))
    assert rules.is_tip("Tips til laget")
    assert not rules.is_tip("Multiple goods")
    assert rules.is_gift_card("JULEGAVEKORT 12")
