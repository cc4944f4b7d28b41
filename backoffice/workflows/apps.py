"""The workflows app."""

from django.apps import AppConfig


class WorkflowsConfig(AppConfig):
    """Register the room with Django."""

    name = "backoffice.workflows"
