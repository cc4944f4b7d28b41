"""Products: a product carries the sales account, and the account carries the VAT code.

Source: OpenAPI `/Products`. POST answers 200 (not 201). That product codes are unique is INFERRED.
"""

from typing import Any

from . import enums, filters
from .books import Books
from .calls import Call
from .errors import conflict, invalid, not_found
from .lists import list_rows, public
from .messages import Response, answer
from .patching import patch_values
from .seed_accounts import DEFAULT_SALES_NO
from .shapes import PRODUCT, PRODUCT_PATCH
from .store import Row

TITLE = "Product validation error(s)"
FILTERS = {
    "codes": filters.values("Code"),
    "createdDateTimeOffsetGreaterThan": filters.newer("CreatedDateTimeOffset"),
    "isArchived": filters.flag_is("IsArchived"),
    "lastChangedDateTimeOffsetGreaterThan": filters.newer("LastChangedDateTimeOffset"),
    "names": filters.values_ignoring_case("Name"),
    "productGroupCodes": filters.values("ProductGroupCode"),
    "stockOnHandLastChangedDatetimeOffsetGreaterThan": filters.newer("StockOnHandLastChangedDatetimeOffset"),
    "type": filters.enum("ProductType", enums.PRODUCT_TYPE),
}
_GROUP_ONLY = ("stockOnHandLastChangedDatetimeOffsetGreaterThan", "productGroupCodes")
GROUP_FILTERS = {name: make for name, make in FILTERS.items() if name not in _GROUP_ONLY}


def find(call: Call) -> Response:
    """List products."""
    return list_rows(call, call.books.products.all(), FILTERS)


def find_groups(call: Call) -> Response:
    """List product groups."""
    return list_rows(call, call.books.product_groups.all(), GROUP_FILTERS)


def _product(call: Call) -> Row:
    key = call.number_in_path("id", "Product")
    row = call.books.products.get(key)
    if row is None:
        raise not_found(f"Product with id = {key} not found.")
    return row


def read(call: Call) -> Response:
    """Show one product."""
    return answer(public(_product(call)))


def create(call: Call) -> Response:
    """Create a product."""
    books = call.books
    given = call.body(PRODUCT, TITLE)
    key = books.next_id()
    code = given.get("Code") or str(books.next_number("product"))
    _check_code(books, code, key)
    now = books.clock.now
    row: Row = {name: given.get(name) for name in PRODUCT}
    row.update(
        Id=key,
        Code=code,
        CreatedDateTimeOffset=now,
        CreatedFromImportJournalId=None,
        LastChangedDateTimeOffset=now,
        IsArchived=given.get("IsArchived", False),
        IsStockItem=given.get("IsStockItem", False),
        ProductType=given.get("ProductType", "Product"),
        StockAvailable=given.get("StockOnHand"),
        StockOnHandLastChangedDatetimeOffset=now if "StockOnHand" in given else None,
        UnitOfMeasureCode=given.get("UnitOfMeasureCode", "EA"),
        **_accounts(books, given),
        **_group(books, given),
    )
    return answer(public(books.products.put(row)))


def change(call: Call) -> Response:
    """Change some fields of a product."""
    books = call.books
    row = _product(call)
    patch = patch_values(call, PRODUCT_PATCH, "ProductPatchDto", TITLE, row)
    merged = {**row, **patch}
    if merged["Code"] is None:
        raise invalid(TITLE, "Code cannot be emptied.")
    _check_code(books, merged["Code"], row["Id"])
    given = {name: merged[name] for name in PRODUCT_PATCH if merged.get(name) is not None}
    derived = {**_accounts(books, given), **_group(books, given)}
    return answer(public(books.products.put({**merged, **derived, "LastChangedDateTimeOffset": books.clock.now})))


def delete(call: Call) -> Response:
    """Delete a product that no order line uses."""
    row = _product(call)
    if any(line["ProductId"] == row["Id"] for order in call.books.orders.all() for line in order["lines"]):
        raise conflict("Product conflict", f"Product with id = {row['Id']} is in use and cannot be deleted.")
    call.books.products.remove(row["Id"])
    return Response(200, content_type="")


def _check_code(books: Books, code: str, key: int) -> None:
    for other in books.products.find("code", code):
        if other["Id"] != key:
            raise invalid(TITLE, f"Code is already in use. '{code}' is used on product Id = {other['Id']}.")


def _group(books: Books, given: dict[str, Any]) -> Row:
    if given.get("ProductGroupId") is not None or given.get("ProductGroupCode") is not None:
        named = given.get("ProductGroupId") or given.get("ProductGroupCode")
        raise not_found(f"Product group '{named}' not found.", TITLE)
    return {"ProductGroupId": None, "ProductGroupCode": None}


def _accounts(books: Books, given: dict[str, Any]) -> Row:
    """Find the standard and the optional (VAT-free) sales account: the id wins over the number."""
    found: Row = {}
    for name in ("StandardSalesAccount", "OptionalSalesAccount"):
        row = _account(books, given.get(f"{name}Id"), given.get(name))
        found[name] = row["AccountNo"] if row else None
        found[f"{name}Id"] = row["Id"] if row else None
        found[f"{name}AgricultureDepartment"] = None
    return found


def _account(books: Books, key: int | None, number: int | None) -> Row | None:
    if key is None and number is None:
        return None
    if key is not None:
        row = books.accounts.get(key)
        if row is None:
            raise not_found(f"Account with id = {key} not found.", TITLE)
    else:
        rows = books.accounts.find("number", number)
        if not rows:
            raise not_found(f"Account with account number = {number} not found.", TITLE)
        row = rows[0]
    if row["is_control"] or row["is_vat"] or not row["IsActive"]:
        raise invalid(TITLE, f"Account {row['AccountNo']} cannot be used as a sales account.")
    return row


def sales_account(books: Books, product: Row, use_standard: bool | None, is_vat_free: bool) -> Row:
    """Give the account a sale of the product goes to.

    The optional account when the line says so, or when it says nothing and the customer is VAT-free; without
    one, the standard account; without that, the company's sales account.
    """
    wants_standard = use_standard if use_standard is not None else not is_vat_free
    number = product["StandardSalesAccount"] if wants_standard else product["OptionalSalesAccount"]
    return books.account(number or product["StandardSalesAccount"] or DEFAULT_SALES_NO)
