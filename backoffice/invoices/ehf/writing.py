"""Write a document as UBL. All amounts are those of the paper: ex VAT per line, VAT per rate, what is paid and due.

Paid invoices say so: what was paid is PrepaidAmount, PayableAmount is what is still due, 0.00 when nothing is.
"""

from __future__ import annotations

from decimal import Decimal

from backoffice.invoices.document import Document, DocumentKind, Line
from backoffice.invoices.ehf import parties
from backoffice.invoices.ehf.elements import Element, amount, group, number, path, root, text, written
from backoffice.invoices.ehf.taxes import category_of, category_of_tip, write_category, write_totals
from backoffice.invoices.words import words_in
from backoffice.ledger.money import Money, total

CUSTOMIZATION = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
PROFILE = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
INVOICE, CREDIT_NOTE = "380", "381"
CREDIT_TRANSFER, AS_AGREED = "30", "ZZZ"
#: units that a shop may write, by the code of UN/ECE recommendation 20; others count as pieces
UNITS = {"EA", "PCE", "C62", "HUR", "KGM", "GRM", "MTR", "CMT", "MTK", "MTQ", "LTR", "DAY", "MON", "SET", "XBX", "XPK"}
PIECES = "EA"
#: decimals of a unit price, as few as give the line exactly
PRICE_DIGITS = (2, 3, 4, 5, 6)


class NotAnInvoice(ValueError):
    """A receipt is no invoice and has no UBL."""


def has_ehf(document: Document) -> bool:
    """Whether the document is one that EHF is made for: a Norwegian seller's invoice or credit note."""
    return document.seller.address.country == "NO" and document.kind is not DocumentKind.RECEIPT


def ehf_of(document: Document) -> bytes:
    """Write an invoice or credit note; the same document gives the same bytes. Raises NotAnInvoice for a receipt."""
    if document.kind is DocumentKind.RECEIPT:
        raise NotAnInvoice("A receipt is no invoice. EHF is for invoices and credit notes.")
    is_credit = document.kind is DocumentKind.CREDIT_NOTE
    whole = root("CreditNote" if is_credit else "Invoice")
    _head(whole, document, is_credit=is_credit)
    parties.seller(whole, document)
    parties.buyer(whole, document)
    _delivery(whole, document)
    _payment(whole, document, is_credit=is_credit)
    _tip(whole, document)
    write_totals(whole, document)
    _sums(whole, document)
    for place, line in enumerate(document.lines, 1):
        _line(whole, document, place, line, is_credit=is_credit)
    return written(whole)


def name_of(document: Document) -> str:
    """Give the name under which it lies in the PDF and is downloaded."""
    return "ehf-credit-note.xml" if document.kind is DocumentKind.CREDIT_NOTE else "ehf-invoice.xml"


def lacking_for_peppol(document: Document) -> list[str]:
    """Name what the network asks for and the document has not; without it the file is data, not to be sent."""
    buyer, seller = document.buyer, document.seller
    country = buyer.address.country or seller.address.country
    lacking = [
        (
            not parties.has_address(seller.organisation_number, seller.address.country),
            "The seller has no organisation number by which Peppol reaches it.",
        ),
        (
            not parties.has_address(buyer.organisation_number, country),
            "The buyer has no organisation number by which Peppol reaches it; send a private person the PDF.",
        ),
        (
            document.due.minor > 0 and not (document.slip and _account(document)),
            "It is not paid and names no bank account. Enter one on the page Seller details.",
        ),
    ]
    return [said for is_lacking, said in lacking if is_lacking]


def _head(whole: Element, document: Document, *, is_credit: bool) -> None:
    text(whole, "cbc:CustomizationID", CUSTOMIZATION)
    text(whole, "cbc:ProfileID", PROFILE)
    text(whole, "cbc:ID", document.number)
    text(whole, "cbc:IssueDate", document.issued_on)
    if is_credit:
        text(whole, "cbc:CreditNoteTypeCode", CREDIT_NOTE)
    else:
        text(whole, "cbc:DueDate", document.due_on or "")
        text(whole, "cbc:InvoiceTypeCode", INVOICE)
    text(whole, "cbc:Note", " ".join((*([document.reason] if is_credit else []), *document.footnotes)))
    text(whole, "cbc:DocumentCurrencyCode", document.currency)
    if document.exchange:
        text(whole, "cbc:TaxCurrencyCode", document.exchange.home)
    order = document.order_number or document.number
    text(whole, "cbc:BuyerReference", document.buyer.reference or order)
    text(group(whole, "cac:OrderReference"), "cbc:ID", order)
    if document.credited_number:
        credited = path(whole, "cac:BillingReference/cac:InvoiceDocumentReference")
        text(credited, "cbc:ID", document.credited_number)
        text(credited, "cbc:IssueDate", document.credited_on or "")


