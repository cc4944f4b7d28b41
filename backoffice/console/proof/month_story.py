"""The month told: what sells on which day, and where the seven faults are planted."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from backoffice.console.proof.month import (
    DAYS,
    FIRST,
    LAST,
    SHOPS,
    TILL_METHOD,
    TILLS,
    Ledger,
    Month,
    Planted,
    closing,
    nok,
    sale,
)
from backoffice.contracts.payouts import ProviderStatement
from backoffice.contracts.sales import PaymentDetails, RefundDetails
from backoffice.ledger.settlement import RowKind

#: of ten sales so many are in the shops, the others at the tills
SHOP_SHARE = 6
CASH_SHARE = 0.2
GAP_TILL, GAP_NUMBER = "till-3", 12


@dataclass
class Story:
    """The month as it is being told."""

    month: Month
    ledgers: dict[str, Ledger]
    rng: random.Random


def make_month(*, sales: int = 20_000, seed: int = 1) -> Month:
    """Tell a month of so many sales with all faults planted; the same seed gives the same month."""
    names = [provider for _shop, provider in SHOPS] + [TILL_METHOD]
    story = Story(Month(), {name: Ledger(name) for name in names}, random.Random(seed))  # noqa: S311  # no secret
    in_shops = sales * SHOP_SHARE // 10
    for shop, provider in SHOPS:
        _sell(story, shop, provider, in_shops // len(SHOPS))
    _keep_tills(story, sales - in_shops)
    _plant_rows(story)
    for name, ledger in story.ledgers.items():
        _pay_out(story, name, ledger)
        story.month.statements[name] = [ledger.statement()]
    _plant_changed_fee(story)
    _plant_late_refund(story)
    return story.month


def _sell(story: Story, shop: str, provider: str, count: int) -> None:
    for number in range(1, count + 1):
        on = FIRST + timedelta(days=(number - 1) * DAYS // count)
        one = sale(shop, number, on, provider, story.rng.randint(100, 5_000) * 100, story.rng)
        story.month.sales[shop].append(one)
        story.ledgers[provider].capture(one.total.minor, on, one.payments[0].reference)


def _keep_tills(story: Story, count: int) -> None:
    """Close four tills every day; one number is missing at one of them."""
    each = max(1, count // (DAYS * len(TILLS)))
    for day in range(DAYS):
        on = FIRST + timedelta(days=day)
        for till in TILLS:
            receipts = []
            for _ in range(each):
                method = "cash" if story.rng.random() < CASH_SHARE else TILL_METHOD
                receipts.append((method, story.rng.randint(20, 900) * 100))
            number = day + 1 + (till == GAP_TILL and day + 1 >= GAP_NUMBER)
            story.month.closings.append(closing(till, number, on, receipts))
            story.month.receipts += len(receipts)
            for method, minor in receipts:
                if method == TILL_METHOD:
                    story.ledgers[TILL_METHOD].capture(minor, on, "")
    story.month.planted.append(Planted("gap in the Z numbers", (f"{GAP_TILL} Z {GAP_NUMBER + 1}",)))


def _plant_rows(story: Story) -> None:
    """Rows that no sale stands behind: a missing order, a payment taken twice, a kind that nobody knows."""
    vipps, klarna = story.ledgers["vipps"], story.ledgers["klarna"]
    vipps.capture(49_900, FIRST + timedelta(days=9), "vipps-MISSING1")
    story.month.planted.append(Planted("missing order", ("vipps-MISSING1",)))
    twice = story.month.sales["fabrics"][len(story.month.sales["fabrics"]) // 2]
    klarna.capture(twice.total.minor, twice.sold_at.date(), twice.payments[0].reference)
    story.month.planted.append(Planted("double capture", (twice.payments[0].reference,)))
    on = FIRST + timedelta(days=19)
    vipps.book(RowKind.OTHER, -1_234, on, key="vipps-odd", native="loyalty-adjustment")
    story.month.planted.append(Planted("unknown kind of row", ("vipps-odd", vipps.payout_of(on))))


def _pay_out(story: Story, name: str, ledger: Ledger) -> None:
    """Pay out every day; Klarna sends the sum of one day in two parts."""
    ledger.pay_out_days()
    if name != "klarna":
        return
    whole = ledger.payouts[len(ledger.payouts) // 2]
    reference = whole.reference
    ledger.payouts.remove(whole)
    ledger.rows = [row for row in ledger.rows if row.key != f"payout-{reference}"]
    on = whole.paid_on - timedelta(days=2)
    first = whole.amount.minor // 3
    ledger.pay_out(on, first, f"{reference}-a")
    ledger.pay_out(on, whole.amount.minor - first, f"{reference}-b")
    story.month.planted.append(Planted("payout in two parts", (f"{reference}-a", f"{reference}-b", reference)))


def _plant_changed_fee(story: Story) -> None:
    """Report one of Stripe's fees again, ten øre higher, under the same key."""
    (statement,) = story.month.statements["stripe"]
    fees = [row for row in statement.rows if row.kind is RowKind.FEE]
    fee = fees[len(fees) // 3]
    changed = replace(fee, amount=nok(fee.amount.minor - 10))
    story.month.statements["stripe"].append(ProviderStatement(statement.account, "NOK", (changed,)))
    story.month.planted.append(Planted("changed fee", (fee.key, fee.payout_reference)))


def _plant_late_refund(story: Story) -> None:
    """Give the last lamp back on the last evening; the provider books it on the first of the next month."""
    sold = story.month.sales["lamps"][-1]
    at = datetime(LAST.year, LAST.month, LAST.day, 20, 30, tzinfo=UTC)
    reference = f"R-{sold.reference}"
    money = PaymentDetails(f"stripe-{reference}", "stripe", nok(-sold.total.minor), at)
    story.month.refunds["lamps"].append(
        RefundDetails(reference, sold.reference, at, sold.total, payments=(money,), reason="returned")
    )
    ledger = story.ledgers["stripe"]
    ledger.book(RowKind.REFUND, -sold.total.minor, LAST + timedelta(days=1), money.reference)
    last = story.month.statements["stripe"][0]
    row = ledger.rows[-1]
    story.month.statements["stripe"].append(
        ProviderStatement(last.account, "NOK", (replace(row, payout_reference=""),))
    )
    story.month.planted.append(Planted("refund in the next month", (money.reference,)))
