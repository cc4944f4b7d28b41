"""The RQ worker of the house (`settings.RQ["WORKER_CLASS"]`)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from rq import Worker

from backoffice.worker.supervisor.child import die_with

if TYPE_CHECKING:
    from rq import Queue
    from rq.job import Job


class HouseWorker(Worker):
    """A forking worker whose horse ends with it.

    RQ puts the forked horse in a process group of its own: after `kill -9` of the worker it would go on alone,
    with nobody to see it. Our leases allow that, but what was killed should be dead.
    """

    _forks_from = 0

    def fork_work_horse(self, job: Job, queue: Queue) -> None:
        """Fork, remembering who does."""
        self._forks_from = os.getpid()
        super().fork_work_horse(job, queue)

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        """Run one job in the forked process."""
        die_with(self._forks_from)
        super().main_work_horse(job, queue)
