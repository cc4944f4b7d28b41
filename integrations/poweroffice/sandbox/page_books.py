"""The pages of one company: trial balance, vouchers, customers, invoices, sales orders."""

from collections.abc import Callable

from .books import Books
from .page_parts import Html, link, money, quiet, shown, table, tag
from .store import Row

NEWEST = 300
_TABS = {
    "balance": "Trial balance",
    "vouchers": "Vouchers",
    "customers": "Customers and open items",
    "invoices": "Outgoing invoices",
    "orders": "Sales orders",
}


def show(books: Books, name: str, key: str | None) -> str | None:
    """Give the content of a page; None when there is no such page."""
    if key is not None:
        one = {"vouchers": _voucher, "customers": _customer}.get(name)
        found = one(books, key) if one else None
    else:
        pages: dict[str, Callable[[Books], str]] = {
            "balance": _balance,
            "vouchers": _vouchers,
            "customers": _customers,
            "invoices": _invoices,
            "orders": _orders,
        }
        page = pages.get(name)
        found = page(books) if page else None
    return None if found is None else _tabs(books, name) + found


def _address(books: Books, *parts: object) -> str:
    return "/".join(["/company", books.client.client_key, *map(str, parts)])


def _tabs(books: Books, current: str) -> str:
    marks = {name: ' aria-current="page"' if name == current else "" for name in _TABS}
    inner = "".join(f'<a href="{_address(books, name)}"{marks[name]}>{text}</a>' for name, text in _TABS.items())
    return f'<nav class="tabs" aria-label="Books">{inner}</nav>'


def _newest(books_rows: list[Row]) -> list[Row]:
    return books_rows[: -NEWEST - 1 : -1]


def _note(count: int) -> str:
    return f'<p class="lead">The newest {NEWEST} of {count}.</p>' if count > NEWEST else ""


def _balance(books: Books) -> str:
    sums: dict[int, int] = {}
    for entry in books.entries.all():
        sums[entry["account_no"]] = sums.get(entry["account_no"], 0) + entry["amount"]
    rows = [
        (
            account["AccountNo"],
            account["Name"],
            account["VatCode"],
            _marks(account),
            _side(sums, account, 1),
            _side(sums, account, -1),
        )
        for account in books.accounts.all()
        if sums.get(account["AccountNo"]) or not sums
    ]
    debit = sum(amount for amount in sums.values() if amount > 0)
    credit = -sum(amount for amount in sums.values() if amount < 0)
    heads = ("Account", "Name", "VAT code", "", "Debit>", "Credit>")
    return table(heads, rows, "Nothing is posted.", ("", "Sum", "", "", money(debit), money(credit)))


def _marks(account: Row) -> Html:
    marks = []
    if not account["IsActive"]:
        marks.append(tag("inactive", is_warning=True))
    if account["IsVatCodeLocked"]:
        marks.append(tag("VAT locked"))
    if account["IsDepartmentRequired"]:
        marks.append(tag("department required"))
    return Html(" ".join(marks))


def _side(sums: dict[int, int], account: Row, sign: int) -> Html | str:
    amount = sums.get(account["AccountNo"], 0) * sign
    return money(amount) if amount > 0 else ""


def _vouchers(books: Books) -> str:
    rows = [
        (
            link(_address(books, "vouchers", row["Id"]), row["VoucherNo"]),
            row["VoucherDate"],
            row["voucher_type"],
            row.get("Description"),
            quiet(row.get("ExternalImportReference")),
            tag("reversed", is_warning=True) if row["IsReversed"] else "",
        )
        for row in _newest(books.vouchers.all())
    ]
    heads = ("No", "Date", "Type", "Text", "External reference", "")
    return table(heads, rows, "No voucher is posted yet.") + _note(len(books.vouchers))


def _voucher(books: Books, key: str) -> str | None:
    voucher = books.vouchers.get(key)
    if voucher is None:
        return None
    entries = books.entries.find("voucher", key)
    rows = [
        (
            entry["posted_on"],
            entry["account_no"],
            books.accounts[entry["account_id"]]["Name"],
            link(_address(books, "customers", entry["contact_id"]), entry["customer_no"])
            if entry["customer_no"]
            else "",
            entry["vat_code"],
            entry["DepartmentCode"],
            entry["description"],
            money(entry["amount"]) if entry["amount"] > 0 else "",
            money(-entry["amount"]) if entry["amount"] < 0 else "",
        )
        for entry in entries
    ]
    debit = sum(entry["amount"] for entry in entries if entry["amount"] > 0)
    credit = -sum(entry["amount"] for entry in entries if entry["amount"] < 0)
    heads = ("Date", "Account", "Name", "Customer", "VAT", "Department", "Text", "Debit>", "Credit>")
    foot = ("Sum", "", "", "", "", "", "", money(debit), money(credit))
    about = " · ".join(
        f"{name} {value}"
        for name, value in (
            ("External reference", voucher.get("ExternalImportReference")),
            ("SAF-T batch", voucher.get("SaftBatchId")),
            ("SAF-T source", voucher.get("SaftSourceId")),
        )
        if value
    )
    title = f"<h2>{voucher['voucher_type']} {voucher['VoucherNo']}, {voucher['VoucherDate']}</h2>"
    text = Html(f'<p class="lead">{quiet(about)}</p>') if about else ""
    return title + text + table(heads, rows, "This voucher has no entries.", foot)


