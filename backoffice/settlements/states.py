"""The states of a payout.

received ──► explained ──► posted ──► explained (its voucher was reversed, or drawn back)
   │          ▲   │
   ▼          │   ▼
discrepancy ──┘◄──┘        posted by hand: from received, discrepancy and explained
"""

from __future__ import annotations

from enum import StrEnum

from backoffice.common.machine import Machine


class PayoutState(StrEnum):
    """Where a payout stands."""

    RECEIVED = "received"
    EXPLAINED = "explained"
    DISCREPANCY = "discrepancy"
    POSTED = "posted"


P = PayoutState
PAYOUT = Machine(
    P.RECEIVED,
    {
        P.RECEIVED: {P.EXPLAINED, P.DISCREPANCY, P.POSTED},
        P.EXPLAINED: {P.POSTED, P.DISCREPANCY},
        P.DISCREPANCY: {P.EXPLAINED, P.POSTED},
        P.POSTED: {P.EXPLAINED},
    },
)
