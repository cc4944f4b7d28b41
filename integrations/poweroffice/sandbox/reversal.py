"""Reverse a directly posted voucher: opposite entries on the same dates, and its references are free
again."""

from uuid import uuid4

from . import matching
from .books import Books
from .calls import Call
from .errors import invalid, not_found
from .messages import Response
from .posting import new_voucher
from .posting_rules import check_period
from .store import Row
from .vouchers import TITLE


def reverse(call: Call) -> Response:
    """Reverse a voucher of this integration; 200 with an empty body."""
    books = call.books
    key = call.guid_in_path("id", "Voucher")
    voucher = books.vouchers.get(key)
    if voucher is None or not voucher["is_imported"] or voucher["application_key"] != call.application_key:
        raise not_found(f"Voucher with id = {key} not found.")
    if voucher["IsReversed"]:
        raise invalid(TITLE, f"Voucher with id = {key} is already reversed.")
    for entry in books.entries.find("voucher", key):
        check_period(books, entry["posted_on"], TITLE)
    reverse_voucher(books, voucher)
    return Response(200, content_type="")


def reverse_voucher(books: Books, voucher: Row) -> None:
    """Write the reversal voucher and let what was matched with the original stand open again."""
    former = _release(books, voucher)
    items = {item["Id"]: item for item in books.open_items.find("voucher", voucher["Id"])}
    now = books.clock.now
    mirror = new_voucher(
        books,
        str(uuid4()),
        "Reversal",
        "ReversalVoucher",
        voucher["VoucherDate"],
        Description=f"Reversering av bilag {voucher['VoucherNo']}",
        application_key=voucher["application_key"],
        reverses=voucher["Id"],
        CurrencyCode=voucher.get("CurrencyCode"),
    )
    mirrored = {key: _mirror_item(books, item, mirror) for key, item in items.items()}
    for entry in books.entries.find("voucher", voucher["Id"]):
        books.entries.change(entry["Id"], changed_at=now)
        item = mirrored.get(entry["open_item_id"])
        _mirror_entry(books, entry, mirror, item)
    books.vouchers.change(voucher["Id"], IsReversed=True)
    if books.invoices.get(voucher["Id"]) is not None:
        books.invoices.change(voucher["Id"], IsReversed=True, LastChangedDateTimeOffset=now)
    for item in former:
        matching.match(books, item["Id"], item["voucher_type"])


def _release(books: Books, voucher: Row) -> list[Row]:
    """Dissolve the voucher's matches; exchange differences go back too. Give the other members, now open."""
    others: dict[int, Row] = {}
    for item in books.open_items.find("voucher", voucher["Id"]):
        if item["match_id"] is not None:
            members = books.open_items.find("match", item["match_id"])
            others.update({row["Id"]: row for row in members if row["voucher_id"] != voucher["Id"]})
        matching.release(books, item["Id"])
    settlements = {row["voucher_id"] for row in others.values() if row["voucher_type"] == "Settlement"}
    for key in settlements:
        reverse_voucher(books, books.vouchers[key])
    return [row for row in others.values() if row["voucher_id"] not in settlements]


def _mirror_item(books: Books, item: Row, mirror: Row) -> Row:
    match_id = books.next_id()
    twin = {
        **item,
        "Id": books.next_id(),
        "voucher_id": mirror["Id"],
        "voucher_no": mirror["VoucherNo"],
        "voucher_type": mirror["voucher_type"],
        "amount": -item["amount"],
        "currency_amount": -item["currency_amount"],
        "is_main": False,
        "created_at": books.clock.now,
    }
    books.open_items.put(twin)
    for key in (item["Id"], twin["Id"]):
        matching.join(books, key, match_id)
    return twin


def _mirror_entry(books: Books, entry: Row, mirror: Row, item: Row | None) -> None:
    books.entries.put(
        {
            **entry,
            "Id": books.next_id(),
            "voucher_id": mirror["Id"],
            "voucher_no": mirror["VoucherNo"],
            "voucher_type": mirror["voucher_type"],
            "amount": -entry["amount"],
            "currency_amount": -entry["currency_amount"],
            "vat_amount": -entry["vat_amount"],
            "quantity": None if entry["quantity"] is None else -entry["quantity"],
            "open_item_id": item["Id"] if item else None,
            "created_at": books.clock.now,
            "changed_at": books.clock.now,
        }
    )
