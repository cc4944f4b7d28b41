"""The clients app."""

from django.apps import AppConfig


class ClientsConfig(AppConfig):
    """Register the room with Django."""

    name = "backoffice.clients"
