"""The audit app."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Register the room with Django."""

    name = "backoffice.audit"
