"""What payment providers report of their account with us. Amounts move their balance: what they owe us is positive."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backoffice.clients.models import Client, SalesPoint
from backoffice.common.models import CurrencyField, MinorField, Timed
from backoffice.connections.models import Connection, InboundEvent
from backoffice.ledger.money import Money
from backoffice.ledger.settlement import RowKind
from backoffice.sales.models import Payment, Refund
from backoffice.settlements.states import PayoutState
from backoffice.vouchers.models import Voucher


class ProviderAccount(Timed):
    """A client's account with a payment provider in one currency. method is the payment method it settles.

    The mapping of that method (of the sales point, where one is set) names the ledger accounts.
    """

    client = models.ForeignKey(Client, models.PROTECT, related_name="provider_accounts", verbose_name=_("client"))
    provider = models.CharField(_("provider"), max_length=40)
    external_id = models.CharField(_("account over there"), max_length=100)
    currency = CurrencyField(_("currency"))
    method = models.CharField(_("payment method"), max_length=60)
    sales_point = models.ForeignKey(
        SalesPoint, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("sales point")
    )
    connection = models.ForeignKey(
        Connection, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("connection")
    )

    class Meta:
        ordering = ["client__name", "provider", "external_id"]
        verbose_name = _("provider account")
        verbose_name_plural = _("provider accounts")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["client", "provider", "external_id", "currency"], name="provider_account_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.external_id} {self.currency}"


class Payout(Timed):
    """A sum the provider sent to the bank (negative: we owed it). because says why it is not explained.

    difference_minor is what a person accepted of paid out less row sum, posted on difference_ledger_account (empty:
    left on the clearing account). cleared_minor is what the payout's payments stand at on the clearing account in the
    books' currency, where a person looked it up. differing: other content that came under the same reference.
    """

    client = models.ForeignKey(Client, models.PROTECT, related_name="payouts", verbose_name=_("client"))
    account = models.ForeignKey(
        ProviderAccount, models.PROTECT, related_name="payouts", verbose_name=_("provider account")
    )
    reference = models.CharField(_("reference"), max_length=100)
    amount_minor = MinorField(_("paid out"))
    currency = CurrencyField(_("currency"))
    paid_on = models.DateField(_("paid on"))
    exchange_rate = models.DecimalField(_("exchange rate"), max_digits=18, decimal_places=8, null=True, blank=True)
    bank_amount_minor = MinorField(_("arrived at the bank"), null=True, blank=True)
    bank_currency = CurrencyField(_("bank's currency"), blank=True, default="")
    bank_text = models.CharField(_("text at the bank"), max_length=200, blank=True, default="")
    cleared_minor = MinorField(_("value of its payments in the books"), null=True, blank=True)
    state = models.CharField(
        _("state"), max_length=12, default=PayoutState.RECEIVED, choices=[(s.value, s.value) for s in PayoutState]
    )
    because = models.TextField(_("why it is not explained"), blank=True, default="")
    difference_minor = MinorField(_("accepted difference"), default=0)
    difference_ledger_account = models.CharField(_("account of the difference"), max_length=20, blank=True, default="")
    difference_reason = models.CharField(_("reason for the difference"), max_length=300, blank=True, default="")
    difference_by = models.CharField(_("difference accepted by"), max_length=150, blank=True, default="")
    by_hand_note = models.CharField(_("how it was posted by hand"), max_length=300, blank=True, default="")
    differing = models.JSONField(_("other content under this reference"), null=True, blank=True)
    voucher = models.ForeignKey(
        Voucher, models.SET_NULL, null=True, blank=True, related_name="payouts", verbose_name=_("voucher")
    )
    event = models.ForeignKey(InboundEvent, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-paid_on", "-id"]
        verbose_name = _("payout")
        verbose_name_plural = _("payouts")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "reference"], name="payout_reference"),
            models.CheckConstraint(name="payout_state", condition=Q(state__in=list(PayoutState))),
            models.CheckConstraint(name="payout_differs_because", condition=~Q(state="discrepancy") | ~Q(because="")),
            models.CheckConstraint(
                name="payout_posted_by_voucher_or_hand",
                condition=~Q(state="posted") | Q(voucher__isnull=False) | ~Q(by_hand_note=""),
            ),
            models.CheckConstraint(
                name="payout_difference_accepted_by_somebody", condition=Q(difference_minor=0) | ~Q(difference_by="")
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["client", "-paid_on", "-id"], name="payout_list"),
            models.Index(fields=["client", "state"], name="payout_state"),
            models.Index(fields=["updated_at", "id"], name="payout_updated"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def amount(self) -> Money:
        """Give what was paid out."""
        return Money(self.amount_minor, self.currency)


class PayoutEntry(Timed):
    """A row of the provider's account, unique by its key there. native_kind is the provider's word for the kind.

    decided_kind is what a person said it is; decided_ledger_account where they want it posted, if not by its kind;
    is_left: they said that it stays on the clearing account; is_assigned: they said to which payout it belongs, if any.
    needs_person_because says what they must look at. voucher: the voucher of its own that took it in, where no payout
    did. differing holds other content under the same key, and who decided between them.
    """

    account = models.ForeignKey(
        ProviderAccount, models.PROTECT, related_name="entries", verbose_name=_("provider account")
    )
    key = models.CharField(_("key"), max_length=200)
    kind = models.CharField(_("kind"), max_length=20, choices=[(kind.value, kind.value) for kind in RowKind])
    native_kind = models.CharField(_("kind over there"), max_length=100, blank=True, default="")
    amount_minor = MinorField(_("amount"))
    booked_on = models.DateField(_("booked on"))
    reference = models.CharField(_("reference"), max_length=100, blank=True, default="")
    provider_reference = models.CharField(_("provider's reference"), max_length=100, blank=True, default="")
    payout_reference = models.CharField(_("payout's reference"), max_length=100, blank=True, default="")
    payout = models.ForeignKey(
        Payout, models.SET_NULL, null=True, blank=True, related_name="entries", verbose_name=_("payout")
    )
    vat_code = models.CharField(_("VAT code"), max_length=10, blank=True, default="")
    fee_vat_minor = MinorField(_("VAT in it"), null=True, blank=True)
    description = models.CharField(_("text"), max_length=300, blank=True, default="")
    payment = models.ForeignKey(
        Payment, models.SET_NULL, null=True, blank=True, related_name="payout_entries", verbose_name=_("payment")
    )
    refund = models.ForeignKey(
        Refund, models.SET_NULL, null=True, blank=True, related_name="payout_entries", verbose_name=_("refund")
    )
    decided_kind = models.CharField(_("decided kind"), max_length=20, blank=True, default="")
    decided_ledger_account = models.CharField(_("decided account"), max_length=20, blank=True, default="")
    decided_vat_code = models.CharField(_("decided VAT code"), max_length=10, blank=True, default="")
    decided_by = models.CharField(_("decided by"), max_length=150, blank=True, default="")
    decided_note = models.CharField(_("why decided so"), max_length=300, blank=True, default="")
    is_left = models.BooleanField(_("stays on the clearing account"), default=False)
    is_assigned = models.BooleanField(_("payout chosen by a person"), default=False)
    differing = models.JSONField(_("other content under this key"), null=True, blank=True)
    needs_person_because = models.TextField(_("why a person is needed"), blank=True, default="")
    voucher = models.ForeignKey(
        Voucher, models.SET_NULL, null=True, blank=True, related_name="payout_entries", verbose_name=_("voucher")
    )
    event = models.ForeignKey(InboundEvent, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["booked_on", "id"]
        verbose_name = _("provider's row")
        verbose_name_plural = _("provider's rows")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "key"], name="payout_entry_once"),
            models.CheckConstraint(
                name="payout_entry_decided_by_somebody", condition=Q(decided_kind="", is_left=False) | ~Q(decided_by="")
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["account", "booked_on", "id"], name="payout_entry_list"),
            models.Index(fields=["account", "reference"], name="payout_entry_reference"),
            models.Index(fields=["account", "payout_reference"], name="payout_entry_payout"),
            models.Index(fields=["account"], name="payout_entry_open", condition=~Q(needs_person_because="")),
            models.Index(
                fields=["account"], name="payout_entry_returned", condition=Q(kind=RowKind.PAYOUT, voucher=None)
            ),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def amount(self) -> Money:
        """Give what it moves the provider's balance by."""
        return Money(self.amount_minor, self.account.currency)

    @property
    def effective_kind(self) -> RowKind:
        """Give what a person said it is, else what the provider's report says."""
        return RowKind(self.decided_kind or self.kind)


class ProviderBalance(models.Model):
    """The provider's own figure for what it owes us at the end of a day. Two figures for one day are both kept."""

    account = models.ForeignKey(
        ProviderAccount, models.PROTECT, related_name="balances", verbose_name=_("provider account")
    )
    on = models.DateField(_("day"))
    amount_minor = MinorField(_("balance"))
    event = models.ForeignKey(InboundEvent, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["on", "id"]
        verbose_name = _("provider's balance")
        verbose_name_plural = _("provider's balances")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "on", "amount_minor"], name="provider_balance_once")
        ]

    def __str__(self) -> str:
        return f"{self.on}: {self.amount_minor}"
