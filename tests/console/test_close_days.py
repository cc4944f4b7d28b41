"""Closing days and verifying the audit trail from the command line."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
import time_machine
from django.core.management import CommandError, call_command

from backoffice.audit.models import AuditEntry
from backoffice.vouchers.models import Voucher
from tests.world import World, sandbox, world

__all__ = ["sandbox", "world"]


def said(*words: str) -> str:
    """Run a command and give what it wrote."""
    out = io.StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


@pytest.fixture
def day_of_payments(world: World) -> Voucher:
    """Give the growing journal of 20 November, a quarter past midnight in Oslo and before the cut-off."""
    with time_machine.travel(datetime(2026, 11, 20, 23, 15, tzinfo=UTC), tick=False):
        world.sell()
        world.drain()
    return Voucher.objects.get(kind="bank_journal", state="draft")


def state_of(voucher: Voucher) -> str:
    """Give the stored state."""
    voucher.refresh_from_db()
    return str(voucher.state)


def test_yesterday_is_closed_by_the_clients_own_clock(world: World, day_of_payments: Voucher) -> None:
    with time_machine.travel(datetime(2026, 11, 20, 22, 59, tzinfo=UTC), tick=False):
        assert "Done: 0 closed." in said("close_days")
    assert state_of(day_of_payments) == "draft"
    with time_machine.travel(datetime(2026, 11, 20, 23, 1, tzinfo=UTC), tick=False):
        out = said("close_days")
    assert "nordlys: " in out
    assert "Done: 1 closed." in out
    assert state_of(day_of_payments) == "awaiting_approval"
    assert AuditEntry.objects.filter(actor="command", subject_id=str(day_of_payments.pk)).exists()


def test_only_days_through_the_given_one_are_closed(world: World, day_of_payments: Voucher) -> None:
    assert "Done: 0 closed." in said("close_days", "--through", "2026-11-19")
    assert "Done: 1 closed." in said("close_days", "--through", "2026-11-20", "--client", "nordlys")
    assert "Done: 0 closed." in said("close_days", "--through", "2026-11-20")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("words", "says"),
    [(["--client", "nobody"], "No client has the key nobody"), (["--through", "20.11.2026"], "like 2026-11-20")],
)
def test_a_client_or_day_that_cannot_be_is_told(words: list[str], says: str) -> None:
    with pytest.raises(CommandError, match=says):
        said("close_days", *words)


def test_an_audit_trail_that_holds_is_counted(world: World) -> None:
    assert f"holds: {AuditEntry.objects.count()} entries" in said("verify_audit")


def test_a_changed_entry_is_named_and_ends_with_exit_code_1(world: World) -> None:
    entry = AuditEntry.objects.order_by("id")[1]
    AuditEntry.objects.filter(pk=entry.pk).update(note="nothing happened")
    out = io.StringIO()
    with pytest.raises(CommandError) as error:
        call_command("verify_audit", stdout=out)
    assert error.value.returncode == 1
    assert f"client:{world.client.pk}, entry {entry.sequence}: was changed after it was written" in out.getvalue()
