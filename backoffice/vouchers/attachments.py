"""Attach files to a voucher: they wait until it is posted, and go there by themselves. One writer of their state.

The voucher never waits for them and never fails with them. What an accounting system takes is checked here, before
anything is sent (`contracts.documentation.AttachmentRules`). Where it keeps one file a voucher, each file goes out
together with those that stand there already, in the order in which they were given.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from backoffice.audit.services import Actor, record
from backoffice.clients.models import Client
from backoffice.common import blobs
from backoffice.common.transitions import compare_and_swap
from backoffice.connections.providers import load_provider
from backoffice.connections.queue import ring
from backoffice.connections.selectors import accounting_connection
from backoffice.contracts.accounting import AccountingSystem, AttachmentRules
from backoffice.contracts.errors import Reason
from backoffice.vouchers.models import Voucher, VoucherAttachment
from backoffice.vouchers.pdfs import PDF, UnreadablePdf, pages_of
from backoffice.vouchers.states import ATTACHMENT, GONE, AttachmentState

WORKER = Actor.system("worker")
SUFFIXES = {PDF: "pdf", "image/jpeg": "jpg", "image/png": "png"}
MEGABYTE = 1024 * 1024


class CannotAttach(Exception):
    """This file cannot document this voucher; reason says why, str() is its sentence."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.detail)
        self.reason = reason


def rules_of(client: Client) -> AttachmentRules | None:
    """Which files the client's accounting system takes; None where it takes none, or there is no such system."""
    connection = accounting_connection(client)
    provider = load_provider(connection.provider) if connection else None
    return provider.attachment_rules if provider and issubclass(provider, AccountingSystem) else None


def takes_attachments(voucher: Voucher) -> bool:
    """Whether the accounting system takes files for a voucher of this kind."""
    rules = rules_of(voucher.client)
    return rules is not None and voucher.kind in rules.kinds


@transaction.atomic
def attach(*, voucher: Voucher, name: str, media_type: str, content: bytes, actor: Actor = WORKER) -> VoucherAttachment:
    """Put a file with a voucher, posted or not yet; the same bytes again give the row that is there.

    Raises CannotAttach for a file that the accounting system would refuse, and for a voucher that takes none.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    known = VoucherAttachment.objects.filter(voucher=voucher, sha256=sha256).first()
    if known is not None:
        return known
    if reason := why_not(voucher, media_type, content):
        raise CannotAttach(reason)
    blobs.keep(content, SUFFIXES[media_type])
    try:
        with transaction.atomic():
            row = VoucherAttachment.objects.create(
                voucher=voucher,
                client=voucher.client,
                name=name[:200] or "file",
                media_type=media_type,
                sha256=sha256,
                size_bytes=len(content),
                next_attempt_at=timezone.now(),
            )
    except IntegrityError:  # somebody else attached it at the same moment
        return VoucherAttachment.objects.get(voucher=voucher, sha256=sha256)
    tell(row, "voucher.attachment_added", actor)
    ring(voucher.client_id)
    return row


def why_not(voucher: Voucher, media_type: str, content: bytes) -> Reason | None:
    """Say why a file cannot document a voucher, or None when it can."""
    rules = rules_of(voucher.client)
    if rules is None:
        return Reason("attachment_not_taken", f"{voucher.client} has no accounting system that takes files.")
    if voucher.kind not in rules.kinds:
        kind = voucher.get_kind_display()
        return Reason("attachment_not_taken", f"The accounting system takes no files for: {kind}.", voucher.kind)
    if voucher.state in GONE:
        return Reason("attachment_not_taken", f"The voucher is {voucher.state}; nothing is attached to it any more.")
    if media_type not in rules.media_types or media_type not in SUFFIXES:
        taken = ", ".join(sorted(rules.media_types & set(SUFFIXES)))
        return Reason("attachment_type", f"It takes {taken}, not {media_type or 'a file without a type'}.", media_type)
    if len(content) > rules.max_bytes:
        return too_large(len(content), rules)
    if media_type == PDF:
        try:
            pages_of(content)
        except UnreadablePdf as error:
            return Reason("attachment_unreadable", str(error))
    return None


def too_large(size: int, rules: AttachmentRules) -> Reason:
    """Say by how much a file is too large. Sizes in bytes; shown in whole megabytes, rounded up."""
    shown, limit = -(-size // MEGABYTE), rules.max_bytes // MEGABYTE
    return Reason("attachment_too_large", f"It would be {shown} MB; the accounting system takes up to {limit} MB.")


def content_of(attachment: VoucherAttachment) -> bytes:
    """Read the file as it was given; raise blobs.BlobMissing when it is not what was stored."""
    return blobs.read(attachment.sha256, SUFFIXES[attachment.media_type])


@transaction.atomic
def resend(*, attachment_id: int, actor: Actor) -> VoucherAttachment:
    """Send a failed file again, replacing what stands there. Raises IllegalMove and StaleState."""
    row = VoucherAttachment.objects.select_related("voucher__client", "client").get(pk=attachment_id)
    now = timezone.now()
    move(row, AttachmentState.WAITING, attempts=0, look_ups=0, reasons=[], next_attempt_at=now, sent_sha256="")
    tell(row, "voucher.attachment_resent", actor)
    ring(row.client_id)
    return row


@transaction.atomic
def check_now(*, attachment_id: int, actor: Actor) -> VoucherAttachment:
    """Try, or look, at once instead of at the time that is due."""
    row = VoucherAttachment.objects.select_related("voucher__client", "client").get(pk=attachment_id)
    VoucherAttachment.objects.filter(pk=row.pk).update(next_attempt_at=timezone.now())
    tell(row, "voucher.attachment_checked", actor)
    ring(row.client_id)
    return row


def move(row: VoucherAttachment, to: AttachmentState, **changes: Any) -> None:
    """Move a file by compare-and-swap; a lease ends with every move but the claim."""
    released = {} if to is AttachmentState.IN_FLIGHT else {"lease_until": None, "lease_holder": ""}
    compare_and_swap(row, ATTACHMENT, to, updated_at=timezone.now(), **released, **changes)


@transaction.atomic
def settle(row: VoucherAttachment, to: AttachmentState, action: str, *reasons: Reason, **changes: Any) -> None:
    """Move a file and tell the voucher's audit trail, in one transaction."""
    move(row, to, reasons=[asdict(reason) for reason in reasons], **changes)
    tell(row, action, WORKER, "; ".join(reason.detail for reason in reasons))


def tell(row: VoucherAttachment, action: str, actor: Actor, note: str = "") -> None:
    """Write into the audit trail of the voucher."""
    record(
        action=action,
        actor=actor,
        subject_type="voucher",
        subject_id=row.voucher_id,
        client=row.client,
        label=str(row.voucher),
        after={"file": row.name, "sha256": row.sha256, "state": row.state},
        note=f"{row.name}: {note}" if note else row.name,
    )
