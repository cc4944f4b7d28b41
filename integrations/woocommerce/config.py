"""What one connection to a WooCommerce shop needs, and the same read into sets for the wire."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import ClassVar, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from backoffice.contracts.provider import setting
from backoffice.ledger.errors import LedgerError
from backoffice.ledger.vat import parse_rate
from integrations.configs import StoredConfig, time_zone_problems

PROVIDER = "woocommerce"
#: Smallest secret that we accept; WooCommerce itself proposes 50 characters.
MIN_SECRET_CHARACTERS = 16


@dataclass(frozen=True, slots=True)
class Config(StoredConfig):
    """Stored values of a connection, all text. Lists are separated by commas."""

    provider: ClassVar[str] = PROVIDER
    shop_url: str = field(
        metadata=setting("Shop address", help_text="The shop's front page, such as https://nordlys.example.")
    )
    webhook_secret: str = field(
        metadata=setting(
            "Webhook secret",
            is_secret=True,
            help_text="The same as in WooCommerce > Settings > Advanced > Webhooks; 16 characters or more.",
        )
    )
    consumer_key: str = field(
        default="",
        metadata=setting(
            "REST consumer key",
            is_secret=True,
            help_text="Read permission is enough. Without it refunds come as amounts only, "
            "and missed orders stay missed.",
        ),
    )
    consumer_secret: str = field(default="", metadata=setting("REST consumer secret", is_secret=True))
    counting_statuses: str = field(
        default="processing, completed",
        metadata=setting("Statuses that count", help_text="An order in any other status is not a sale yet."),
    )
    delivered_status: str = field(
        default="completed",
        metadata=setting(
            "Status that means delivered",
            help_text="Its orders were delivered on their date of completion; empty when it says nothing.",
        ),
    )
    time_zone: str = field(default="Europe/Oslo", metadata=setting("Time zone of delivery dates"))
    unpaid_methods: str = field(
        default="invoice, igfw_invoice_gateway, faktura",
        metadata=setting(
            "Payment methods that are not a payment",
            help_text="WooCommerce dates invoiced orders as paid; these methods' payments are not taken.",
        ),
    )
    organisation_number_keys: str = field(
        default="_billing_org_nr, billing_org_nr, _billing_org_number, billing_org_number, "
        "_billing_organization_number, _billing_vat_number, billing_vat_number, _billing_vat, "
        "_vat_number, vat_number",
        metadata=setting("Meta keys of the organisation number"),
    )
    reference_keys: str = field(
        default="_billing_reference, billing_reference, _billing_po_number, _po_number, po_number",
        metadata=setting("Meta keys of the buyer's own reference"),
    )
    group_meta_key: str = field(
        default="",
        metadata=setting(
            "Meta key of the product group",
            help_text="A line's meta that names its group; without it the group is the tax class.",
        ),
    )
    gift_card_names: str = field(
        default="gift card, giftcard, gavekort, presentkort",
        metadata=setting(
            "Names of gift cards used", help_text="A negative fee whose name holds one of these is a payment."
        ),
    )
    gift_card_coupon_types: str = field(
        default="smart_coupon, store_credit",
        metadata=setting("Coupon types that are gift cards", help_text="Taken off the total after tax."),
    )
    gift_card_skus: str = field(
        default="",
        metadata=setting("SKUs of gift cards sold", help_text="The beginning of the SKU is enough."),
    )
    tip_names: str = field(default="tips, tip, driks, drikkepenger", metadata=setting("Names of tip fees"))
    gift_wrap_names: str = field(
        default="gaveinnpakning, gift wrap, gift wrapping", metadata=setting("Names of gift wrapping fees")
    )
    vat_rates: str = field(
        default="25, 15, 12, 11.11, 0",
        metadata=setting("VAT rates", help_text="Tried when WooCommerce before 3.7 does not state the rate."),
    )

    def problems(self) -> list[str]:
        """List what cannot work, in words."""
        found = []
        address = urlsplit(self.shop_url)
        if address.scheme not in ("https", "http") or not address.hostname:
            found.append("The shop address must be complete, such as https://nordlys.example.")
        elif address.scheme == "http" and address.hostname not in ("127.0.0.1", "localhost", "::1"):
            found.append("The shop address must begin with https, since the REST keys travel with every request.")
        if len(self.webhook_secret) < MIN_SECRET_CHARACTERS:
            found.append(f"The webhook secret must have at least {MIN_SECRET_CHARACTERS} characters.")
        if bool(self.consumer_key) != bool(self.consumer_secret):
            found.append("The REST consumer key and its secret belong together: give both or neither.")
        found += time_zone_problems(self.time_zone)
        try:
            _rates(self.vat_rates)
        except LedgerError as error:
            found.append(f"VAT rates: {error}")
        if not _words(self.counting_statuses):
            found.append("At least one status must count, such as completed.")
        return found

    @property
    def has_rest(self) -> bool:
        """Say whether orders and refunds can be read through REST."""
        return bool(self.consumer_key)

    @property
    def host(self) -> str:
        """Give the shop's host name, without a leading www."""
        return host_of(self.shop_url)


