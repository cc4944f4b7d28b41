"""Words that the admin theme shows and does not translate itself; our catalogues do."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

THEME_WORDS = (
    _("Run"),
    _("Select action"),
    _("Select action to run"),
    _("Select record"),
    _("Select all rows"),
    _("Expand row"),
    _("Light"),
    _("Dark"),
    _("System"),
    _("Go back"),
    _("Return to site"),
    _("Toggle password visibility"),
    _("General"),
    _("Cancel"),
    _("After you"),
    _("You have been successfully logged out from the administration"),
    _("Thanks for spending some quality time with the web site today."),
)
