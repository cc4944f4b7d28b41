"""What Stripe's words for a balance transaction mean here, and in which units its amounts are.

https://docs.stripe.com/reports/reporting-categories, https://docs.stripe.com/currencies#special-cases
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from backoffice.ledger.money import EXACT, Money
from backoffice.ledger.settlement import RowKind
from integrations.reading import money

ZERO_DECIMALS = frozenset({
    "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF",
})  # fmt: skip
THREE_DECIMALS = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})
#: what it is when it lessens our balance, and when it adds to it; what is not here is for a person
CATEGORIES: Mapping[str, tuple[RowKind, RowKind]] = {
    "charge": (RowKind.OTHER, RowKind.CAPTURE),
    # what of an authorised amount was not captured: the sale's payment is the sum of both
    "partial_capture_reversal": (RowKind.REFUND, RowKind.OTHER),
    # the bank took the payment back, as with a dispute
    "charge_failure": (RowKind.DISPUTE, RowKind.DISPUTE_RETURN),
    "refund": (RowKind.REFUND, RowKind.OTHER),
    "dispute": (RowKind.DISPUTE, RowKind.DISPUTE_RETURN),
    "dispute_reversal": (RowKind.DISPUTE, RowKind.DISPUTE_RETURN),
    "fee": (RowKind.FEE, RowKind.FEE_REFUND),
    "network_cost": (RowKind.FEE, RowKind.FEE_REFUND),
    "tax": (RowKind.FEE, RowKind.FEE_REFUND),
    "payout": (RowKind.PAYOUT, RowKind.PAYOUT),
    "payout_reversal": (RowKind.PAYOUT, RowKind.PAYOUT),
    "topup": (RowKind.OTHER, RowKind.TOP_UP),
    "risk_reserved_funds": (RowKind.HOLDBACK, RowKind.RELEASE),
    "reserve": (RowKind.HOLDBACK, RowKind.RELEASE),
    "payout_minimum_balance_hold": (RowKind.HOLDBACK, RowKind.RELEASE),
    "payout_minimum_balance_release": (RowKind.HOLDBACK, RowKind.RELEASE),
    "other_adjustment": (RowKind.CORRECTION, RowKind.CORRECTION),
}
#: for a balance transaction without category
TYPES: Mapping[str, str] = {
    "charge": "charge",
    "payment": "charge",
    "refund": "refund",
    "payment_refund": "refund",
    "payment_failure_refund": "charge_failure",
    "refund_failure": "refund_failure",
    "stripe_fee": "fee",
    "stripe_fx_fee": "fee",
    "tax_fee": "tax",
    "payout": "payout",
    "payout_failure": "payout_reversal",
    "payout_cancel": "payout_reversal",
    "topup": "topup",
    "reserve_hold": "reserve",
    "reserve_release": "reserve",
    "reserve_transaction": "reserve",
}
PAYOUT_REVERSALS = frozenset({"payout_reversal"})
TEXTS: Mapping[str, str] = {
    "refund_failure": "A refund did not reach the customer and came back; the customer is still owed it.",
    "payout_reversal": "A payout did not reach the bank and came back.",
    "charge_failure": "The customer's bank took the payment back.",
}


def kind_of(category: str, amount: int) -> RowKind:
    """Give the kind of a balance transaction from its category and which way it goes.

    >>> kind_of("charge", 100), kind_of("moon_tax", -5)
    (<RowKind.CAPTURE: 'capture'>, <RowKind.OTHER: 'other'>)
    """
    taken, given = CATEGORIES.get(category, (RowKind.OTHER, RowKind.OTHER))
    return taken if amount < 0 else given


def amount_of(amount: int, currency: str, pointer: str = "") -> Money:
    """Make money of an amount in Stripe's smallest unit, which for some currencies is not the ledger's.

    >>> amount_of(500, "JPY"), amount_of(500, "ISK")
    (Money(minor=500, currency='JPY'), Money(minor=5, currency='ISK'))
    """
    digits = 0 if currency in ZERO_DECIMALS else 3 if currency in THREE_DECIMALS else 2
    return money(Decimal(amount).scaleb(-digits, EXACT), currency, pointer)
