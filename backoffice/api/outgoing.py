"""The shapes of answers, for the OpenAPI document. `showing` makes them; a test holds the two together."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from backoffice.api.fields import AmountField, DayField, DecimalTextField, RateField, TimeField
from backoffice.api.incoming import LINE_KINDS
from backoffice.api.schema import ProblemOutput
from backoffice.contracts.sales import LineKind, SaleKind
from backoffice.sales.models import SaleState
from backoffice.vouchers.states import VoucherState


class Out(serializers.Serializer[Any]):
    """A part of an answer."""


def text(*, null: bool = False, **keywords: Any) -> serializers.CharField:
    """Text that is always there, or null."""
    return serializers.CharField(allow_null=null, **keywords)


def word(words: Any, **keywords: Any) -> serializers.ChoiceField:
    """One of a few words."""
    return serializers.ChoiceField(choices=[str(getattr(one, "value", one)) for one in words], **keywords)


class AddressOutput(Out):
    """A postal address."""

    line1 = text(null=True)
    line2 = text(null=True)
    postal_code = text(null=True)
    city = text(null=True)
    country = text()


class CustomerOutput(Out):
    """The buyer."""

    reference = text(null=True)
    name = text()
    first_name = text(null=True)
    last_name = text(null=True)
    is_company = serializers.BooleanField()
    organisation_number = text(null=True)
    tax_number = text(null=True)
    email = text(null=True)
    phone = text(null=True)
    address = AddressOutput()


class LineOutput(Out):
    """A line; vat_amount is the VAT in or on amount."""

    reference = text()
    kind = word(LINE_KINDS)
    sku = text(null=True)
    description = text()
    group = text(null=True)
    quantity = DecimalTextField(max_decimals=4)
    unit = text()
    unit_price = DecimalTextField(max_decimals=6, allow_null=True)
    discount = AmountField(allow_null=True)
    vat_rate = RateField()
    amount = AmountField()
    vat_amount = AmountField()


class ChargeOutput(Out):
    """Shipping or a fee."""

    reference = text()
    kind = word([kind for kind in LineKind if kind not in LINE_KINDS])
    description = text()
    vat_rate = RateField()
    amount = AmountField()
    vat_amount = AmountField()


class SalePaymentOutput(Out):
    """A payment of the sale."""

    reference = text()
    method = text()
    amount = AmountField()
    paid_at = TimeField()
    provider_reference = text(null=True)


class InvoiceOutput(Out):
    """The invoice that the sales system issued."""

    number = text()
    issued_on = DayField()
    due_on = DayField(allow_null=True)
    kid = text(null=True)


class SaftOutput(Out):
    """Trail into the sales system's SAF-T file."""

    batch_id = text()
    source_id = text()


class DimensionsOutput(Out):
    """Codes of the accounting system."""

    department = text(null=True)
    location = text(null=True)
    project = text(null=True)
    dim1 = text(null=True)
    dim2 = text(null=True)
    dim3 = text(null=True)


class VoucherLink(Out):
    """The voucher that carries it to the books."""

    id = serializers.IntegerField()
    state = word(VoucherState)
    number = text(null=True)


class BecameOutput(Out):
    """What became of what was sent."""

    voucher = VoucherLink(allow_null=True)
    created_at = TimeField()
    updated_at = TimeField()


class BalanceOutput(Out):
    """What is open of the invoice, VAT included, in the currency of the books."""

    state = word(("unpaid", "partly_paid", "paid", "credited"))
    open = AmountField()
    total = AmountField()
    currency = text()
    due_on = DayField(allow_null=True)
    closed_at = TimeField(allow_null=True)


class DocumentOutput(Out):
    """A stored PDF of the sale; origin says who made it. What stands under the hash never changes."""

    kind = text()
    origin = word(["back_office", "accounting_system"])
    number = text()
    sha256 = text()
    url = text()
    ehf_url = text(null=True)


class SaleOutput(BecameOutput):
    """A sale and what became of it."""

    reference = text()
    revision = serializers.IntegerField()
    kind = word(SaleKind)
    sold_at = TimeField()
    delivered_on = DayField(allow_null=True)
    currency = text()
    prices_include_vat = serializers.BooleanField()
    customer = CustomerOutput(allow_null=True)
    lines = LineOutput(many=True)
    charges = ChargeOutput(many=True)
    rounding = AmountField()
    tip = AmountField()
    total = AmountField()
    payments = SalePaymentOutput(many=True)
    invoice = InvoiceOutput(allow_null=True)
    saft = SaftOutput(allow_null=True)
    matching_reference = text()
    branding_theme = text(null=True)
    customer_reference = text(null=True)
    order_number = text(null=True)
    dimensions = DimensionsOutput()
    state = word(SaleState)
    needs_person_because = text(null=True)
    note = text(null=True)
    invoice_number = text(null=True)
    balance = BalanceOutput(allow_null=True)
    document = text(null=True)
    documents = DocumentOutput(many=True)


class BatchItemOutput(Out):
    """The answer to one sale of a batch: a sale or a problem, with the status it would have had alone."""

    index = serializers.IntegerField()
    reference = text(null=True)
    status = serializers.IntegerField()
    sale = SaleOutput(required=False)
    problem = ProblemOutput(required=False)


class BatchOutput(Out):
    """The answers to a batch, in its order."""

    accepted = serializers.IntegerField()
    refused = serializers.IntegerField()
    results = BatchItemOutput(many=True)


class PaymentOutput(SalePaymentOutput, BecameOutput):
    """A payment and the day's voucher that carries it."""

    currency = text()
    sale = text(null=True)
    matching_reference = text(null=True)
    invoice_number = text(null=True)
    is_cancelled = serializers.BooleanField()


class RefundLineOutput(Out):
    """A returned line."""

    reference = text()
    quantity = DecimalTextField(max_decimals=4)
    amount = AmountField()


class RefundChargeOutput(Out):
    """A charge given back."""

    reference = text()
    kind = word([kind for kind in LineKind if kind not in LINE_KINDS])
    amount = AmountField()


class CreditNoteOutput(Out):
    """The credit note that the sales system issued."""

    number = text()
    issued_on = DayField(allow_null=True)


class RefundOutput(BecameOutput):
    """A refund and what became of it."""

    reference = text()
    sale = text()
    refunded_at = TimeField()
    currency = text()
    reason = text(null=True)
    lines = RefundLineOutput(many=True)
    charges = RefundChargeOutput(many=True)
    amount = AmountField()
    payments = SalePaymentOutput(many=True)
    credit_note = CreditNoteOutput(allow_null=True)
    matching_reference = text(null=True)
    state = word(SaleState)
    needs_person_because = text(null=True)
    note = text(null=True)


class WebhookOutput(Out):
    """A webhook is stored; event is null for a test ping, of which nothing is kept."""

    event = serializers.IntegerField(allow_null=True)
    is_new = serializers.BooleanField()


def page_of(item: type[serializers.Serializer[Any]]) -> type[serializers.Serializer[Any]]:
    """Make the shape of one page of a list."""
    name = item.__name__.removesuffix("Output") + "PageOutput"
    attributes = {
        "__doc__": "One page; next and previous are addresses, or null at the ends.",
        "__module__": __name__,
        "results": item(many=True),
        "next": serializers.CharField(allow_null=True),
        "previous": serializers.CharField(allow_null=True),
    }
    return type(name, (Out,), attributes)
