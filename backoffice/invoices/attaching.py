"""Put documents with the vouchers of the invoices they are, as documentation of the sale (bokføringsloven § 10).

Only where the sales system issued the invoice: one that the accounting system issued has its own PDF there, and takes
no other. One document a voucher: of an invoice and its paid invoice, which tell the same sale, the first one made.
"""

from __future__ import annotations

import logging

from django.db.models import Q, QuerySet

from backoffice.audit.services import record
from backoffice.clients.models import Client
from backoffice.common.blobs import BlobMissing
from backoffice.invoices.document import DocumentKind
from backoffice.invoices.models import DocumentPolicy, IssuedDocument
from backoffice.invoices.services import WORKER, FileMissing, file_of
from backoffice.invoices.states import DocumentState
from backoffice.vouchers.attachments import CannotAttach, attach, content_of, takes_attachments
from backoffice.vouchers.models import Voucher, VoucherAttachment, VoucherKind
from backoffice.vouchers.pdfs import PDF
from backoffice.vouchers.states import VoucherState

logger = logging.getLogger(__name__)
ATTACHED_A_ROUND = 20
KINDS = (DocumentKind.INVOICE, DocumentKind.PAID_INVOICE, DocumentKind.CREDIT_NOTE)
POSTED = Q(refund=None, sale__voucher__state=VoucherState.POSTED) | Q(refund__voucher__state=VoucherState.POSTED)


def voucher_of(document: IssuedDocument) -> Voucher | None:
    """The voucher that a document tells of: the sale's, or the refund's for its credit note."""
    return document.refund.voucher if document.refund else document.sale.voucher


def attachment_of(document: IssuedDocument) -> VoucherAttachment | None:
    """The document as an attachment of its voucher, where it is one."""
    voucher = voucher_of(document)
    if voucher is None or not document.sha256:
        return None
    return VoucherAttachment.objects.filter(voucher=voucher, sha256=document.sha256).first()


def documents_due(client: Client | None = None) -> QuerySet[IssuedDocument]:
    """Stored documents whose voucher is posted, and of which it is not decided whether they go with it."""
    stored = IssuedDocument.objects.filter(awaits_voucher=True, state=DocumentState.RENDERED).filter(POSTED)
    return stored.filter(client=client) if client else stored


def attach_documents(client: Client) -> int:
    """Attach what is due, a bounded number; give how many were decided about."""
    count = _drafted_again(client)
    due = documents_due(client).select_related("client", "sale__voucher__client", "refund__voucher__client")
    documents = list(due.order_by("id")[:ATTACHED_A_ROUND])
    for document in documents:
        _decide(document)
    return count + len(documents)


def _drafted_again(client: Client) -> int:
    """Bring documents of a voucher that was reversed to the one that took its place."""
    again = Voucher.objects.filter(client=client, generation__gt=0, state=VoucherState.POSTED, attachments=None)
    again = again.filter(kind__in=[VoucherKind.OUTGOING_INVOICE, VoucherKind.OUTGOING_CREDIT_NOTE])
    count = 0
    for voucher in again.select_related("client")[:ATTACHED_A_ROUND]:
        for earlier in _documents_of_the_one_before(voucher):
            try:
                attach(voucher=voucher, name=earlier.name, media_type=earlier.media_type, content=content_of(earlier))
                count += 1
            except (CannotAttach, BlobMissing) as error:
                logger.warning("%s does not go with %s: %s", earlier, voucher, error)
    return count


def _documents_of_the_one_before(voucher: Voucher) -> list[VoucherAttachment]:
    mine = IssuedDocument.objects.filter(Q(refund=None, sale__voucher=voucher) | Q(refund__voucher=voucher))
    earlier = VoucherAttachment.objects.filter(
        client=voucher.client, voucher__source_type=voucher.source_type, voucher__source_key=voucher.source_key
    )
    return list(earlier.filter(sha256__in=mine.exclude(sha256="").values("sha256")).order_by("id"))


def _decide(document: IssuedDocument) -> None:
    voucher = voucher_of(document)
    if voucher is not None and _is_wanted(document, voucher):
        try:
            attach(voucher=voucher, name=document.file_name, media_type=PDF, content=file_of(document))
        except (CannotAttach, FileMissing) as error:
            record(
                action="document.not_attached",
                actor=WORKER,
                subject_type="document",
                subject_id=document.pk,
                client=document.client,
                label=str(document),
                note=str(error),
            )
    IssuedDocument.objects.filter(pk=document.pk).update(awaits_voucher=False)


def _is_wanted(document: IssuedDocument, voucher: Voucher) -> bool:
    if document.kind not in KINDS or not takes_attachments(voucher):
        return False
    policy = DocumentPolicy.objects.filter(sales_point=document.sale.sales_point_id).first()
    if policy is not None and not policy.attaches_to_voucher:
        return False
    others = IssuedDocument.objects.filter(sale=document.sale, refund=document.refund).exclude(pk=document.pk)
    return not VoucherAttachment.objects.filter(voucher=voucher, sha256__in=others.values("sha256")).exists()


def clients_with_documents_to_attach() -> set[int]:
    """Give the ids of clients with a document that can go with its voucher now."""
    return set(documents_due().values_list("client_id", flat=True))
