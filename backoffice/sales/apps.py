"""The sales app."""

from django.apps import AppConfig


class SalesConfig(AppConfig):
    """Register the room with Django."""

    name = "backoffice.sales"