@dataclass(frozen=True, slots=True)
class Rules:
    """The part of a Config that decides how a payload is read, in the form that the wire uses."""

    counting_statuses: tuple[str, ...]
    delivered_status: str
    time_zone: ZoneInfo
    unpaid_methods: frozenset[str]
    organisation_number_keys: tuple[str, ...]
    reference_keys: tuple[str, ...]
    group_meta_key: str
    gift_card_names: tuple[str, ...]
    gift_card_coupon_types: frozenset[str]
    gift_card_skus: tuple[str, ...]
    tip_names: tuple[str, ...]
    gift_wrap_names: tuple[str, ...]
    vat_rates: tuple[Decimal, ...]

    @classmethod
    def of(cls, config: Config) -> Self:
        """Read a checked Config."""
        return cls(
            counting_statuses=_words(config.counting_statuses),
            delivered_status=config.delivered_status.strip().casefold(),
            time_zone=ZoneInfo(config.time_zone),
            unpaid_methods=frozenset(_words(config.unpaid_methods)),
            organisation_number_keys=_words(config.organisation_number_keys),
            reference_keys=_words(config.reference_keys),
            group_meta_key=config.group_meta_key.strip(),
            gift_card_names=_words(config.gift_card_names),
            gift_card_coupon_types=frozenset(_words(config.gift_card_coupon_types)),
            gift_card_skus=_words(config.gift_card_skus),
            tip_names=_words(config.tip_names),
            gift_wrap_names=_words(config.gift_wrap_names),
            vat_rates=_rates(config.vat_rates),
        )

    def is_gift_card(self, name: str) -> bool:
        """Say whether a fee's name speaks of a gift card; part of a word is enough ("Julegavekort")."""
        return any(word in name.casefold() for word in self.gift_card_names)

    def is_tip(self, name: str) -> bool:
        """Say whether a fee is a tip; the whole word must stand in its name."""
        return _has_word(name, self.tip_names)

    def is_gift_wrap(self, name: str) -> bool:
        """Say whether a fee is for gift wrapping."""
        return _has_word(name, self.gift_wrap_names)

    def is_gift_card_sku(self, sku: str) -> bool:
        """Say whether a product is a gift card that is sold."""
        return bool(sku) and sku.casefold().startswith(self.gift_card_skus or ("\0",))


def host_of(url: str) -> str:
    """Give the host name of an address, without port and leading www."""
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip().casefold() for word in text.split(",") if word.strip())


def _rates(text: str) -> tuple[Decimal, ...]:
    return tuple(parse_rate(word) for word in _words(text))


def _has_word(name: str, words: tuple[str, ...]) -> bool:
    return any(re.search(rf"\b{re.escape(word)}\b", name.casefold()) for word in words)
