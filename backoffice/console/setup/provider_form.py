"""The form of a connection's settings, drawn from the metadata of its provider's Config."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.common.secrets import CannotOpen, unseal
from backoffice.common.sentences import told
from backoffice.connections.models import Connection
from backoffice.connections.providers import ConfigField, config_fields, load_provider


def provider_choices() -> list[tuple[str, str]]:
    """List the providers this installation knows."""
    return [(name, load_provider(name).label) for name in settings.PROVIDERS]


def stored_secret_names(connection: Connection) -> set[str]:
    """Name the secrets that are stored; none when no key opens them."""
    try:
        return {name for name, value in unseal(connection.sealed_secrets).items() if value}
    except CannotOpen:
        return set()


class ProviderForm(forms.Form):
    """Settings and secrets of one connection. A stored secret is never shown; an empty field keeps it."""

    is_active = forms.BooleanField(required=False, label=gettext_lazy("In use"))

    def __init__(self, data: Any, *, connection: Connection) -> None:
        self.config = config_fields(connection.provider)
        stored = stored_secret_names(connection)
        initial = {one.name: connection.settings.get(one.name, one.default) for one in self.config}
        super().__init__(data, initial={**initial, "is_active": connection.is_active})
        for one in self.config:
            self.fields[one.name] = _field(one, is_stored=one.name in stored)
        self.order_fields([*(one.name for one in self.config), "is_active"])

    def plain_settings(self) -> dict[str, str]:
        """Give the settings that are no secrets; empty ones are left out."""
        plain = [one.name for one in self.config if not one.is_secret]
        return {name: self.cleaned_data[name] for name in plain if self.cleaned_data[name]}

    def new_secrets(self) -> dict[str, str]:
        """Give the secrets that were typed."""
        secret = [one.name for one in self.config if one.is_secret]
        return {name: self.cleaned_data[name] for name in secret if self.cleaned_data[name]}


def _field(one: ConfigField, *, is_stored: bool) -> forms.Field:
    common: dict[str, Any] = {"label": told(one.label), "help_text": told(one.help_text), "required": one.is_required}
    if one.is_secret:
        if is_stored:
            kept = _("Stored. Leave it empty to keep it.")
            common |= {"required": False, "help_text": f"{kept} {told(one.help_text)}"}
        widget = forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=False)
        return forms.CharField(**common, max_length=2_000, widget=widget)
    if one.choices:
        pairs = [choice if isinstance(choice, tuple) else (choice, choice) for choice in one.choices]
        return forms.ChoiceField(**common, choices=pairs)
    return forms.CharField(**common, max_length=500)
