"""Send documents to customers by e-mail, each with a state of its own. One writer of a sending's state."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from datetime import timedelta
from email.utils import make_msgid
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from backoffice.audit.services import Actor, record
from backoffice.clients.models import Client
from backoffice.common.codec import from_builtins
from backoffice.common.machine import StaleState
from backoffice.common.transitions import compare_and_swap
from backoffice.connections import retry
from backoffice.connections.queue import ring
from backoffice.invoices.document import Document
from backoffice.invoices.email_text import write_email
from backoffice.invoices.models import DocumentPolicy, DocumentSending, IssuedDocument
from backoffice.invoices.services import WORKER, FileMissing, file_of
from backoffice.invoices.states import SENDING, DocumentState, SendingState
from backoffice.invoices.themes import looks_of

SENT_A_ROUND = 20
#: SMTP answers from here on are final (RFC 5321, 4.2.1)
FINAL_SMTP_CODE = 500


class BadRecipient(Exception):
    """There is no e-mail address to send to, or it is none."""


@transaction.atomic
def request_email(*, document: IssuedDocument, actor: Actor, recipient: str = "") -> DocumentSending:
    """Ask for a document to be sent; recipient is the customer's address where empty. Once per address."""
    to = (recipient or document.sale.customer_email).strip()
    try:
        validate_email(to)
    except ValidationError as error:
        raise BadRecipient(f"{to!r} is no e-mail address. Enter the customer's address.") from error
    row, is_new = DocumentSending.objects.get_or_create(
        document=document, channel="email", recipient=to, defaults={"next_attempt_at": timezone.now()}
    )
    if is_new:
        _tell(row, "document.email_requested", actor)
        ring(document.client_id)
    return row


@transaction.atomic
def resend(*, sending: DocumentSending, actor: Actor) -> None:
    """Send once more, by hand: after a fix, when in doubt, or on request. Raises IllegalMove and StaleState."""
    compare_and_swap(
        sending, SENDING, SendingState.WAITING, attempts=0, problem="", next_attempt_at=timezone.now(),
        updated_at=timezone.now(),
    )  # fmt: skip
    _tell(sending, "document.email_resent", actor)
    ring(sending.document.client_id)


@transaction.atomic
def note_bounce(*, sending: DocumentSending, why: str, actor: Actor) -> None:
    """A delivered e-mail came back: it failed after all. Raises IllegalMove and StaleState."""
    compare_and_swap(sending, SENDING, SendingState.FAILED, problem=why[:1_000], updated_at=timezone.now())
    _tell(sending, "document.email_bounced", actor, why)


@transaction.atomic
def confirm_arrival(*, sending: DocumentSending, actor: Actor) -> None:
    """A person knows that an e-mail in doubt arrived. Raises IllegalMove and StaleState."""
    compare_and_swap(
        sending, SENDING, SendingState.DELIVERED, delivered_at=timezone.now(), problem="", updated_at=timezone.now()
    )
    _tell(sending, "document.email_confirmed", actor)


def request_due_emails(client: Client) -> int:
    """Ask for the e-mails of new documents at sales points whose policy says so."""
    points = DocumentPolicy.objects.filter(sales_point__client=client, emails_customer=True).values("sales_point")
    documents = IssuedDocument.objects.select_related("sale", "client").filter(
        client=client, state=DocumentState.RENDERED, kind="paid_invoice", sendings=None, sale__sales_point__in=points
    )
    count = 0
    for document in documents.exclude(sale__customer_email="").order_by("id")[:SENT_A_ROUND]:
        try:
            request_email(document=document, actor=WORKER)
            count += 1
        except BadRecipient as error:
            _keep_bad(document, str(error))
    return count


def _keep_bad(document: IssuedDocument, why: str) -> None:
    row = DocumentSending.objects.create(
        document=document, recipient=document.sale.customer_email, next_attempt_at=timezone.now()
    )
    compare_and_swap(row, SENDING, SendingState.IN_FLIGHT)
    compare_and_swap(row, SENDING, SendingState.FAILED, problem=why)


def clients_with_due_documents() -> set[int]:
    """Give the ids of clients with a document to make or to send."""
    now = timezone.now()
    requested = IssuedDocument.objects.filter(state=DocumentState.REQUESTED)
    waiting = DocumentSending.objects.filter(state=SendingState.WAITING, next_attempt_at__lte=now)
    stuck = DocumentSending.objects.filter(state=SendingState.IN_FLIGHT, lease_until__lt=now)
    found = set(requested.values_list("client_id", flat=True))
    for sendings in (waiting, stuck):
        found |= set(sendings.filter(document__state=DocumentState.RENDERED).values_list("document__client", flat=True))
    return found


