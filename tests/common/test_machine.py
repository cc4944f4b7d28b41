"""A state machine's table is checked when it is made, and moves by compare-and-swap."""

from __future__ import annotations

from enum import StrEnum

import pytest

from backoffice.clients.models import Client
from backoffice.common.machine import IllegalMove, Machine, StaleState
from backoffice.common.transitions import compare_and_swap
from backoffice.connections.states import DELIVERY, EVENT
from backoffice.vouchers.models import Voucher
from backoffice.vouchers.states import VOUCHER, VoucherState


class Light(StrEnum):
    """A lamp."""

    OFF = "off"
    ON = "on"
    BROKEN = "broken"


@pytest.mark.parametrize(
    ("edges", "terminal", "words"),
    [
        ({Light.OFF: {Light.ON}, Light.ON: {Light.OFF}}, set(), "no row for"),
        ({Light.OFF: {Light.ON}, Light.ON: {Light.OFF}, Light.BROKEN: set()}, {Light.BROKEN}, "cannot be reached"),
        ({Light.OFF: {Light.ON}, Light.ON: {Light.BROKEN}, Light.BROKEN: set()}, set(), "way out"),
        ({Light.OFF: {Light.ON}, Light.ON: {Light.BROKEN}, Light.BROKEN: {Light.OFF}}, {Light.BROKEN}, "way out"),
    ],
)
def test_a_wrong_table_is_refused_when_it_is_made(
    edges: dict[Light, set[Light]], terminal: set[Light], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        Machine(Light.OFF, edges, terminal)


def test_a_move_without_an_edge_says_which_there_are() -> None:
    with pytest.raises(IllegalMove, match="reversed"):
        VOUCHER.check(VoucherState.POSTED, VoucherState.DRAFT)


@pytest.mark.parametrize("machine", [VOUCHER, DELIVERY, EVENT])
def test_nothing_leads_out_of_a_terminal_state(machine: Machine[StrEnum]) -> None:
    assert all(not machine.edges[state] for state in machine.terminal)


@pytest.mark.django_db
def test_who_comes_second_is_told_and_writes_nothing() -> None:
    client = Client.objects.create(key="c", name="C", country="NO", organisation_number="1")
    voucher = Voucher.objects.create(
        client=client,
        kind="bank_journal",
        source_type="payment_day",
        source_key="k",
        dated_on="2026-11-20",
        currency="NOK",
    )
    same = Voucher.objects.get(pk=voucher.pk)
    compare_and_swap(voucher, VOUCHER, VoucherState.HELD, held_reason="first")

    with pytest.raises(StaleState):
        compare_and_swap(same, VOUCHER, VoucherState.WITHDRAWN, held_reason="second")

    voucher.refresh_from_db()
    assert (voucher.state, voucher.held_reason) == ("held", "first")
