"""Find vouchers by what people type: a number, a reference, an amount, a name. Quick over a million rows."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from backoffice.clients.models import Client, SalesPoint
from backoffice.ledger.errors import LedgerError
from backoffice.ledger.money import Money
from backoffice.vouchers.models import Voucher

#: more than this many hits are no answer; the person narrows the search
MAX_FOUND = 1_000


def amount_of(term: str) -> int | None:
    """Read a search term as an amount in minor units of a currency with two decimals; None when it is none.

    >>> amount_of("12 500,00"), amount_of("12500"), amount_of("WEB-1001")
    (1250000, 1250000, None)
    """
    text = term.replace("\N{NO-BREAK SPACE}", "").replace(" ", "").replace(",", ".")
    try:
        return Money.parse(text, "NOK").minor
    except LedgerError:
        return None


def vouchers_found(term: str, clients: QuerySet[Client]) -> list[int]:
    """Ids of the clients' vouchers with that number, reference or amount; where there are none, by part of a name.

    Each look-up is a query of its own, so that each goes through its index; one query with OR would read every row.
    """
    mine = list(clients.values_list("pk", flat=True))
    points = list(SalesPoint.objects.filter(client__in=mine).values_list("pk", flat=True))
    exact = [
        Q(matching_reference=term, client__in=mine),
        Q(invoice_number=term, client__in=mine),
        Q(number=term, client__in=mine),
        Q(sales__sales_point__in=points, sales__reference=term),
    ]
    amount = amount_of(term)
    if amount is not None:
        exact.append(Q(total_minor=amount, client__in=mine))
    found = _ids(exact)
    if found:
        return sorted(found)
    words = Q(customer_name__icontains=term) | Q(matching_reference__icontains=term)
    return sorted(_ids([words & Q(client__in=mine)]))


def _ids(conditions: Iterable[Q]) -> set[int]:
    found: set[int] = set()
    for condition in conditions:
        found.update(Voucher.objects.filter(condition).order_by().values_list("pk", flat=True)[:MAX_FOUND])
    return found
