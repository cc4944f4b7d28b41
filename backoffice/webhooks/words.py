"""What the states of webhooks are called on pages."""

from __future__ import annotations

from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from backoffice.common.display import badge
from backoffice.webhooks.models import WebhookEndpoint

HOOK_STATES: dict[str, tuple[Any, str]] = {
    "waiting": (_("Waits"), "info"),
    "in_flight": (_("On its way"), "info"),
    "delivered": (_("Sent"), "good"),
    "failed": (_("Given up"), "bad"),
}


def hook_badge(state: str) -> SafeString:
    """Show where an event's way to an address stands."""
    return badge(*HOOK_STATES[state])


def endpoint_badge(endpoint: WebhookEndpoint) -> SafeString:
    """Show how an address does."""
    if not endpoint.is_active:
        return badge(_("Not in use"))
    if endpoint.paused_at:
        return badge(_("Paused"), "warn")
    if endpoint.failing_since:
        return badge(_("Does not answer as it should"), "bad")
    return badge(_("Active"), "good")
