"""Sales orders as drafts: read a body, compute lines and totals, show them.

Per line, net = quantity x unit price x (1 - discount), half up to the øre; VAT = net x rate, half up; the
order's totals are the sums. There is no VAT code on a line: it comes from the product's sales account and the
order date. Prices are without VAT. Amounts in the row are minor units of the order's currency.
"""

from decimal import Decimal
from typing import Any

from .amounts import from_minor, round_minor, vat_on_top
from .books import Books
from .currencies import HOME, rate_for, read_currency
from .dimensions import NAMES, resolve
from .errors import invalid, not_found
from .products import sales_account
from .seed_vat import vat_on
from .shapes import ORDER_HEADER, ORDER_LINE
from .store import Row
from .terms import default_payment_term, default_theme, payment_term, theme

TITLE = "Sales order validation error(s)"
LARGEST_NET = 10**14  # øre
SILENT_TYPES = ("Text", "Summary", "TotalHours")
OWN_FIELDS = [name for name in ORDER_HEADER if not name.startswith(NAMES)]
_EMPLOYEES = ("SalesPersonEmployeeId", "SalesPersonEmployeeNumber")
_LINE_EMPLOYEES = ("SellersReferenceEmployeeId", "SellersReferenceEmployeeNo")


def read_header(books: Books, given: dict[str, Any]) -> Row:
    """Check the header and give the stored form of it."""
    customer = find_customer(books, given)
    currency = read_currency(given.get("CurrencyCode") or customer.get("CurrencyCode") or HOME, TITLE)
    rate_for(currency, given.get("CurrencyExchangeRate"), TITLE)
    term = payment_term(books, given, TITLE) or payment_term(books, customer, TITLE) or default_payment_term(books)
    chosen = theme(books, given, TITLE) or theme(books, customer, TITLE, "InvoiceBrandingTheme")
    branding = chosen or default_theme(books)
    for name in _EMPLOYEES:
        if given.get(name) is not None:
            raise not_found(f"Employee with {name} = {given[name]} not found.", TITLE)
    for name, what in (
        ("ContactDeliveryAddressId", "Contact delivery address"),
        ("CustomerReferenceContactPersonId", "Contact person"),
    ):
        if given.get(name) is not None:
            raise not_found(f"{what} with id = {given[name]} not found on Contact with id = {customer['Id']}.", TITLE)
    header: Row = {name: given.get(name) for name in OWN_FIELDS}
    header.update(_delivery_term(books, given))
    header.update(resolve(books, given, TITLE))
    header.update(
        CustomerId=customer["Id"],
        CustomerNo=customer["Number"],
        CurrencyCode=currency,
        PaymentTermId=term["Id"],
        PaymentTerm=term["CreditDays"],
        BrandingThemeId=branding["Id"],
        BrandingThemeCode=branding["Code"],
        SalesOrderStatus=given.get("SalesOrderStatus") or "Draft",
    )
    return header


def find_customer(books: Books, given: dict[str, Any]) -> Row:
    """Find the order's customer: the id wins over the number."""
    if (key := given.get("CustomerId")) is not None:
        customer = books.customers.get(key)
        if customer is None:
            raise not_found(f"Customer with id = {key} not found.", TITLE)
    elif (number := given.get("CustomerNo")) is not None:
        found = books.customers.find("number", number)
        if not found:
            raise not_found(f"Customer with number = {number} not found.", TITLE)
        customer = found[0]
    else:
        raise invalid(TITLE, "CustomerId or CustomerNo is required.")
    if customer["IsArchived"]:
        raise invalid(TITLE, f"Customer {customer['Number']} is archived.")
    return customer


def _delivery_term(books: Books, given: dict[str, Any]) -> Row:
    key = given.get("DeliveryTermId")
    if key is None:
        return {"DeliveryTermId": None, "DeliveryTerm": given.get("DeliveryTerm")}
    row = books.delivery_terms.get(key)
    if row is None:
        raise not_found(f"Delivery term with id = {key} not found.", TITLE)
    return {"DeliveryTermId": key, "DeliveryTerm": row["Name"]}


def _product(books: Books, given: dict[str, Any]) -> Row | None:
    key, code = given.get("ProductId"), given.get("ProductCode")
    if key is None and code is None:
        return None
    if key is not None:
        product = books.products.get(key)
        if product is None:
            raise not_found(f"Product with id = {key} not found.", TITLE)
    else:
        found = books.products.find("code", code)
        if not found:
            raise not_found(f"Product with code = '{code}' not found.", TITLE)
        product = found[0]
    if product["IsArchived"]:
        raise invalid(TITLE, f"Product '{product['Code']}' is archived.")
    return product


