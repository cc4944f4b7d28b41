"""The calls on /SalesOrders: create, list, read, change, delete, and their lines.

Source: OpenAPI `/SalesOrders*`. There is no POST /SalesOrders (gateway 404): an order is made complete or not
at all. A sent order is gone from here and is found under /OutgoingInvoices with the same Id.
"""

from typing import Any
from uuid import uuid4

from . import enums, filters
from .books import Books
from .calls import Call
from .errors import conflict, invalid, not_found
from .lists import list_rows
from .messages import Response, answer
from .orders import TITLE, check_lines, priced, read_header, read_line, shown_line, shown_order, with_totals
from .patching import patch_values
from .shapes import ORDER, ORDER_LINE, ORDER_LINE_PATCH, ORDER_PATCH
from .store import Row

FILTERS = {
    "customerNos": filters.numbers("CustomerNo"),
    "departmentCodes": filters.values("DepartmentCode"),
    "externalImportReferences": filters.values("ExternalImportReference"),
    "importedOrderNos": filters.numbers("ImportedOrderNo"),
    "includeSubProject": filters.ignored,
    "lastChangedDateTimeOffsetGreaterThan": filters.newer("LastChangedDateTimeOffset"),
    "orderStatus": filters.enum("SalesOrderStatus", enums.ORDER_STATUS),
    "projectCodes": filters.values("ProjectCode"),
    "salesOrderNos": filters.numbers("SalesOrderNo"),
    "showInherited": filters.ignored,
}


def find(call: Call) -> Response:
    """List open orders, headers only. With read lag, an order just sent is still seen here."""
    books = call.books
    own = filters.only_if(lambda row: row["application_key"] == call.application_key)
    rows = books.orders.find("state", "open")
    if call.options.read_lag_ms:
        horizon = books.clock.before(call.options.read_lag_ms)
        rows += [row for row in books.orders.find("state", "sent") if row["sent_at"] > horizon]
    tests = {**FILTERS, "onlyCreatedByCurrentIntegration": own}
    return list_rows(call, rows, tests, lambda row: shown_order(row, call.application_key))


def open_order(call: Call) -> Row:
    """Find the order of the path, unless it is sent."""
    key = call.guid_in_path("id", "Sales order")
    row = call.books.orders.get(key)
    if row is None or row["state"] != "open":
        raise not_found(f"Sales order with id = {key} not found.")
    return row


def _editable(call: Call) -> Row:
    order = open_order(call)
    if order["send"] is not None and order["send"]["is_processing"]:
        raise invalid(TITLE, f"Sales order with id = {order['Id']} is being processed.")
    if order["SalesOrderStatus"] == "Confirmed":
        raise invalid(TITLE, f"Sales order with id = {order['Id']} is confirmed. Set it to Draft to change it.")
    return order


def create(call: Call) -> Response:
    """Create an order with its lines."""
    books = call.books
    given = call.body(ORDER, TITLE)
    _check_reference(books, given.get("ExternalImportReference"), None)
    now = books.clock.now
    order: Row = {
        "Id": str(uuid4()),
        **read_header(books, given),
        "SalesOrderNo": books.next_number("sales order", 1001),
        "CreatedDateTimeOffset": now,
        "LastChangedDateTimeOffset": now,
        "application_key": call.application_key,
        "state": "open",
        "send": None,
        "sent_at": None,
    }
    lines = given.get("SalesOrderLines", [])
    order["lines"] = [read_line(books, line, order, str(uuid4()), place) for place, line in enumerate(lines)]
    order = _checked(books, order)
    books.orders.put(order)
    return answer(shown_order(order, call.application_key, with_lines=True), 201)


def _checked(books: Books, order: Row) -> Row:
    check_lines(order["lines"])
    order = with_totals(order)
    related = order["RelatedInvoiceNo"]
    if related is not None:
        if order["total"] >= 0:
            raise invalid(TITLE, "RelatedInvoiceNo can only be set on a credit note (negative total).")
        if not books.vouchers.find("invoice_no", str(related)):
            raise not_found(f"Invoice with number = {related} not found.", TITLE)
    return order


