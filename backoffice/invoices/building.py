"""Build a document from a sale or a refund as it was reported, and from what came back from the books."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from backoffice.clients.models import Client
from backoffice.common.codec import from_builtins
from backoffice.contracts.sales import Address, CustomerDetails, SaleDetails, SaleKind
from backoffice.invoices.document import (
    Buyer,
    Document,
    DocumentKind,
    Incomplete,
    Line,
    PaymentLine,
    PaymentSlip,
    Seller,
    WithoutVat,
    check,
    summarise_vat,
)
from backoffice.invoices.models import CompanyForm, SellerProfile
from backoffice.invoices.rates import exchange_for
from backoffice.ledger.money import Money, total
from backoffice.ledger.vat import split_gross
from backoffice.sales.models import Payment, Refund, Sale, SaleLine

#: companies of these forms name the company register (bokføringsforskriften § 5-1-2)
IN_COMPANY_REGISTER = (CompanyForm.AS, CompanyForm.ASA, CompanyForm.NUF)
#: the VAT codes of the accounting system for sales with reverse charge within Norway
REVERSE_CHARGE_CODES = ("51",)
#: the same for what carries no VAT; others are zero-rated at home (5)
WITHOUT_VAT_CODES = {"6": WithoutVat.EXEMPT, "52": WithoutVat.EXPORT}
PRICE_DIGITS = Decimal("0.0001")


def seller_of(client: Client) -> tuple[Seller, SellerProfile]:
    """Give what documents say about a client; raise Incomplete where nobody has entered it."""
    profile = SellerProfile.objects.filter(client=client).first()
    if profile is None:
        raise Incomplete(f"{client} has no seller details yet (address, VAT registration). Enter them first.")
    number = client.organisation_number
    grouped = " ".join(number[place : place + 3] for place in (0, 3, 6)) if client.country == "NO" else number
    vat_number = {"NO": f"NO {grouped} MVA", "PL": f"NIP {number}"}.get(client.country, number)
    seller = Seller(
        name=client.name,
        organisation_number=grouped,
        address=Address(
            profile.address_line1, profile.address_line2, profile.postal_code, profile.city, client.country
        ),
        vat_number=vat_number if profile.is_vat_registered else "",
        is_in_company_register=client.country == "NO" and profile.company_form in IN_COMPANY_REGISTER,
        is_in_liquidation=profile.is_in_liquidation,
        email=profile.email,
        phone=profile.phone,
        website=profile.website,
    )
    return seller, profile


def number_of(sale: Sale) -> str:
    """Give the invoice number, whoever dealt it; empty while there is none."""
    return sale.invoice_number or (sale.voucher.invoice_number if sale.voucher else "")


def is_paid(sale: Sale) -> bool:
    """Whether payments cover the sale."""
    return bool(sale.total_minor) and _paid(sale.payments.filter(is_cancelled=False, refund=None)) >= sale.total_minor


def _paid(payments: Any) -> int:
    return sum(payments.values_list("amount_minor", flat=True))


@dataclass(frozen=True, slots=True)
class SaleDocument:
    """What a document is made from."""

    sale: Sale
    details: SaleDetails
    seller: Seller
    profile: SellerProfile

    @classmethod
    def load(cls, sale: Sale) -> SaleDocument:
        """Read it."""
        seller, profile = seller_of(sale.client)
        return cls(sale, from_builtins(sale.details, SaleDetails), seller, profile)

    @property
    def issued_on(self) -> date:
        """The date of the invoice: as the sales system states it, else of the accounting system's, else the sale's."""
        if self.details.invoice:
            return self.details.invoice.issued_on
        voucher = self.sale.voucher
        sending = voucher.deliveries.filter(kind="invoice_sending").first() if voucher else None
        return sending.dated_on if sending else voucher.dated_on if voucher else self.sale.sold_on

    @property
    def buyer(self) -> Buyer:
        """The customer as printed."""
        customer: CustomerDetails = self.details.customer
        return Buyer(
            name=customer.name or " ".join(part for part in (customer.first_name, customer.last_name) if part),
            address=customer.address,
            organisation_number=customer.organisation_number,
            tax_number=customer.tax_number,
            email=customer.email,
            reference=self.details.customer_reference,
        )


def document_of_sale(sale: Sale, *, language: str) -> Document:
    """Build the invoice, paid invoice or receipt of a sale; raise LedgerError when it may not be issued so."""
    source = SaleDocument.load(sale)
    details, currency = source.details, sale.currency
    if sale.total_minor < 0:
        raise Incomplete("The sale's total is negative and it names no invoice that it credits.")
    number, kind = number_of(sale), _kind(sale, details)
    if not number and kind is not DocumentKind.RECEIPT:
        raise Incomplete("There is no invoice number yet; it comes when the invoice is sent.")
    lines = tuple(_line(row, details) for row in sale.lines.all() if row.gross_minor)
    payments = tuple(_payment(row) for row in sale.payments.filter(is_cancelled=False, refund=None).order_by("paid_at"))
    owed = Money(sale.total_minor, currency)
    exchange = exchange_for(sale.client, currency, source.issued_on)
    invoice = details.invoice
    document = Document(
        kind=kind,
        number=number or sale.reference,
        language=language,
        currency=currency,
        issued_on=source.issued_on,
        seller=source.seller,
        buyer=source.buyer,
        lines=lines,
        vat=summarise_vat(lines, currency, exchange),
        total=owed,
        due=owed - total((one.amount for one in payments), currency),
        prices_include_vat=details.prices_include_vat,
        rounding=Money(sale.rounding_minor, currency) if sale.rounding_minor else None,
        tip=Money(sale.tip_minor, currency) if sale.tip_minor else None,
        due_on=(invoice.due_on if invoice else None)
        or source.issued_on + timedelta(days=source.profile.payment_terms_days),
        delivered_on=sale.delivered_on,
        order_number=details.order_number or sale.reference,
        seller_reference=sale.sales_point.name,
        payments=payments,
        slip=_slip(source.profile, invoice.kid if invoice else ""),
        exchange=exchange,
        is_reverse_charge=_is_reverse_charge(sale),
        without_vat=_without_vat(sale),
    )
    check(document)
    return document


def _kind(sale: Sale, details: SaleDetails) -> DocumentKind:
    if details.kind is SaleKind.CASH_SALE:
        return DocumentKind.RECEIPT
    return DocumentKind.PAID_INVOICE if is_paid(sale) else DocumentKind.INVOICE


def document_of_refund(refund: Refund, *, language: str) -> Document:
    """Build the credit note of a refund, over what was decided that it credits of each line."""
    sale = refund.sale
    if sale is None:
        raise Incomplete("The refund's sale has not arrived yet.")
    if not refund.shares:
        raise Incomplete("It is not decided yet what the refund credits of each line.")
    source, currency = SaleDocument.load(sale), refund.currency
    lines, rounding, tip = _credited(refund, sale, source.details)
    number = refund.credit_note_number or (refund.voucher.invoice_number if refund.voucher else "")
    if not number:
        raise Incomplete("There is no credit note number yet; it comes when the credit note is sent.")
    issued_on = refund.voucher.dated_on if refund.voucher else refund.refunded_on
    exchange = exchange_for(sale.client, currency, issued_on)
    payments = tuple(_payment(row, sign=-1) for row in refund.payments.filter(is_cancelled=False).order_by("paid_at"))
    back = Money(refund.amount_minor, currency)
    document = Document(
        kind=DocumentKind.CREDIT_NOTE,
        number=number,
        language=language,
        currency=currency,
        issued_on=issued_on,
        seller=source.seller,
        buyer=source.buyer,
        lines=lines,
        vat=summarise_vat(lines, currency, exchange),
        total=back,
        due=back - total((one.amount for one in payments), currency),
        prices_include_vat=source.details.prices_include_vat,
        rounding=rounding,
        tip=tip,
        order_number=source.details.order_number or sale.reference,
        seller_reference=sale.sales_point.name,
        payments=payments,
        exchange=exchange,
        credited_number=number_of(sale),
        credited_on=source.issued_on,
        reason=refund.reason,
        is_reverse_charge=_is_reverse_charge(sale),
        without_vat=_without_vat(sale),
    )
    check(document)
    return document


def _credited(refund: Refund, sale: Sale, details: SaleDetails) -> tuple[tuple[Line, ...], Money | None, Money | None]:
    """Give the credited lines, and the rounding (place -1) and tip (place 0) that are credited with them."""
    rows = {row.position: row for row in sale.lines.all()}
    apart: dict[int, Money | None] = {-1: None, 0: None}
    lines = []
    for share in refund.shares:
        position, gross = int(share["position"]), Money(int(share["gross_minor"]), refund.currency)
        if position in apart:
            apart[position] = gross
        else:
            lines.append(_share(rows[position], gross, Decimal(share["quantity"]), details))
    return tuple(lines), apart[-1], apart[0]


def _share(row: SaleLine, gross: Money, quantity: Decimal, details: SaleDetails) -> Line:
    is_whole = gross.minor == row.gross_minor
    vat = Money(row.vat_minor, gross.currency) if is_whole else split_gross(gross, row.vat_rate).vat
    amount = gross if details.prices_include_vat else gross - vat
    pieces = quantity or Decimal(1)
    price = (amount.to_decimal() / pieces).quantize(PRICE_DIGITS)
    return Line(row.description, pieces, price, row.vat_rate, gross, vat, unit=row.unit, sku=row.sku)


def _line(row: SaleLine, details: SaleDetails) -> Line:
    currency = details.currency
    gross, vat = Money(row.gross_minor, currency), Money(row.vat_minor, currency)
    stated = details.lines[row.position - 1] if row.position <= len(details.lines) else None
    amount = gross if details.prices_include_vat else gross - vat
    price = stated.unit_price if stated else None
    discount = stated.discount if stated and stated.discount and price is not None else None
    if price is None:
        price = (amount.to_decimal() / (row.quantity or Decimal(1))).quantize(PRICE_DIGITS)
    return Line(
        row.description, row.quantity.normalize(), price, row.vat_rate, gross, vat,
        unit=row.unit, sku=row.sku, discount=discount,
    )  # fmt: skip


def _payment(row: Payment, *, sign: int = 1) -> PaymentLine:
    method = row.method.replace("_", " ").capitalize()
    return PaymentLine(
        method, row.paid_on, Money(sign * row.amount_minor, row.currency), row.provider_reference or row.reference
    )


def _slip(profile: SellerProfile, kid: str) -> PaymentSlip | None:
    if not (profile.bank_account or profile.iban):
        return None
    return PaymentSlip(profile.bank_account, profile.iban, profile.bic, kid)


def _vat_codes(sale: Sale) -> set[str]:
    """Give the VAT codes that the books hold a sale's lines under; none while it has no voucher of its own."""
    if sale.voucher is None or sale.voucher.sales.count() != 1:
        return set()
    return set(sale.voucher.postings.filter(customer_key="").values_list("vat_code", flat=True))


def _is_reverse_charge(sale: Sale) -> bool:
    """Whether the books hold the whole sale under the VAT code for reverse charge."""
    codes = _vat_codes(sale)
    return bool(codes) and codes <= set(REVERSE_CHARGE_CODES)


def _without_vat(sale: Sale) -> WithoutVat:
    """Say why lines at 0 % carry no VAT, by their VAT code; where several codes do, that they are zero-rated."""
    kinds = {
        WITHOUT_VAT_CODES.get(code, WithoutVat.ZERO_RATED) for code in _vat_codes(sale) & {"5", *WITHOUT_VAT_CODES}
    }
    return kinds.pop() if len(kinds) == 1 else WithoutVat.ZERO_RATED
