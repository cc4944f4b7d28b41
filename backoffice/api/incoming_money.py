"""What a sales system may send about payments and refunds."""

from __future__ import annotations

from typing import Any

from backoffice.api.fields import (
    AmountField,
    CurrencyField,
    DayField,
    DecimalTextField,
    TextField,
    TimeField,
    chosen,
    not_zero,
    optional_text,
    positive,
)
from backoffice.api.incoming import (
    CHARGE_KINDS,
    MAX_CHARGES,
    MAX_LINES,
    MAX_PAYMENTS,
    SalePaymentInput,
    reference_field,
    unique_references,
)
from backoffice.api.strict import Strict, amounts_in, many, refuse

PAYS = ("sale", "matching_reference", "invoice_number")


class PaymentInput(Strict):
    """A payment on its own. Exactly one of sale, matching_reference and invoice_number says what it pays."""

    reference = reference_field(help_text="Unique at the sales point.")
    method = TextField(max_length=60)
    amount = AmountField(check=not_zero, help_text="Negative: money back.")
    currency = CurrencyField()
    paid_at = TimeField()
    sale = optional_text(100, help_text="The reference of the sale, which may come later than its payment.")
    matching_reference = optional_text(100)
    invoice_number = optional_text(30)
    provider_reference = optional_text(100)

    def to_internal_value(self, data: Any) -> Any:
        """Read the amount in the payment's currency."""
        amounts_in(self, data)
        return super().to_internal_value(data)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Exactly one thing is paid."""
        if len([name for name in PAYS if attrs[name]]) != 1:
            raise refuse("sale", "exactly_one", f"Say what is paid by exactly one of {', '.join(PAYS)}.")
        return attrs


class RefundLineInput(Strict):
    """A returned line of the sale."""

    reference = reference_field(help_text="The line's reference in the sale.")
    quantity = DecimalTextField(max_decimals=4)
    amount = AmountField(check=positive, help_text="VAT included.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Goods come back in positive numbers here."""
        if attrs["quantity"] < 0:
            raise refuse("quantity", "wrong_sign", "Write how many came back as a positive number.")
        return attrs


class RefundChargeInput(Strict):
    """A charge that is given back."""

    reference = optional_text(100, help_text="The charge's reference in the sale; by default its kind.")
    kind = chosen(CHARGE_KINDS)
    amount = AmountField(check=positive, help_text="VAT included.")


class CreditNoteInput(Strict):
    """The credit note that the sales system itself issued. Its number must be free in the books."""

    number = TextField(max_length=30)
    issued_on = DayField(required=False, allow_null=True, default=None, help_text="By default the day of the refund.")


class RefundInput(Strict):
    """Goods or money back. Without lines and charges it is an amount only, and may need a person to split its VAT."""

    reference = reference_field(help_text="Unique at the sales point.")
    sale = reference_field(help_text="The reference of the sale.")
    refunded_at = TimeField()
    currency = CurrencyField(
        required=False, allow_null=True, help_text="The sale's; needed only where the sale has not arrived yet."
    )
    reason = optional_text(300, is_multiline=True)
    lines = many(RefundLineInput, max_length=MAX_LINES, required=False, allow_null=True, default=None)
    charges = many(RefundChargeInput, max_length=MAX_CHARGES, required=False, allow_null=True, default=None)
    amount = AmountField(check=positive, help_text="VAT included.")
    payments = many(SalePaymentInput, max_length=MAX_PAYMENTS, required=False, allow_null=True, default=None)

    credit_note = CreditNoteInput(
        required=False,
        allow_null=True,
        default=None,
        help_text="Where the sales system issues the invoices; may be sent later with the same refund.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Lines and charges, where there are any, add to the amount."""
        for name in ("lines", "charges", "payments"):
            unique_references(name, attrs[name] or [])
        parts = [*(attrs["lines"] or []), *(attrs["charges"] or [])]
        added = sum(part["amount"].minor for part in parts)
        if parts and added != attrs["amount"].minor:
            both = f"{type(attrs['amount'])(added, attrs['amount'].currency)} but the amount says {attrs['amount']}"
            raise refuse("amount", "totals_differ", f"Lines and charges add to {both}.")
        return attrs
