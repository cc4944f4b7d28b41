"""Match entries of the customer ledger: invoices with payments, credit notes with invoices.

In this order, only among entries of the same customer:
    1. CustomMatchingReference: same value, opposite amount, neither matched before; the oldest first,
    pairwise
    2. Cid, then InvoiceNo (bank lines only): the open invoice it names, also in part (INFERRED for part
    payments)
"Opposite" compares the amounts in the documents' currency; what the rates leave over in NOK is given back as a
`Difference` to be posted as exchange gain or loss.
"""

from dataclasses import dataclass
from uuid import UUID, uuid5

from .books import Books
from .store import Row

_SETTLEMENTS = UUID("5a4d8c10-0000-4000-8000-00000000b001")
BANK = "BankJournal"


@dataclass(frozen=True)
class Difference:
    """What remains in NOK (øre, debit > 0 on the customer) after a match in foreign currency."""

    customer_id: int
    amount: int
    posted_on: str
    currency: str
    match_id: int


def settlement_id(match_id: int) -> UUID:
    """Give the voucher id of the exchange difference of a match."""
    return uuid5(_SETTLEMENTS, str(match_id))


def match(books: Books, item_id: int, voucher_type: str) -> Difference | None:
    """Match a new entry if its partner is there already; whichever comes first waits for the other."""
    item = books.open_items[item_id]
    if item["match_id"] is not None:
        return None
    partner = _by_reference(books, item)
    if partner is None and voucher_type == BANK:
        partner = _by_invoice(books, item)
        if partner is not None and not _is_opposite(item, partner):
            _in_part(books, item, partner)
            return None
    return None if partner is None else _in_full(books, item, partner)


def join(books: Books, item_id: int, match_id: int) -> None:
    """Add an entry to a match and close it."""
    _close(books, item_id, match_id, 0)


def release(books: Books, item_id: int) -> None:
    """Undo a match for all its members (before a reversal): each has its whole amount open again."""
    match_id = books.open_items[item_id]["match_id"]
    if match_id is None:
        return
    for row in books.open_items.find("match", match_id):
        _close(books, row["Id"], None, row["amount"])


def _by_reference(books: Books, item: Row) -> Row | None:
    reference = item["matching_reference"]
    if not reference:
        return None
    for row in books.open_items.find("matching", (item["customer_id"], reference)):
        if row["Id"] != item["Id"] and row["match_id"] is None and _is_opposite(item, row):
            return row
    return None


def _by_invoice(books: Books, item: Row) -> Row | None:
    for column in ("cid", "invoice_no"):
        value = item[column]
        for row in books.open_items.find("customer", item["customer_id"]) if value else ():
            is_open = row["is_main"] and row["balance"] and (row["balance"] > 0) != (item["amount"] > 0)
            if row[column] == value and is_open and row["currency"] == item["currency"]:
                return row
    return None


def _is_opposite(one: Row, other: Row) -> bool:
    is_untouched = one["balance"] == one["amount"] and other["balance"] == other["amount"]
    is_negated = one["currency_amount"] == -other["currency_amount"] and one["currency_amount"] != 0
    return is_untouched and one["currency"] == other["currency"] and bool(is_negated)


def _in_full(books: Books, item: Row, partner: Row) -> Difference | None:
    match_id = books.next_id()
    for row in (item, partner):
        _close(books, row["Id"], match_id, 0)
    rest = item["amount"] + partner["amount"]
    if not rest:
        return None
    later = max(item["posted_on"], partner["posted_on"])
    return Difference(item["customer_id"], rest, later, item["currency"], match_id)


def _in_part(books: Books, item: Row, invoice: Row) -> None:
    if item["currency"] != "NOK":
        return
    settled = min(abs(item["balance"]), abs(invoice["balance"]))
    sign = 1 if item["balance"] > 0 else -1
    match_id = invoice["match_id"] or books.next_id()
    _close(books, item["Id"], match_id, item["balance"] - sign * settled)
    _close(books, invoice["Id"], match_id, invoice["balance"] + sign * settled)


def _close(books: Books, item_id: int, match_id: int | None, balance: int) -> None:
    now = books.clock.now
    books.open_items.change(item_id, match_id=match_id, balance=balance, changed_at=now, balance_changed_at=now)
