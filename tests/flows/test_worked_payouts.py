"""Worked examples of Norwegian accounting to their end: payouts, fees and a dispute, line by line, as the pages say."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from backoffice.contracts.payouts import ProviderRow
from backoffice.ledger.money import Money
from backoffice.settlements.models import PayoutEntry
from backoffice.vouchers.models import Posting
from backoffice.workflows.payouts import post_withheld
from tests.fakes.payouts import paid, row
from tests.flows.paying_out import balance, map_payouts, report
from tests.flows.test_worked_examples import FILE, documents, examples, map_accounts, minor
from tests.flows.test_worked_examples import report as sell
from tests.world import TESTER, World

pytestmark = pytest.mark.skipif(not FILE.exists(), reason="the examples are not here")
BANK, FEE, CLAIM = "1920", "7770", "1500"


def posted_lines(source_type: str) -> list[tuple[str, str, int]]:
    """Give account, VAT code and amount of every line of the vouchers made of payouts, in order."""
    found = Posting.objects.filter(voucher__source_type=source_type, voucher__state="posted")
    return sorted(found.values_list("ledger_account", "vat_code", "amount_minor"))


def rows_of(document: Any, number: int) -> tuple[ProviderRow, ...]:
    """Give the provider's rows behind a payout: what it settles, and its fee."""
    reference, on = f"P{number}", date.fromisoformat(document["date"])
    amounts = {line["account"]: minor(line) for line in document["lines"]}
    settled = next(-amount for account, amount in amounts.items() if account not in (BANK, FEE))
    parts = [("capture", settled)]
    if "400 - 250" in document["doc"]:
        parts = [("capture", 40_000), ("refund", -25_000)]
    if FEE in amounts:
        parts.append(("fee", -amounts[FEE]))
    return tuple(
        row(f"{number}-{place}", kind, str(Money(amount, "NOK")), booked_on=on, payout_reference=reference)
        for place, (kind, amount) in enumerate(parts)
    )


@pytest.mark.parametrize("name", ["web-card-net", "partial-refund", "gross-settlement"])
def test_the_payout_empties_the_clearing_account_with_exactly_the_examples_lines(world: World, name: str) -> None:
    example = examples()[name]
    map_accounts(world, example)
    map_payouts(world, "means-1591", "1591", fee_ledger_account=FEE)
    sold: dict[str, str] = {}
    for document in documents(example):
        sell(world, document, sold)
    for _ in range(2):
        world.post_everything()
    payouts = [one for one in example["vouchers"] if one["doc"].startswith("payout")]
    for number, document in enumerate(payouts, 1):
        amount = next(minor(line) for line in document["lines"] if line["account"] == BANK)
        paid_on = date.fromisoformat(document["date"])
        out = (paid(f"P{number}", str(Money(amount, "NOK")), paid_on=paid_on),)
        report(world, *rows_of(document, number), payouts=out, method="means-1591")
    world.post_everything()

    expected = [(one["account"], one["vat_code"], minor(one)) for document in payouts for one in document["lines"]]
    assert posted_lines("payout") == sorted(expected)
    for account in ("1591", BANK):
        assert balance(world, account) == Money.parse(example["balances_after"][account], "NOK").minor


def test_a_dispute_without_a_payout_is_taken_from_the_clearing_account(world: World) -> None:
    example = examples()["chargeback-lost-no-credit"]
    document = next(one for one in example["vouchers"] if one["doc"] == "dispute")
    accounts = {line["account"]: minor(line) for line in document["lines"]}
    map_payouts(world, "stripe", "1593", fee_ledger_account=FEE, dispute_ledger_account="1530")
    on = date.fromisoformat(document["date"])
    report(
        world,
        row("d-1", "dispute", str(Money(-accounts[CLAIM], "NOK")), booked_on=on),
        row("d-2", "fee", str(Money(-accounts[FEE], "NOK")), booked_on=on),
        provider="stripe",
    )
    keys = list(PayoutEntry.objects.values_list("pk", flat=True))
    post_withheld(entry_ids=keys, actor=TESTER, posted_on=on)
    world.post_everything()
    claim_on_its_own_account = {"1530" if number == CLAIM else number: amount for number, amount in accounts.items()}
    assert {number: balance(world, number) for number in claim_on_its_own_account} == claim_on_its_own_account
