"""From a validated body to the dataclasses of `contracts.sales`. Amounts get their VAT here, nothing is stored."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from rest_framework.exceptions import ErrorDetail, ValidationError

from backoffice.api.incoming import SaleInput
from backoffice.api.incoming_money import PaymentInput, RefundInput
from backoffice.api.problems import invalid_body
from backoffice.api.strict import refuse
from backoffice.contracts.sales import (
    Address,
    CustomerDetails,
    IssuedCreditNote,
    IssuedInvoice,
    LineKind,
    PaymentDetails,
    RefundDetails,
    RefundLineDetails,
    SaftBatch,
    SaleDetails,
    SaleKind,
    SaleLineDetails,
)
from backoffice.ledger.errors import VatDiffers
from backoffice.ledger.money import Money
from backoffice.ledger.sale_totals import TaxedAmount, vat_differences
from backoffice.ledger.vat import split_gross, vat_on_net

Values = Mapping[str, Any]


class Reader:
    """Reads the bodies of one request; the serializers are built once, which counts in a batch of 500."""

    def __init__(self) -> None:
        self._sale = SaleInput(context={})

    def sale(self, body: Any) -> SaleDetails:
        """Read a sale; raises `invalid_body` with everything that is wrong with it."""
        try:
            return sale_details(self._sale.run_validation(body))
        except ValidationError as error:
            raise invalid_body(error.detail) from error

    def payment(self, body: Any) -> PaymentDetails:
        """Read a payment."""
        values = self._validated(PaymentInput(context={}), body)
        return PaymentDetails(
            reference=values["reference"],
            method=values["method"],
            amount=values["amount"],
            paid_at=values["paid_at"],
            provider_reference=values["provider_reference"] or "",
            sale_reference=values["sale"] or "",
            matching_reference=values["matching_reference"] or "",
            invoice_number=values["invoice_number"] or "",
        )

    def refund(self, body: Any, *, currency_of_sale: str) -> RefundDetails:
        """Read a refund in its sale's currency; where that is not known the body must name one."""
        named = body.get("currency") if isinstance(body, dict) else None
        currency = currency_of_sale or (named if isinstance(named, str) else "")
        values = self._validated(RefundInput(context={"currency": currency}), body)
        if not currency:
            detail = "The sale has not arrived yet, so state the currency of the refund."
            raise invalid_body(refuse("currency", "required", detail).detail)
        if named not in (None, currency):
            detail = f"The sale is in {currency}; a refund is in the same currency."
            raise invalid_body(refuse("currency", "another_currency", detail).detail)
        return refund_details(values)

    @staticmethod
    def _validated(serializer: Any, body: Any) -> Any:
        try:
            return serializer.run_validation(body)
        except ValidationError as error:
            raise invalid_body(error.detail) from error


def sale_details(values: Values) -> SaleDetails:
    """Build a sale from validated values."""
    lines = [
        *(_line(value, values["prices_include_vat"], index) for index, value in enumerate(values["lines"], 1)),
        *_charges(values["charges"] or [], values["prices_include_vat"]),
    ]
    _check_vat(lines, values)
    return SaleDetails(
        reference=values["reference"],
        kind=SaleKind(values["kind"]),
        sold_at=values["sold_at"],
        currency=values["currency"],
        customer=_customer(values["customer"]),
        lines=tuple(lines),
        total=values["total"],
        revision=values["revision"],
        delivered_on=values["delivered_on"],
        prices_include_vat=values["prices_include_vat"],
        rounding=values["rounding"],
        tip=values["tip"],
        payments=tuple(_payment(payment) for payment in values["payments"] or []),
        invoice=_invoice(values["invoice"]),
        saft=SaftBatch(values["saft"]["batch_id"], values["saft"]["source_id"]) if values["saft"] else None,
        matching_reference=values["matching_reference"] or "",
        branding_theme=values["branding_theme"] or "",
        customer_reference=values["customer_reference"] or "",
        order_number=values["order_number"] or "",
        dimensions={kind: code for kind, code in (values["dimensions"] or {}).items() if code},
    )


