"""Documents that could not be made since no exchange rate was known: asked for again when there may be one."""

from __future__ import annotations

from backoffice.invoices.models import IssuedDocument
from backoffice.invoices.rates import SCHEDULER
from backoffice.invoices.services import request_document
from backoffice.invoices.states import DocumentState
from backoffice.ledger.errors import LedgerError

#: tried in one go, the newest first: a rate that was never found for an old one will hardly come
AT_MOST = 500


def ask_again_for_rates() -> int:
    """Ask again for documents that failed for want of a rate; give how many have one now. Others stay as they are."""
    failed = IssuedDocument.objects.select_related("client", "refund", "sale__client", "sale__sales_point")
    asked = 0
    for row in failed.filter(state=DocumentState.FAILED, awaits_rate=True).order_by("-id")[:AT_MOST]:
        try:
            request_document(sale=row.sale, refund=row.refund, actor=SCHEDULER)
        except LedgerError:  # still none; what was said stands on the document
            continue
        asked += 1
    return asked