def _delivery(whole: Element, document: Document) -> None:
    if not (document.delivered_on or document.delivery_address):
        return
    delivery = group(whole, "cac:Delivery")
    text(delivery, "cbc:ActualDeliveryDate", document.delivered_on or "")
    if document.delivery_address:
        place = path(delivery, "cac:DeliveryLocation/cac:Address")
        parties.delivery_address(place, document.delivery_address, document.seller.address.country)


def _account(document: Document) -> str:
    slip = document.slip
    return parties.compact(slip.iban or slip.account) if slip else ""


def _payment(whole: Element, document: Document, *, is_credit: bool) -> None:
    """Say how it was paid, or where to pay what is due (BR-CO-25, BR-61)."""
    words = words_in(document.language)
    if document.due.minor > 0 and not is_credit and document.slip and _account(document):
        means = group(whole, "cac:PaymentMeans")
        text(means, "cbc:PaymentMeansCode", CREDIT_TRANSFER)
        text(means, "cbc:PaymentID", document.slip.kid)
        account = group(means, "cac:PayeeFinancialAccount")
        text(account, "cbc:ID", _account(document))
        if document.slip.bic:
            text(group(account, "cac:FinancialInstitutionBranch"), "cbc:ID", document.slip.bic)
    elif document.payments:
        methods = ", ".join(dict.fromkeys(one.method for one in document.payments))
        text(group(whole, "cac:PaymentMeans"), "cbc:PaymentMeansCode", AS_AGREED, name=methods)
    if is_credit and document.due.minor > 0:
        text(group(whole, "cac:PaymentTerms"), "cbc:Note", words["to_receive"])


def _tip(whole: Element, document: Document) -> None:
    if document.tip:
        charge = group(whole, "cac:AllowanceCharge")
        text(charge, "cbc:ChargeIndicator", "true")
        text(charge, "cbc:AllowanceChargeReason", words_in(document.language)["tip"])
        amount(charge, "cbc:Amount", document.tip)
        write_category(charge, "cac:TaxCategory", category_of_tip(document), says_why=False)


def _sums(whole: Element, document: Document) -> None:
    """Write the sums of BR-CO-10 to BR-CO-16: lines, ex VAT, with VAT, paid, rounded, due."""
    zero = Money.zero(document.currency)
    lines = total((line.net for line in document.lines), document.currency)
    excluding = lines + (document.tip or zero)
    sums = group(whole, "cac:LegalMonetaryTotal")
    amount(sums, "cbc:LineExtensionAmount", lines)
    amount(sums, "cbc:TaxExclusiveAmount", excluding)
    amount(sums, "cbc:TaxInclusiveAmount", excluding + document.vat_sum)
    if document.tip:
        amount(sums, "cbc:ChargeTotalAmount", document.tip)
    if document.payments:
        amount(sums, "cbc:PrepaidAmount", document.paid)
    if document.rounding:
        amount(sums, "cbc:PayableRoundingAmount", document.rounding)
    amount(sums, "cbc:PayableAmount", document.due)


def _line(whole: Element, document: Document, place: int, line: Line, *, is_credit: bool) -> None:
    quantity, price, base = _priced(line)
    one = group(whole, "cac:CreditNoteLine" if is_credit else "cac:InvoiceLine")
    text(one, "cbc:ID", place)
    unit = line.unit.upper() if line.unit.upper() in UNITS else PIECES
    text(one, "cbc:CreditedQuantity" if is_credit else "cbc:InvoicedQuantity", number(quantity), unitCode=unit)
    amount(one, "cbc:LineExtensionAmount", line.net)
    item = group(one, "cac:Item")
    text(item, "cbc:Name", line.description or line.sku or PIECES)
    if line.sku:
        text(group(item, "cac:SellersItemIdentification"), "cbc:ID", line.sku)
    write_category(item, "cac:ClassifiedTaxCategory", category_of(document, line.vat_rate), says_why=False)
    priced = group(one, "cac:Price")
    text(priced, "cbc:PriceAmount", f"{price:f}", currencyID=document.currency)
    if base != 1:
        text(priced, "cbc:BaseQuantity", number(base), unitCode=unit)


def _priced(line: Line) -> tuple[Decimal, Decimal, Decimal]:
    """Give quantity, price ex VAT and what the price is for, so that they give the line (PEPPOL-EN16931-R120).

    A price is never negative (BR-27): the quantity is. Where no unit price gives the line, it is priced as a whole.
    """
    net = line.net.to_decimal()
    size = abs(line.quantity) or Decimal(1)
    quantity = -size if net < 0 else size
    for digits in PRICE_DIGITS:
        price = (abs(net) / size).quantize(Decimal(1).scaleb(-digits))
        if (price * size).quantize(net) == abs(net):
            return quantity, price, Decimal(1)
    return quantity, abs(net), size
