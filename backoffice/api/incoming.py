"""What a sales system may send about a sale. Unknown fields are refused, so that a slip is seen on the first day."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.core.validators import validate_email
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from backoffice.api.fields import (
    AmountField,
    CountryField,
    CurrencyField,
    DayField,
    DecimalTextField,
    FlagField,
    RateField,
    TextField,
    TimeField,
    WholeField,
    chosen,
    not_negative,
    not_zero,
    optional_text,
)
from backoffice.api.strict import Strict, amounts_in, many, refuse, refuse_in
from backoffice.contracts.sales import LineKind, SaleKind
from backoffice.ledger.errors import InvalidIdentifier
from backoffice.ledger.identifiers import parse_kid, parse_nip, parse_organisation_number

MAX_LINES = 1_000
MAX_CHARGES = 100
MAX_PAYMENTS = 100
MAX_BATCH = 500
MAX_REVISION = 2**53
SAFT_CHARACTERS = 35
CHARGE_KINDS = (LineKind.SHIPPING, LineKind.FEE, LineKind.GIFT_WRAP, LineKind.OTHER)
LINE_KINDS = (LineKind.GOODS, LineKind.GIFT_CARD)


def reference_field(**keywords: Any) -> TextField:
    """The sender's own name for something: 1 to 100 characters."""
    return TextField(max_length=100, **keywords)


class AddressInput(Strict):
    """A postal address."""

    line1 = optional_text(200)
    line2 = optional_text(200)
    postal_code = optional_text(20)
    city = optional_text(100)
    country = CountryField(default="NO")


class CustomerInput(Strict):
    """The buyer."""

    reference = optional_text(100, help_text="The sales system's own customer id; leave it out for a guest.")
    name = TextField(max_length=400)
    first_name = optional_text(100)
    last_name = optional_text(100)
    is_company = FlagField(default=False)
    organisation_number = optional_text(20, help_text="Its check digit is checked for buyers in Norway.")
    tax_number = optional_text(20, help_text="NIP for buyers in Poland, checked there.")
    email = optional_text(254)
    phone = optional_text(50)
    address = AddressInput(required=False, allow_null=True, default=None)

    def validate_email(self, value: str | None) -> str | None:
        """Refuse what no mail server would take."""
        try:
            validate_email(value) if value else None
        except DjangoValidationError as error:
            raise ValidationError("Write an e-mail address like name@shop.example, or null.", "not_an_email") from error
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Check the numbers that check themselves, by the buyer's country, and store them in their one form."""
        country = attrs["address"]["country"] if attrs["address"] else "NO"
        readers = {"NO": ("organisation_number", parse_organisation_number), "PL": ("tax_number", parse_nip)}
        field, read = readers.get(country, ("", None))
        if read and attrs.get(field):
            try:
                attrs[field] = read(attrs[field])
            except InvalidIdentifier as error:
                raise refuse(field, "invalid_identifier", f"{error} Correct it, or write null.") from error
        return attrs


