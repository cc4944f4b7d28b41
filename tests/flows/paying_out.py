"""Hands for tests of payouts in a world whose books stand in the sandbox."""

from __future__ import annotations

from typing import Any

from backoffice.chart.mapping import set_payment_rule
from backoffice.contracts.payouts import ProviderRow, ReportedPayout
from backoffice.ledger.money import Money
from backoffice.settlements.models import Payout, PayoutEntry
from backoffice.settlements.services import RecordedStatement, record_statement
from tests.fakes.payouts import statement
from tests.world import TESTER, World, asked

CLEARING, BANK, FEE, DISPUTE, DEPOSIT = "1903", "1920", "7770", "1598", "1599"


def map_payouts(world: World, method: str = "vipps", clearing: str = CLEARING, **changes: Any) -> None:
    """Say where payouts of a method go."""
    values: dict[str, Any] = {
        "fee_ledger_account": FEE,
        "bank_ledger_account": BANK,
        "dispute_ledger_account": DISPUTE,
        "deposit_ledger_account": DEPOSIT,
        **changes,
    }
    set_payment_rule(
        client=world.client, sales_point=None, method=method, ledger_account=clearing, actor=TESTER, **values
    )


def report(
    world: World, *rows: ProviderRow, payouts: tuple[ReportedPayout, ...] = (), **changes: Any
) -> RecordedStatement:
    """Have the provider report."""
    provider, method = changes.pop("provider", "vipps"), changes.pop("method", "")
    one = statement(*rows, payouts=payouts, **changes)
    return record_statement(client=world.client, provider=provider, statement=one, event=None, method=method)


def proof(world: World) -> dict[str, Any]:
    """Ask the sandbox for its books."""
    found = asked(world.sandbox, "proof")
    books: dict[str, Any] = found if "balances" in found else next(iter(found.values()))
    return books


def balance(world: World, account: str) -> int:
    """Give what an account of the books holds over there, in øre."""
    return Money.parse(str(proof(world)["balances"].get(account, "0")), "NOK").minor


def balances(world: World, *accounts: str) -> list[int]:
    """Give what accounts hold over there."""
    return [balance(world, account) for account in accounts]


def payout(reference: str = "P1") -> Payout:
    """Load a payout."""
    return Payout.objects.select_related("client", "account__client", "voucher").get(reference=reference)


def entry(key: str) -> PayoutEntry:
    """Load a row."""
    return PayoutEntry.objects.select_related("account__client", "payout", "voucher").get(key=key)
