"""Each entry type of Vipps' Report API, and the files that say the same."""

from __future__ import annotations

import pytest

from integrations.vipps.adapter import Vipps
from tests.integrations.payout_reading import names, read, shown

EXPECTED = {
    "balance__gap.json": [("capture", 40_000), ("capture", 10_000)],
    "capture__one.json": [("capture", 40_000)],
    "correction__down.json": [("correction", -300)],
    "credit_note__fee.json": [("fee_refund", 150)],
    "fees_invoiced__gross.json": [("capture", 40_000), ("payout", -40_000)],
    "fees_retained__given_back.json": [("fee_refund", 700)],
    "fees_retained__sum.json": [("fee", -700)],
    "loyalty__unknown.json": [("other", -123)],
    "payout_aborted__back.json": [("payout", 28_800), ("payout", -28_800)],
    "payout_scheduled__new_name.json": [("capture", 40_000), ("payout", -40_000)],
    "refund__part.json": [("refund", -5_000)],
    "refund__wrong_sign.json": [("refund", 20_000)],
    "retained_disputed_capture__lost.json": [("dispute", -10_000)],
    "returned_disputed_capture__won.json": [("dispute_return", 10_000)],
    "scheduled_for_payout__old_name.json": [("capture", 40_000), ("payout", -40_000)],
    "top_up__invoice_paid.json": [("top_up", 25_000)],
}


def test_every_payload_is_expected() -> None:
    assert names(Vipps) == sorted(EXPECTED)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_each_entry_type_is_a_row_with_its_sign(name: str) -> None:
    statement = read(Vipps, name)
    assert shown(statement.rows) == EXPECTED[name]
    assert (statement.account, statement.currency) == ("123455", "NOK")


def test_a_payout_settles_what_stands_before_it_and_says_what_the_bank_will() -> None:
    statement = read(Vipps, "payout_scheduled__new_name.json")
    (payout,) = statement.payouts
    assert (payout.reference, str(payout.amount), payout.bank_text) == (
        "2000023",
        "400.00",
        "Utb. 2000023 Vippsnr 123455",
    )
    assert {row.payout_reference for row in statement.rows} == {"2000023"}
    assert [str(one.amount) for one in statement.balances] == ["0.00"]
    assert statement.notes == ()


def test_an_aborted_payout_names_the_payout_that_came_back() -> None:
    statement = read(Vipps, "payout_aborted__back.json")
    assert [row.payout_reference for row in statement.rows] == ["2000022", "2000023"]


def test_invoiced_fees_are_told_and_are_no_rows() -> None:
    assert read(Vipps, "fees_invoiced__gross.json").notes == (
        "Fees of 5.60 NOK are invoiced (gross settlement), not kept back.",
    )


def test_a_gap_between_balances_is_told() -> None:
    (note,) = read(Vipps, "balance__gap.json").notes
    assert note.startswith("Rows are missing before 3343121302: the balance goes from 400.00 to 401.00.")


@pytest.mark.parametrize("name", ["report_3__net.xml", "report_2__net.xml", "portal__norwegian.csv"])
def test_files_of_net_settlement_say_the_same(name: str) -> None:
    statement = read(Vipps, name)
    assert sorted(shown(statement.rows)) == [
        ("capture", 40_000),
        ("fee", -600),
        ("payout", -34_400),
        ("refund", -5_000),
    ]
    assert sorted(row.key for row in statement.rows) == [
        "capture:3343121301",
        "fee:3343121301",
        "payout:2000023",
        "refund:3343121302",
    ]
    assert [(one.reference, str(one.amount), str(one.paid_on)) for one in statement.payouts] == [
        ("2000023", "344.00", "2026-11-23")
    ]
    assert statement.notes == ()
    assert "Nordmann" not in repr(statement)


def test_a_file_of_gross_settlement_has_no_fees() -> None:
    statement = read(Vipps, "report_3__gross.xml")
    assert shown(statement.rows) == [("capture", 40_000), ("refund", -5_000), ("payout", -35_000)]
    assert statement.notes == ("Fees of 6.00 NOK are invoiced (gross settlement), not kept back.",)
