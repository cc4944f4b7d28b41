"""Links for the customer: made on request only, shown once, gone when they expire or are revoked."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from backoffice.audit.services import Actor, record
from backoffice.invoices.models import DocumentLink, IssuedDocument
from backoffice.invoices.services import FileMissing
from backoffice.invoices.states import DocumentState

TOKEN_BYTES = 32
#: 32 bytes as they stand in an address
TOKEN_CHARACTERS = 43


@transaction.atomic
def make_link(*, document: IssuedDocument, actor: Actor) -> tuple[DocumentLink, str]:
    """Make one more link to a stored document; give it with its token, which is kept nowhere.

    It leads there for settings.DOCUMENT_LINK_DAYS days. Raises FileMissing while no file is stored.
    """
    if document.state != DocumentState.RENDERED:
        raise FileMissing(f"{document} has no file yet. Make it first.")
    token = secrets.token_urlsafe(TOKEN_BYTES)
    link = DocumentLink.objects.create(
        document=document,
        token_sha256=_hash(token),
        made_by=actor.label[:150],
        expires_at=timezone.now() + timedelta(days=settings.DOCUMENT_LINK_DAYS),
    )
    _tell(link, "document.link_made", actor)
    return link, token


@transaction.atomic
def revoke_link(*, link: DocumentLink, actor: Actor) -> None:
    """Let a link lead nowhere from now on; one that is revoked stays as it is."""
    now = timezone.now()
    open_one = DocumentLink.objects.filter(pk=link.pk, revoked_at=None)
    if open_one.update(revoked_at=now, revoked_by=actor.label[:150], updated_at=now):
        _tell(link, "document.link_revoked", actor)


def link_behind(token: str) -> DocumentLink | None:
    """Find the link of a token by its hash; None when it is unknown, expired or revoked, or the client is switched off.

    What is compared is a hash, so the time it takes tells nothing about the tokens there are.
    """
    if len(token) != TOKEN_CHARACTERS:
        return None
    rows = DocumentLink.objects.select_related("document__client").filter(document__client__is_active=True)
    link = rows.filter(token_sha256=_hash(token)).first()
    return link if link and link.is_open(timezone.now()) else None


def links_of(document: IssuedDocument) -> list[tuple[DocumentLink, bool]]:
    """Give a document's links, newest first, each with whether it still opens."""
    now = timezone.now()
    return [(link, link.is_open(now)) for link in document.links.all()]


def note_opening(*, link: DocumentLink) -> None:
    """Count that somebody opened it; who that was is not kept."""
    now = timezone.now()
    DocumentLink.objects.filter(pk=link.pk).update(opened_count=F("opened_count") + 1, last_opened_at=now)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _tell(link: DocumentLink, action: str, actor: Actor) -> None:
    record(
        action=action,
        actor=actor,
        subject_type="document",
        subject_id=link.document_id,
        client=link.document.client,
        label=str(link.document),
        after={"link": link.pk, "expires_at": link.expires_at.isoformat()},
    )
