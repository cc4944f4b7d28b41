"""What the shared suite needs to know of each payout source. An adapter is added to CASES with its own stand-in."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from backoffice.common.codec import to_json
from backoffice.contracts.payouts import PayoutSource
from integrations.klarna.adapter import Klarna
from integrations.stripe.adapter import Stripe
from integrations.swedbankpay.adapter import SwedbankPay
from integrations.vipps.adapter import Vipps
from integrations.zettle.adapter import Zettle
from tests.fakes import klarna as fake_klarna
from tests.fakes import stripe as fake_stripe
from tests.fakes import vipps as fake_vipps
from tests.fakes import zettle as fake_zettle
from tests.fakes.payouts import FakePayouts, FakeProvider, paid, row, statement
from tests.fakes.serving import serve
from tests.integrations.woocommerce.shop import make_runtime

SWEDBANK_PAY = Path(__file__).parents[1] / "integrations" / "swedbankpay" / "payloads"


@dataclass(frozen=True)
class Report:
    """A genuine report or file; explained: references of its payouts that follow from its rows alone."""

    body: bytes
    filename: str = ""
    explained: frozenset[str] = frozenset()


@dataclass(frozen=True)
class PayoutCase:
    """One source with a running stand-in, where it has one.

    reports are genuine; the first has a payout. unknown is a report that holds a row of a kind that no adapter can
    know, worth unknown_minor. unreadable are bodies of another shape. since is before all that polling finds.
    """

    source: PayoutSource
    values: dict[str, str]
    reports: tuple[Report, ...]
    unknown: Report
    unknown_minor: int
    unreadable: tuple[bytes, ...] = (b"", b"{}", b"\xff\xfe\x00", b"Dato;Tekst\n2026-11-20;nei\n")
    since: datetime = datetime(2026, 11, 1, tzinfo=UTC)


@contextmanager
def fakepay() -> Iterator[PayoutCase]:
    """Give the fake provider two days, one of them with every kind of row."""
    first = statement(
        row("1", "capture", "1250.00", reference="1001", payout_reference="P1"),
        row("2", "fee", "-18.75", payout_reference="P1"),
        payouts=(paid("P1", "1231.25"),),
        balances={date(2026, 11, 19): "0.00", date(2026, 11, 20): "1231.25"},
    )
    second = statement(
        row("2", "fee", "-18.75", payout_reference="P1"),
        row("3", "payout", "-1231.25", payout_reference="P1"),
        row("4", "refund", "-250.00", reference="1001"),
        row("5", "dispute", "-100.00", reference="1001"),
        row("6", "top_up", "400.00"),
        row("7", "holdback", "-50.00"),
    )
    strange = statement(row("8", "loyalty bonus", "-5.00"))
    FakePayouts.world = FakeProvider()
    FakePayouts.world.report(first, second)
    yield PayoutCase(
        source=FakePayouts.build({"secret": "x"}, make_runtime()),
        values={"secret": "x"},
        reports=(Report(to_json(first), explained=frozenset({"P1"})), Report(to_json(second))),
        unknown=Report(to_json(strange)),
        unknown_minor=-500,
    )


@contextmanager
def vipps() -> Iterator[PayoutCase]:
    """Serve a ledger of two days, net settlement, with a refund, a dispute and its return."""
    fake, book = fake_vipps.Vipps(through="2026-11-20"), fake_vipps.Book()
    for day, number in (("2026-11-19", 2000023), ("2026-11-20", 2000024)):
        sale, other = book.row(day, "capture", 40_000), book.row(day, "capture", 10_000)
        fake.put("302321", day, sale, other, book.row(day, "refund", -5_000))
        fake.put("302321", day, book.row(day, "retained-disputed-capture", -10_000))
        fake.put("302321", day, book.row(day, "returned-disputed-capture", 10_000))
        fake.put("302321", day, book.row(day, "fees-retained", -700, reference=""), book.payout(day, number))
        fees = fake_vipps.Book()
        for one, fee in ((sale, -560), (other, -140)):
            row = fees.row(day, "capture-fee", fee, pspReference=one["pspReference"], reference=one["reference"])
            fake.put("302321", day, row, topic="fees")
        fake.put("302321", day, fees.row(day, "fees-retained", 700), topic="fees")
    values = {
        "client_id": fake_vipps.CLIENT_ID,
        "client_secret": fake_vipps.CLIENT_SECRET,
        "subscription_key": fake_vipps.SUBSCRIPTION_KEY,
    }
    with serve(fake) as url:
        source = Vipps.build(values, make_runtime(VIPPS_SANDBOX_URL=url))
        first, second = (one.body for one in source.statements_since(datetime(2026, 11, 19, tzinfo=UTC)))
        strange = {
            "ledger": fake_vipps.ledger(),
            "days": [{"funds": [fake_vipps.Book().row("2026-11-21", "moon", -5)]}],
        }
        yield PayoutCase(
            source=source,
            values=values,
            reports=(
                Report(first, explained=frozenset({"2000023"})),
                Report(second, explained=frozenset({"2000024"})),
                Report(json.dumps({"ledger": fake_vipps.ledger(), "days": fake.both_days()}).encode(),
                       explained=frozenset({"2000023", "2000024"})),
            ),
            unknown=Report(json.dumps(strange).encode()),
            unknown_minor=-5,
        )  # fmt: skip


@contextmanager
def klarna() -> Iterator[PayoutCase]:
    """Serve two payouts, the second with a return, a dispute and money held back."""
    fake = fake_klarna.Klarna()
    make = fake_klarna.transaction
    fake.put(
        fake_klarna.payout("XISA93DJ", 97_000, sale_amount=100_000, fee_amount=3_000),
        make("SALE", 100_000, capture_id="c1"),
        make("FEE", 3_000, capture_id="c1", detailed_type="PURCHASE_FEE_PERCENTAGE"),
    )
    fake.put(
        fake_klarna.payout("XISA93DK", 20_000, at="2026-11-19T07:00:00Z"),
        make("SALE", 100_000, capture_id="c2"),
        make("RETURN", 40_000, refund_id="r1", merchant_refund_reference="1003-R1"),
        make("REVERSAL", 50_000, detailed_type="REVERSAL"),
        make("REVERSAL_MERCHANT_PROTECTION", 20_000),
        make("HOLDBACK", 10_000),
    )
    values = {"username": fake_klarna.USERNAME, "password": fake_klarna.PASSWORD}
    strange = {"transactions": [make("MOON_TAX", 500)]}
    with serve(fake) as url:
        source = Klarna.build(values, make_runtime(KLARNA_SANDBOX_URL=url))
        first, second = (one.body for one in source.statements_since(datetime(2026, 11, 1, tzinfo=UTC)))
        yield PayoutCase(
            source=source,
            values=values,
            reports=(
                Report(first, explained=frozenset({"XISA93DJ"})),
                Report(second, explained=frozenset({"XISA93DK"})),
            ),
            unknown=Report(json.dumps(strange).encode()),
            unknown_minor=500,
        )


@contextmanager
def stripe() -> Iterator[PayoutCase]:
    """Serve a payout with a charge, a refund and a dispute, and a charge after it."""
    fake, make = fake_stripe.Stripe(), fake_stripe.transaction
    one = fake_stripe.payout("po_1", 58_000)
    fake.put(
        one,
        make("txn_1", "charge", 100_000, 2_000, source=fake_stripe.charge(order_id="1003")),
        make("txn_2", "refund", -10_000, source=fake_stripe.refund()),
        make("txn_3", "dispute", -15_000, 15_000, source="dp_1"),
        fake_stripe.own_row(one),
    )
    fake.transactions.append(make("txn_4", "charge", 5_000, 150, created=fake_stripe.AT + 90_000))
    values = {"api_key": fake_stripe.API_KEY}
    strange = {"object": "list", "data": [make("txn_9", "moon_tax", -500)]}
    with serve(fake) as url:
        source = Stripe.build(values, make_runtime(STRIPE_SANDBOX_URL=url))
        first, history = (one.body for one in source.statements_since(datetime(2026, 11, 1, tzinfo=UTC)))
        yield PayoutCase(
            source=source,
            values=values,
            reports=(Report(first, explained=frozenset({"po_1"})), Report(history)),
            unknown=Report(json.dumps(strange).encode()),
            unknown_minor=-500,
        )


@contextmanager
def zettle() -> Iterator[PayoutCase]:
    """Serve an account with a payout, and a refund after it."""
    fake, make = fake_zettle.Zettle(), fake_zettle.transaction
    fake.rows = [
        make("PAYMENT", 35_100, "2026-11-16T10:00:00.000", 1),
        make("PAYMENT_FEE", -614, "2026-11-16T10:00:00.000", 1),
        make("PAYOUT", -34_486, "2026-11-17T04:00:00.000", 2),
        make("PAYMENT", -35_100, "2026-11-18T12:00:00.000", 3),
        make("PAYMENT_FEE", 614, "2026-11-18T12:00:00.000", 3),
        make("FROZEN_FUNDS", -1_000, "2026-11-18T13:00:00.000", 4),
        make("FROZEN_FUNDS", 1_000, "2026-11-18T14:00:00.000", 4),
    ]
    values = {"client_id": fake_zettle.CLIENT_ID, "api_key": fake_zettle.API_KEY}
    with serve(fake) as url:
        source = Zettle.build(values, make_runtime(ZETTLE_SANDBOX_URL=url))
        first, *rest = (one.body for one in source.statements_since(datetime(2026, 11, 1, tzinfo=UTC)))
        yield PayoutCase(
            source=source,
            values=values,
            reports=(Report(first, explained=frozenset({fake_zettle.uuid(2)})), Report(rest[0])),
            unknown=Report(json.dumps([make("MOON", -500, "2026-11-18T12:00:00.000", 9)]).encode()),
            unknown_minor=-500,
        )


@contextmanager
def swedbankpay() -> Iterator[PayoutCase]:
    """Give a list with a payment and a refund; a row of another element is unknown."""
    yield PayoutCase(
        source=SwedbankPay.build({}, make_runtime()),
        values={},
        reports=(Report((SWEDBANK_PAY / "list__version_2.xml").read_bytes(), explained=frozenset({"R1234-0007"})),),
        unknown=Report((SWEDBANK_PAY / "row__unknown.xml").read_bytes()),
        unknown_minor=-500,
    )


CASES: dict[str, Callable[[], AbstractContextManager[PayoutCase]]] = {
    "fakepay": fakepay,
    "vipps": vipps,
    "klarna": klarna,
    "stripe": stripe,
    "zettle": zettle,
    "swedbankpay": swedbankpay,
}
