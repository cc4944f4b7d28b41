"""The invoices app."""

from django.apps import AppConfig


class InvoicesConfig(AppConfig):
    """Register the room with Django."""

    name = "backoffice.invoices"
