"""What may be sent of a payment provider's account, and how it is read. A file comes as multipart/form-data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from backoffice.api.fields import AmountField, CurrencyField, DayField, DecimalTextField, TextField, optional_text
from backoffice.api.incoming import reference_field
from backoffice.api.problems import invalid_body
from backoffice.api.strict import Strict, amounts_in, many, refuse
from backoffice.contracts.payouts import ProviderBalance, ProviderRow, ProviderStatement, ReportedPayout
from backoffice.ledger.money import Money
from backoffice.ledger.settlement import RowKind

MAX_ROWS = 5_000
KIND_HELP = (
    f"One of {', '.join(RowKind)}; another word is kept as it is, and a person says what the row is. Signs are as they "
    "move the provider's balance."
)


class PayoutRowInput(Strict):
    """A row of the provider's account. What it owes you more is positive: a capture; a fee is negative."""

    key = TextField(max_length=200, help_text="The provider's own id of the row: the same row again is one row.")
    kind = TextField(max_length=100, help_text=KIND_HELP)
    amount = AmountField()
    booked_on = DayField()
    reference = optional_text(100, help_text="The sale's, payment's or refund's.")
    provider_reference = optional_text(100)
    payout = optional_text(100, help_text="The reference of the payout that settles it, once known.")
    vat_code = optional_text(10, help_text="Only for a fee that carries VAT.")
    description = optional_text(300)


class ReportedPayoutInput(Strict):
    """A sum the provider sent to the bank; negative where you owed it."""

    reference = reference_field()
    amount = AmountField()
    paid_on = DayField()
    exchange_rate = DecimalTextField(
        max_decimals=8, required=False, allow_null=True, default=None, help_text="Books' currency per unit."
    )
    bank_amount = DecimalTextField(max_decimals=2, required=False, allow_null=True, default=None)
    bank_currency = CurrencyField(required=False, allow_null=True, default=None)
    bank_text = optional_text(200)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """An amount at the bank has a currency, and a rate is positive."""
        if (attrs["bank_amount"] is None) != (attrs["bank_currency"] is None):
            raise refuse("bank_currency", "required", "Send bank_amount and bank_currency together, or neither.")
        if attrs["exchange_rate"] is not None and attrs["exchange_rate"] <= 0:
            raise refuse("exchange_rate", "wrong_sign", "Write a positive rate.")
        return attrs


class BalanceInput(Strict):
    """What the provider itself says it owes at the end of a day."""

    on = DayField()
    amount = AmountField()


class PayoutsInput(Strict):
    """What a provider reports of one account in one currency. Rows and payouts may come apart, in any order."""

    provider = TextField(max_length=40, help_text="A short name such as `vipps`.")
    account = reference_field(help_text="The provider's id of the account: merchant number, ledger.")
    currency = CurrencyField()
    method = optional_text(60, help_text="The payment method it settles, as sales name it; by default the provider.")
    rows = many(PayoutRowInput, max_length=MAX_ROWS, required=False, allow_null=True, default=None)
    payouts = many(ReportedPayoutInput, max_length=MAX_ROWS, required=False, allow_null=True, default=None)
    balances = many(BalanceInput, max_length=MAX_ROWS, required=False, allow_null=True, default=None)

    def to_internal_value(self, data: Any) -> Any:
        """Read the amounts in the account's currency."""
        amounts_in(self, data)
        return super().to_internal_value(data)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Something must be in it."""
        if not (attrs["rows"] or attrs["payouts"] or attrs["balances"]):
            raise refuse("rows", "required", "Send rows, payouts or balances.")
        return attrs


class PayoutFileInput(serializers.Serializer[Any]):
    """A settlement file as the provider gives it."""

    provider = serializers.CharField(max_length=40)
    file = serializers.FileField()
    method = serializers.CharField(max_length=60, required=False)


def read_payouts(body: Any) -> tuple[str, str, ProviderStatement]:
    """Give provider, payment method and statement; raises `invalid_body` with everything that is wrong."""
    try:
        values: Mapping[str, Any] = PayoutsInput(context={}).run_validation(body)
    except ValidationError as error:
        raise invalid_body(error.detail) from error
    statement = ProviderStatement(
        account=values["account"],
        currency=values["currency"],
        rows=tuple(_row(one) for one in values["rows"] or []),
        payouts=tuple(_payout(one) for one in values["payouts"] or []),
        balances=tuple(ProviderBalance(one["on"], one["amount"]) for one in values["balances"] or []),
    )
    return values["provider"], values["method"] or "", statement


def _row(one: Mapping[str, Any]) -> ProviderRow:
    known = RowKind(one["kind"]) if one["kind"] in set(RowKind) else RowKind.OTHER
    return ProviderRow(
        key=one["key"],
        kind=known,
        amount=one["amount"],
        booked_on=one["booked_on"],
        native_kind=one["kind"],
        reference=one["reference"] or "",
        provider_reference=one["provider_reference"] or "",
        payout_reference=one["payout"] or "",
        vat_code=one["vat_code"] or "",
        description=one["description"] or "",
    )


def _payout(one: Mapping[str, Any]) -> ReportedPayout:
    bank = one["bank_amount"]
    return ReportedPayout(
        reference=one["reference"],
        amount=one["amount"],
        paid_on=one["paid_on"],
        exchange_rate=one["exchange_rate"],
        bank_amount=Money.rounded(bank, one["bank_currency"]) if bank is not None else None,
        bank_text=one["bank_text"] or "",
    )
