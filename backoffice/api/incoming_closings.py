"""What a till may send about a day's closing, and how it is read."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from rest_framework.exceptions import ValidationError

from backoffice.api.fields import (
    AmountField,
    CurrencyField,
    DecimalTextField,
    RateField,
    TextField,
    TimeField,
    WholeField,
    not_negative,
    not_zero,
)
from backoffice.api.incoming import MAX_LINES, MAX_PAYMENTS, DimensionsInput, reference_field
from backoffice.api.problems import invalid_body
from backoffice.api.strict import Strict, amounts_in, many, refuse
from backoffice.contracts.closings import (
    CashCount,
    ClosingInvoicePayment,
    ClosingPayment,
    ClosingSales,
    DayClosingDetails,
)
from backoffice.ledger.money import Money

MAX_NUMBER = 2**53


class ClosingSalesInput(Strict):
    """What a product group sold at a rate, returns taken off."""

    group = TextField(max_length=100, help_text="Product group, by which it finds its ledger account.")
    vat_rate = RateField()
    amount = AmountField(help_text="VAT included; negative where more came back than was sold.")
    quantity = DecimalTextField(max_decimals=4, required=False, allow_null=True, default=None)


class ClosingPaymentInput(Strict):
    """What came in by a payment method, money back taken off."""

    method = TextField(max_length=60, help_text="`cash` is what lies in the drawer.")
    amount = AmountField()


class CashInput(Strict):
    """The drawer. counted - (opening + cash received + paid_in - paid_out - banked) is the cash difference."""

    opening = AmountField(check=not_negative)
    counted = AmountField(check=not_negative, required=False, allow_null=True, default=None)
    banked = AmountField(check=not_negative, required=False, allow_null=True, default=None)
    paid_in = AmountField(
        check=not_negative, required=False, allow_null=True, default=None, help_text="Put in without a sale."
    )
    paid_out = AmountField(
        check=not_negative, required=False, allow_null=True, default=None, help_text="Taken out, not to the bank."
    )


class ClosingInvoicePaymentInput(Strict):
    """An invoice paid at the till; its sale is not in sales."""

    matching_reference = reference_field(help_text="The invoice's, as the sale's answer gave it.")
    method = TextField(max_length=60)
    amount = AmountField(check=not_zero)


class DayClosingInput(Strict):
    """A Z report: payments = sales + rounding + tips + gift cards sold + invoice payments, to the last decimal."""

    number = WholeField(min_value=1, max_value=MAX_NUMBER, help_text="Counts on by one per register.")
    register = reference_field()
    opened_at = TimeField(required=False, allow_null=True, default=None)
    closed_at = TimeField(help_text="Its day in the client's time zone is the posting date.")
    currency = CurrencyField()
    sales = many(ClosingSalesInput, max_length=MAX_LINES)
    payments = many(ClosingPaymentInput, max_length=MAX_PAYMENTS)
    rounding = AmountField(
        required=False, allow_null=True, default=None, help_text="Negative where customers paid less."
    )
    tips = AmountField(check=not_negative, required=False, allow_null=True, default=None)
    gift_cards_sold = AmountField(required=False, allow_null=True, default=None)
    cash = CashInput(required=False, allow_null=True, default=None)
    invoice_payments = many(
        ClosingInvoicePaymentInput, max_length=MAX_LINES, required=False, allow_null=True, default=None
    )
    grand_total_sales = AmountField(required=False, allow_null=True, default=None, help_text="The till's running sum.")
    dimensions = DimensionsInput(required=False, allow_null=True, default=None)

    def to_internal_value(self, data: Any) -> Any:
        """Read the amounts in the closing's currency."""
        amounts_in(self, data)
        return super().to_internal_value(data)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A day ends after it began."""
        if attrs["opened_at"] and attrs["opened_at"] > attrs["closed_at"]:
            raise refuse("opened_at", "after_closing", "The till was opened before it was closed; look at both times.")
        return attrs


def read_closing(body: Any) -> DayClosingDetails:
    """Read a closing; raises `invalid_body` with everything that is wrong with it."""
    try:
        values: Mapping[str, Any] = DayClosingInput(context={}).run_validation(body)
    except ValidationError as error:
        raise invalid_body(error.detail) from error
    zero = Money.zero(values["currency"])
    cash = values["cash"]
    return DayClosingDetails(
        register=values["register"],
        number=values["number"],
        opened_at=values["opened_at"],
        closed_at=values["closed_at"],
        currency=values["currency"],
        sales=tuple(
            ClosingSales(one["group"], one["vat_rate"], one["amount"], one["quantity"] or Decimal(0))
            for one in values["sales"]
        ),
        payments=tuple(ClosingPayment(one["method"], one["amount"]) for one in values["payments"]),
        rounding=values["rounding"] or zero,
        tips=values["tips"] or zero,
        gift_cards_sold=values["gift_cards_sold"] or zero,
        cash=_cash(cash, zero) if cash else None,
        invoice_payments=tuple(
            ClosingInvoicePayment(one["matching_reference"], one["method"], one["amount"])
            for one in values["invoice_payments"] or []
        ),
        grand_total_sales=values["grand_total_sales"],
        dimensions={kind: code for kind, code in (values["dimensions"] or {}).items() if code},
    )


def _cash(cash: Mapping[str, Any], zero: Money) -> CashCount:
    return CashCount(
        cash["opening"], cash["counted"], cash["banked"] or zero, cash["paid_in"] or None, cash["paid_out"] or None
    )
