"""Causes that stop the voucher of a payout."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.console.causes.entry import Button, Cause, Who

PAYOUT = (
    Cause(
        "payout_discrepancy",
        _("The payout does not follow from its rows"),
        _("A row is missing or too many, of a kind that nobody knows, or was reported with two contents."),
        Who.BOOKKEEPER,
        _("Open the payout: say what each row in question is, or accept the difference with a reason."),
        Button.REBUILD,
    ),
    Cause(
        "payout_account_missing",
        _("The payment method has no account for payouts"),
        _("Payouts need a bank account, and one for fees, disputes or deposits where the provider keeps some."),
        Who.BOOKKEEPER,
        _("Add the account to the payment method's rule. All payouts that wait for it are released."),
        Button.REBUILD,
    ),
    Cause(
        "payout_exchange_unknown",
        _("The value of a payout in the books' currency is not known"),
        _("It is in another currency, and rate, sum at the bank or value of its payments are missing."),
        Who.BOOKKEEPER,
        _("Open the payout and enter what the bank and the clearing account say."),
        Button.REBUILD,
    ),
)
