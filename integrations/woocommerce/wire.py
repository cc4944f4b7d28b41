"""Read an order of WooCommerce (wc/v3) into what happened, without asking anybody.

The order's `id` is the sale's reference, since a deleted order names nothing else and plugins can change
`number`. Stated total = items with VAT - gift cards; it does not change by refunds. Times end in `_gmt`; the
others are in the shop's zone and not read. Same bytes, same result.
https://woocommerce.github.io/woocommerce-rest-api-docs/#order-properties
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from backoffice.contracts.sales import (
    Ignored,
    PaymentDetails,
    SaleCancelled,
    SaleDetails,
    SaleKind,
    SalesEvent,
)
from backoffice.ledger.errors import LedgerError
from backoffice.ledger.money import Money, total
from integrations.woocommerce.config import Rules
from integrations.woocommerce.customer import buyers_reference, read_customer
from integrations.woocommerce.items import GiftCard, ItemReader, Items, add_up
from integrations.woocommerce.rates import RateTable, rates_off
from integrations.woocommerce.reading import Node, refuse
from integrations.woocommerce.refunds import GIFT_CARD_METHOD, RefundReader

REFUNDED, CANCELLED, TRASHED = "refunded", "cancelled", "trash"
UNKNOWN_METHOD = "other"
WAITING_STATUSES = {
    "pending": "is not paid yet",
    "on-hold": "waits for its payment",
    "failed": "could not be paid",
    "checkout-draft": "has not been placed yet",
    "auto-draft": "has not been placed yet",
    "draft": "has not been placed yet",
}


def sale_reference(order: Node) -> str:
    """Give the reference under which an order's sale is known."""
    return order.identity()


def counts(order: Node, rules: Rules) -> bool:
    """Say whether an order is a sale: its status counts, or it was one and has been given back in full."""
    status = _status(order)
    return status in rules.counting_statuses or status == REFUNDED or _is_paid_back(order, status)


def has_refunds(order: Node) -> bool:
    """Say whether money or goods of the order went back."""
    return bool(order.items("refunds"))


def read_deleted(order: Node) -> SaleCancelled:
    """Read the payload of order.deleted, which holds the id and nothing else."""
    reference = sale_reference(order)
    return SaleCancelled(reference, f"Order {reference} was deleted in WooCommerce.")


def read_order(order: Node, rules: Rules, refunds: Sequence[Node] | None = None) -> tuple[SalesEvent, ...]:
    """Give the sale with its payments, then its refunds; or why there is none.

    refunds are the refund objects from REST; None takes the order's summary. Raises UnreadablePayload.
    """
    reference, status = sale_reference(order), _status(order)
    if not counts(order, rules):
        return (_not_a_sale(reference, status, rules),)
    reading = _Reading.of(order, rules)
    sale = reading.sale()
    events: list[SalesEvent] = [sale]
    reader = RefundReader(sale, reading.method, reading.transaction_id, replace(reading.reader, sign=-1))
    if refunds is None:
        events += reader.from_summaries(order.items("refunds"), reading.changed_at)
    else:
        events += reader.from_objects(refunds, reading.changed_at)
    return tuple(events)


def _status(order: Node) -> str:
    return order.text("status").casefold().removeprefix("wc-")


def _not_a_sale(reference: str, status: str, rules: Rules) -> SaleCancelled | Ignored:
    if status in (CANCELLED, TRASHED):
        word = "cancelled" if status == CANCELLED else "moved to the bin"
        return SaleCancelled(reference, f"Order {reference} was {word} in WooCommerce.")
    if status in WAITING_STATUSES:
        return Ignored(reference, f"Order {reference} {WAITING_STATUSES[status]} (status {status}).")
    counting = ", ".join(rules.counting_statuses)
    return Ignored(
        reference,
        f"Order {reference} has the status {status or 'nothing'!r}; only these count: {counting}. "
        "Add it to the connection's statuses if it is a sale.",
    )


def _is_paid_back(order: Node, status: str) -> bool:
    """Say whether a cancelled order was paid and all of it went back: then both ways must be in the books."""
    if status != CANCELLED or not order.has("date_paid_gmt"):
        return False
    back = sum((abs(one.amount("total")) for one in order.items("refunds")), Decimal(0))
    return back > 0 and back == order.amount("total")


