"""The common app: nothing but shared columns and tools."""

from django.apps import AppConfig


class CommonConfig(AppConfig):
    """Register the room with Django."""

    name = "backoffice.common"
