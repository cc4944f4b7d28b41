"""Voucher documentation: one PDF a voucher, sent as multipart/form-data, given back in a zip.

Reference: voucherdocumentation.json. PUT takes a PDF of at most 30 MB, and only for vouchers that came through the
API's journals; the last file replaces the earlier one, and only of the same integration. Answers 202 (taken in) or 204.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile

from backoffice.contracts.accounting import AttachedFile, AttachmentRules, DocumentKind
from backoffice.contracts.errors import Misunderstood, Reason
from integrations.http import Answer
from integrations.poweroffice import api
from integrations.poweroffice.answers import conversation
from integrations.poweroffice.calls import Calls

PDF = "application/pdf"
#: Taken in and worked on; it shows later.
ACCEPTED = 202
#: What a packed PDF may grow to: a zip of a few kilobytes can claim gigabytes.
MAX_UNPACKED_BYTES = 64 * 1024 * 1024
RULES = AttachmentRules(
    kinds=frozenset(
        {
            DocumentKind.BANK_JOURNAL,
            DocumentKind.CASH_JOURNAL,
            DocumentKind.MANUAL_JOURNAL,
            DocumentKind.OUTGOING_INVOICE,
            DocumentKind.OUTGOING_CREDIT_NOTE,
        }
    ),
    media_types=frozenset({PDF}),
    max_bytes=30 * 1024 * 1024,
    own_kinds=frozenset({DocumentKind.SALES_ORDER}),
)


def attach(calls: Calls, voucher_id: str, file: AttachedFile) -> bool:
    """Replace the voucher's documentation; False when it was only taken in."""
    body, content_type = multipart(file)
    return api.put_voucher_documentation(calls, voucher_id, body, content_type).status != ACCEPTED


def stored(calls: Calls, voucher_id: str) -> AttachedFile | None:
    """Give the PDF that stands with the voucher; None when there is none."""
    answer = api.download_voucher_pdf(calls, voucher_id)
    return unpacked(answer) if answer.body else None


def multipart(file: AttachedFile) -> tuple[bytes, str]:
    """Write the form with its one field `file`; give its bytes and content type. The same file gives the same bytes.

    Reference: RFC 7578. The boundary is made from the content, which therefore cannot contain it but by design.
    """
    boundary = f"file-{hashlib.sha256(file.content).hexdigest()[:32]}"
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", file.name) or "file"
    head = (
        f"--{boundary}\r\n"
        f'Content-Disposition: form-data; name="file"; filename="{name}"\r\n'
        f"Content-Type: {file.media_type}\r\n\r\n"
    )
    body = head.encode() + file.content + f"\r\n--{boundary}--\r\n".encode()
    return body, f"multipart/form-data; boundary={boundary}"


def unpacked(answer: Answer) -> AttachedFile:
    """Take the one PDF out of the zip; raise Misunderstood for anything else."""
    try:
        with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
            inside = [one for one in archive.infolist() if one.filename.lower().endswith(".pdf")]
            if len(inside) != 1:
                raise _unreadable(answer, f"holds {len(inside)} PDF files instead of one")
            with archive.open(inside[0]) as packed:
                content = packed.read(MAX_UNPACKED_BYTES + 1)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise _unreadable(answer, f"is no zip that can be read ({error})") from error
    if len(content) > MAX_UNPACKED_BYTES or not content.startswith(b"%PDF-"):
        raise _unreadable(answer, "holds something that is no PDF, or too large")
    return AttachedFile(inside[0].filename.rpartition("/")[2], PDF, content)


def _unreadable(answer: Answer, what: str) -> Misunderstood:
    message = f"PowerOffice's documentation of the voucher {what}."
    reasons = (Reason("documentation_unreadable", message),)
    return Misunderstood(message, reasons=reasons, **conversation(answer, "read_documentation"))
