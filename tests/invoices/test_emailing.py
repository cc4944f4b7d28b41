"""A document goes to the customer by e-mail once; what went wrong is kept, and a person decides what is in doubt."""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from backoffice.clients.models import Client
from backoffice.common.machine import IllegalMove
from backoffice.invoices.emailing import (
    clients_with_due_documents,
    confirm_arrival,
    request_due_emails,
    request_email,
    resend,
    send_due,
)
from backoffice.invoices.models import DocumentPolicy, DocumentSending, IssuedDocument
from backoffice.invoices.services import get_document
from backoffice.sales.models import Sale
from tests.world import TESTER

pytestmark = pytest.mark.usefixtures("pango")
TO = "kari@kunde.example"


class Breaking(BaseEmailBackend):
    """A mail server that answers as the test says."""

    on_open: Exception | None = None
    on_send: Exception | None = None

    def open(self) -> bool:
        """Connect, or not."""
        if self.on_open:
            raise self.on_open
        return True

    def send_messages(self, email_messages: Sequence[Any]) -> int:
        """Take them, or not."""
        if self.on_send:
            raise self.on_send
        return len(email_messages)


@pytest.fixture
def document(sell: Callable[..., Sale]) -> IssuedDocument:
    """Give a stored paid invoice."""
    return get_document(sale=sell(), actor=TESTER)


def tried(document: IssuedDocument) -> DocumentSending:
    """Ask for the e-mail, let it be tried, and give what became of it."""
    request_email(document=document, actor=TESTER)
    send_due(document.client)
    return DocumentSending.objects.get()


def test_the_customer_gets_the_pdf_in_their_language_once(document: IssuedDocument) -> None:
    row = tried(document)
    request_email(document=document, actor=TESTER)
    assert send_due(document.client) == 0

    (message,) = mail.outbox
    assert (row.state, row.attempts) == ("delivered", 1)
    assert (message.subject, message.to) == ("Faktura F-1001 fra Nordlys Butikk AS", [TO])
    assert message.reply_to == ["hei@nordlys.example"]
    assert "Hei Kari Nordmann," in str(message.body)
    assert "Du skal ikke betale noe." in str(message.body)
    assert isinstance(message, EmailMultiAlternatives)
    ((html, kind),) = message.alternatives
    assert (kind, "Hei Kari Nordmann," in str(html)) == ("text/html", True)
    assert message.attachments[0][0] == "paid-invoice-F-1001.pdf"
    assert message.attachments[0][1] == document.path.read_bytes()


@pytest.mark.parametrize(
    ("when", "error", "state"),
    [
        ("on_open", ConnectionRefusedError(), "waiting"),
        ("on_open", smtplib.SMTPAuthenticationError(535, b"no"), "waiting"),
        ("on_send", smtplib.SMTPRecipientsRefused({TO: (550, b"No such user")}), "failed"),
        ("on_send", smtplib.SMTPRecipientsRefused({TO: (450, b"Greylisted")}), "waiting"),
        ("on_send", smtplib.SMTPDataError(554, b"Too large"), "failed"),
        ("on_send", smtplib.SMTPServerDisconnected("gone"), "in_doubt"),
        ("on_send", TimeoutError(), "in_doubt"),
    ],
)
def test_each_answer_of_the_mail_server_leads_where_it_should(
    document: IssuedDocument, settings: Any, monkeypatch: pytest.MonkeyPatch, when: str, error: Exception, state: str
) -> None:
    settings.EMAIL_BACKEND = "tests.invoices.test_emailing.Breaking"
    monkeypatch.setattr(Breaking, when, error)

    row = tried(document)

    assert row.state == state
    assert send_due(document.client) == 0


def test_what_is_in_doubt_is_never_sent_again_by_itself(document: IssuedDocument) -> None:
    request_email(document=document, actor=TESTER)
    past = timezone.now() - timedelta(seconds=1)
    DocumentSending.objects.update(state="in_flight", lease_until=past)
    assert clients_with_due_documents() == {document.client_id}

    send_due(document.client)
    row = DocumentSending.objects.get()
    assert (row.state, mail.outbox) == ("in_doubt", [])
    confirm_arrival(sending=row, actor=TESTER)
    with pytest.raises(IllegalMove):
        confirm_arrival(sending=row, actor=TESTER)
    resend(sending=row, actor=TESTER)
    send_due(document.client)

    assert len(mail.outbox) == 1


def test_by_policy_it_goes_out_by_itself(document: IssuedDocument) -> None:
    assert request_due_emails(document.client) == 0
    DocumentPolicy.objects.create(sales_point=document.sale.sales_point, emails_customer=True)

    assert request_due_emails(document.client) == 1
    assert request_due_emails(document.client) == 0
    assert clients_with_due_documents() == {document.client_id}
    send_due(document.client)

    assert len(mail.outbox) == 1


def test_a_customers_impossible_address_is_shown_and_not_tried_for_ever(document: IssuedDocument) -> None:
    DocumentPolicy.objects.create(sales_point=document.sale.sales_point, emails_customer=True)
    Sale.objects.update(customer_email="kari at kunde")

    assert request_due_emails(Client.objects.get()) == 0
    assert request_due_emails(Client.objects.get()) == 0

    row = DocumentSending.objects.get()
    assert (row.state, "is no e-mail address" in row.problem) == ("failed", True)