def _check_reference(books: Books, reference: str | None, own_id: str | None) -> None:
    if reference == "":
        raise invalid(TITLE, "ExternalImportReference cannot be empty.")
    for other in books.orders.find("reference", reference) if reference is not None else ():
        if other["Id"] != own_id:
            used = f"'{reference}' is used on sales order Id = {other['Id']}"
            raise invalid(TITLE, f"ExternalImportReference is already in use. {used}.")


def read(call: Call) -> Response:
    """Show the header of an order."""
    return answer(shown_order(open_order(call), call.application_key))


def read_complete(call: Call) -> Response:
    """Show an order with its lines."""
    return answer(shown_order(open_order(call), call.application_key, with_lines=True))


def change(call: Call) -> Response:
    """Change the header; a confirmed order must first be set to Draft."""
    books = call.books
    order = open_order(call)
    patch = patch_values(call, ORDER_PATCH, "SalesOrderPatchDto", TITLE, order)
    if set(patch) != {"SalesOrderStatus"}:
        order = _editable(call)
    _check_reference(books, patch.get("ExternalImportReference"), order["Id"])
    merged = {**order, **patch}
    # Only ids are read back: codes and numbers follow from them.
    header = read_header(books, {name: merged[name] for name in (*ORDER_PATCH, "DeliveryTerm")})
    updated = {**merged, **header}
    return _stored(call, _repriced(books, updated))


def _repriced(books: Books, order: Row) -> Row:
    lines = []
    for line in order["lines"]:
        product = None if line["ProductId"] is None else books.products[line["ProductId"]]
        lines.append(priced(books, line, order, product))
    return {**order, "lines": lines}


def _stored(call: Call, order: Row) -> Response:
    order = _checked(call.books, {**order, "LastChangedDateTimeOffset": call.books.clock.now})
    call.books.orders.put(order)
    return answer(shown_order(order, call.application_key))


def delete(call: Call) -> Response:
    """Delete an order that is not confirmed; its reference is free again (INFERRED)."""
    order = open_order(call)
    if order["SalesOrderStatus"] == "Confirmed" or (order["send"] or {}).get("is_processing"):
        raise conflict("Sales order conflict", f"Sales order with id = {order['Id']} is in use and cannot be deleted.")
    call.books.orders.remove(order["Id"])
    return Response(200, content_type="")


def find_lines(call: Call) -> Response:
    """List the lines of an order."""
    return list_rows(call, open_order(call)["lines"], {}, shown_line, created=None)


def _line(call: Call, order: Row) -> tuple[int, dict[str, Any]]:
    key = call.guid_in_path("line", "Sales order line")
    for place, line in enumerate(order["lines"]):
        if line["Id"] == key:
            return place, line
    raise not_found(f"Sales order line with id = {key} not found.")


def read_one_line(call: Call) -> Response:
    """Show one line."""
    return answer(shown_line(_line(call, open_order(call))[1]))


def add_line(call: Call) -> Response:
    """Add a line."""
    order = _editable(call)
    given = call.body(ORDER_LINE, TITLE)
    line = read_line(call.books, given, order, str(uuid4()), len(order["lines"]))
    _stored(call, {**order, "lines": [*order["lines"], line]})
    return answer(shown_line(line), 201)


def change_line(call: Call) -> Response:
    """Change a line."""
    order = _editable(call)
    place, line = _line(call, order)
    patch = patch_values(call, ORDER_LINE_PATCH, "SalesOrderLinePatchDto", TITLE, line)
    merged = {**line, **patch}
    merged = {name: merged[name] for name in ORDER_LINE_PATCH}
    updated = read_line(call.books, merged, order, line["Id"], place)
    _stored(call, {**order, "lines": [*order["lines"][:place], updated, *order["lines"][place + 1 :]]})
    return answer(shown_line(updated))


def delete_line(call: Call) -> Response:
    """Delete a line."""
    order = _editable(call)
    place, _ = _line(call, order)
    _stored(call, {**order, "lines": [*order["lines"][:place], *order["lines"][place + 1 :]]})
    return Response(200, content_type="")
