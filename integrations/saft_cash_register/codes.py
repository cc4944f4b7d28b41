"""Standard codes of SAF-T Cash Register that decide something here.

Reference: the tax administration's code lists PredefinedBasicID 11 to 13 (github.com/Skatteetaten/saf-t).
"""

from __future__ import annotations

from typing import Final

GROUP, TRANSACTION, PAYMENT, EVENT = "04", "11", "12", "13"
#: events that are Z reports
Z_REPORT: Final = "13009"
#: transactions on credit: invoiced, so no part of the day's cash sales
CREDIT_SALES: Final = frozenset({"11002", "11017"})
#: transactions that move the drawer and sell nothing; the float at opening stands in the Z report as well
OPENING_FLOAT, CASH_DIFFERENCE, PAID_OUT, PAID_IN = "11007", "11008", "11010", "11011"
DRAWER: Final = frozenset({OPENING_FLOAT, CASH_DIFFERENCE, PAID_OUT, PAID_IN})
#: our words for means of payment; others keep the till's own
METHODS: Final = {
    "12001": "cash",
    "12002": "debit_card",
    "12003": "credit_card",
    "12004": "bank_account",
    "12005": "gift_card",
    "12006": "customer_account",
    "12007": "loyalty_points",
    "12008": "bottle_deposit",
    "12009": "cheque",
    "12010": "credit_slip",
    "12011": "mobile_app",
}
