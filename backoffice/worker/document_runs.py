"""RQ job and sweep for many documents. What is due stands in the database; the queue carries only the run's id."""

from __future__ import annotations

from backoffice.connections.queue import DOCUMENT_RUN, ring_turn_now, take_down_turn_bell
from backoffice.connections.turns import is_free
from backoffice.invoices.many.runs import runs_under_way
from backoffice.invoices.many.working import work_slice
from backoffice.worker.jobs import drop_stale_connections


def work_on(run_id: int) -> bool:
    """Work a run off for one turn, and ring again when more is left; others in the queue come first."""
    drop_stale_connections()
    take_down_turn_bell(DOCUMENT_RUN, run_id)
    is_more = work_slice(run_id)
    if is_more:
        ring_turn_now(DOCUMENT_RUN, run_id)
    return is_more


def sweep_document_runs() -> int:
    """Ring for every run that no living worker works off; give how many."""
    free = [run.pk for run in runs_under_way() if is_free(run)]
    for run_id in free:
        ring_turn_now(DOCUMENT_RUN, run_id)
    return len(free)
