"""VAT: docs/algorithms/vat-rounding.md and its properties."""

from __future__ import annotations

from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.ledger.errors import LedgerError
from backoffice.ledger.money import MAX_MINOR, Money, total
from backoffice.ledger.vat import parse_rate, split_gross, vat_on_net
from tests.ledger.tables import Row, each_row, nok

amounts = st.builds(Money, st.integers(-MAX_MINOR, MAX_MINOR), st.sampled_from(["NOK", "JPY", "KWD"]))
rates = st.integers(0, 10_000).map(lambda hundredths: Decimal(hundredths).scaleb(-2))


@each_row("vat-rounding", "VAT out of a gross")
def test_vat_is_taken_out_of_a_gross(row: Row) -> None:
    split = split_gross(nok(row["gross"]), Decimal(row["rate"]))
    assert (str(split.vat), str(split.net)) == (row["VAT"], row["net"])


@each_row("vat-rounding", "VAT on a net")
def test_vat_is_computed_on_a_net(row: Row) -> None:
    assert str(vat_on_net(nok(row["net"]), Decimal(row["rate"]))) == row["VAT"]


@each_row("vat-rounding", "By line and by sum")
def test_vat_by_line_may_differ_from_vat_by_sum(row: Row) -> None:
    lines, rate = [nok(line) for line in row["lines"].split()], Decimal(row["rate"])
    assert str(total((split_gross(line, rate).vat for line in lines), "NOK")) == row["by line"]
    assert str(split_gross(total(lines, "NOK"), rate).vat) == row["by sum"]


@given(amounts, rates)
def test_net_and_vat_add_to_gross(gross: Money, rate: Decimal) -> None:
    split = split_gross(gross, rate)
    assert split.net + split.vat == split.gross == gross


@given(amounts, rates)
def test_vat_is_the_half_up_rounding_of_the_exact_value(gross: Money, rate: Decimal) -> None:
    with localcontext() as context:
        context.prec = 80
        exact = gross.to_decimal() * rate / (100 + rate)
        assert split_gross(gross, rate).vat == Money.rounded(exact, gross.currency)
        on_top = gross.to_decimal() * rate / 100
        assert vat_on_net(gross, rate) == Money.rounded(on_top, gross.currency)


@given(amounts, rates)
def test_a_refund_is_the_mirror_of_its_sale(gross: Money, rate: Decimal) -> None:
    assert -split_gross(-gross, rate).vat == split_gross(gross, rate).vat
    assert -vat_on_net(-gross, rate) == vat_on_net(gross, rate)


@given(st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=30), rates)
def test_vat_by_line_and_by_sum_differ_by_one_minor_unit_a_line_at_most(grosses: list[int], rate: Decimal) -> None:
    by_line = sum(split_gross(Money(gross, "NOK"), rate).vat.minor for gross in grosses)
    by_sum = split_gross(Money(sum(grosses), "NOK"), rate).vat.minor
    assert abs(by_line - by_sum) <= len(grosses)


def test_vat_does_not_depend_on_the_decimal_context() -> None:
    with localcontext() as context:
        context.prec = 3
        assert str(split_gross(nok("123456.78"), Decimal(25)).vat) == "24691.36"


@pytest.mark.parametrize("text", ["25", "25.00", 25, Decimal("25.0")])
def test_a_rate_is_a_percent_with_two_decimals(text: str | int | Decimal) -> None:
    assert str(parse_rate(text)) == "25.00"


@pytest.mark.parametrize("text", ["-1", "100.01", "25.005", "NaN", "Infinity", "25 %", "", None])
def test_a_rate_outside_0_to_100_is_refused(text: str) -> None:
    with pytest.raises(LedgerError, match="not a VAT rate"):
        parse_rate(text)
