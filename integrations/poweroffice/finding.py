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
from integrations.poweroffice.wire import Row, number_id, text_of
from integrations.poweroffice.wire_customers import EHF, customer_link, customer_name, is_archived

#: Reads may run on a copy that lags a second or two behind the writes.
READ_LAG_S = 2
#: So many candidates are named to the person who must choose.
MAX_NAMED = 10


def customer(calls: Calls, directory: Directory, party: Party) -> CustomerLink:
    """Give the customer of a party, creating it when nobody is found; raise Rejected (customer_ambiguous)."""
    known = directory.customer(party.key)
    if known is not None:
        return known
    row = _found(calls, party) or _created(calls, party)
    link = customer_link(row)
    directory.remember_customer(party.key, link)
    return directory.customer(party.key) or link


def numbered(calls: Calls, number: str) -> CustomerLink | None:
    """Give the active customer with a number. The filter also takes ranges and lists, so only digits are asked for."""
    if not (number.isascii() and number.isdigit()):
        return None
    rows = [row for row in api.customers_by_number(calls, number) if text_of(row, "Number") == number]
    return next((customer_link(row) for row in rows if not is_archived(row)), None)


def _found(calls: Calls, party: Party) -> Row | None:
    ours = _ours(calls, party)
    if ours:
        return _only(ours, party, "our own reference")
    number = wire_customers.organisation_number(party.details)
    if number:
        rows = api.customers_by_organisation_number(calls, number)
        companies = [row for row in rows if wire_customers.is_company_with(row, number)]
        return _only(companies, party, f"organisation number {number}")
    email = party.details.email.strip()
    if not email:
        return None
    rows = api.customers_by_email(calls, email)
    same = [row for row in rows if wire_customers.is_reached_at(row, email)]
    if party.details.is_company:
        # Many companies share their accountant's address, so the name must be the same as well.
        name = party.details.name.strip().casefold()
        same = [row for row in same if row.get("IsPerson") is not True and customer_name(row).casefold() == name]
    else:
        same = [row for row in same if row.get("IsPerson") is True]
    return _only(same, party, f"e-mail address {email}")


def _ours(calls: Calls, party: Party) -> list[Row]:
    reference = wire_customers.customer_reference(party.key)
    rows = api.customers_by_reference(calls, reference)
    return [row for row in rows if text_of(row, "ExternalImportReference").lower() == reference]


def _only(rows: Sequence[Row], party: Party, by: str) -> Row | None:
    """Give the one that is in use; raise Rejected when there are several, or only archived ones."""
    active = [row for row in rows if not is_archived(row)]
    if len(active) > 1:
        message = (
            f"{len(active)} customers in PowerOffice have the {by} of {party.details.name}: {_named(active)}. "
            "Link the right one, or archive the others there."
        )
        raise Rejected(message, provider=PROVIDER, reasons=(Reason("customer_ambiguous", message, party.key),))
    if rows and not active:
        message = (
            f"The customer with the {by} of {party.details.name} is archived in PowerOffice: {_named(rows)}. "
            "Activate it there."
        )
        raise Rejected(message, provider=PROVIDER, reasons=(Reason("customer_archived", message, party.key),))
    return active[0] if active else None


def _named(rows: Sequence[Row]) -> str:
    named = "; ".join(f"{text_of(row, 'Number')} {customer_name(row)}" for row in rows[:MAX_NAMED])
    return named if len(rows) <= MAX_NAMED else f"{named} and {len(rows) - MAX_NAMED} more"


def _created(calls: Calls, party: Party) -> Row:
    """Create the customer. A refusal may mean that another worker was first: a look-up decides that, not its words."""
    by = wire_customers.delivery_type(party.details)
    try:
        return _create(calls, party, by)
    except Rejected as refusal:
        ours = _ours(calls, party)
        if ours:
            return _only(ours, party, "our own reference") or ours[0]
        if any(reason.code == "duplicate_reference" for reason in refusal.reasons):
            message = "The customer exists already and does not show yet. It is looked up again in a moment."
            raise Retryable(
                message, provider=PROVIDER, operation="create_customer", retry_after_s=READ_LAG_S
            ) from refusal
        if by != EHF:
            raise
    # A company that cannot receive EHF is refused with that delivery type; it gets e-mail or paper then.
    fallback = wire_customers.PDF_BY_EMAIL if party.details.email else wire_customers.PRINT
    return _create(calls, party, fallback)


