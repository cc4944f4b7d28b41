"""The shapes of answers about vouchers, for the OpenAPI document. `showing_vouchers` makes them."""

from __future__ import annotations

from rest_framework import serializers

from backoffice.api.fields import AmountField, DayField, RateField, TimeField
from backoffice.api.outgoing import Out, text, word
from backoffice.vouchers.models import SourceType, VoucherKind
from backoffice.vouchers.states import VoucherState


class ReasonOutput(Out):
    """Why it stopped, as the error catalogue at the desk has it."""

    code = text()
    detail = text()
    subject = text(allow_blank=True)


class SourceOutput(Out):
    """What a voucher was made from."""

    type = word(SourceType)
    key = text()


class VoucherOutput(Out):
    """A voucher as lists show it."""

    id = serializers.IntegerField()
    client = text(help_text="The client's key.")
    sales_point = text(null=True)
    kind = word(VoucherKind)
    source = SourceOutput()  # type: ignore[assignment]  # the field of that name
    state = word(VoucherState)
    posting_date = DayField()
    original_posting_date = DayField(allow_null=True)
    currency = text()
    total = AmountField(help_text="Sum of the debits.")
    description = text(null=True)
    customer_name = text(null=True)
    matching_reference = text(null=True)
    reasons = ReasonOutput(many=True)
    held_reason = text(null=True)
    approved_by = text(null=True)
    approved_at = TimeField(allow_null=True)
    posted_at = TimeField(allow_null=True)
    external_id = text(null=True)
    number = text(null=True)
    invoice_number = text(null=True)
    content_sha256 = text(allow_blank=True, help_text="Fingerprint of the content; name it when you approve.")
    created_at = TimeField()
    updated_at = TimeField()


class PostingOutput(Out):
    """One line: amount > 0 debit, < 0 credit, VAT included. why tells how the amount came about."""

    ledger_account = text()
    account_name = text(null=True)
    customer_name = text(null=True)
    amount = AmountField()
    currency = text()
    vat_code = text(null=True)
    vat_rate = RateField(allow_null=True)
    matching_reference = text(null=True)
    description = text(null=True)
    dimensions = serializers.DictField(child=serializers.CharField())
    why = serializers.ListField(child=serializers.DictField())


class StepOutput(Out):
    """One thing that happened to a voucher."""

    at = TimeField()
    what = text()
    who = text(allow_blank=True)
    detail = text(allow_blank=True)


class DeliveryOutput(Out):
    """One document on its way to the accounting system."""

    id = serializers.IntegerField()
    kind = text()
    reference = serializers.UUIDField()
    state = text()
    attempts = serializers.IntegerField()
    next_attempt_at = TimeField(allow_null=True)
    sent_at = TimeField(allow_null=True)
    delivered_at = TimeField(allow_null=True)
    external_id = text(null=True)
    reasons = ReasonOutput(many=True)


class VoucherDetailOutput(VoucherOutput):
    """A voucher with its lines, why they are so, and all that happened to it."""

    postings = PostingOutput(many=True)
    timeline = StepOutput(many=True)
    deliveries = DeliveryOutput(many=True)


class RefusedOutput(Out):
    """A voucher of a bulk act with which it was not done, and why."""

    id = serializers.IntegerField()
    detail = text()


class BulkOutput(Out):
    """What became of an act on many vouchers."""

    done = serializers.ListField(child=serializers.IntegerField())
    refused = RefusedOutput(many=True)
