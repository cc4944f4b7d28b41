"""When a voucher whose sources changed is drafted again: at once, unless it grows and is big.

A day that grows is drafted whole each time. Done for every sale that comes, a day of n sales costs n² / 2; so a big one
waits, in proportion to its size, for more to come. Nothing hangs on the wait: a voucher with new sources is never
approved, and closing a day drafts it from all of them.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from backoffice.clients.models import Client
from backoffice.vouchers.models import SourceType, Voucher
from backoffice.vouchers.states import VoucherState

#: a day with fewer sales and payments is drafted at once
SMALL = 100
#: a day waits so long for each further one; drafting it takes about a tenth of that
WAIT_EACH = timedelta(milliseconds=10)
LONGEST_WAIT = timedelta(minutes=1)
AT_MOST = 500


def vouchers_to_redraft(client: Client, *, now: datetime | None = None) -> list[int]:
    """Give the ids of a client's vouchers whose sources changed and that are drafted again now, oldest first."""
    now = now or timezone.now()
    dirty = Voucher.objects.filter(client=client, is_dirty=True).order_by("id").defer("document", "reasons")
    return [voucher.pk for voucher in dirty[:AT_MOST] if not _waits(voucher, now)]


def clients_with_changed_vouchers() -> set[int]:
    """Ids of clients with a voucher to draft again, now or soon."""
    return set(Voucher.objects.filter(is_dirty=True).values_list("client_id", flat=True))


def _waits(voucher: Voucher, now: datetime) -> bool:
    is_day = voucher.source_type in (SourceType.PAYMENT_DAY, SourceType.SALES_DAY)
    grows = is_day and voucher.state in (VoucherState.DRAFT, VoucherState.BLOCKED)
    if not grows or voucher.drafted_at is None or not voucher.total_minor:
        return False
    size = voucher.payments.count() + voucher.sales.count()
    return now < voucher.drafted_at + min(max(0, size - SMALL) * WAIT_EACH, LONGEST_WAIT)
