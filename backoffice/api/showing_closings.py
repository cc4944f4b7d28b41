"""A day closing in the words of the API, and its shape for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from backoffice.api.fields import AmountField, DayField, DecimalTextField, RateField, TimeField
from backoffice.api.outgoing import BecameOutput, DimensionsOutput, Out, text, word
from backoffice.api.showing import DIMENSIONS, Shown, time
from backoffice.contracts.closings import DayClosingDetails
from backoffice.sales.closings import details_of, missing_before
from backoffice.sales.models import DayClosing, SaleState


class ClosingSalesOutput(Out):
    """What a product group sold at a rate."""

    group = text()
    vat_rate = RateField()
    amount = AmountField()
    quantity = DecimalTextField(max_decimals=4)


class ClosingPaymentOutput(Out):
    """What came in by a payment method."""

    method = text()
    amount = AmountField()


class CashOutput(Out):
    """The drawer."""

    opening = AmountField()
    counted = AmountField(allow_null=True)
    banked = AmountField()
    paid_in = AmountField(allow_null=True)
    paid_out = AmountField(allow_null=True)


class ClosingInvoicePaymentOutput(ClosingPaymentOutput):
    """An invoice paid at the till."""

    matching_reference = text()


class MissingOutput(Out):
    """The numbers that are missing before this one; accepted_by says who knows that they do not exist."""

    first = serializers.IntegerField()
    last = serializers.IntegerField()
    accepted_by = text(null=True)


class DayClosingOutput(BecameOutput):
    """A day closing and what became of it."""

    number = serializers.IntegerField()
    register = text()
    opened_at = TimeField(allow_null=True)
    closed_at = TimeField()
    closed_on = DayField()
    currency = text()
    sales = ClosingSalesOutput(many=True)
    payments = ClosingPaymentOutput(many=True)
    rounding = AmountField()
    tips = AmountField()
    gift_cards_sold = AmountField()
    cash = CashOutput(allow_null=True)
    invoice_payments = ClosingInvoicePaymentOutput(many=True)
    grand_total_sales = AmountField(allow_null=True)
    dimensions = DimensionsOutput()
    missing_before = MissingOutput(allow_null=True)
    state = word(SaleState)


def closing_body(details: DayClosingDetails) -> Shown:
    """Give a closing as it could have been sent."""
    cash = details.cash
    return {
        "number": details.number,
        "register": details.register,
        "opened_at": time(details.opened_at),
        "closed_at": time(details.closed_at),
        "currency": details.currency,
        "sales": [
            {
                "group": one.group,
                "vat_rate": f"{one.vat_rate:.2f}",
                "amount": str(one.amount),
                "quantity": f"{one.quantity:f}",
            }
            for one in details.sales
        ],
        "payments": [{"method": one.method, "amount": str(one.amount)} for one in details.payments],
        "rounding": str(details.rounding),
        "tips": str(details.tips),
        "gift_cards_sold": str(details.gift_cards_sold),
        "cash": {
            "opening": str(cash.opening),
            "counted": str(cash.counted) if cash.counted is not None else None,
            "banked": str(cash.banked),
            "paid_in": str(cash.paid_in) if cash.paid_in else None,
            "paid_out": str(cash.paid_out) if cash.paid_out else None,
        }
        if cash
        else None,
        "invoice_payments": [
            {"matching_reference": one.matching_reference, "method": one.method, "amount": str(one.amount)}
            for one in details.invoice_payments
        ],
        "grand_total_sales": str(details.grand_total_sales) if details.grand_total_sales is not None else None,
        "dimensions": {kind: details.dimensions.get(kind) for kind in DIMENSIONS},
    }


def show_closing(closing: DayClosing) -> dict[str, Any]:
    """Give a recorded closing and what became of it."""
    voucher, missing = closing.voucher, missing_before(closing)
    return {
        **closing_body(details_of(closing)),
        "closed_on": closing.closed_on.isoformat(),
        "missing_before": {"first": missing[0], "last": missing[1], "accepted_by": closing.missing_accepted_by or None}
        if missing
        else None,
        "state": closing.state,
        "voucher": {"id": voucher.pk, "state": voucher.state, "number": voucher.number or None} if voucher else None,
        "created_at": time(closing.created_at),
        "updated_at": time(closing.updated_at),
    }
