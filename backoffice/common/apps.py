"""The common app: nothing but shared columns and tools."""

from django.apps import AppConfig

from backoffice.common.checks import register_all


class CommonConfig(AppConfig):
    """Register the room with Django, and what it checks of the settings."""

    name = "backoffice.common"

    def ready(self) -> None:
        """Register the checks."""
        register_all()
