"""Read refunds. WooCommerce sends no event for them: the order comes again with a summary in `refunds`.

The summary has an id, a reason and a negative total, nothing more. The refund itself (GET /orders/ID/refunds)
has a positive amount, negative items that name the order's items in meta `_refunded_item_id`, and
`refunded_payment`, false when the shop has not sent the money. Amount-only refunds have no items.
https://woocommerce.github.io/woocommerce-rest-api-docs/#order-refunds
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from backoffice.contracts.errors import UnreadablePayload
from backoffice.contracts.sales import (
    Ignored,
    PaymentDetails,
    RefundDetails,
    RefundLineDetails,
    SaleDetails,
    SaleLineDetails,
)
from backoffice.ledger.money import Money
from integrations.woocommerce.items import ItemReader, Items, add_up
from integrations.woocommerce.reading import Node

GIFT_CARD_METHOD = "gift_card"


@dataclass(frozen=True, slots=True)
class RefundReader:
    """Reads the refunds of one order that counts. items must have sign -1."""

    sale: SaleDetails
    method: str
    transaction_id: str
    items: ItemReader

    def from_summaries(self, summaries: Sequence[Node], changed_at: datetime) -> list[RefundDetails | Ignored]:
        """Make amount-only refunds, dated when the order changed, without saying that money was sent."""
        bare = [self._bare(one, self._money(one.amount("total")), changed_at) for one in _oldest_first(summaries)]
        return [self._amount_only(one, is_first=index == 0) for index, one in enumerate(bare)]

    def from_objects(self, refunds: Sequence[Node], changed_at: datetime) -> list[RefundDetails | Ignored]:
        """Read refunds as REST gives them, oldest first."""
        return [
            self._from_object(one, changed_at, is_first=index == 0) for index, one in enumerate(_oldest_first(refunds))
        ]

    def _from_object(self, node: Node, changed_at: datetime, *, is_first: bool) -> RefundDetails | Ignored:
        refunded_at = node.time("date_created_gmt") or changed_at
        refund = self._bare(node, self._money(node.amount("amount")), refunded_at)
        if node.flag("refunded_payment") and refund.amount:
            sent = PaymentDetails(
                reference=f"{refund.reference}:refund",
                method=self.method,
                amount=-refund.amount,
                paid_at=refunded_at,
                provider_reference=self.transaction_id,
            )
            refund = replace(refund, payments=(sent,))
        items, note = self._items_of(node, refund.amount)
        if items is None:
            reason = f"{refund.reason} ({note})".strip() if note else refund.reason
            return self._amount_only(replace(refund, reason=reason), is_first=is_first)
        returned = tuple(
            PaymentDetails(
                f"{refund.reference}:gift_card:{card.reference}", GIFT_CARD_METHOD, -card.amount, refunded_at
            )
            for card in items.gift_cards
            if card.amount
        )
        return replace(
            refund,
            amount=refund.amount + items.paid_by_gift_card,
            lines=tuple(_refund_line(line) for line in items.lines if line.gross),
            payments=refund.payments + returned,
        )

    def _bare(self, node: Node, amount: Money, refunded_at: datetime) -> RefundDetails:
        return RefundDetails(
            reference=node.identity(),
            sale_reference=self.sale.reference,
            refunded_at=refunded_at,
            amount=abs(amount),
            reason=node.name("reason"),
        )

    def _items_of(self, refund: Node, paid_back: Money) -> tuple[Items | None, str]:
        """Read the refund's items; None when they do not explain its amount, with the reason for people."""
        try:
            items = self.items.read(refund)
            if not any(line.gross for line in items.lines):
                return None, ""
            if items.tip:
                return None, "a tip was given back"
            stated = paid_back + items.paid_by_gift_card
            return add_up(items, stated, rates_off={}, pointer=f"{refund.pointer}/amount")[0], ""
        except UnreadablePayload as error:
            return None, f"lines not usable: {error.message}"

    def _amount_only(self, refund: RefundDetails, *, is_first: bool) -> RefundDetails | Ignored:
        """Pass on a refund of an amount; the first one, when it gives the whole sale back, has all its lines.

        Only the first: what a refund is must not change when a later one is added.
        """
        if not refund.amount:
            why = f"Refund {refund.reference} of order {self.sale.reference} gives nothing back."
            return Ignored(refund.reference, why)
        if is_first and refund.amount == self.sale.total and not self.sale.tip:
            return replace(refund, lines=tuple(_refund_line(line) for line in self.sale.lines if line.gross))
        return refund

    def _money(self, amount: Decimal) -> Money:
        return Money.rounded(amount, self.sale.currency)


def _oldest_first(refunds: Sequence[Node]) -> list[Node]:
    """Sort by id, which WooCommerce counts upwards; it lists the newest first."""
    return sorted(refunds, key=lambda one: (len(one.identity()), one.identity()))


def _refund_line(line: SaleLineDetails) -> RefundLineDetails:
    return RefundLineDetails(line.reference, line.gross, abs(line.quantity), line.kind, line.vat)