def _create(calls: Calls, party: Party, by: str) -> Row:
    try:
        return api.create_customer(calls, dumps(wire_customers.customer_body(party, by=by)))
    except OutcomeUnknown as doubt:
        message = "Creating the customer got no answer. It is looked up by our reference and tried again."
        raise Retryable(message, provider=PROVIDER, operation="create_customer", retry_after_s=READ_LAG_S) from doubt


def products(calls: Calls, directory: Directory, wishes: Iterable[ProductWish]) -> dict[str, ProductLink]:
    """Give the products by code, creating what is missing; raise Rejected (product_account_differs).

    What the directory does not know is asked for in one call, however many lines the document has.
    """
    wanted = _wanted(wishes)
    found: dict[str, ProductLink] = {}
    for wish in wanted.values():
        link = directory.product(wish.code)
        if link is not None and link.ledger_account == wish.ledger_account:
            found[wish.code] = link
    missing = [wish for wish in wanted.values() if wish.code not in found]
    rows = api.products_by_code(calls, [wish.code for wish in missing]) if missing else []
    for wish in missing:
        link = _matching(rows, wish) or wire_customers.product_link(_created_product(calls, wish))
        directory.remember_product(link)
        found[wish.code] = link
    return found


def _wanted(wishes: Iterable[ProductWish]) -> dict[str, ProductWish]:
    wanted: dict[str, ProductWish] = {}
    for wish in wishes:
        first = wanted.setdefault(wish.code, wish)
        if first.ledger_account != wish.ledger_account:
            raise _differs(wish, first.ledger_account, "another line of the document")
        if "," in wish.code or not wish.code.strip():
            message = f"{wish.code!r} cannot be a product code in PowerOffice: it is empty or has a comma."
            raise Rejected(message, provider=PROVIDER, reasons=(Reason("product_code_invalid", message, wish.code),))
    return wanted


def _matching(rows: Sequence[Row], wish: ProductWish) -> ProductLink | None:
    """Choose the product of a code. Of several on the right account the oldest: they post the same."""
    same = [row for row in rows if text_of(row, "Code") == wish.code]
    active = [row for row in same if not is_archived(row)]
    if same and not active:
        message = f"Product {wish.code} is archived in PowerOffice. Activate it there, or map to another product."
        raise Rejected(message, provider=PROVIDER, reasons=(Reason("product_archived", message, wish.code),))
    links = [wire_customers.product_link(row) for row in active]
    right = [link for link in links if link.ledger_account == wish.ledger_account]
    if links and not right:
        raise _differs(wish, links[0].ledger_account or "a default account", "PowerOffice")
    return min(right, key=lambda link: number_id(link.external_id, "a product"), default=None)


def _differs(wish: ProductWish, account: str, where: str) -> Rejected:
    message = (
        f"Product {wish.code} sells on {account} in {where}, the mapping says {wish.ledger_account}. "
        "Change the product there, or map to another product code."
    )
    return Rejected(message, provider=PROVIDER, reasons=(Reason("product_account_differs", message, wish.code),))


def _created_product(calls: Calls, wish: ProductWish) -> Row:
    try:
        return api.create_product(calls, dumps(wire_customers.product_body(wish)))
    except OutcomeUnknown as doubt:
        message = "Creating the product got no answer. It is looked up by its code and tried again."
        raise Retryable(message, provider=PROVIDER, operation="create_product", retry_after_s=READ_LAG_S) from doubt
    except Rejected as refusal:
        if any(reason.code == "duplicate_reference" for reason in refusal.reasons):
            message = "The product exists already and did not show yet. It is looked up again in a moment."
            raise Retryable(
                message, provider=PROVIDER, operation="create_product", retry_after_s=READ_LAG_S
            ) from refusal
        raise
