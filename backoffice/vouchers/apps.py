"""The vouchers app."""

from django.apps import AppConfig


class VouchersConfig(AppConfig):
    """Register the room with Django."""

    name = "backoffice.vouchers"