def _check_vat(lines: list[SaleLineDetails], values: Values) -> None:
    stated = [*values["lines"], *(values["charges"] or [])]
    taxed = [
        TaxedAmount(line.gross, line.vat, line.vat_rate)
        for line, value in zip(lines, stated, strict=True)
        if value["vat_amount"] is not None
    ]
    try:
        vat_differences(taxed, values["currency"])
    except VatDiffers as error:
        raise ValidationError({"lines": [ErrorDetail(str(error), "vat_differs")]}) from error


def _taxed(value: Values, *, includes_vat: bool) -> tuple[Money, Money]:
    """Give gross and VAT of a line whose amount has VAT in it or not."""
    amount, rate, stated = value["amount"], value["vat_rate"], value["vat_amount"]
    if includes_vat:
        return amount, stated if stated is not None else split_gross(amount, rate).vat
    vat = stated if stated is not None else vat_on_net(amount, rate)
    return amount + vat, vat


def _line(value: Values, includes_vat: bool, place: int) -> SaleLineDetails:
    gross, vat = _taxed(value, includes_vat=includes_vat)
    return SaleLineDetails(
        reference=value["reference"] or str(place),
        description=value["description"],
        gross=gross,
        vat=vat,
        vat_rate=value["vat_rate"],
        quantity=value["quantity"],
        unit=value["unit"],
        kind=LineKind(value["kind"]),
        group=value["group"] or "",
        sku=value["sku"] or "",
        unit_price=value["unit_price"],
        discount=value["discount"],
    )


def _charges(values: list[Values], includes_vat: bool) -> list[SaleLineDetails]:
    lines, seen = [], {value["reference"] for value in values}
    for place, value in enumerate(values, 1):
        gross, vat = _taxed(value, includes_vat=includes_vat)
        reference = value["reference"] or value["kind"]
        if not value["reference"]:
            reference = reference if reference not in seen else f"{reference}-{place}"
            seen.add(reference)
        lines.append(
            SaleLineDetails(
                reference=reference,
                description=value["description"] or value["kind"].replace("_", " ").capitalize(),
                gross=gross,
                vat=vat,
                vat_rate=value["vat_rate"],
                quantity=Decimal(-1 if gross.minor < 0 else 1),
                kind=LineKind(value["kind"]),
            )
        )
    return lines


def _customer(value: Values | None) -> CustomerDetails:
    if value is None:
        return CustomerDetails(name="")
    texts = ("reference", "organisation_number", "tax_number", "email", "phone", "first_name", "last_name")
    address = value["address"] or {}
    return CustomerDetails(
        name=value["name"],
        is_company=value["is_company"],
        address=Address(**{name: text or "" for name, text in address.items()}),
        **{name: value[name] or "" for name in texts},
    )


def _payment(value: Values) -> PaymentDetails:
    return PaymentDetails(
        reference=value["reference"],
        method=value["method"],
        amount=value["amount"],
        paid_at=value["paid_at"],
        provider_reference=value["provider_reference"] or "",
    )


def _invoice(value: Values | None) -> IssuedInvoice | None:
    if value is None:
        return None
    return IssuedInvoice(value["number"], value["issued_on"], value["due_on"], value["kid"] or "")


def refund_details(values: Values) -> RefundDetails:
    """Build a refund from validated values."""
    goods = [RefundLineDetails(line["reference"], line["amount"], line["quantity"]) for line in values["lines"] or []]
    charges = [
        RefundLineDetails(charge["reference"] or charge["kind"], charge["amount"], Decimal(1), LineKind(charge["kind"]))
        for charge in values["charges"] or []
    ]
    note = values["credit_note"]
    return RefundDetails(
        reference=values["reference"],
        sale_reference=values["sale"],
        refunded_at=values["refunded_at"],
        amount=values["amount"],
        lines=(*goods, *charges),
        reason=values["reason"] or "",
        payments=tuple(_payment(payment) for payment in values["payments"] or []),
        credit_note=IssuedCreditNote(note["number"], note["issued_on"]) if note else None,
    )
