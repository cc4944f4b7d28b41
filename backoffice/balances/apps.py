"""The balances app."""

from django.apps import AppConfig


class BalancesConfig(AppConfig):
    """Register the room with Django."""

    name = "backoffice.balances"