class LineInput(Strict):
    """One line, after discount. A returned line has a negative quantity and a negative amount."""

    reference = optional_text(100, help_text="Names the line in refunds; by default its place, 1 for the first.")
    kind = chosen(LINE_KINDS, default=LineKind.GOODS.value)
    sku = optional_text(100)
    description = TextField(max_length=400, is_multiline=True)
    group = optional_text(100, help_text="Product group, by which the line finds its ledger account.")
    quantity = DecimalTextField(max_decimals=4, default=Decimal(1))
    unit = TextField(max_length=10, default="EA")
    unit_price = DecimalTextField(max_decimals=6, required=False, allow_null=True, default=None)
    discount = AmountField(check=not_negative, required=False, allow_null=True, default=None)
    vat_rate = RateField()
    amount = AmountField(help_text="Line total after discount; includes VAT when prices_include_vat.")
    vat_amount = AmountField(
        required=False,
        allow_null=True,
        default=None,
        help_text="The VAT in or on it, where the sales system states one.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A negative quantity is a return, and a return has a negative amount."""
        quantity, amount = attrs["quantity"], attrs["amount"]
        if quantity == 0 and amount:
            raise refuse("quantity", "quantity_zero", "The line has an amount; state how many.")
        if quantity < 0 and amount.minor > 0:
            raise refuse("amount", "wrong_sign", "A negative quantity is a return; its amount is negative too.")
        return attrs


class ChargeInput(Strict):
    """Shipping or a fee, with its own VAT rate."""

    reference = optional_text(100, help_text="Names the charge in refunds; by default its kind.")
    kind = chosen(CHARGE_KINDS)
    description = optional_text(400)
    vat_rate = RateField()
    amount = AmountField(help_text="Includes VAT when prices_include_vat.")
    vat_amount = AmountField(required=False, allow_null=True, default=None)


class SalePaymentInput(Strict):
    """How the sale was paid. An event of its own, found again under its reference. Negative: money back."""

    reference = reference_field()
    method = TextField(max_length=60, help_text="The sales system's word for it; mapped to an account at the desk.")
    amount = AmountField(check=not_zero)
    paid_at = TimeField()
    provider_reference = optional_text(100)


class InvoiceInput(Strict):
    """The invoice that the sales system itself issued."""

    number = TextField(max_length=30)
    issued_on = DayField()
    due_on = DayField(required=False, allow_null=True, default=None)
    kid = optional_text(30)

    def validate_kid(self, value: str | None) -> str | None:
        """Check the check digit of a KID (Norwegian payment reference)."""
        try:
            return parse_kid(value) if value else value
        except InvalidIdentifier as error:
            raise ValidationError(str(error), "invalid_identifier") from error


class SaftInput(Strict):
    """Trail into the sales system's own SAF-T file."""

    batch_id = TextField(max_length=SAFT_CHARACTERS)
    source_id = TextField(max_length=SAFT_CHARACTERS)


class DimensionsInput(Strict):
    """Codes of the accounting system."""

    department = optional_text(50)
    location = optional_text(50)
    project = optional_text(50)
    dim1 = optional_text(50)
    dim2 = optional_text(50)
    dim3 = optional_text(50)


class SaleInput(Strict):
    """A sale: lines + charges + rounding + tip = total, to the last decimal."""

    reference = reference_field(help_text="Unique at the sales point. A changed sale keeps it and raises revision.")
    revision = WholeField(default=1, min_value=1, max_value=MAX_REVISION)
    kind = chosen(SaleKind)
    sold_at = TimeField()
    delivered_on = DayField(required=False, allow_null=True, default=None)
    currency = CurrencyField()
    prices_include_vat = FlagField(default=True)
    customer = CustomerInput(required=False, allow_null=True, default=None)
    lines = many(LineInput, max_length=MAX_LINES)
    charges = many(ChargeInput, max_length=MAX_CHARGES, required=False, allow_null=True, default=None)
    rounding = AmountField(required=False, allow_null=True, default=None)
    tip = AmountField(check=not_negative, required=False, allow_null=True, default=None)
    total = AmountField(help_text="What the customer owed, VAT included.")
    payments = many(SalePaymentInput, max_length=MAX_PAYMENTS, required=False, allow_null=True, default=None)
    invoice = InvoiceInput(required=False, allow_null=True, default=None)
    saft = SaftInput(required=False, allow_null=True, default=None)
    matching_reference = optional_text(50, help_text="Unique at the client; made by us when left out.")
    branding_theme = optional_text(50)
    customer_reference = optional_text(100, help_text="The buyer's own reference, for electronic invoices.")
    order_number = optional_text(100, help_text="The number the buyer sees, where it is not the reference.")
    dimensions = DimensionsInput(required=False, allow_null=True, default=None)

    def to_internal_value(self, data: Any) -> Any:
        """Read the amounts in the currency of this sale."""
        amounts_in(self, data)
        return super().to_internal_value(data)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Check what concerns more than one field."""
        if not attrs["lines"] and not attrs["charges"]:
            raise refuse("lines", "empty", "A sale has at least one line or charge.")
        if attrs["kind"] == SaleKind.INVOICE_SALE and not attrs["customer"]:
            raise refuse("customer", "required", "An invoice needs a customer; without one send a cash_sale.")
        for name in ("lines", "charges", "payments"):
            unique_references(name, attrs[name] or [])
        return attrs


def unique_references(name: str, items: list[dict[str, Any]]) -> None:
    """Refuse two items under one reference, at the second one's place."""
    seen: set[str] = set()
    for index, item in enumerate(items):
        if item["reference"] in seen:
            detail = f"The reference {item['reference']!r} stands twice in {name}; each needs its own."
            raise refuse_in(name, index, "reference", "not_unique", detail)
        seen |= {item["reference"]} if item["reference"] else set()


class AsItIs(serializers.Field[Any, Any, Any, Any]):
    """Anything; looked at later, on its own."""

    def to_internal_value(self, data: Any) -> Any:
        """Leave it as it is."""
        return data


class BatchEnvelope(Strict):
    """What all sales of a batch come in; each of them is read on its own."""

    sales = serializers.ListField(child=AsItIs(), min_length=1, max_length=MAX_BATCH)


class BatchInput(Strict):
    """Up to 500 sales; each is answered on its own."""

    sales = many(SaleInput, min_length=1, max_length=MAX_BATCH)
