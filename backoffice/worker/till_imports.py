"""RQ job and sweep for files of tills. What is due stands in the database; the queue carries only the import's id."""

from __future__ import annotations

from backoffice.connections.queue import TILL_IMPORT, ring_turn_now, take_down_turn_bell
from backoffice.connections.turns import is_free
from backoffice.sales.till_imports import till_imports_under_way
from backoffice.sales.till_reading import read_slice
from backoffice.worker.jobs import drop_stale_connections


def read_on(import_id: int) -> bool:
    """Read a till's file for one turn, and ring again when more is left; others in the queue come first."""
    drop_stale_connections()
    take_down_turn_bell(TILL_IMPORT, import_id)
    is_more = read_slice(import_id)
    if is_more:
        ring_turn_now(TILL_IMPORT, import_id)
    return is_more


def sweep_till_imports() -> int:
    """Ring for every file that no living worker reads; give how many."""
    free = [row.pk for row in till_imports_under_way().defer("position") if is_free(row)]
    for import_id in free:
        ring_turn_now(TILL_IMPORT, import_id)
    return len(free)
