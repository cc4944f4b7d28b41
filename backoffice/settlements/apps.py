"""The settlements app."""

from django.apps import AppConfig


class SettlementsConfig(AppConfig):
    """Register the room with Django."""

    name = "backoffice.settlements"
