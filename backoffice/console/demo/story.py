"""The demo from set-up to a desk with something to do. Each step may be repeated and then finds its work done."""

from __future__ import annotations

import secrets
import urllib.error
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from backoffice.audit.models import AuditEntry
from backoffice.audit.services import Actor, record
from backoffice.chart.sync import sync_chart
from backoffice.clients.models import Client, SalesPoint
from backoffice.common.secrets import unseal
from backoffice.connections.models import Connection, InboundEvent
from backoffice.connections.providers import accounting_system
from backoffice.connections.services import remember_company
from backoffice.connections.states import EventState
from backoffice.console.demo import baren, kaia, lunsj, nordlys, orders
from backoffice.console.demo.doors import DemoStopped, Doors
from backoffice.console.demo.papers import dress
from backoffice.console.demo.payouts import EXPLAINED, pay_out
from backoffice.console.demo.people import key_of, make_people
from backoffice.console.demo.times import day_of, moment
from backoffice.console.demo.waiting import stopped_among, work_until
from backoffice.console.proof.house import ask
from backoffice.console.setup_file.applying import apply_setup
from backoffice.console.setup_file.reading import read_setup
from backoffice.sales.models import DayClosing, Payment, Sale
from backoffice.sales.till_import_states import TillImportState
from backoffice.sales.till_reading import read_slice
from backoffice.settlements.models import Payout
from backoffice.settlements.states import PayoutState
from backoffice.vouchers.models import SourceType, Voucher
from backoffice.vouchers.services import approve
from backoffice.vouchers.states import VoucherState
from backoffice.workflows.services import close_days

DEMO = Actor.system("demo")
BEGUN, MADE = "demo.begun", "demo.made"
#: keys of the sandbox's two companies. They open nothing else and are no secret; `integrations` has them too, but
#: the back office never imports a provider.
CLIENT_KEYS = {
    "NORDLYS_CLIENT_KEY": "5a4d8c10-0000-4000-8000-0000000000c1",
    "KAIA_CLIENT_KEY": "5a4d8c10-0000-4000-8000-0000000000c2",
}
#: the account that Kaia's accountant closes in PowerOffice while a voucher is on its way to it
CLOSED_ACCOUNT = 1906
WEBHOOK_SECRET_BYTES = 24


