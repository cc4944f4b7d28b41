"""The webhooks app."""

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    """Register the room with Django."""

    name = "backoffice.webhooks"
