"""Write a voucher into the ledger: entries with their VAT, customer ledger entries, matching.

All amounts are øre, gross of VAT on the way in; debit > 0, credit < 0.
Reference: "Go makes the VAT entries itself from gross and VatId" (vendor portal, article on point of sale).
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from . import matching
from .amounts import vat_inside, vat_on_top
from .books import Books
from .currencies import HOME, to_nok
from .dimensions import NAMES
from .seed_accounts import GAIN_NO, LOSS_NO
from .seed_vat import DEDUCTED_ABROAD_NO, NO_VAT_ID, OWED_ABROAD_NO, VAT_BY_ID, SeedVat
from .store import Row

NO_DIMENSIONS: Row = {f"{name}{end}": None for name in NAMES for end in ("Id", "Code")}


@dataclass
class Line:
    """One line to post, checked already. `amount` is NOK, `currency_amount` is in `currency`, both minor
    units."""

    account: Row
    posted_on: str
    amount: int
    currency_amount: int
    currency: str = HOME
    rate: Decimal = Decimal(1)
    customer: Row | None = None
    vat: SeedVat = VAT_BY_ID[NO_VAT_ID]
    # None: the VAT is inside the amount. A figure: that VAT, in the line's currency, is part of
    # `currency_amount`.
    currency_vat: int | None = None
    dimensions: Row = field(default_factory=lambda: NO_DIMENSIONS)
    description: str | None = None
    product: Row | None = None
    quantity: Decimal | None = None
    vat_return: str = "None"
    matching_reference: str | None = None
    cid: str | None = None
    invoice_no: str | None = None
    due_on: str | None = None
    is_main: bool = False


class Amount(NamedTuple):
    """The amount of one entry, net, in minor units; `vat` None marks an entry that VAT made."""

    nok: int
    currency: int
    vat: int | None = None


def new_voucher(books: Books, key: str, kind: str, voucher_type: str, dated_on: str, **values: Any) -> Row:
    """Store the head of a voucher; its number is dealt at once but shown later (`number_shown_at`)."""
    row = {
        "Id": key,
        "kind": kind,
        "voucher_type": voucher_type,
        "VoucherDate": dated_on,
        "VoucherNo": books.next_number("voucher"),
        "number_shown_at": books.clock.now,
        "IsReversed": False,
        "is_imported": False,
        "application_key": None,
        "reverses": None,
        "CreatedDateTimeOffset": books.clock.now,
        **values,
    }
    return books.vouchers.put(row)


def post(books: Books, voucher: Row, lines: list[Line]) -> list[Row]:
    """Write the lines of a voucher; give the customer ledger entries made. Matches what can be matched."""
    items = []
    for line in lines:
        item = _open_item(books, voucher, line) if line.customer is not None else None
        _entries(books, voucher, line, item)
        if item is not None:
            items.append(item)
    for item in items:
        difference = matching.match(books, item["Id"], voucher["voucher_type"])
        if difference is not None:
            _settle(books, difference)
    return items


def _entries(books: Books, voucher: Row, line: Line, item: Row | None) -> None:
    vat = line.vat
    if line.currency_vat is not None:
        currency_vat = line.currency_vat
    elif vat.how in ("output", "input"):
        currency_vat = vat_inside(line.currency_amount, vat.rate)
    else:
        currency_vat = 0
    vat_amount = to_nok(currency_vat, line.rate)
    net, currency_net = line.amount - vat_amount, line.currency_amount - currency_vat
    if net:
        main = Amount(net, currency_net, vat_amount)
        _entry(books, voucher, line, main, line.account, item=item)
    if vat_amount and vat.account_no is not None:
        _entry(books, voucher, line, Amount(vat_amount, currency_vat), books.account(vat.account_no))
    if vat.how in ("reverse", "reversed"):
        _abroad(books, voucher, line)


def _abroad(books: Books, voucher: Row, line: Line) -> None:
    """Owe the VAT of a purchase from abroad, and deduct it or add it to the cost."""
    vat = line.vat
    amount, currency_amount = vat_on_top(line.amount, vat.rate), vat_on_top(line.currency_amount, vat.rate)
    cost = books.account(DEDUCTED_ABROAD_NO) if vat.how == "reverse" else line.account
    _entry(books, voucher, line, Amount(amount, currency_amount), cost)
    _entry(books, voucher, line, Amount(-amount, -currency_amount), books.account(OWED_ABROAD_NO))


def _entry(books: Books, voucher: Row, line: Line, amount: Amount, account: Row, *, item: Row | None = None) -> None:
    """Write one entry."""
    vat = VAT_BY_ID[NO_VAT_ID] if amount.vat is None else line.vat
    customer = line.customer
    books.entries.put(
        {
            "Id": books.next_id(),
            "voucher_id": voucher["Id"],
            "voucher_type": voucher["voucher_type"],
            "voucher_no": voucher["VoucherNo"],
            "posted_on": line.posted_on,
            "account_id": account["Id"],
            "account_no": account["AccountNo"],
            "amount": amount.nok,
            "currency": line.currency,
            "currency_amount": amount.currency,
            "vat_id": vat.vat_id,
            "vat_code": vat.code,
            "vat_rate": vat.rate,
            "vat_amount": amount.vat or 0,
            "vat_return": line.vat_return,
            "customer_no": customer["Number"] if customer else None,
            "contact_id": customer["Id"] if customer else None,
            "open_item_id": item["Id"] if item else None,
            "is_main": line.is_main,
            "description": line.description,
            "product_id": line.product["Id"] if line.product else None,
            "product_code": line.product["Code"] if line.product else None,
            "quantity": line.quantity,
            "created_at": books.clock.now,
            "changed_at": books.clock.now,
            **line.dimensions,
        }
    )


def _open_item(books: Books, voucher: Row, line: Line) -> Row:
    assert line.customer is not None
    now = books.clock.now
    return books.open_items.put(
        {
            "Id": books.next_id(),
            "voucher_id": voucher["Id"],
            "voucher_no": voucher["VoucherNo"],
            "voucher_type": voucher["voucher_type"],
            "application_key": voucher["application_key"],
            "customer_id": line.customer["Id"],
            "customer_no": line.customer["Number"],
            "external_no": line.customer.get("ExternalNumber"),
            "posted_on": line.posted_on,
            "due_on": line.due_on or line.posted_on,
            "amount": line.amount,
            "balance": line.amount,
            "currency": line.currency,
            "currency_amount": line.currency_amount,
            "matching_reference": line.matching_reference,
            "cid": line.cid,
            "invoice_no": line.invoice_no,
            "is_main": line.is_main,
            "match_id": None,
            "created_at": now,
            "changed_at": now,
            "balance_changed_at": now,
            **line.dimensions,
        }
    )


def _settle(books: Books, difference: matching.Difference) -> None:
    """Post the exchange gain or loss that is left when a foreign invoice and its payment had different
    rates."""
    amount, customer = difference.amount, books.customers[difference.customer_id]
    key = str(matching.settlement_id(difference.match_id))
    voucher = new_voucher(books, key, "Settlement", "Settlement", difference.posted_on, Description="Valutadifferanse")
    result = books.account(LOSS_NO if amount > 0 else GAIN_NO)
    for line in (
        Line(books.control_account, difference.posted_on, -amount, 0, difference.currency, customer=customer),
        Line(result, difference.posted_on, amount, 0, difference.currency),
    ):
        item = _open_item(books, voucher, line) if line.customer is not None else None
        _entry(books, voucher, line, Amount(line.amount, line.currency_amount, 0), line.account, item=item)
        if item is not None:
            matching.join(books, item["Id"], difference.match_id)
