"""What a timeline and the audit trail say, in words: codes of acts and of conversations with the other side."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

ACTS: dict[str, Any] = {
    "voucher.drafted": _("Drafted"),
    "voucher.rebuilt": _("Rebuilt from its source"),
    "voucher.approved": _("Approved"),
    "voucher.held": _("Held"),
    "voucher.released": _("Released"),
    "voucher.resent": _("Sent again by hand"),
    "voucher.checked": _("Asked the other side at once"),
    "voucher.withdrawn": _("Withdrawn"),
    "voucher.sending": _("On its way"),
    "voucher.taken_in": _("Taken in by the other side, worked on"),
    "voucher.ordered": _("The order stands over there"),
    "voucher.postponed": _("Not sent; waits for its next try"),
    "voucher.in_doubt": _("In doubt: the answer did not come back"),
    "voucher.posted": _("Posted"),
    "voucher.failed": _("Refused"),
    "voucher.moved": _("Moved to the first open day"),
    "voucher.closed": _("Day closed"),
    "voucher.reversed": _("Reversed"),
    "voucher.reversal_asked": _("Reversal asked for"),
    "voucher.reversal_refused": _("Reversal refused; it stays posted"),
    "voucher.drafted_anew": _("Drafted again as another voucher"),
    "connection.paused": _("Connection paused"),
    "connection.resumed": _("Connection resumed"),
    "connection.credentials_changed": _("Credentials changed"),
    "connection.identified": _("Company confirmed"),
    "connection.created": _("Connection created"),
    "connection.changed": _("Connection settings changed"),
    "client.created": _("Client created"),
    "client.changed": _("Client changed"),
    "sales_point.created": _("Sales point created"),
    "sales_point.changed": _("Sales point changed"),
    "membership.created": _("Role given"),
    "membership.changed": _("Role changed"),
    "membership.removed": _("Role taken away"),
    "user.created": _("User created"),
    "user.changed": _("User changed"),
    "user.password_set": _("New password set"),
    "mapping.added": _("Mapping rule added"),
    "mapping.changed": _("Mapping rule changed"),
    "mapping.removed": _("Mapping rule taken out of force"),
    "voucher.customer_chosen": _("Customer chosen"),
    "sale.routed_again": _("Route tried again"),
    "sale.needs_person": _("Needs a person"),
    "sale.dealt_with": _("Dealt with by hand"),
    "sale.revised": _("New version of the sale"),
    "sale.cancelled": _("Sale cancelled"),
    "sale.waits": _("Waits"),
    "day_closing.missing_accepted": _("Missing numbers said not to exist"),
    "day_closing.repeated": _("Its number came again"),
    "refund.needs_person": _("Needs a person"),
    "refund.dealt_with": _("Dealt with by hand"),
    "refund.waits": _("Waits"),
    "refund.split_accepted": _("Split accepted"),
    "api_key.created": _("API key created"),
    "api_key.revoked": _("API key revoked"),
    "theme.added": _("Branding theme added"),
    "theme.changed": _("Branding theme changed"),
    "document.requested": _("Document asked for"),
    "document.rendered": _("Document made and stored"),
    "document.failed": _("Document could not be made"),
    "document.email_requested": _("E-mail asked for"),
    "document.emailed": _("E-mail sent"),
    "document.email_resent": _("E-mail sent again by hand"),
    "document.email_failed": _("E-mail refused"),
    "document.email_in_doubt": _("E-mail in doubt"),
    "document.email_bounced": _("E-mail came back"),
    "document.email_confirmed": _("E-mail arrived after all"),
    "seller.created": _("Seller details entered"),
    "seller.changed": _("Seller details changed"),
    "home_rate.created": _("Exchange rate entered"),
    "document_policy.created": _("Document policy created"),
    "document_policy.changed": _("Document policy changed"),
    "chart.read": _("Chart of accounts read"),
    "sale.delivered": _("Marked as delivered"),
    "refund.number_entered": _("Number of the credit note entered"),
    "refund.routed_again": _("Tried again"),
    "customer.linked": _("Customer chosen"),
}
OPERATIONS: dict[str, Any] = {
    "send": _("Sending"),
    "find": _("Look-up by our reference"),
    "ask": _("Question how it went"),
    "mend": _("Comparison of totals"),
}
OUTCOMES: dict[str, Any] = {
    "ok": _("went well"),
    "found": _("it stands over there"),
    "absent": _("it is not over there (yet)"),
    "stopped": _("stopped before it was sent"),
    "Retryable": _("did not run; tried again later"),
    "OutcomeUnknown": _("no answer; it may have run"),
    "Rejected": _("refused"),
    "Unsupported": _("cannot be expressed"),
    "Misunderstood": _("an answer we do not know"),
    "Misconfigured": _("credentials or privileges are wrong"),
}


def in_words(what: str) -> str:
    """Say what happened: "voucher.approved" is "Approved", "delivery.find.absent" names operation and outcome."""
    if what.startswith("delivery."):
        _delivery, operation, outcome = [*what.split(".", 2), "", ""][:3]
        return f"{OPERATIONS.get(operation, operation)}: {OUTCOMES.get(outcome, outcome)}"
    return str(ACTS.get(what, what.replace(".", " ").replace("_", " ").capitalize()))
