"""What a timeline and the audit trail say, in words: codes of acts and of conversations with the other side."""

from __future__ import annotations

from typing import Any

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from backoffice.vouchers.models import VoucherKind

#: who acts where no person does (`audit.services.Actor.system`)
PARTS_OF_THE_HOUSE: dict[str, Any] = {
    "intake": _("intake"),
    "workflow": _("drafting"),
    "policy": _("by policy"),
    "worker": _("worker"),
    "scheduler": _("schedule"),
    "command": _("command line"),
}

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
    "voucher.numbered": _("Number of the books known"),
    "voucher.failed": _("Refused"),
    "voucher.moved": _("Moved to the first open day"),
    "voucher.closed": _("Day closed"),
    "voucher.reversed": _("Reversed"),
    "voucher.reversal_asked": _("Reversal asked for"),
    "voucher.reversal_refused": _("Reversal refused; it stays posted"),
    "voucher.drafted_anew": _("Drafted again as another voucher"),
    "voucher.attachment_added": _("File added"),
    "voucher.attachment_taken_in": _("File taken in by the other side"),
    "voucher.attachment_attached": _("File stands with the voucher over there"),
    "voucher.attachment_in_doubt": _("File in doubt: the answer did not come back"),
    "voucher.attachment_absent": _("File proved absent; it is sent again"),
    "voucher.attachment_failed": _("File not attached"),
    "voucher.attachment_resent": _("File sent again by hand"),
    "voucher.attachment_checked": _("Asked at once about a file"),
    "voucher.attachment_withdrawn": _("File drawn back with its voucher"),
    "voucher.paper_requested": _("PDF of the accounting system asked for"),
    "voucher.paper_fetched": _("PDF of the accounting system fetched and stored"),
    "voucher.paper_failed": _("PDF of the accounting system could not be fetched"),
    "connection.paused": _("Connection paused"),
    "connection.resumed": _("Connection resumed"),
    "connection.credentials_changed": _("Credentials changed"),
    "connection.identified": _("Company confirmed"),
    "connection.created": _("Connection created"),
    "webhook.created": _("Webhook address added"),
    "webhook_endpoint.changed": _("Webhook address changed"),
    "webhook.secret_changed": _("Webhook secret changed"),
    "webhook.secret_resealed": _("Webhook secret sealed anew"),
    "webhook.paused": _("Webhook address paused"),
    "webhook.resumed": _("Webhook address resumed"),
    "webhook.resent": _("Webhooks sent again"),
    "webhook.tested": _("Test webhook sent"),
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
    "document_run.started": _("Many documents: begun"),
    "document_run.stopped": _("Many documents: stopped"),
    "document_run.resumed": _("Many documents: going on"),
    "document_run.done": _("Many documents: done"),
    "till_import.uploaded": _("SAF-T file uploaded"),
    "till_import.stopped": _("Import stopped"),
    "till_import.resumed": _("Import goes on"),
    "till_import.done": _("SAF-T file imported"),
    "till_import.failed": _("Import broke off"),
    "till_import.dealt_with": _("Dealt with by hand"),
    "till_import.file_removed": _("SAF-T file deleted"),
    "till_import.file_kept_again": _("SAF-T file uploaded again"),
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
    "document.link_made": _("Link for the customer made"),
    "document.link_revoked": _("Link for the customer revoked"),
    "seller.created": _("Seller details entered"),
    "seller.changed": _("Seller details changed"),
    "bank_rate.changed": _("Exchange rate corrected by the bank"),
    "home_rate.created": _("Exchange rate entered"),
    "document_policy.created": _("Document policy created"),
    "document_policy.changed": _("Document policy changed"),
    "chart.read": _("Chart of accounts read"),
    "sale.delivered": _("Marked as delivered"),
    "refund.number_entered": _("Number of the credit note entered"),
    "refund.routed_again": _("Tried again"),
    "payout.explained": _("Explained by its rows"),
    "payout.discrepancy": _("Does not follow from its rows"),
    "payout.received": _("Waits for its rows"),
    "payout.looked_at": _("Looked at again"),
    "payout.differs": _("Came again with other content"),
    "payout.content_chosen": _("Chosen between two contents"),
    "payout.difference_accepted": _("Difference accepted"),
    "payout.difference_taken_back": _("Accepted difference taken back"),
    "payout.exchange_entered": _("Rate or bank amount entered"),
    "payout.drafted": _("Drafted"),
    "payoutentry.drafted": _("Drafted"),
    "payout.posted": _("Posted"),
    "payout.posted_by_hand": _("Posted by hand"),
    "payout.nothing_to_post": _("Nothing to post"),
    "payout.reversed": _("Its voucher was reversed"),
    "payout.drafted_anew": _("To be posted again"),
    "payoutentry.classified": _("Said what it is"),
    "inboundevent.file_deleted": _("Unreadable file deleted"),
    "payoutentry.left": _("Left on the clearing account"),
    "payoutentry.assigned": _("Put to a payout, or taken out"),
    "payoutentry.content_chosen": _("Chosen between two contents"),
    "payoutentry.by_hand": _("To be posted by hand"),
    "provideraccount.exchange_chosen": _("Accounts of exchange differences chosen"),
    "provideraccount.added": _("Provider account added"),
    "provideraccount.method_chosen": _("Payment method chosen"),
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


def thing_in_words(label: str) -> str:
    """Name a thing of the trail: the trail keeps labels in English ("Sales order 4711"), the kind is put in words."""
    for kind in VoucherKind:
        with translation.override("en"):
            english = str(kind.label)
        if label.startswith(f"{english} "):
            return f"{kind.label}{label[len(english) :]}"
    return label


def in_words(what: str) -> str:
    """Say what happened: "voucher.approved" is "Approved", "delivery.find.absent" names operation and outcome."""
    if what.startswith("delivery."):
        _delivery, operation, outcome = [*what.split(".", 2), "", ""][:3]
        return f"{OPERATIONS.get(operation, operation)}: {OUTCOMES.get(outcome, outcome)}"
    return str(ACTS.get(what, what.replace(".", " ").replace("_", " ").capitalize()))
