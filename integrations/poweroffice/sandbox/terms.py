"""Payment terms and branding themes, as customers and orders refer to them."""

from typing import Any

from .books import Books
from .errors import invalid, not_found
from .store import Row


def payment_term(books: Books, given: dict[str, Any], title: str) -> Row | None:
    """Find a payment term: by PaymentTermId, else by PaymentTerm (days); None when neither is given."""
    if (key := given.get("PaymentTermId")) is not None:
        row = books.payment_terms.get(key)
        if row is None:
            raise not_found(f"Payment term with id = {key} not found.", title)
        if not row["IsActive"]:
            raise invalid(title, f"Payment term with id = {key} is not active.")
        return row
    days = given.get("PaymentTerm")
    if days is None:
        return None
    for row in books.payment_terms.all():
        if row["CreditDays"] == days and row["IsActive"]:
            return row
    raise not_found(f"Payment term with {days} days not found.", title)


def default_payment_term(books: Books) -> Row:
    """Give the company's default payment term."""
    return next(row for row in books.payment_terms.all() if row["IsDefault"])


def theme(books: Books, given: dict[str, Any], title: str, name: str = "BrandingTheme") -> Row | None:
    """Find a branding theme by `<name>Id`, else by `<name>Code`; None when neither is given."""
    if (key := given.get(f"{name}Id")) is not None:
        row = books.themes.get(key)
        if row is None:
            raise not_found(f"Branding theme with id = {key} not found.", title)
        return row
    if (code := given.get(f"{name}Code")) is None:
        return None
    found = books.themes.find("code", code)
    if not found:
        raise not_found(f"Branding theme with code = '{code}' not found.", title)
    return found[0]


def default_theme(books: Books) -> Row:
    """Give the company's default branding theme."""
    return next(row for row in books.themes.all() if row["IsDefault"])
