"""What people do with many documents: order, stop, go on. Working them off is in `working`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils import timezone

from backoffice.audit.services import Actor, record
from backoffice.common.transitions import compare_and_swap
from backoffice.connections.queue import DOCUMENT_RUN, ring_turn
from backoffice.invoices.many.choosing import Choice, items_chosen
from backoffice.invoices.models import DocumentRun, DocumentRunItem, RunKind
from backoffice.invoices.models.run import Outcome
from backoffice.invoices.states import RUN, RunState

#: more are done in several goes, by period
MAX_ITEMS = 50_000
WRITTEN_AT_ONCE = 1_000


class NothingChosen(Exception):
    """There is nothing to do, or too much for one go."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How many items a run has, and what became of them so far."""

    total: int = 0
    done: int = 0
    failed: int = 0

    @property
    def percent(self) -> int:
        """How much is worked off, in whole percent."""
        return 100 * (self.done + self.failed) // max(self.total, 1)


@transaction.atomic
def start_run(*, choice: Choice, kind: RunKind, actor: Actor) -> DocumentRun:
    """Order something for all that is chosen at this moment. Raises NothingChosen for none, or for too many."""
    run = DocumentRun.objects.create(
        client=choice.client, kind=kind, about=str(choice)[:200], asked_by=actor.label[:150]
    )
    count = _write(run, islice(items_chosen(choice, kind), MAX_ITEMS + 1))
    if not count:
        raise NothingChosen("Nothing that was chosen needs it. Choose another period, or look at the list.")
    if count > MAX_ITEMS:
        raise NothingChosen(f"More than {MAX_ITEMS} documents are chosen. Choose a shorter period.")
    _tell(run, "document_run.started", actor, f"{count} documents")
    ring_turn(DOCUMENT_RUN, run.pk)
    return run


def _write(run: DocumentRun, items: Iterable[DocumentRunItem]) -> int:
    count, left = 0, iter(items)
    while some := list(islice(left, WRITTEN_AT_ONCE)):
        for item in some:
            item.run = run
        DocumentRunItem.objects.bulk_create(some)
        count += len(some)
    return count


@transaction.atomic
def stop_run(*, run: DocumentRun, actor: Actor) -> None:
    """Stop; what is done stays done. Raises IllegalMove or StaleState when it is over."""
    compare_and_swap(
        run, RUN, RunState.STOPPED, holder="", lease_until=None, stopped_by=actor.label[:150],
        updated_at=timezone.now(),
    )  # fmt: skip
    _tell(run, "document_run.stopped", actor)


@transaction.atomic
def resume_run(*, run: DocumentRun, actor: Actor) -> None:
    """Go on where it was stopped; what failed gets another turn. Raises IllegalMove or StaleState."""
    compare_and_swap(
        run, RUN, RunState.WAITING, error="", stopped_by="", tries=0, finished_at=None, updated_at=timezone.now()
    )
    run.items.filter(outcome=Outcome.FAILED).update(outcome=Outcome.OPEN, because="")
    _tell(run, "document_run.resumed", actor)
    ring_turn(DOCUMENT_RUN, run.pk)


def progress_of(run: DocumentRun) -> Progress:
    """Count what became of a run's items so far."""
    counts = dict(run.items.order_by().values_list("outcome").annotate(count=Count("pk")))
    return Progress(sum(counts.values()), counts.get(Outcome.DONE, 0), counts.get(Outcome.FAILED, 0))


def runs_under_way() -> QuerySet[DocumentRun]:
    """Runs that a worker works off or should."""
    return DocumentRun.objects.filter(state__in=(RunState.WAITING, RunState.RUNNING))


def _tell(run: DocumentRun, action: str, actor: Actor, note: str = "") -> None:
    record(
        action=action,
        actor=actor,
        subject_type="documentrun",
        subject_id=run.pk,
        client=run.client,
        label=str(run),
        note=note,
    )