def send_due(client: Client, keep_lane: Callable[[], None] = lambda: None) -> int:
    """Send what is due, at most SENT_A_ROUND; give how many were tried. What a dead worker held is in doubt."""
    now = timezone.now()
    mine = DocumentSending.objects.select_related("document__client", "document__sale").filter(document__client=client)
    for row in mine.filter(state=SendingState.IN_FLIGHT, lease_until__lt=now)[:SENT_A_ROUND]:
        _doubt(row, "The worker stopped while it was sending.")
    due = mine.filter(state=SendingState.WAITING, next_attempt_at__lte=now, document__state=DocumentState.RENDERED)
    rows = list(due.order_by("id")[:SENT_A_ROUND])
    for row in rows:
        keep_lane()
        _send(row)
    return len(rows)


def _send(row: DocumentSending) -> None:
    message_id = make_msgid(idstring=f"document-{row.document_id}")
    try:
        compare_and_swap(
            row, SENDING, SendingState.IN_FLIGHT, attempts=row.attempts + 1, message_id=message_id[:120],
            lease_until=timezone.now() + timedelta(seconds=max(settings.LEASE_S, 60)),
        )  # fmt: skip
    except StaleState:
        return
    connection = get_connection()
    try:
        message = message_for(row, message_id)
        connection.open()
    except FileMissing as error:
        _move(row, SendingState.FAILED, "document.email_failed", problem=str(error))
        return
    except (smtplib.SMTPException, OSError) as error:  # nothing was handed over yet
        _postpone(row, str(error))
        return
    try:
        connection.send_messages([message])
    except smtplib.SMTPRecipientsRefused as error:
        answers = [(code, text) for code, text in error.recipients.values()]
        _by_code(row, min(code for code, _text in answers), "; ".join(_words(text) for _code, text in answers))
    except smtplib.SMTPResponseException as error:
        _by_code(row, error.smtp_code, _words(error.smtp_error))
    except (smtplib.SMTPException, OSError) as error:
        _doubt(row, f"The connection broke while it was sent: {error}")
    else:
        _move(row, SendingState.DELIVERED, "document.emailed", delivered_at=timezone.now(), problem="")
    finally:
        connection.close()


def message_for(row: DocumentSending, message_id: str) -> EmailMultiAlternatives:
    """Write the e-mail with the PDF attached."""
    document = row.document
    source = from_builtins(document.source, Document)
    written = write_email(source, looks_of(document.theme), recipient=row.recipient)
    message = EmailMultiAlternatives(
        subject=written.subject,
        body=written.text,
        to=[row.recipient],
        reply_to=[source.seller.email] if source.seller.email else None,
        headers={"Message-ID": message_id},
    )
    message.attach_alternative(written.html, "text/html")
    message.attach(document.file_name, file_of(document), "application/pdf")
    return message


def _words(text: bytes | str) -> str:
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else text


def _by_code(row: DocumentSending, code: int, text: str) -> None:
    if code >= FINAL_SMTP_CODE:
        _move(row, SendingState.FAILED, "document.email_failed", problem=f"{code} {text}")
    else:
        _postpone(row, f"{code} {text}")


def _postpone(row: DocumentSending, why: str) -> None:
    if retry.is_exhausted(row.attempts):
        _move(row, SendingState.FAILED, "document.email_failed", problem=why)
        return
    at = retry.next_attempt_at(attempt=row.attempts, now=timezone.now(), jitter=retry.jitter())
    compare_and_swap(row, SENDING, SendingState.WAITING, next_attempt_at=at, problem=why, lease_until=None)


def _doubt(row: DocumentSending, why: str) -> None:
    _move(row, SendingState.IN_DOUBT, "document.email_in_doubt", problem=why)


def _move(row: DocumentSending, to: SendingState, action: str, **changes: Any) -> None:
    with transaction.atomic():
        compare_and_swap(row, SENDING, to, lease_until=None, updated_at=timezone.now(), **changes)
        _tell(row, action, WORKER, str(changes.get("problem", "")))


def _tell(row: DocumentSending, action: str, actor: Actor, note: str = "") -> None:
    record(
        action=action,
        actor=actor,
        subject_type="document",
        subject_id=row.document_id,
        client=row.document.client,
        label=str(row),
        note=note,
    )
