"""Run the month of a proof: hand it over, let the workers post it, and compare what is named with what was planted."""

from __future__ import annotations

import time
from datetime import timedelta

from django.db import connection

from backoffice.clients.models import Client
from backoffice.console.proof.house import House
from backoffice.console.proof.month import LAST
from backoffice.console.proof.month_books import PROOF, hand_over_sales, hand_over_statements, open_books
from backoffice.console.proof.month_findings import wrong
from backoffice.console.proof.month_story import make_month
from backoffice.console.proof.run import Result
from backoffice.sales.models import DayClosing, Payment, Refund, Sale, SaleState
from backoffice.settlements.models import Payout
from backoffice.settlements.states import PayoutState
from backoffice.vouchers.models import Voucher
from backoffice.vouchers.states import UNDER_WAY, VoucherState
from backoffice.workflows.services import close_days

#: a house that has had nothing to do for so long is done
QUIET_S = 8


def prove_month(house: House, client: Client, *, sales: int, within_s: float) -> Result:
    """Hand a month over, let everything be posted, and name what is wrong with what the pages say."""
    started = time.monotonic()
    calls, refused = house.requests()
    open_books(client)
    month = make_month(sales=sales)
    hand_over_sales(client, month)
    _wait(client, started, within_s)
    close_days(client=client, through=LAST + timedelta(days=3), actor=PROOF)
    _wait(client, started, within_s)
    hand_over_statements(client, month)
    _wait(client, started, within_s)
    result = Result(f"a month with {len(month.planted)} planted faults", sales)
    result.calls, result.refused_429 = (a - b for a, b in zip(house.requests(), (calls, refused), strict=True))
    result.seconds = time.monotonic() - started
    result.wrong = wrong(client, month.planted)
    return result


def _wait(client: Client, started: float, within_s: float) -> None:
    """Wait until nothing is left to do for a while."""
    quiet_since = time.monotonic()
    while time.monotonic() - started < within_s and time.monotonic() - quiet_since < QUIET_S:
        connection.close()
        if _is_busy(client):
            quiet_since = time.monotonic()
        time.sleep(0.5)


def _is_busy(client: Client) -> bool:
    models = (Sale, Refund, DayClosing)
    if any(model.objects.filter(client=client, state=SaleState.RECORDED).exists() for model in models):
        return True
    if Payment.objects.filter(client=client, voucher=None, is_cancelled=False).exists():
        return True
    if Payout.objects.filter(client=client, state=PayoutState.EXPLAINED, voucher=None).exists():
        return True
    vouchers = Voucher.objects.filter(client=client)
    return vouchers.filter(state__in=[*UNDER_WAY, VoucherState.AWAITING_APPROVAL]).exists() or (
        vouchers.filter(is_dirty=True).exists()
    )
