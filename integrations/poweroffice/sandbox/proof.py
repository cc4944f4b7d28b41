"""Count what is in the books, to prove that every document is there exactly once and everything adds up."""

from collections import Counter
from typing import Any

from .amounts import from_minor
from .books import Books


def proof(books: Books) -> dict[str, Any]:
    """Give documents per reference, doubles, sums, open items and balances of one company.

    `duplicates` also looks where uniqueness is not enforced: one matching reference on two live invoices.
    """
    references: Counter[str] = Counter()
    for row in books.vouchers.all():
        if row["is_imported"] and not row["IsReversed"] and row.get("ExternalImportReference"):
            references[row["ExternalImportReference"]] += 1
    for row in books.orders.all():
        if row["ExternalImportReference"]:
            references[row["ExternalImportReference"]] += 1
    customers = Counter(
        row["ExternalImportReference"] for row in books.customers.all() if row["ExternalImportReference"]
    )
    live = [row for row in books.invoices.all() if not row["IsReversed"]]
    matching = Counter(
        (row["CustomMatchingReference"], row["VoucherType"]) for row in live if row.get("CustomMatchingReference")
    )
    unmatched = books.unmatched()
    balances: Counter[int] = Counter()
    for entry in books.entries.all():
        balances[entry["account_no"]] += entry["amount"]
    return {
        "name": books.client.name,
        "documents_per_reference": dict(references),
        "duplicates": [name for name, count in (*references.items(), *customers.items()) if count > 1]
        + [name for (name, _), count in matching.items() if count > 1],
        "customers": len(books.customers),
        "sales_orders_open": len(books.orders.find("state", "open")),
        "invoices": sum(row["VoucherType"] == "OutgoingInvoice" for row in live),
        "credit_notes": sum(row["VoucherType"] == "OutgoingCreditNote" for row in live),
        "vouchers": dict(Counter(row["voucher_type"] for row in books.vouchers.all())),
        "entries": len(books.entries),
        "sum_of_entries": from_minor(books.sum(books.entries.all())),
        "unbalanced_vouchers": unbalanced(books),
        "open_items": len(unmatched),
        "unmatched": [
            {
                "customer_no": row["customer_no"],
                "balance": from_minor(row["balance"]),
                "matching_reference": row["matching_reference"],
                "invoice_no": row["invoice_no"],
                "voucher_type": row["voucher_type"],
            }
            for row in unmatched[:100]
        ],
        "customer_ledger_equals_control_account": sum(row["amount"] for row in books.open_items.all())
        == books.balance(books.control_account["AccountNo"]),
        "balances": {str(number): from_minor(balances[number]) for number in sorted(balances)},
    }


def unbalanced(books: Books) -> list[str]:
    """Give the vouchers whose entries do not add to zero on some date (there must be none)."""
    sums: Counter[tuple[str, str]] = Counter()
    for entry in books.entries.all():
        sums[entry["voucher_id"], entry["posted_on"]] += entry["amount"]
    return sorted({voucher for (voucher, _), amount in sums.items() if amount})