def read_line(books: Books, given: dict[str, Any], order: Row, line_id: str, place: int) -> Row:
    """Check a line and give the stored form of it, amounts included."""
    product = _product(books, given)
    kind = given.get("LineType") or ("Normal" if product else "Text")
    if kind in SILENT_TYPES and product is not None:
        raise invalid(TITLE, f"A line of type {kind} cannot have a product.")
    if kind not in SILENT_TYPES and product is None:
        raise invalid(TITLE, f"ProductId or ProductCode is required on a line of type {kind}.")
    if product is not None and given.get("Quantity") is None:
        raise invalid(TITLE, "Quantity is required on a line with a product.")
    for name in _LINE_EMPLOYEES:
        if given.get(name) is not None:
            raise not_found(f"Employee with {name} = {given[name]} not found.", TITLE)
    if given.get("Accrual") is not None:
        raise invalid(TITLE, "Accrual is not supported by the sandbox.")
    line: Row = {name: given.get(name) for name in ORDER_LINE}
    line.update(resolve(books, given, TITLE, inherited=order))
    line.update(Id=line_id, SalesOrderId=order["Id"], LineType=kind)
    if line["SortOrder"] is None:
        line["SortOrder"] = place
    line["VatReturnSpecification"] = line["VatReturnSpecification"] or "None"
    if product is not None:
        _inherit(line, product)
    return priced(books, line, order, product)


def _inherit(line: Row, product: Row) -> None:
    line.update(ProductId=product["Id"], ProductCode=product["Code"])
    for name, source in (
        ("Description", product["Description"] or product["Name"]),
        ("ProductUnitPrice", product["UnitPrice"]),
        ("ProductUnitCost", product["UnitCost"]),
        ("UnitOfMeasureCode", product["UnitOfMeasureCode"]),
    ):
        if line[name] is None:
            line[name] = source


def priced(books: Books, line: Row, order: Row, product: Row | None, day: str | None = None) -> Row:
    """Give a line with its account, VAT and amounts for the order's date, or for `day`."""
    if product is None:
        return {
            **line,
            "account_id": None,
            "VatId": None,
            "VatCode": None,
            "VatRate": None,
            "net": 0,
            "vat": 0,
        }
    if line["ProductUnitPrice"] is None:
        raise invalid(TITLE, f"ProductUnitPrice is required: product '{product['Code']}' has no price.")
    is_vat_free = bool(books.customers[order["CustomerId"]]["IsVatFree"])
    account = sales_account(books, product, line["UseStandardSalesAccount"], is_vat_free)
    when = day or order["SalesOrderDate"] or books.clock.today
    vat = vat_on(account["VatCode"], when)
    if vat is None:
        raise invalid(TITLE, f"Vat code {account['VatCode']} of account {account['AccountNo']} is not valid on {when}.")
    share = 1 - Decimal(line["Allowance"] or 0) / 100
    net = round_minor(Decimal(line["Quantity"]) * Decimal(line["ProductUnitPrice"]) * share)
    if abs(net) >= LARGEST_NET:
        raise invalid(TITLE, "The amount of a line must be smaller than 10^12.")
    return {
        **line,
        "account_id": account["Id"],
        "VatId": vat.vat_id,
        "VatCode": vat.code,
        "VatRate": vat.rate,
        "net": net,
        "vat": vat_on_top(net, vat.rate) if vat.how == "output" else 0,
    }


def with_totals(order: Row) -> Row:
    """Give an order with its totals."""
    net = sum(line["net"] for line in order["lines"])
    total = net + sum(line["vat"] for line in order["lines"])
    return {**order, "net": net, "total": total, "LineCount": len(order["lines"])}


def check_lines(lines: list[Row]) -> None:
    """Refuse a line reference that occurs twice in the order."""
    references = [line["ExternalImportReference"] for line in lines if line["ExternalImportReference"] is not None]
    if len(set(references)) != len(references):
        raise invalid(TITLE, "ExternalImportReference on the lines must be unique within the order.")


def shown_line(line: Row) -> Row:
    """Give a line as the API shows it."""
    shown = {name: value for name, value in line.items() if name[0].isupper()}
    amounts = {"NetAmount": line["net"], "VatAmount": line["vat"], "TotalAmount": line["net"] + line["vat"]}
    return {**shown, **{name: from_minor(minor) for name, minor in amounts.items()}}


def shown_order(order: Row, application_key: str, with_lines: bool = False) -> Row:
    """Give an order as the API shows it: the header, or the complete order."""
    shown = {name: value for name, value in order.items() if name[0].isupper()}
    shown["NetAmount"], shown["TotalAmount"] = from_minor(order["net"]), from_minor(order["total"])
    shown["IsCreatedByCurrentIntegration"] = order["application_key"] == application_key
    if with_lines:
        shown["SalesOrderLines"] = [shown_line(line) for line in order["lines"]]
    return shown