@dataclass(frozen=True, slots=True)
class _Reading:
    """One order that counts, half read."""

    order: Node
    rules: Rules
    reader: ItemReader
    stated: Money
    changed_at: datetime
    sold_at: datetime

    @classmethod
    def of(cls, order: Node, rules: Rules) -> _Reading:
        currency = order.text("currency").upper()
        try:
            stated = Money.parse(order.amount("total"), currency)
        except LedgerError as error:
            raise refuse("total_unreadable", str(error), f"{order.pointer}/total") from error
        if stated.minor < 0:
            raise refuse("total_unreadable", "The total of an order is never negative.", f"{order.pointer}/total")
        sold_at = order.time("date_created_gmt")
        changed_at = order.time("date_modified_gmt") or sold_at
        if sold_at is None or changed_at is None:
            raise refuse(
                "payload_unexpected",
                "The order does not say when it was placed.",
                f"{order.pointer}/date_created_gmt",
            )
        rates = RateTable.of(order, rules.vat_rates, currency)
        reader = ItemReader(rates, rules, currency, order.flag("prices_include_tax"))
        return cls(order, rules, reader, stated, changed_at, sold_at)

    @property
    def method(self) -> str:
        return self.order.text("payment_method") or UNKNOWN_METHOD

    @property
    def transaction_id(self) -> str:
        return self.order.text("transaction_id")

    def sale(self) -> SaleDetails:
        order, reference = self.order, sale_reference(self.order)
        items = self._with_other_gift_cards(self.reader.read(order))
        owed = self.stated + items.paid_by_gift_card
        items, moved = add_up(
            items, owed, rates_off=rates_off(order, self.reader.rates), pointer=f"{order.pointer}/total"
        )
        customer, about_number = read_customer(order, self.rules)
        number = order.text("number")
        return SaleDetails(
            reference=reference,
            kind=SaleKind.INVOICE_SALE,
            sold_at=self.sold_at,
            currency=self.stated.currency,
            customer=customer,
            lines=items.lines,
            total=owed,
            revision=int(self.changed_at.timestamp()),
            delivered_on=self._delivered_on(),
            prices_include_vat=self.reader.prices_include_vat,
            tip=items.tip or None,
            payments=self._payments(reference, items.gift_cards),
            customer_reference=buyers_reference(order, self.rules),
            order_number="" if number == reference else number,
            notes=tuple(note for note in (moved, about_number) if note),
        )

    def _with_other_gift_cards(self, items: Items) -> Items:
        """Add gift cards that lessen the total without being an item, when the total shows that they did."""
        others = tuple(self._gift_cards_beside())
        amount = total((card.amount for card in others), self.stated.currency)
        missing = items.gross - items.paid_by_gift_card - self.stated
        if not amount or abs((missing - amount).minor) > abs(missing.minor):
            return items
        return replace(items, gift_cards=items.gift_cards + others)

    def _gift_cards_beside(self) -> list[GiftCard]:
        """List what WooCommerce Gift Cards adds to an order, and coupons that are store credit."""
        currency = self.stated.currency
        cards = [
            GiftCard(f"card:{card.text('id') or card.text('code')}", Money.rounded(card.amount("amount"), currency))
            for card in self.order.items("gift_cards")
        ]
        for coupon in self.order.items("coupon_lines"):
            if coupon.text("discount_type").casefold() in self.rules.gift_card_coupon_types:
                amount = coupon.amount("discount", Decimal(0)) + coupon.amount("discount_tax", Decimal(0))
                cards.append(GiftCard(f"coupon:{coupon.identity()}", Money.rounded(amount, currency)))
        return [card for card in cards if card.amount.minor > 0]

    def _payments(self, reference: str, gift_cards: Sequence[GiftCard]) -> tuple[PaymentDetails, ...]:
        paid_at = self.order.time("date_paid_gmt")
        payments = [
            PaymentDetails(f"{reference}:gift_card:{card.reference}", GIFT_CARD_METHOD, card.amount, self.sold_at)
            for card in gift_cards
            if card.amount
        ]
        is_payment = self.method.casefold() not in self.rules.unpaid_methods
        if paid_at is not None and is_payment and self.stated:
            payments.append(
                PaymentDetails(
                    reference=self.transaction_id or f"{reference}:paid",
                    method=self.method,
                    amount=self.stated,
                    paid_at=paid_at,
                    provider_reference=self.transaction_id,
                )
            )
        return tuple(payments)

    def _delivered_on(self) -> date | None:
        """Give the day of completion in the client's zone, where the shop's status says delivered."""
        completed_at = self.order.time("date_completed_gmt")
        if not self.rules.delivered_status or completed_at is None:
            return None
        if _status(self.order) not in (self.rules.delivered_status, REFUNDED):
            return None
        return completed_at.astimezone(self.rules.time_zone).date()
