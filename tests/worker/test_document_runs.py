"""Many documents take turns with other work, and the sweep finds those that no worker works off."""

from __future__ import annotations

import pytest

from backoffice.connections.queue import queue_depth
from backoffice.invoices.models import DocumentRun
from backoffice.invoices.states import RunState
from backoffice.worker.document_runs import sweep_document_runs, work_on
from tests.factories import make_client


@pytest.mark.usefixtures("transactional_db")
def test_the_sweep_rings_for_what_waits_and_no_more_when_it_is_done() -> None:
    run = DocumentRun.objects.create(client=make_client(), kind="make", asked_by="test")

    assert (sweep_document_runs(), queue_depth()) == (1, 1)
    assert (sweep_document_runs(), queue_depth()) == (1, 1)  # one bell hangs
    assert work_on(run.pk) is False
    run.refresh_from_db()
    assert (run.state, sweep_document_runs()) == (RunState.DONE, 0)
