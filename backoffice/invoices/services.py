"""Ask for documents, make them once, keep them for good. One writer of a document's state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from django.db import IntegrityError, transaction
from django.db.models import F, Q, Sum
from django.utils import timezone

from backoffice.audit.services import Actor, record
from backoffice.clients.models import Client
from backoffice.common import blobs
from backoffice.common.codec import from_builtins, to_builtins
from backoffice.common.machine import StaleState
from backoffice.common.transitions import compare_and_swap
from backoffice.connections.queue import ring
from backoffice.contracts.sales import SaleDetails
from backoffice.invoices import pdf
from backoffice.invoices.building import document_of_refund, document_of_sale, is_paid
from backoffice.invoices.document import Document, DocumentKind
from backoffice.invoices.models import DocumentPolicy, DocumentTheme, IssuedDocument
from backoffice.invoices.models.issued import SUFFIX
from backoffice.invoices.rates import RateMissing
from backoffice.invoices.states import DOCUMENT, DocumentState
from backoffice.invoices.themes import looks_of, theme_for
from backoffice.invoices.words import language_for
from backoffice.ledger.errors import LedgerError
from backoffice.sales.models import Refund, Sale, SaleState
from backoffice.webhooks.models import EventType
from backoffice.webhooks.services import announce

#: documents made in one round of a client's drain, so that postings need not wait for them
RENDERED_A_ROUND = 20
WORKER = Actor.system("worker")


class FileMissing(Exception):
    """The stored file is gone or was changed: restore it from a backup; it is never made anew in silence."""


def prepare(*, sale: Sale, refund: Refund | None = None) -> tuple[Document, DocumentTheme | None]:
    """Build the document of a sale, or of a refund, as it would be issued now; raise LedgerError when it may not be."""
    details = from_builtins(sale.details, SaleDetails)
    theme = theme_for(sale, details, is_paid=refund is not None or is_paid(sale))
    language = language_for(
        theme.language if theme else "",
        seller_country=sale.client.country,
        buyer_country=details.customer.address.country,
    )
    if refund is not None:
        return document_of_refund(refund, language=language), theme
    return document_of_sale(sale, language=language), theme


@transaction.atomic
def request_document(*, sale: Sale, actor: Actor, refund: Refund | None = None) -> IssuedDocument:
    """Ask for the document that a sale (or its refund) should have now; the same one again gives the stored one.

    A worker makes it. Raises LedgerError, with what is missing, when it may not be issued.
    """
    document, theme = prepare(sale=sale, refund=refund)
    key = {"sale": sale, "kind": document.kind.value, "number": document.number}
    stored = IssuedDocument.objects.filter(**key).first()
    if stored is not None:
        if stored.state == DocumentState.FAILED:
            _ask_again(stored, document, theme)
        return stored
    try:
        with transaction.atomic():
            row = IssuedDocument.objects.create(
                client=sale.client,
                refund=refund,
                language=document.language,
                theme=theme,
                source=to_builtins(document),
                **key,
            )
    except IntegrityError:  # somebody else asked at the same moment
        return IssuedDocument.objects.get(**key)
    _tell(row, "document.requested", actor)
    ring(sale.client_id)
    return row


def _ask_again(row: IssuedDocument, document: Document, theme: DocumentTheme | None) -> None:
    changes: dict[str, Any] = {"source": to_builtins(document), "theme": theme, "language": document.language}
    compare_and_swap(
        row,
        DOCUMENT,
        DocumentState.REQUESTED,
        failed_because="",
        awaits_rate=False,
        updated_at=timezone.now(),
        **changes,
    )
    ring(row.client_id)


def render_document(*, document_id: int) -> IssuedDocument:
    """Make the PDF of a requested document and store it under its hash; one that is stored is given as it is.

    Raises PangoMissing where no PDF can be made at all; the document then still waits. Any other trouble is kept on
    the row.
    """
    row = IssuedDocument.objects.select_related("client", "theme__logo").get(pk=document_id)
    if row.state != DocumentState.REQUESTED:
        return row
    try:
        made = pdf.render(from_builtins(row.source, Document), looks_of(row.theme))
    except pdf.PangoMissing:
        raise
    except pdf.CannotRender as error:
        compare_and_swap(row, DOCUMENT, DocumentState.FAILED, failed_because=str(error), updated_at=timezone.now())
        return row
    _store(row, made)
    return row


def _store(row: IssuedDocument, made: bytes) -> None:
    row.sha256 = blobs.keep(made, SUFFIX)
    try:
        with transaction.atomic():
            compare_and_swap(
                row,
                DOCUMENT,
                DocumentState.RENDERED,
                sha256=row.sha256,
                size_bytes=len(made),
                rendered_at=timezone.now(),
                updated_at=timezone.now(),
            )
            _tell(row, "document.rendered", WORKER)
            _announce(row)
    except StaleState:  # another process made it first; the row there counts
        row.refresh_from_db()


def _announce(row: IssuedDocument) -> None:
    about = f"refunds/{row.refund.reference}" if row.refund else f"sales/{row.sale.reference}"
    announce(
        client=row.client,
        sales_point=row.sale.sales_point,
        type=EventType.DOCUMENT_READY,
        fact=f"{row.pk}/{row.sha256}",
        subject=row.refund.reference if row.refund else row.sale.reference,
        data={
            "sale": row.sale.reference,
            "revision": row.sale.revision,
            "refund": row.refund.reference if row.refund else None,
            "kind": row.kind,
            "number": row.number or None,
            "sha256": row.sha256,
            "path": f"/api/v1/documents/{quote(about, safe='/')}",
        },
    )


def get_document(*, sale: Sale, actor: Actor, refund: Refund | None = None) -> IssuedDocument:
    """Give the document of a sale, made on the spot when it is not stored yet. Raises LedgerError and CannotRender."""
    row = request_document(sale=sale, actor=actor, refund=refund)
    row = render_document(document_id=row.pk)
    if row.state == DocumentState.FAILED:
        raise pdf.CannotRender(row.failed_because)
    return row


def file_of(row: IssuedDocument) -> bytes:
    """Read a stored document; raise FileMissing when it is not what was stored."""
    try:
        return blobs.read(row.sha256, SUFFIX)
    except blobs.BlobMissing as error:
        raise FileMissing(f"{row}: {error}") from error


def request_due(client: Client) -> int:
    """Ask for the paid invoices of sales points whose policy says so; give how many were asked for."""
    points = DocumentPolicy.objects.filter(sales_point__client=client, makes_paid_invoices=True)
    if not points.exists():
        return 0
    numbered = ~Q(invoice_number="") | ~Q(voucher__invoice_number="")
    sales = (
        Sale.objects.select_related("client", "sales_point", "voucher")
        .filter(client=client, sales_point__in=points.values("sales_point"), state=SaleState.ROUTED)
        .filter(numbered)
        .exclude(documents__kind=DocumentKind.PAID_INVOICE)
        .annotate(paid=Sum("payments__amount_minor", filter=Q(payments__is_cancelled=False, payments__refund=None)))
        .filter(paid=F("total_minor"), total_minor__gt=0)
        .order_by("id")[:RENDERED_A_ROUND]
    )
    asked = 0
    for sale in sales:
        try:
            request_document(sale=sale, actor=WORKER)
            asked += 1
        except LedgerError as error:
            keep_failure(sale, error)
    return asked


@transaction.atomic
def keep_failure(sale: Sale, error: LedgerError) -> None:
    """Keep that a document which was due could not be built, so that a person sees it and it is not tried for ever."""
    why, awaits_rate = str(error), isinstance(error, RateMissing)
    number = sale.invoice_number or (sale.voucher.invoice_number if sale.voucher else "")
    row, is_new = IssuedDocument.objects.get_or_create(
        sale=sale,
        kind=DocumentKind.PAID_INVOICE.value,
        number=number,
        defaults={"client": sale.client, "language": "nb", "theme": None},
    )
    if is_new:
        compare_and_swap(row, DOCUMENT, DocumentState.FAILED, failed_because=why, awaits_rate=awaits_rate)
        _tell(row, "document.failed", WORKER, why)


def render_due(client: Client, keep_lane: Callable[[], None] = lambda: None) -> int:
    """Make what was asked for, at most RENDERED_A_ROUND; give how many were made. Without Pango they wait."""
    due = IssuedDocument.objects.filter(client=client, state=DocumentState.REQUESTED).order_by("id")
    done = 0
    for document_id in list(due.values_list("id", flat=True)[:RENDERED_A_ROUND]):
        keep_lane()
        try:
            render_document(document_id=document_id)
        except pdf.PangoMissing:
            return done
        done += 1
    return done


def _tell(row: IssuedDocument, action: str, actor: Actor, note: str = "") -> None:
    record(
        action=action,
        actor=actor,
        subject_type="document",
        subject_id=row.pk,
        client=row.client,
        label=str(row),
        after={"sha256": row.sha256} if row.sha256 else {},
        note=note,
    )
