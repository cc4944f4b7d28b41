"""What the states of documents and sendings are called on pages."""

from __future__ import annotations

from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from backoffice.common.display import badge

DOCUMENT_STATES: dict[str, tuple[Any, str]] = {
    "requested": (_("Being made"), "info"),
    "rendered": (_("Stored"), "good"),
    "failed": (_("Could not be made"), "bad"),
}
SENDING_STATES: dict[str, tuple[Any, str]] = {
    "waiting": (_("Waits"), "info"),
    "in_flight": (_("On its way"), "info"),
    "in_doubt": (_("In doubt"), "warn"),
    "delivered": (_("Sent"), "good"),
    "failed": (_("Did not arrive"), "bad"),
}
#: of many documents at once
RUN_STATES: dict[str, tuple[Any, str]] = {
    "waiting": (_("Waits for a worker"), "quiet"),
    "running": (_("Is being done"), "info"),
    "stopped": (_("Stopped"), "warn"),
    "done": (_("Done"), "good"),
}


def document_badge(state: str) -> SafeString:
    """Show where a document stands."""
    return badge(*DOCUMENT_STATES[state])


def sending_badge(state: str) -> SafeString:
    """Show where a sending stands."""
    return badge(*SENDING_STATES[state])


def run_badge(state: str) -> SafeString:
    """Show where many documents stand."""
    return badge(*RUN_STATES[state])
