"""The e-mail that brings a document: subject, text and HTML in the document's language and the theme's colours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string

from backoffice.invoices.colours import tint
from backoffice.invoices.document import Document, DocumentKind
from backoffice.invoices.looks import Looks
from backoffice.invoices.presenting import Sheet, paid_text, slip_rows


@dataclass(frozen=True, slots=True)
class Email:
    """What is written; the PDF is attached by whoever sends it."""

    subject: str
    text: str
    html: str


def write_email(document: Document, looks: Looks, *, recipient: str = "") -> Email:
    """Write the e-mail of a document; recipient stands in the greeting where the buyer has no name."""
    sheet = Sheet(document, looks)
    word, colour = sheet.words, looks.accent if document.is_paid else looks.brand
    named = {"kind": word[document.kind], "number": document.number, "seller": document.seller.name}
    is_credit = document.kind is DocumentKind.CREDIT_NOTE
    context: dict[str, Any] = {
        "lang": document.language,
        "title": f"{word[document.kind]} {document.number}",
        "greeting": word["email_greeting"].format(name=document.buyer.name or recipient),
        "attached": word["email_attached"].format(**named),
        "paid": paid_text(sheet),
        "rows": [(word["total_back" if is_credit else "total"], sheet.money(document.total)), *slip_rows(sheet)],
        "due_label": word["to_receive" if is_credit else "due"],
        "due": sheet.money(document.due),
        "regards": word["email_regards"],
        "seller": document.seller,
        "brand": looks.brand,
        "colour": colour,
        "tint": tint(colour, 8),
    }
    return Email(
        subject=" ".join(word["email_subject"].format(**named).split()),
        text=render_to_string("emails/document.txt", context),
        html=render_to_string("emails/document.html", context),
    )
