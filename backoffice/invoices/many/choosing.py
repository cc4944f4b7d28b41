"""Which documents are meant: of a client, a period, a sales point, a kind, or those that were ticked in the list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from backoffice.clients.models import Client, SalesPoint
from backoffice.contracts.sales import SaleKind
from backoffice.invoices.document import DocumentKind
from backoffice.invoices.models import DocumentRunItem, DocumentSending, IssuedDocument, RunKind
from backoffice.invoices.states import DocumentState
from backoffice.sales.models import Refund, Sale

#: kinds that a sale has; a credit note is a refund's
OF_SALES = tuple(kind.value for kind in DocumentKind if kind is not DocumentKind.CREDIT_NOTE)


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen; what is empty narrows nothing. The days are the sale's or the refund's, both included."""

    client: Client
    since: date | None = None
    until: date | None = None
    sales_point: SalesPoint | None = None
    kind: str = ""
    ids: tuple[int, ...] = ()

    def __str__(self) -> str:
        days = [f"{day:%d.%m.%Y}" if day else "…" for day in (self.since, self.until)]
        parts = ["–".join(days) if self.since or self.until else "", str(self.sales_point or ""), self.kind]
        return ", ".join(part for part in (*parts, f"{len(self.ids)} ticked" if self.ids else "") if part)


def documents_chosen(choice: Choice) -> QuerySet[IssuedDocument]:
    """Stored documents, oldest first."""
    rows = IssuedDocument.objects.filter(client=choice.client, state=DocumentState.RENDERED)
    if choice.ids:
        rows = rows.filter(pk__in=choice.ids)
    if choice.sales_point:
        rows = rows.filter(sale__sales_point=choice.sales_point)
    if choice.kind:
        rows = rows.filter(kind=choice.kind)
    for day, end in ((choice.since, "gte"), (choice.until, "lte")):
        if day:
            of_sale = Q(refund=None, **{f"sale__sold_on__{end}": day})
            rows = rows.filter(of_sale | Q(**{f"refund__refunded_on__{end}": day}))
    return rows.order_by("id")


def documents_to_email(choice: Choice) -> QuerySet[IssuedDocument]:
    """Stored documents that were sent to nobody, of customers with an address."""
    sent = DocumentSending.objects.filter(document=OuterRef("pk"))
    return documents_chosen(choice).filter(~Exists(sent)).exclude(sale__customer_email="")


def sales_without(choice: Choice) -> QuerySet[Sale]:
    """Sales that have what a document needs, a number or a till's receipt, and no stored document of theirs."""
    if choice.ids or choice.kind not in ("", *OF_SALES):
        return Sale.objects.none()
    stored = IssuedDocument.objects.filter(sale=OuterRef("pk"), refund=None, state=DocumentState.RENDERED)
    numbered = ~Q(invoice_number="") | ~Q(voucher__invoice_number="") & Q(voucher__isnull=False)
    rows = Sale.objects.filter(client=choice.client, total_minor__gt=0).filter(~Exists(stored))
    rows = rows.filter(numbered | Q(kind=SaleKind.CASH_SALE))
    found: QuerySet[Sale] = _between(rows, "sold_on", choice).order_by("id")
    return found


def refunds_without(choice: Choice) -> QuerySet[Refund]:
    """Refunds whose credit note has a number, and no stored document."""
    if choice.ids or choice.kind not in ("", DocumentKind.CREDIT_NOTE):
        return Refund.objects.none()
    stored = IssuedDocument.objects.filter(refund=OuterRef("pk"), state=DocumentState.RENDERED)
    numbered = ~Q(credit_note_number="") | ~Q(voucher__invoice_number="") & Q(voucher__isnull=False)
    rows = Refund.objects.filter(client=choice.client, sale__isnull=False).filter(numbered & ~Exists(stored))
    found: QuerySet[Refund] = _between(rows, "refunded_on", choice).order_by("id")
    return found


def _between(rows: Any, day: str, choice: Choice) -> Any:
    if choice.sales_point:
        rows = rows.filter(sales_point=choice.sales_point)
    for bound, end in ((choice.since, "gte"), (choice.until, "lte")):
        if bound:
            rows = rows.filter(**{f"{day}__{end}": bound})
    return rows


def count_chosen(choice: Choice, kind: RunKind) -> int:
    """How many items a run would have."""
    if kind is RunKind.MAKE:
        return sales_without(choice).count() + refunds_without(choice).count()
    return (documents_to_email(choice) if kind is RunKind.EMAIL else documents_chosen(choice)).count()


def items_chosen(choice: Choice, kind: RunKind) -> Iterator[DocumentRunItem]:
    """Give the items of a run, not stored yet, in the order in which they are worked off."""
    if kind is RunKind.MAKE:
        for sale_id in sales_without(choice).values_list("pk", flat=True).iterator():
            yield DocumentRunItem(sale_id=sale_id)
        for refund_id, sale_id in refunds_without(choice).values_list("pk", "sale_id").iterator():
            yield DocumentRunItem(sale_id=sale_id, refund_id=refund_id)
        return
    documents = documents_to_email(choice) if kind is RunKind.EMAIL else documents_chosen(choice)
    for document_id, sale_id, of_refund in documents.values_list("pk", "sale_id", "refund_id").iterator():
        yield DocumentRunItem(document_id=document_id, sale_id=sale_id, refund_id=of_refund)
