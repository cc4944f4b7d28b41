"""Find or create the customers and products a document needs. Each has a reference of its own and may be repeated.

A customer is looked for by our link, then our own reference, then organisation number (companies) or e-mail address
(persons). More than one hit is a question for a person. A look-up that fails is a failure, never "not found".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from backoffice.contracts.accounting import CustomerLink, Directory, Party, ProductLink, ProductWish
from backoffice.contracts.errors import OutcomeUnknown, Reason, Rejected, Retryable
from integrations.exact_json import dumps
from integrations.poweroffice import api, wire_customers
from integrations.poweroffice.calls import Calls
from integrations.poweroffice.config import PROVIDER
from integrations.poweroffice.wire import Row, text_of
from integrations.poweroffice.wire_customers import EHF, customer_link, customer_name, is_archived


def customer(calls: Calls, directory: Directory, party: Party) -> CustomerLink:
    """Give the customer of a party, creating it when nobody is found; raise Rejected (customer_ambiguous)."""
    known = directory.customer(party.key)
    if known is not None:
        return known
    row = _found(calls, party) or _created(calls, party)
    link = customer_link(row)
    directory.remember_customer(party.key, link)
    return directory.customer(party.key) or link


def _found(calls: Calls, party: Party) -> Row | None:
    ours = api.customers_by_reference(calls, wire_customers.customer_reference(party.key))
    if ours:
        return _only(ours, party, "our own reference")
    number = wire_customers.organisation_number(party.details)
    if number:
        rows = api.customers_by_organisation_number(calls, number)
        return _only([row for row in rows if row.get("IsPerson") is not True], party, f"organisation number {number}")
    email = party.details.email.strip()
    if email and not party.details.is_company:
        rows = api.customers_by_email(calls, email)
        same = [row for row in rows if text_of(row, "EmailAddress").lower() == email.lower()]
        return _only([row for row in same if row.get("IsPerson") is True], party, f"e-mail address {email}")
    return None


def _only(rows: Sequence[Row], party: Party, by: str) -> Row | None:
    active = [row for row in rows if not is_archived(row)]
    if len(active) > 1:
        names = "; ".join(f"{text_of(row, 'Number')} {customer_name(row)}" for row in active[:10])
        message = f"{len(active)} customers have the {by} of {party.details.name}: {names}. Choose the right one."
        raise Rejected(message, provider=PROVIDER, reasons=(Reason("customer_ambiguous", message, party.key),))
    if rows and not active:
        names = "; ".join(f"{text_of(row, 'Number')} {customer_name(row)}" for row in rows[:10])
        message = f"The customer with the {by} of {party.details.name} is archived: {names}. Activate it there."
        raise Rejected(message, provider=PROVIDER, reasons=(Reason("customer_archived", message, party.key),))
    return active[0] if active else None


def _created(calls: Calls, party: Party) -> Row:
    by = wire_customers.delivery_type(party.details)
    try:
        return _create(calls, party, by)
    except Rejected:
        if by != EHF:
            raise
        # A company that receives no EHF is refused with that delivery type; it gets its invoices by e-mail or paper.
        fallback = wire_customers.PDF_BY_EMAIL if party.details.email else wire_customers.PRINT
        return _create(calls, party, fallback)


def _create(calls: Calls, party: Party, by: str) -> Row:
    try:
        return api.create_customer(calls, dumps(wire_customers.customer_body(party, by=by)))
    except OutcomeUnknown as doubt:
        message = "Creating the customer got no answer. It is looked up by our reference and tried again."
        raise Retryable(message, provider=PROVIDER, operation="create_customer") from doubt
    except Rejected as refusal:
        if any(reason.code == "duplicate_reference" for reason in refusal.reasons):
            message = "The customer exists already and does not show yet. It is looked up again in a moment."
            raise Retryable(message, provider=PROVIDER, operation="create_customer", retry_after_s=2) from refusal
        raise


def products(calls: Calls, directory: Directory, wishes: Iterable[ProductWish]) -> dict[str, ProductLink]:
    """Give the products by code, creating what is missing; raise Rejected (product_account_differs)."""
    found: dict[str, ProductLink] = {}
    for wish in wishes:
        if wish.code not in found:
            found[wish.code] = _product(calls, directory, wish)
    return found


def _product(calls: Calls, directory: Directory, wish: ProductWish) -> ProductLink:
    link = directory.product(wish.code)
    if link is None or link.ledger_account != wish.ledger_account:
        rows = [row for row in api.products_by_code(calls, [wish.code]) if text_of(row, "Code") == wish.code]
        active = [row for row in rows if not is_archived(row)]
        if rows and not active:
            message = f"Product {wish.code} is archived in PowerOffice. Activate it there, or map to another product."
            raise Rejected(message, provider=PROVIDER, reasons=(Reason("product_archived", message, wish.code),))
        link = wire_customers.product_link(active[0] if active else _create_product(calls, wish))
        directory.remember_product(link)
    if link.ledger_account != wish.ledger_account:
        message = (
            f"Product {wish.code} sells on account {link.ledger_account or '(default)'} in PowerOffice, the mapping "
            f"says {wish.ledger_account}. Change the product there, or map to another product code."
        )
        raise Rejected(message, provider=PROVIDER, reasons=(Reason("product_account_differs", message, wish.code),))
    return link


def _create_product(calls: Calls, wish: ProductWish) -> Row:
    try:
        return api.create_product(calls, dumps(wire_customers.product_body(wish)))
    except OutcomeUnknown as doubt:
        message = "Creating the product got no answer. It is looked up by its code and tried again."
        raise Retryable(message, provider=PROVIDER, operation="create_product") from doubt
