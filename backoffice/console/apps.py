"""The console app, and Django's admin with our own site."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class ConsoleConfig(AppConfig):
    """Register the room with Django."""

    default = True
    name = "backoffice.console"


class ConsoleAdminConfig(admin_apps.AdminConfig):
    """Django's admin, served by `console.site.ConsoleSite`."""

    default = False
    default_site = "backoffice.console.site.ConsoleSite"