def _customers(books: Books) -> str:
    rows = []
    for customer in _newest(books.customers.all()):
        items = [row for row in books.open_items.find("customer", customer["Id"]) if row["balance"]]
        label = tag(f"{len(items)} open", is_warning=True) if items else tag("settled")
        has_history = books.open_items.find("customer", customer["Id"])
        rows.append(
            (
                link(_address(books, "customers", customer["Id"]), customer["Number"]),
                customer["Name"],
                customer["OrganizationNumber"],
                customer["EmailAddress"],
                label if has_history else "",
                money(books.customer_balance(customer["Id"])),
            )
        )
    heads = ("No", "Name", "Organisation", "E-mail", "Open items", "Owes>")
    return table(heads, rows, "There are no customers yet.") + _note(len(books.customers))


def _customer(books: Books, key: str) -> str | None:
    customer = books.customers.get(int(key)) if key.isdigit() else None
    if customer is None:
        return None
    rows = [
        (
            row["posted_on"],
            link(_address(books, "vouchers", row["voucher_id"]), f"{row['voucher_type']} {row['voucher_no']}"),
            row["invoice_no"],
            quiet(row["matching_reference"]),
            row["due_on"] if row["is_main"] else "",
            tag(f"match {row['match_id']}") if row["match_id"] else tag("open", is_warning=True),
            money(row["amount"]),
            money(row["balance"]),
        )
        for row in books.open_items.find("customer", customer["Id"])
    ]
    heads = ("Date", "Voucher", "Invoice", "Matching reference", "Due", "Match", "Amount>", "Balance>")
    foot = ("Sum", "", "", "", "", "", "", money(books.customer_balance(customer["Id"])))
    title = Html(f"<h2>{shown(customer['Number'])} {shown(customer['Name'])}</h2>")
    return title + table(heads, rows, "Nothing is posted on this customer.", foot)


def _invoices(books: Books) -> str:
    rows = []
    for row in _newest(books.invoices.all()):
        items = [item for item in books.open_items.find("voucher", row["Id"]) if item["is_main"]]
        balance = items[0]["balance"] if items else 0
        rows.append(
            (
                link(_address(books, "vouchers", row["Id"]), row["InvoiceNo"]),
                row["VoucherType"].removeprefix("Outgoing"),
                row["VoucherDate"],
                row["DueDate"],
                books.customers[row["CustomerId"]]["Name"],
                row["BrandingThemeCode"],
                row["InvoiceDeliveryType"],
                tag("reversed", is_warning=True) if row["IsReversed"] else _paid(balance),
                money(row["total"]),
                row["CurrencyCode"],
            )
        )
    heads = ("No", "Type", "Date", "Due", "Customer", "Theme", "Delivery", "", "Total>", "Currency")
    return table(heads, rows, "No invoice is sent yet.") + _note(len(books.invoices))


def _paid(balance: int) -> Html:
    return tag("unpaid", is_warning=True) if balance else tag("settled")


def _orders(books: Books) -> str:
    rows = [
        (
            row["SalesOrderNo"],
            row["SalesOrderDate"],
            books.customers[row["CustomerId"]]["Name"],
            quiet(row["ExternalImportReference"]),
            row["BrandingThemeCode"],
            _sending(row),
            money(row["total"]),
            row["CurrencyCode"],
        )
        for row in _newest(books.orders.find("state", "open"))
    ]
    heads = ("No", "Date", "Customer", "External reference", "Theme", "State", "Total>", "Currency")
    return table(heads, rows, "No sales order waits: what was sent stands under Outgoing invoices.")


def _sending(order: Row) -> Html:
    sending = order["send"]
    if sending is None:
        return tag(order["SalesOrderStatus"].lower())
    if sending["is_processing"]:
        return tag("being sent")
    return Html(f"{tag('failed', is_warning=True)} {quiet(sending['error'])}")
