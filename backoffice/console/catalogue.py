"""The error catalogue: for every reason code what it means, who can mend it, what to do, and with which button."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from backoffice.console.causes.at_home import CUSTOMER, MAPPING, PERIOD
from backoffice.console.causes.attachments import DOCUMENTATION
from backoffice.console.causes.entry import Cause, Who
from backoffice.console.causes.on_the_way import SALE, SENDING
from backoffice.console.causes.payouts import PAYOUT
from backoffice.console.causes.webhooks import WEBHOOKS

CATALOGUE: dict[str, Cause] = {
    cause.code: cause for cause in (*MAPPING, *PERIOD, *CUSTOMER, *SALE, *PAYOUT, *SENDING, *WEBHOOKS, *DOCUMENTATION)
}
GROUPS: tuple[tuple[Any, tuple[Cause, ...]], ...] = (
    (_("Mapping and chart"), MAPPING),
    (_("Dates"), PERIOD),
    (_("Customers"), CUSTOMER),
    (_("Sales"), SALE),
    (_("Payouts"), PAYOUT),
    (_("Sending"), SENDING),
    (_("Documentation"), DOCUMENTATION),
    (_("Webhooks"), WEBHOOKS),
)


def cause_of(code: str) -> Cause:
    """Give the entry of a code; a code nobody wrote down yet is shown as what was said, with no advice made up."""
    known = CATALOGUE.get(code)
    return known or Cause(code, code.replace("_", " ").capitalize(), "", Who.SUPPORT, CATALOGUE["internal"].what_to_do)
