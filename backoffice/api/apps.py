"""The api app."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Register the room with Django."""

    name = "backoffice.api"
