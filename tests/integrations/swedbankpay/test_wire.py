"""Swedbank Pay's transaction lists."""

from __future__ import annotations

import pytest

from backoffice.contracts.errors import UnreadablePayload
from integrations.swedbankpay.adapter import SwedbankPay
from tests.integrations.payout_reading import read, shown


def test_a_list_is_one_payout_named_by_its_accounting_number() -> None:
    statement = read(SwedbankPay, "list__version_2.xml")
    (payout,) = statement.payouts
    assert (statement.account, payout.reference, str(payout.amount)) == ("R1234", "R1234-0007", "1000.00")
    assert shown(statement.rows) == [("capture", 125_000), ("refund", -25_000), ("payout", -100_000)]
    assert (statement.rows[1].reference, statement.rows[1].description) == (
        "1003",
        "batch 738482, refers to 10728489593",
    )
    assert len(statement.notes) == 1
    assert statement.notes[0].startswith("The list has no fees.")


def test_the_first_version_is_read_too() -> None:
    statement = read(SwedbankPay, "list__version_1.xml")
    assert shown(statement.rows) == [("capture", 59_700), ("payout", -59_700)]
    assert (statement.rows[0].key, statement.rows[0].reference) == ("778030583", "B2-61")


def test_the_sum_and_the_summary_are_held_against_the_rows() -> None:
    notes = read(SwedbankPay, "list__sum_differs.xml").notes
    assert "Debit Card, payments: the report says 2, its rows give 1." in notes
    assert "Payout R1234-0007: the report says 1300.00, its rows give 1250.00." in notes


def test_what_is_no_transaction_is_kept_for_a_person() -> None:
    assert ("other", -500) in shown(read(SwedbankPay, "row__unknown.xml").rows)


def test_a_list_of_another_agreement_is_refused() -> None:
    with pytest.raises(UnreadablePayload, match="of agreement R1234, the connection of R9999"):
        read(SwedbankPay, "list__version_2.xml", agreement="R9999")
    assert read(SwedbankPay, "list__version_2.xml", agreement="R1234").rows
