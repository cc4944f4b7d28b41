"""What will be sent, field by field, in words: a stored document as rows for the page. Nothing is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from backoffice.common.display import money

#: names of `contracts.accounting` as people say them; a field without a word shows its own name
FIELD_WORDS: dict[str, Any] = {
    "reference": _("Our reference"),
    "customer": _("Customer"),
    "details": _("Details"),
    "key": _("Our customer key"),
    "name": _("Name"),
    "first_name": _("First name"),
    "last_name": _("Last name"),
    "is_company": _("Company"),
    "organisation_number": _("Organisation number"),
    "tax_number": _("Tax number"),
    "email": _("E-mail"),
    "phone": _("Phone"),
    "address": _("Address"),
    "line1": _("Address line 1"),
    "line2": _("Address line 2"),
    "postal_code": _("Postal code"),
    "city": _("City"),
    "country": _("Country"),
    "currency": _("Currency"),
    "ordered_on": _("Order date"),
    "delivered_on": _("Delivery date"),
    "dated_on": _("Date"),
    "due_on": _("Due date"),
    "posted_on": _("Posting date"),
    "lines": _("Lines"),
    "total": _("Total"),
    "amount": _("Amount"),
    "matching_reference": _("Matching reference"),
    "branding_theme": _("Branding theme"),
    "order_number": _("Order number"),
    "customer_reference": _("Customer's reference"),
    "dimensions": _("Dimensions"),
    "product": _("Product"),
    "rounding_product": _("Product for a rounding line"),
    "max_mend_minor": _("Largest rounding line (minor units)"),
    "code": _("Code"),
    "ledger_account": _("Ledger account"),
    "vat_code": _("VAT code"),
    "description": _("Text"),
    "quantity": _("Quantity"),
    "unit_price": _("Unit price ex VAT"),
    "unit": _("Unit"),
    "kind": _("Kind"),
    "invoice_number": _("Invoice number"),
    "credited_invoice_number": _("Credits invoice number"),
    "kid": _("Payment id (KID)"),
    "line_reference": _("Line reference"),
    "saft_batch_id": _("SAF-T batch id"),
    "saft_source_id": _("SAF-T source id"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One field. rows holds the fields inside it, when it has any; value is empty then."""

    label: Any
    value: str = ""
    rows: Sequence[Row] = field(default_factory=tuple)


def document_rows(document: Mapping[str, Any]) -> list[Row]:
    """List all fields of a document that have a value."""
    return [_row(FIELD_WORDS.get(name, name), value) for name, value in document.items() if _is_given(value)]


def _is_given(value: Any) -> bool:
    return value not in (None, "", [], {}, ())


def _row(label: Any, value: Any) -> Row:
    if isinstance(value, Mapping):
        if set(value) == {"minor", "currency"}:
            return Row(label, money(value["minor"], value["currency"]))
        return Row(label, rows=document_rows(value))
    if isinstance(value, list):
        return Row(label, rows=[_row(f"{number}", one) for number, one in enumerate(value, 1)])
    if isinstance(value, bool):
        return Row(label, str(_("Yes") if value else _("No")))
    return Row(label, str(value))
