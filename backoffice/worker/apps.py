"""The worker app."""

from django.apps import AppConfig


class WorkerConfig(AppConfig):
    """Register the room with Django."""

    name = "backoffice.worker"
