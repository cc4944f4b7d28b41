"""Fetch the PDF of what the accounting system issued itself: once, stored under its hash, never again in silence.

Asked for when the voucher is posted and so has its number; the worker fetches it later, with retries of its own.
Reading has no effect over there, so two workers that fetch at once do no harm: the first that stores it counts.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from backoffice.audit.services import Actor, record
from backoffice.common import blobs
from backoffice.common.machine import StaleState
from backoffice.common.transitions import compare_and_swap
from backoffice.connections import retry
from backoffice.connections.models import Connection
from backoffice.connections.providers import accounting_system, load_provider
from backoffice.connections.queue import ring
from backoffice.connections.services import pause
from backoffice.contracts.accounting import AccountingSystem, AttachedFile
from backoffice.contracts.errors import Misconfigured, Permanent, ProviderError, Reason, Retryable
from backoffice.vouchers.announcing import origin_of
from backoffice.vouchers.attachments import SUFFIXES, WORKER, rules_of
from backoffice.vouchers.models import Voucher, VoucherPaper
from backoffice.vouchers.states import PAPER, PaperState, VoucherState
from backoffice.webhooks.models import EventType
from backoffice.webhooks.services import announce

logger = logging.getLogger(__name__)
FETCHED_A_ROUND = 10


def makes_own(voucher: Voucher) -> bool:
    """Whether the accounting system makes a PDF of a voucher of this kind by itself."""
    rules = rules_of(voucher.client)
    return rules is not None and voucher.kind in rules.own_kinds


def expect(voucher: Voucher, connection: Connection) -> None:
    """Note, as the voucher is posted, that there will be a PDF of theirs to fetch; in the caller's transaction."""
    provider = load_provider(connection.provider)
    rules = provider.attachment_rules if issubclass(provider, AccountingSystem) else None
    if rules is not None and voucher.kind in rules.own_kinds and voucher.invoice_number:
        VoucherPaper.objects.get_or_create(
            voucher=voucher, defaults={"client": voucher.client, "next_attempt_at": timezone.now()}
        )


@transaction.atomic
def request_paper(*, voucher: Voucher, actor: Actor) -> VoucherPaper | None:
    """Ask for their PDF of a posted voucher, or again after it failed; a stored one stays. None: they make none."""
    if voucher.state != VoucherState.POSTED or not voucher.invoice_number or not makes_own(voucher):
        return None
    row, is_new = VoucherPaper.objects.select_related("voucher", "client").get_or_create(
        voucher=voucher, defaults={"client": voucher.client, "next_attempt_at": timezone.now()}
    )
    if row.state == PaperState.FAILED:
        _move(row, PaperState.WAITING, attempts=0, reasons=[], next_attempt_at=timezone.now())
    elif not is_new:
        return row
    _tell(row, "voucher.paper_requested", actor)
    ring(voucher.client_id)
    return row


def content_of(paper: VoucherPaper) -> bytes:
    """Read a stored PDF; raise blobs.BlobMissing when it is not what was stored."""
    return blobs.read(paper.sha256, "pdf")


def papers_due(**of: object) -> QuerySet[VoucherPaper]:
    """PDFs to fetch now."""
    return VoucherPaper.objects.filter(state=PaperState.WAITING, next_attempt_at__lte=timezone.now(), **of)


def fetch_due(connection: Connection, keep_lane: Callable[[], None] = lambda: None) -> list[VoucherPaper]:
    """Fetch what is due for a connection's client, a bounded number; give what was stored."""
    due = papers_due(client=connection.client).select_related("voucher__client", "client")
    rows = list(due.order_by("next_attempt_at", "id")[:FETCHED_A_ROUND])
    stored: list[VoucherPaper] = []
    if not rows or connection.paused_at is not None:
        return stored
    try:
        system = accounting_system(connection)
        for row in rows:
            keep_lane()
            if _fetch(row, system):
                stored.append(row)
    except Misconfigured as error:
        if any(reason.code != "no_privilege" for reason in error.reasons):
            pause(connection=connection, reason=error.describe(), actor=WORKER)
    return stored


def _fetch(row: VoucherPaper, system: AccountingSystem) -> bool:
    try:
        found = system.documentation(voucher_id=row.voucher.external_id)
        if found is None:
            raise Retryable("There is no PDF of it yet.")
        return _store(row, found)
    except StaleState:
        logger.info("%s was fetched by another worker.", row)
    except Misconfigured as error:
        _later(row, error.reasons[0])
        raise
    except Permanent as error:
        _fail(row, *error.reasons)
    except ProviderError as error:
        wait = error.retry_after_s if isinstance(error, Retryable) else None
        _later(row, Reason("waiting", error.describe()), retry_after_s=wait)
    except Exception:
        logger.exception("Unforeseen error while fetching %s.", row)
        _later(row, Reason("internal", "Something went wrong in this back office. The log has the details."))
    return False


def _store(row: VoucherPaper, found: AttachedFile) -> bool:
    sha256 = blobs.keep(found.content, SUFFIXES[found.media_type])
    with transaction.atomic():
        _move(
            row,
            PaperState.FETCHED,
            name=found.name[:200],
            sha256=sha256,
            size_bytes=len(found.content),
            fetched_at=timezone.now(),
            attempts=row.attempts + 1,
            reasons=[],
        )
        _tell(row, "voucher.paper_fetched", WORKER)
        _announce(row)
    return True


def _announce(row: VoucherPaper) -> None:
    sale, revision, refund = origin_of(row.voucher)
    announce(
        client=row.client,
        sales_point=row.voucher.sales_point,
        type=EventType.DOCUMENT_READY,
        fact=f"paper/{row.pk}/{row.sha256}",
        subject=refund or sale or row.voucher.source_key,
        data={
            "sale": sale,
            "revision": revision,
            "refund": refund,
            "kind": "credit_note" if refund else "invoice",
            "number": row.voucher.invoice_number or None,
            "sha256": row.sha256,
            "path": f"/api/v1/documents/files/{row.sha256}",
        },
    )


def _later(row: VoucherPaper, reason: Reason, *, retry_after_s: int | None = None) -> None:
    attempts = row.attempts + 1
    if retry.is_exhausted(attempts) and reason.code != "no_privilege":
        text = f"Asked {attempts} times without getting it: {reason.detail}"
        _fail(row, Reason("documentation_missing", text))
        return
    due = retry.next_attempt_at(
        attempt=attempts, now=timezone.now(), jitter=retry.jitter(), retry_after_s=retry_after_s
    )
    VoucherPaper.objects.filter(pk=row.pk, state=PaperState.WAITING).update(
        attempts=attempts, next_attempt_at=due, reasons=[asdict(reason)]
    )


def _fail(row: VoucherPaper, *reasons: Reason) -> None:
    with transaction.atomic():
        _move(row, PaperState.FAILED, attempts=row.attempts + 1, reasons=[asdict(reason) for reason in reasons])
        _tell(row, "voucher.paper_failed", WORKER, "; ".join(reason.detail for reason in reasons))


def _move(row: VoucherPaper, to: PaperState, **changes: Any) -> None:
    compare_and_swap(row, PAPER, to, updated_at=timezone.now(), **changes)


def _tell(row: VoucherPaper, action: str, actor: Actor, note: str = "") -> None:
    record(
        action=action,
        actor=actor,
        subject_type="voucher",
        subject_id=row.voucher_id,
        client=row.client,
        label=str(row.voucher),
        after={"sha256": row.sha256} if row.sha256 else {},
        note=note,
    )
