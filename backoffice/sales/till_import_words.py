"""What people call the states of a SAF-T import."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from backoffice.common.display import badge
from backoffice.sales.till_import_models import TillImport
from backoffice.sales.till_import_states import TillImportState as S

STATES: dict[str, tuple[Promise, str]] = {
    S.WAITING: (_("Waits for a worker"), "quiet"),
    S.RUNNING: (_("Is being read"), "info"),
    S.STOPPED: (_("Stopped"), "warn"),
    S.DONE: (_("Imported"), "good"),
    S.FAILED: (_("Needs a person"), "bad"),
}


def import_badge(row: TillImport, *, has_refused: bool = False) -> SafeString:
    """Show where an import stands; between two turns it counts as being read."""
    if row.state == S.DONE and has_refused:
        return badge(_("Imported, not all of it"), "warn")
    is_between = row.state == S.WAITING and row.bytes_read > 0
    return badge(*STATES[S.RUNNING if is_between else row.state])
