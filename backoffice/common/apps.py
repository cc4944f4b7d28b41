"""The common app: nothing but shared columns, tools and the checks of the settings."""

from django.apps import AppConfig
from django.core.checks import Tags, register

from backoffice.common.checks import credentials_keys_are_keys, production_has_its_secrets


class CommonConfig(AppConfig):
    """Register the room with Django, and its checks."""

    name = "backoffice.common"

    def ready(self) -> None:
        """Register the checks."""
        for check in (production_has_its_secrets, credentials_keys_are_keys):
            register(check, Tags.security)
