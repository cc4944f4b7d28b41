"""The console app."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """Register the room with Django."""

    name = "backoffice.console"
