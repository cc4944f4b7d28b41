"""The books of one company: its tables, its counters and its settings."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from .clock import Clock
from .options import SandboxClient
from .seed_accounts import CUSTOMER_CONTROL_NO
from .store import Row, Store, Table

CUSTOMER_SERIES_ID = "5a4d8c10-0000-4000-8000-00000000a001"
# NOK for one unit. A fixed table, so that a proof gives the same sums every day.
RATES = {
    "NOK": Decimal(1),
    "EUR": Decimal("11.65"),
    "USD": Decimal("10.05"),
    "GBP": Decimal("13.6"),
    "PLN": Decimal("2.75"),
    "SEK": Decimal("1.04"),
    "DKK": Decimal("1.56"),
}


def _reference(row: Row) -> Any:
    return row.get("ExternalImportReference")


def _live_reference(row: Row) -> Any:
    return None if row["IsReversed"] else row.get("ExternalImportReference")


class Books:
    """Tables of one company.

    Master data and documents keep the API's own property names; the ledger (`entries`, `open_items`) has its
    own, with amounts in øre: debit > 0, credit < 0.
    """

    def __init__(self, store: Store, client: SandboxClient, clock: Clock) -> None:
        self.client = client
        self.clock = clock

        def table(kind: str, **indexes: Any) -> Table:
            return Table(store, client.client_key, kind, **indexes)

        self.settings = table("settings")
        self.accounts = table("accounts", number=lambda row: row["AccountNo"])
        self.departments = table("departments", code=lambda row: row["Code"])
        self.locations = table("locations", code=lambda row: row["Code"])
        self.projects = table("projects", code=lambda row: row["Code"])
        self.dimensions = table("dimensions", code=lambda row: (row["Ordinal"], row["Code"]), reference=_reference)
        self.payment_terms = table("payment_terms")
        self.delivery_terms = table("delivery_terms")
        self.themes = table("themes", code=lambda row: row["Code"])
        self.product_groups = table("product_groups", code=lambda row: row["Code"])
        self.products = table("products", code=lambda row: row["Code"])
        self.customers = table(
            "customers",
            number=lambda row: row["Number"],
            reference=_reference,
            external_number=lambda row: row.get("ExternalNumber"),
            ledger=lambda row: row["SubledgerAccountId"],
        )
        # A sent order stays here (state "sent"): its reference stays taken and sentState still answers.
        self.orders = table(
            "orders",
            reference=_reference,
            state=lambda row: row["state"],
            is_queued=lambda row: True if row["send"] is not None and row["send"]["is_processing"] else None,
        )
        self.vouchers = table(
            "vouchers",
            reference=lambda row: _live_reference(row) if row["is_imported"] else None,
            invoice_no=lambda row: None if row["IsReversed"] else row.get("InvoiceNo"),
        )
        self.invoices = table("invoices", matching=lambda row: row.get("CustomMatchingReference"))
        self.entries = table("entries", voucher=lambda row: row["voucher_id"], day=lambda row: row["posted_on"])
        self.open_items = table(
            "open_items",
            matching=lambda row: (row["customer_id"], row["matching_reference"]) if row["matching_reference"] else None,
            customer=lambda row: row["customer_id"],
            voucher=lambda row: row["voucher_id"],
            match=lambda row: row["match_id"],
        )
        self.documents = table("documents")

    # counters

    def next_number(self, series: str, first: int = 1) -> int:
        """Take the next number of a series; a refused request gives it back with the rest of its
        transaction."""
        key = f"next {series}"
        row = self.settings.get(key)
        number = first if row is None else int(row["value"])
        self.settings.put({"Id": key, "value": number + 1})
        return number

    def next_id(self) -> int:
        """Take the next identifier; never equal to an account number or a customer number."""
        return self.next_number("id", 5_000_001)

    # settings

    def setting(self, name: str) -> Any:
        """Give a stored setting."""
        return self.settings[name]["value"]

    def set_setting(self, name: str, value: Any) -> None:
        """Store a setting."""
        self.settings.put({"Id": name, "value": value})

    @property
    def lock_date(self) -> str:
        """Give the day on or before which nothing can be posted; at first the day before the conversion
        date."""
        return str(self.setting("lock_date"))

    @property
    def conversion_date(self) -> str:
        """Give the day before which nothing can be posted."""
        return self.client.conversion_date.isoformat()

    def set_lock_date(self, day: date | None) -> None:
        """Move the lock date; None opens all that lies after the conversion date."""
        self.set_setting("lock_date", (day or self.client.conversion_date - timedelta(days=1)).isoformat())

    # look-ups

    def account(self, number: int) -> Row:
        """Give an account by its number."""
        return self.accounts.find("number", number)[0]

    def balance(self, account_no: int, until: str = "9999-12-31") -> int:
        """Give the balance of an account in øre: debit > 0."""
        return self.sum(
            row for row in self.entries.all() if row["account_no"] == account_no and row["posted_on"] <= until
        )

    @staticmethod
    def sum(rows: Iterable[Row]) -> int:
        """Add amounts in øre."""
        return sum(row["amount"] for row in rows)

    def customer_balance(self, customer_id: int) -> int:
        """Give what a customer owes in øre."""
        return sum(row["balance"] for row in self.open_items.find("customer", customer_id))

    def unmatched(self) -> list[Row]:
        """Give the customer ledger entries that still have a balance."""
        return [row for row in self.open_items.all() if row["balance"]]

    @property
    def control_account(self) -> Row:
        """Give the account that the customer ledger sums up to."""
        return self.account(CUSTOMER_CONTROL_NO)
