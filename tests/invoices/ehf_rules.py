"""Rules of EN 16931 and Peppol BIS Billing 3.0 that a document of ours can break, by their official codes."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from lxml import etree
from stdnum.no import orgnr

UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
NS = {"cac": f"{UBL}CommonAggregateComponents-2", "cbc": f"{UBL}CommonBasicComponents-2"}
#: in which order UBL has what we write; a part of it that is missing is skipped
HEAD = (
    "CustomizationID ProfileID ID IssueDate DueDate InvoiceTypeCode CreditNoteTypeCode Note DocumentCurrencyCode "
    "TaxCurrencyCode BuyerReference OrderReference BillingReference AccountingSupplierParty AccountingCustomerParty "
    "Delivery PaymentMeans PaymentTerms AllowanceCharge TaxTotal LegalMonetaryTotal InvoiceLine CreditNoteLine"
)
PARTY = "EndpointID PartyName PostalAddress PartyTaxScheme PartyLegalEntity Contact"
LINE = "ID InvoicedQuantity CreditedQuantity LineExtensionAmount Item Price"
CATEGORY = "ID Percent TaxExemptionReasonCode TaxExemptionReason TaxScheme"
SUMS = (
    "LineExtensionAmount TaxExclusiveAmount TaxInclusiveAmount AllowanceTotalAmount ChargeTotalAmount PrepaidAmount "
    "PayableRoundingAmount PayableAmount"
)
ORDERS = {
    "Invoice": HEAD, "CreditNote": HEAD, "Party": PARTY, "InvoiceLine": LINE, "CreditNoteLine": LINE,
    "TaxCategory": CATEGORY, "ClassifiedTaxCategory": CATEGORY, "LegalMonetaryTotal": SUMS,
    "PostalAddress": "StreetName AdditionalStreetName CityName PostalZone Country",
    "Address": "StreetName AdditionalStreetName CityName PostalZone Country",
    "PaymentMeans": "PaymentMeansCode PaymentID PayeeFinancialAccount",
    "TaxSubtotal": "TaxableAmount TaxAmount TaxCategory",
    "AllowanceCharge": "ChargeIndicator AllowanceChargeReason Amount TaxCategory",
    "Item": "Name SellersItemIdentification ClassifiedTaxCategory",
    "Price": "PriceAmount BaseQuantity",
    "Delivery": "ActualDeliveryDate DeliveryLocation",
}  # fmt: skip
WITHOUT_VAT = ("Z", "E", "AE", "G", "O")


class Read:
    """A UBL document with the paths of the rules."""

    def __init__(self, data: bytes) -> None:
        self.root: Any = etree.fromstring(data)
        self.kind = etree.QName(self.root).localname
        self.currency = self.text("cbc:DocumentCurrencyCode")
        self.lines = self.all(f"cac:{self.kind}Line")
        self.sums = self.root.find("cac:LegalMonetaryTotal", NS)

    def all(self, path: str, of: Any = None) -> list[Any]:
        return list((self.root if of is None else of).findall(path, NS))

    def text(self, path: str, of: Any = None) -> str:
        return str((self.root if of is None else of).findtext(path, "", NS))

    def sum(self, name: str) -> Decimal:
        return Decimal(self.text(f"cbc:{name}", self.sums) or 0)

    def number(self, path: str, of: Any) -> Decimal:
        return Decimal(self.text(path, of) or 0)


def broken(data: bytes, *, is_sent: bool = True) -> list[str]:
    """Name every rule that the document breaks; is_sent: with those of the network, not only those of the content."""
    read = Read(data)
    return [*_shape(read), *_head(read, is_sent=is_sent), *_sums(read), *_lines(read), *_vat(read), *_norway(read)]


def _shape(read: Read) -> Iterator[str]:
    for one in read.root.iter():
        if not len(one) and not (one.text or "").strip():
            yield f"PEPPOL-EN16931-R008 {one.tag}"
        order = ORDERS.get(etree.QName(one).localname, "").split()
        names = [etree.QName(child).localname for child in one]
        if order and [name for name in names if name not in order]:
            yield f"unknown in {one.tag}: {names}"
        elif order and names != sorted(names, key=order.index):
            yield f"order of {one.tag}: {names}"
        currency = one.get("currencyID")
        amount = Decimal(one.text or "0") if currency else Decimal(0)
        is_price = etree.QName(one).localname == "PriceAmount"
        if currency and not is_price and -int(amount.as_tuple().exponent) > 2:
            yield f"BR-DEC {one.tag} {one.text}"


def _head(read: Read, *, is_sent: bool) -> Iterator[str]:
    required = {
        "BR-01": "cbc:CustomizationID", "PEPPOL-EN16931-R001": "cbc:ProfileID", "BR-02": "cbc:ID",
        "BR-03": "cbc:IssueDate", "BR-04": f"cbc:{read.kind}TypeCode", "BR-05": "cbc:DocumentCurrencyCode",
        "BR-06": "cac:AccountingSupplierParty/cac:Party/cac:PartyLegalEntity/cbc:RegistrationName",
        "BR-07": "cac:AccountingCustomerParty/cac:Party/cac:PartyLegalEntity/cbc:RegistrationName",
        "BR-09": "cac:AccountingSupplierParty/cac:Party/cac:PostalAddress/cac:Country/cbc:IdentificationCode",
        "BR-11": "cac:AccountingCustomerParty/cac:Party/cac:PostalAddress/cac:Country/cbc:IdentificationCode",
        "PEPPOL-EN16931-R003": "cbc:BuyerReference",
    }  # fmt: skip
    if is_sent:
        required["PEPPOL-EN16931-R010"] = "cac:AccountingCustomerParty/cac:Party/cbc:EndpointID"
        required["PEPPOL-EN16931-R020"] = "cac:AccountingSupplierParty/cac:Party/cbc:EndpointID"
    for code, path in required.items():
        if not read.text(path):
            yield code
    if len(read.all("cbc:Note")) > 1:
        yield "PEPPOL-EN16931-R002"
    is_due = read.sum("PayableAmount") > 0
    if is_due and not (read.text("cbc:DueDate") or read.text("cac:PaymentTerms/cbc:Note")):
        yield "BR-CO-25"
    for means in read.all("cac:PaymentMeans"):
        if read.text("cbc:PaymentMeansCode", means) in ("30", "58"):
            if not read.text("cac:PayeeFinancialAccount/cbc:ID", means):
                yield "BR-61"
    for reference in read.all("cac:BillingReference/cac:InvoiceDocumentReference"):
        if not read.text("cbc:ID", reference):
            yield "BR-55"


def _sums(read: Read) -> Iterator[str]:
    lines = sum((read.number("cbc:LineExtensionAmount", line) for line in read.lines), Decimal(0))
    vat = read.number("cbc:TaxAmount", read.all("cac:TaxTotal")[0])
    charges = sum((read.number("cbc:Amount", one) for one in read.all("cac:AllowanceCharge")), Decimal(0))
    groups = read.all("cac:TaxTotal/cac:TaxSubtotal")
    due = read.sum("TaxInclusiveAmount") - read.sum("PrepaidAmount") + read.sum("PayableRoundingAmount")
    rules = {
        "BR-CO-10": read.sum("LineExtensionAmount") == lines,
        "BR-CO-12": read.sum("ChargeTotalAmount") == charges,
        "BR-CO-13": read.sum("TaxExclusiveAmount") == lines + charges,
        "BR-CO-14": vat == sum((read.number("cbc:TaxAmount", one) for one in groups), Decimal(0)),
        "BR-CO-15": read.sum("TaxInclusiveAmount") == read.sum("TaxExclusiveAmount") + vat,
        "BR-CO-16": read.sum("PayableAmount") == due,
        "BR-16": bool(read.lines),
        "BR-CO-18": bool(groups),
    }
    yield from (code for code, holds in rules.items() if not holds)


def _lines(read: Read) -> Iterator[str]:
    numbers = [read.text("cbc:ID", line) for line in read.lines]
    if len(set(numbers)) != len(numbers) or "" in numbers:
        yield "BR-21"
    quantity_name = "cbc:CreditedQuantity" if read.kind == "CreditNote" else "cbc:InvoicedQuantity"
    for line in read.lines:
        price, base = read.number("cac:Price/cbc:PriceAmount", line), read.text("cac:Price/cbc:BaseQuantity", line)
        quantity = read.number(quantity_name, line)
        net = read.number("cbc:LineExtensionAmount", line)
        if price < 0:
            yield "BR-27"
        if abs(quantity * price / Decimal(base or 1) - net) > Decimal("0.02"):
            yield f"PEPPOL-EN16931-R120 {quantity} x {price} / {base or 1} is not {net}"
        if not read.text("cac:Item/cbc:Name", line):
            yield "BR-25"
        if not read.text("cac:Item/cac:ClassifiedTaxCategory/cbc:ID", line):
            yield "BR-CO-04"


def _vat(read: Read) -> Iterator[str]:
    """BR-S-08 and its like per category, BR-CO-17, and what each category asks for."""
    at: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for line in read.lines:
        category = line.find("cac:Item/cac:ClassifiedTaxCategory", NS)
        key = read.text("cbc:ID", category), read.text("cbc:Percent", category)
        at[key] += read.number("cbc:LineExtensionAmount", line)
    for one in read.all("cac:AllowanceCharge"):
        key = read.text("cac:TaxCategory/cbc:ID", one), read.text("cac:TaxCategory/cbc:Percent", one)
        at[key] += read.number("cbc:Amount", one)
    groups = read.all("cac:TaxTotal/cac:TaxSubtotal")
    keys = [(read.text("cac:TaxCategory/cbc:ID", o), read.text("cac:TaxCategory/cbc:Percent", o)) for o in groups]
    if sorted(keys) != sorted(at):
        yield f"BR-CO-18 {sorted(keys)} for {sorted(at)}"
        return
    for one, key in zip(groups, keys, strict=True):
        basis, vat = read.number("cbc:TaxableAmount", one), read.number("cbc:TaxAmount", one)
        if basis != at[key]:
            yield f"BR-{key[0]}-08"
        expected = (basis * Decimal(key[1] or 0) / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
        if abs(vat - expected) >= 1:
            yield f"BR-CO-17 {vat} for {expected}"
        if key[0] in WITHOUT_VAT and vat:
            yield f"BR-{key[0]}-09"
        if key[0] in ("E", "AE", "G") and Decimal(key[1]):
            yield f"BR-{key[0]}-05"
        if keys.count(key) != 1:
            yield f"BR-{key[0]}-01"
        if key[0] == "S" and not Decimal(key[1]):
            yield "BR-S-05"
        says_why = bool(read.text("cac:TaxCategory/cbc:TaxExemptionReason", one))
        if says_why != (key[0] in ("E", "AE", "G", "O")):
            yield f"BR-{key[0]}-10"
        if key[0] == "O" and (key[1] or len(keys) > 1):
            yield "BR-O-11"
    yield from _vat_of_parties(read, has_outside=any(code == "O" for code, _ in keys))


def _vat_of_parties(read: Read, *, has_outside: bool) -> Iterator[str]:
    """Who is outside of VAT names no VAT number; VAT in the seller's currency stands alone."""
    seller_vat = [
        read.text("cbc:CompanyID", one)
        for one in read.all("cac:AccountingSupplierParty/cac:Party/cac:PartyTaxScheme")
        if read.text("cac:TaxScheme/cbc:ID", one) == "VAT"
    ]
    if has_outside == bool(seller_vat):
        yield "BR-S-02" if not has_outside else "BR-O-02"
    totals = read.all("cac:TaxTotal")
    home = read.text("cbc:TaxCurrencyCode")
    if home == read.currency or (len(totals) != (2 if home else 1)):
        yield "PEPPOL-EN16931-R054"
    if home and (
        totals[1].find("cbc:TaxAmount", NS).get("currencyID") != home or read.all("cac:TaxSubtotal", totals[1])
    ):
        yield "PEPPOL-EN16931-R054"


def _norway(read: Read) -> Iterator[str]:
    seller = "cac:AccountingSupplierParty/cac:Party"
    if read.text(f"{seller}/cac:PostalAddress/cac:Country/cbc:IdentificationCode") != "NO":
        return
    for one in read.all(f"{seller}/cac:PartyTaxScheme"):
        scheme, number = read.text("cac:TaxScheme/cbc:ID", one), read.text("cbc:CompanyID", one)
        if scheme == "VAT" and not re.fullmatch(r"NO\d{9}MVA", number):
            yield f"NO-R-001 {number}"
        if scheme == "TAX" and number != "Foretaksregisteret":
            yield f"NO-R-002 {number}"
    for one in read.all("cac:AccountingCustomerParty/cac:Party/cbc:EndpointID[@schemeID='0192']"):
        if not orgnr.is_valid(one.text or "") or not re.fullmatch(r"\d{9}", one.text or ""):
            yield f"PEPPOL-COMMON-R041 {one.text}"