class Story:
    """One making of the demo; `say` shows progress."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.say = say
        self.began_at = first_begun_at()
        self.sandbox_url = settings.PROVIDER_SETTINGS["POWEROFFICE_SANDBOX_URL"]

    def tell(self) -> None:
        """Make everything; raise DemoStopped, saying why."""
        _find_sandbox(self.sandbox_url)
        self.say("Two companies with three webshops and two tills, from a set-up file")
        self.set_up()
        self.bookkeeper = Actor.person(make_people(self.clients, DEMO))
        self.say("Reading their charts from PowerOffice")
        self.close_account(is_active=True)  # where a sandbox outlived its back office
        for client in self.clients:
            self._read_chart(client)
            dress(client, DEMO)
        self.say("Fifteen orders of three days, by signed webhook and by REST")
        self.sell()
        self.say("Two evenings of Kaia's till, as a SAF-T file")
        self.close_till()
        self.say("The bookkeeper approves what is older than today; it goes to PowerOffice")
        self.approve_orders()
        self.approve_day(self.nordlys, 2)
        self.say("Vipps pays out; one payout is explained and posted")
        pay_out(self.nordlys, self.kaia, self.began_at)
        self.approve_payout()
        self.say("Kaia's accountant closes an account while the day's payments are on their way")
        self.close_account(is_active=False)
        self.approve_day(self.kaia, 1, is_refused=True)
        record(action=MADE, actor=DEMO, subject_type="installation", subject_id="demo", client=None)

    # --- who and where ------------------------------------------------------------------------------------------

    def set_up(self) -> None:
        """Take the set-up file; the shop's webhook secret is made once."""
        stored = Connection.objects.filter(client__key="nordlys-butikk", key="woocommerce").first()
        found = unseal(stored.sealed_secrets).get("webhook_secret", "") if stored else ""
        self.webhook_secret = found or secrets.token_urlsafe(WEBHOOK_SECRET_BYTES)
        environment = {**CLIENT_KEYS, "NORDLYS_WEBHOOK_SECRET": self.webhook_secret}
        text = Path(__file__).with_name("setup.yaml").read_text(encoding="utf-8")
        apply_setup(read_setup(text), actor=DEMO, environment=environment)
        self.nordlys = Client.objects.get(key="nordlys-butikk")
        self.kaia = Client.objects.get(key="kaia-bar")
        self.clients = (self.nordlys, self.kaia)

    def _read_chart(self, client: Client) -> None:
        connection = Connection.objects.get(client=client, key="poweroffice")
        if not connection.company_name:
            information = accounting_system(connection).identify()
            remember_company(connection=connection, information=information, actor=DEMO)
        sync_chart(connection=connection, actor=DEMO)

    def close_account(self, *, is_active: bool) -> None:
        """Do what an accountant does in PowerOffice's own pages."""
        body = {"client_key": CLIENT_KEYS["KAIA_CLIENT_KEY"], "account_no": CLOSED_ACCOUNT, "is_active": is_active}
        ask(f"{self.sandbox_url}/_sandbox/accounts", method="POST", body=body)

    # --- what happens -------------------------------------------------------------------------------------------

    def sell(self) -> None:
        """Let all orders come in, and their vouchers be drafted."""
        doors = Doors()
        for order in nordlys.ORDERS:
            placed_at = moment(self.began_at, order.days_ago, order.minute)
            written = orders.write(order, placed_at)
            doors.webhook("nordlys-butikk.woocommerce", written, secret=self.webhook_secret, at=placed_at)
        for point_key, sales in (("bestilling", kaia.sales(self.began_at)), (lunsj.POINT, lunsj.sales(self.began_at))):
            point = SalesPoint.objects.select_related("client").get(client=self.kaia, key=point_key)
            key = key_of(point, DEMO)
            for sale in sales:
                doors.sale(sale, key=key)
        work_until(self._is_drafted, self.clients, what="every order and payment stands in a voucher")
        if unreadable := InboundEvent.objects.filter(client__in=self.clients, state=EventState.UNREADABLE).first():
            raise DemoStopped(f"An order could not be read: {unreadable.note}")

    def close_till(self) -> None:
        """Upload the till's file and let it be read; its two Z reports wait for approval."""
        point = SalesPoint.objects.select_related("client").get(client=self.kaia, key="baren")
        file = baren.hand_over(point, self.began_at)

        def is_read() -> bool:
            read_slice(file.pk)  # unless a worker is at it
            file.refresh_from_db()
            return file.state not in (TillImportState.WAITING, TillImportState.RUNNING)

        work_until(is_read, [self.kaia], what="the till's file is read")
        if file.state != TillImportState.DONE:
            raise DemoStopped(f"The till's file could not be read: {file.error}")
        work_until(self._is_drafted, [self.kaia], what="the till's days stand in vouchers")

    def _is_drafted(self) -> bool:
        mine = {"client__in": self.clients}
        return not (
            InboundEvent.objects.filter(**mine, state=EventState.RECEIVED).exists()
            or Sale.objects.filter(**mine, voucher=None).exists()
            or Payment.objects.filter(**mine, voucher=None).exists()
            or DayClosing.objects.filter(**mine, voucher=None).exists()
            or Voucher.objects.filter(**mine, is_dirty=True).exists()
        )

    def approve_orders(self) -> None:
        """Approve the orders of earlier days and wait for their invoice numbers."""
        today = day_of(self.began_at, 0)
        earlier = Voucher.objects.filter(client__in=self.clients, source_type=SourceType.SALE, dated_on__lt=today)
        self._approve(earlier)
        self._wait_until_posted(earlier, what="the approved orders are invoiced")

    def approve_day(self, client: Client, days_ago: int, *, is_refused: bool = False) -> None:
        """Close a day of payments, approve it and wait for PowerOffice's answer."""
        day = day_of(self.began_at, days_ago)
        close_days(client=client, through=day, actor=self.bookkeeper)
        found = Voucher.objects.filter(client=client, source_type=SourceType.PAYMENT_DAY, dated_on=day)
        self._approve(found)
        if is_refused:
            failed = found.filter(state=VoucherState.FAILED)
            work_until(failed.exists, [client], what=f"PowerOffice has refused the payments of {day}")
        else:
            self._wait_until_posted(found, what=f"the payments of {day} are posted")

    def approve_payout(self) -> None:
        """Approve the payout that follows from its rows, and see it posted."""
        paid = Payout.objects.filter(client=self.nordlys, reference=EXPLAINED)
        found = Voucher.objects.filter(payouts__in=paid)
        work_until(found.exists, self.clients, what=f"payout {EXPLAINED} has a voucher")
        self._approve(found)
        self._wait_until_posted(found, what=f"payout {EXPLAINED} is posted")
        is_posted = paid.filter(state=PayoutState.POSTED).exists
        work_until(is_posted, self.clients, what=f"payout {EXPLAINED} shows that it is posted")

    def _approve(self, vouchers: QuerySet[Voucher]) -> None:
        for voucher in vouchers.filter(state=VoucherState.AWAITING_APPROVAL).order_by("id"):
            approve(voucher_id=voucher.pk, actor=self.bookkeeper, seen_sha256=voucher.content_sha256)

    def _wait_until_posted(self, vouchers: QuerySet[Voucher], *, what: str) -> None:
        def is_answered() -> bool:
            return not vouchers.exclude(state=VoucherState.POSTED).exists() or bool(stopped_among(vouchers.all()))

        work_until(is_answered, self.clients, what=what)
        if why := stopped_among(vouchers.all()):
            raise DemoStopped(f"The books refused what they should have taken. {why}")


def is_made() -> bool:
    """Whether the demo was made here before, to its end."""
    return AuditEntry.objects.filter(action=MADE).exists()


def first_begun_at() -> datetime:
    """Give the moment of the first beginning: everything is dated from it, so that a second run writes the same."""
    begun = AuditEntry.objects.filter(action=BEGUN).order_by("id").first()
    if begun is None:
        now = timezone.now()
        begun = record(
            action=BEGUN,
            actor=DEMO,
            subject_type="installation",
            subject_id="demo",
            client=None,
            after={"at": now.isoformat()},
        )
    return datetime.fromisoformat(begun.after["at"])


def _find_sandbox(url: str) -> None:
    """See that the built-in sandbox with its two companies answers; nothing else is ever written to."""
    if not url:
        raise DemoStopped(
            "POWEROFFICE_SANDBOX_URL is not set and no `manage.py up` runs. Start the house with `make run`, or a "
            "sandbox with `python -m integrations.poweroffice.sandbox`, and name its address."
        )
    try:
        companies = {one["client_key"] for one in ask(f"{url}/_sandbox/clients")}
    except (urllib.error.URLError, OSError, ValueError, TypeError, KeyError) as error:
        raise DemoStopped(f"{url} is not the built-in PowerOffice sandbox, or does not answer: {error}") from error
    if missing := set(CLIENT_KEYS.values()) - companies:
        raise DemoStopped(f"The sandbox at {url} lacks the demo's companies: {', '.join(sorted(missing))}.")
