"""Work off many documents, one item after the other, for a turn. A killed worker's item is done again by the next.

That does no harm: a document is made once, an e-mail is asked for once per document and address, a file is only read.
"""

from __future__ import annotations

import logging
import time

from django.db import transaction
from django.utils import timezone

from backoffice.audit.services import Actor, record
from backoffice.common.machine import StaleState
from backoffice.common.transitions import compare_and_swap
from backoffice.connections.turns import LeaseLost, claim, hold
from backoffice.invoices.emailing import BadRecipient, request_email
from backoffice.invoices.models import DocumentRun, DocumentRunItem, RunKind
from backoffice.invoices.models.run import Outcome
from backoffice.invoices.pdf import CannotRender, PangoMissing
from backoffice.invoices.services import WORKER, FileMissing, file_of, get_document
from backoffice.invoices.states import RUN, RunState
from backoffice.ledger.errors import LedgerError

logger = logging.getLogger(__name__)
#: a run's turn; after it others come first
SLICE_S = 15.0
ITEMS_AT_ONCE = 50
#: an item at which so many turns ended without getting further is left out, with a reason
MAX_TRIES = 3


def work_slice(run_id: int) -> bool:
    """Work a run off for one turn; give whether more is left. False, too, when another worker has it."""
    run = DocumentRun.objects.select_related("client").get(pk=run_id)
    if not claim(run, RUN):
        return False
    try:
        return _work(run, time.monotonic() + SLICE_S)
    except LeaseLost:
        logger.info("Run %s was stopped, or another worker has taken it over.", run_id)
    except PangoMissing as error:
        _leave(run, RunState.STOPPED, "document_run.stopped", error=str(error), stopped_by=WORKER.label)
    return False


def _work(run: DocumentRun, ends_at: float) -> bool:
    while True:
        rows = run.items.filter(outcome=Outcome.OPEN).select_related("sale__client", "refund", "document__client")
        items = list(rows.order_by("id")[:ITEMS_AT_ONCE])
        if not items:
            _leave(run, RunState.DONE, "document_run.done", finished_at=timezone.now())
            return False
        for item in items:
            if time.monotonic() >= ends_at:
                _leave(run, RunState.WAITING)
                return True
            _do(run, item)


def _do(run: DocumentRun, item: DocumentRunItem) -> None:
    """Do one item, and note what became of it together with the sign of life."""
    hold(run)
    try:
        if run.tries > MAX_TRIES:
            raise CannotRender(f"The worker ended {MAX_TRIES} times at this document. Look at its log.")
        _act(run, item)
        item.outcome = Outcome.DONE
    except PangoMissing:
        raise
    except (LedgerError, CannotRender, BadRecipient, FileMissing) as error:
        item.outcome, item.because = Outcome.FAILED, str(error)
    except Exception as error:
        logger.exception("Unforeseen error at item %s of run %s.", item.pk, run.pk)
        item.outcome, item.because = Outcome.FAILED, f"Unforeseen: {type(error).__name__}. The worker's log says more."
    with transaction.atomic():
        hold(run, tries=0)
        item.save(update_fields=["outcome", "because", "document", "sending"])


def _act(run: DocumentRun, item: DocumentRunItem) -> None:
    actor = Actor.system(f"worker, for {run.asked_by}")
    if run.kind == RunKind.MAKE:
        item.document = get_document(sale=item.sale, refund=item.refund, actor=actor)
        return
    document = item.document
    if document is None:
        raise FileMissing("The document of this item is not there.")
    if run.kind == RunKind.EMAIL:
        item.sending = request_email(document=document, actor=actor)
    else:
        file_of(document)


@transaction.atomic
def _leave(run: DocumentRun, to: RunState, action: str = "", **changes: object) -> None:
    try:
        hold(run)
        compare_and_swap(run, RUN, to, holder="", lease_until=None, updated_at=timezone.now(), **changes)
    except (LeaseLost, StaleState):
        return  # whoever has it now finds out the same
    if action:
        record(
            action=action,
            actor=WORKER,
            subject_type="documentrun",
            subject_id=run.pk,
            client=run.client,
            label=str(run),
            note=run.error,
        )
