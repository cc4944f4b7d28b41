"""Read outgoing invoices and credit notes: sent from orders, or imported through invoice journals.

Source: OpenAPI `/OutgoingInvoices`. `Balance` follows the customer ledger; `Balance == 0` means paid.
The filters on order numbers and external references are of 2026.
"""

from . import filters
from .amounts import from_minor
from .books import Books
from .calls import Call
from .currencies import to_nok
from .dimensions import NAMES
from .errors import not_found
from .lists import list_rows
from .messages import Response, answer
from .store import Row
from .vouchers import shown_number

FILTERS = {
    "balanceLastChangedDateTimeOffsetGreaterThan": filters.newer("BalanceLastChangedDateTimeOffset"),
    "customerNos": filters.numbers("CustomerNo"),
    "customMatchingReferences": filters.values("CustomMatchingReference"),
    "departmentCodes": filters.values("DepartmentCode"),
    "externalImportReferences": filters.values("ExternalImportReference"),
    "fromDate": filters.since("VoucherDate"),
    "importedOrderNos": filters.numbers("ImportedOrderNo"),
    "includeSubProject": filters.ignored,
    "invoiceIds": filters.guids("Id"),
    "invoiceNos": filters.numbers("InvoiceNo"),
    "onlyUnpaidInvoices": filters.only_if(lambda row: bool(row["Balance"])),
    "orderNos": filters.numbers("OrderNo"),
    "projectCodes": filters.values("ProjectCode"),
    "sentDateTimeOffsetGreaterThan": filters.newer("SentDateTimeOffset"),
    "toDate": filters.until("VoucherDate"),
    "voucherNos": filters.numbers("VoucherNo"),
}
_PLAIN = (
    "BrandingThemeCode BrandingThemeId Cid ContractNo CreatedDateTimeOffset CurrencyCode CurrencyExchangeRate "
    "CustomMatchingReference CustomerId CustomerNo CustomerReference CustomerReferenceContactPersonId DeliveryAddress1 "
    "DeliveryAddress2 DeliveryAddressCity DeliveryAddressCountryCode DeliveryAddressZipCode DeliveryDate DeliveryTerm "
    "DeliveryTermId DueDate ExternalImportReference Id ImportedOrderNo InvoiceDeliveryType InvoiceNo IsReversed "
    "LastChangedDateTimeOffset OrderDate OrderNo PaymentTerm PaymentTermId PurchaseOrderReference RelatedInvoiceNo "
    "SellersReferenceEmployeeId SellersReferenceEmployeeNo SentDateTimeOffset VoucherDate VoucherType"
).split()
_DIMENSIONS = [f"{name}{end}" for name in NAMES for end in ("Code", "Id")]
_LINE = (
    "Allowance Description ExternalImportReference LineType ProductCode ProductId ProductUnitCost Quantity "
    "SellersReferenceEmployeeId SellersReferenceEmployeeNo SortOrder UnitOfMeasureCode VatCode VatId "
    "VatReturnSpecification"
).split()


def shown_invoice(books: Books, row: Row, application_key: str) -> Row:
    """Give an invoice as the API shows it, with the balance of today."""
    item = next((item for item in books.open_items.find("voucher", row["Id"]) if item["is_main"]), None)
    shown = {name: row.get(name) for name in (*_PLAIN, *_DIMENSIONS)}
    changed_at = item["balance_changed_at"] if item else row["CreatedDateTimeOffset"]
    number = shown_number(books, books.vouchers[row["Id"]])
    shown.update(
        Balance=from_minor(item["balance"] if item else 0),
        BalanceLastChangedDateTimeOffset=changed_at,
        IsCreatedByCurrentIntegration=row["application_key"] == application_key,
        LastChangedDateTimeOffset=max(row["LastChangedDateTimeOffset"], changed_at),
        MatchId=item["match_id"] if item else None,
        NetAmount=from_minor(row["net"]),
        NetPostedAmount=from_minor(to_nok(row["net"], row["rate"])),
        TotalAmount=from_minor(row["total"]),
        TotalPostedAmount=from_minor(item["amount"] if item else 0),
        VoucherNo=number or 0,
    )
    return shown


def find(call: Call) -> Response:
    """List invoices and credit notes."""
    books = call.books
    own = filters.only_if(lambda row: row["IsCreatedByCurrentIntegration"])
    rows = [shown_invoice(books, row, call.application_key) for row in _candidates(call)]
    return list_rows(call, rows, {**FILTERS, "onlyCreatedByCurrentIntegration": own}, lambda row: row)


def _candidates(call: Call) -> list[Row]:
    """Take the short way when one matching reference is asked for."""
    wanted = [text for name, text in call.request.parameters() if name.lower() == "custommatchingreferences"]
    if wanted and wanted[0].strip() and "-1" not in wanted[0]:
        references = {part.strip() for part in wanted[0].split(",")}
        return [row for value in sorted(references) for row in call.books.invoices.find("matching", value)]
    return call.books.invoices.all()


def _invoice(call: Call) -> Row:
    key = call.guid_in_path("id", "Outgoing invoice")
    row = call.books.invoices.get(key)
    if row is None:
        raise not_found(f"Outgoing invoice with id = {key} not found.")
    return row


def read(call: Call) -> Response:
    """Show one invoice."""
    return answer(shown_invoice(call.books, _invoice(call), call.application_key))


def find_lines(call: Call) -> Response:
    """List the lines of an invoice; they have ids of their own, not those of the order lines."""
    invoice = _invoice(call)
    rows = [
        _shown_line(call.books, invoice, line, key)
        for line, key in zip(invoice["lines"], invoice["line_ids"], strict=True)
    ]
    return list_rows(call, rows, {}, lambda row: row, created=None)


def _shown_line(books: Books, invoice: Row, line: Row, key: int) -> Row:
    account = books.accounts.get(line["account_id"]) if line["account_id"] else None
    net, total = line["net"], line["net"] + line["vat"]
    return {
        **{name: line.get(name) for name in (*_LINE, *_DIMENSIONS)},
        "Id": key,
        "AccountId": account["Id"] if account else None,
        "AccountNo": account["AccountNo"] if account else None,
        "AgricultureDepartment": None,
        "IsAccrued": False,
        "NetAmount": from_minor(net),
        "NetPostedAmount": from_minor(to_nok(net, invoice["rate"])),
        "ProductUnitPrice": line.get("ProductUnitPrice") or 0,
        "TotalAmount": from_minor(total),
        "TotalPostedAmount": from_minor(to_nok(total, invoice["rate"])),
        "VatAmount": from_minor(line["vat"]),
        "VatRate": line.get("VatRate") or 0,
    }
