"""The connections app."""

from django.apps import AppConfig


class ConnectionsConfig(AppConfig):
    """Register the room with Django."""

    name = "backoffice.connections"
