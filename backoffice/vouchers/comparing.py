"""Compare what stands with a voucher over there with what we sent."""

from __future__ import annotations

import hashlib

from django.db.models import QuerySet

from backoffice.common import blobs
from backoffice.vouchers.attachments import SUFFIXES
from backoffice.vouchers.models import VoucherAttachment
from backoffice.vouchers.pdfs import UnreadablePdf, pages_of
from backoffice.vouchers.states import AttachmentState


def earlier_files(row: VoucherAttachment) -> QuerySet[VoucherAttachment]:
    """The files of the voucher that stand there already, in the order in which they were given."""
    return VoucherAttachment.objects.filter(voucher=row.voucher, state=AttachmentState.ATTACHED).order_by("id")


def is_ours(row: VoucherAttachment, content: bytes) -> bool:
    """Whether a file over there is the one that we sent.

    Equal bytes are. Where they told us that they took ours, as many pages count too: they may store it anew.
    """
    if hashlib.sha256(content).hexdigest() == row.sent_sha256:
        return True
    if row.state != AttachmentState.ACCEPTED or is_earlier(row, content):
        return False
    try:
        return pages_of(content) == pages_of(blobs.read(row.sent_sha256, SUFFIXES[row.media_type]))
    except (UnreadablePdf, blobs.BlobMissing):
        return False


def is_earlier(row: VoucherAttachment, content: bytes) -> bool:
    """Whether a file over there is what stood there before we sent this one."""
    return earlier_files(row).filter(sent_sha256=hashlib.sha256(content).hexdigest()).exists()
