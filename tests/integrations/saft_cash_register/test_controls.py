"""What was left out, moved or falsified in a till's file is named; what is no sale never becomes one."""

from __future__ import annotations

import io
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.contracts.closings import DayClosingDetails
from integrations.saft_cash_register.reading import read_closings
from tests.integrations.saft_cash_register.files import receipt, report, text_of

OSLO, WARSAW = ZoneInfo("Europe/Oslo"), ZoneInfo("Europe/Warsaw")
DAY = (report(1, "250.00", "200.00", "50.00", "250.00"), receipt(), receipt())
#: every kind of transaction of SAF-T Cash Register 1.00
KINDS = [*(f"110{number:02d}" for number in range(1, 18)), "11999"]
EVENTS = [*(f"130{number:02d}" for number in range(1, 31) if number != 9), "13999"]


def read(text: str, zone: ZoneInfo = OSLO) -> list[DayClosingDetails]:
    return list(read_closings(io.BytesIO(text.encode()), zone=zone))


def with_code(kind: str, code: str, text: str) -> str:
    """Give the code a name "X" in a file."""
    basic = (
        f"<basic><basicType>{kind}</basicType><basicID>X</basicID><predefinedBasicID>{code}</predefinedBasicID></basic>"
    )
    return text.replace("</basics>", f"{basic}</basics>", 1)


@pytest.mark.parametrize("code", KINDS)
@pytest.mark.parametrize("flag", [{"training": "true"}, {"training": "T-1"}, {"void": "true"}, {"void": "1"}])
def test_a_training_or_voided_receipt_of_any_kind_changes_nothing(code: str, flag: dict[str, str]) -> None:
    text = with_code("11", code, text_of(*DAY, receipt("777.00", kind="X", rounding="0.40", **flag)))
    assert read(text) == read(text_of(*DAY))


@pytest.mark.parametrize("code", EVENTS)
def test_no_other_event_is_a_z_report(code: str) -> None:
    """An X report looks the same, and so may receipts of the training mode and void receipts."""
    other = report(2, "999.00", "799.20", "199.80", "999.00").replace("<eventType>Z<", "<eventType>X<")
    assert read(with_code("13", code, text_of(*DAY, other))) == read(text_of(*DAY))


@pytest.mark.parametrize(
    ("falsified", "named"),
    [
        (("<totalCashSaleAmnt>250.00", "<totalCashSaleAmnt>240.00"), "differ in sales: 240.00 and 250.00, -10.00 NOK"),
        (("<artGroupAmnt>250.00", "<artGroupAmnt>240.00"), "differ in group 10: 240.00 and 250.00, -10.00 NOK"),
        (("<cashSaleAmnt>200.00", "<cashSaleAmnt>190.00"), "differ in sales at 25.00 %: 240.00 and 250.00, -10.00 NOK"),
        (("<paymentAmnt>250.00", "<paymentAmnt>240.00"), "differ in payments by C: 240.00 and 250.00, -10.00 NOK"),
        ((receipt() + receipt(), receipt()), "differ in sales: 250.00 and 125.00, 125.00 NOK"),
        ((receipt() + receipt(), receipt() * 3), "differ in sales: 250.00 and 375.00, -125.00 NOK"),
        ((receipt() + receipt(), receipt() + receipt(void="true")), "differ in sales: 250.00 and 125.00, 125.00 NOK"),
    ],
    ids=["total", "group", "rate", "payment", "receipt missing", "receipt twice", "receipt voided afterwards"],
)
def test_what_was_falsified_is_named_with_its_difference(falsified: tuple[str, str], named: str) -> None:
    whole = text_of(*DAY)
    assert falsified[0] in whole
    (sound,), (closing,) = read(whole), read(whole.replace(*falsified))
    assert sound.notes == ()
    assert any(named in note for note in closing.notes)


LOCAL = st.tuples(st.sampled_from(["2026-03-28", "2026-03-29", "2026-10-25"]), st.integers(0, 23), st.integers(0, 59))


@given(
    zone=st.sampled_from([OSLO, WARSAW]),
    closed=st.sets(LOCAL, min_size=1, max_size=4),
    sold=st.lists(LOCAL, max_size=12),
)
def test_a_receipt_of_any_minute_is_in_exactly_one_z_report(
    zone: ZoneInfo, closed: set[tuple[str, int, int]], sold: list[tuple[str, int, int]]
) -> None:
    """Also in the hour that is left out and in the one that comes twice, which a till's own clock writes alike."""
    ends = [f"{day}T{hour:02d}:{minute:02d}:00" for day, hour, minute in sorted(closed)]
    moments = [f"{day}T{hour:02d}:{minute:02d}:00" for day, hour, minute in sold]
    counts = [sum(1 for at in moments if (before < at <= end)) for before, end in zip(["", *ends], ends, strict=False)]
    reports = [
        report(number, f"{n * 125}.00", f"{n * 100}.00", f"{n * 25}.00", f"{n * 125}.00", at=end)
        for number, (n, end) in enumerate(zip(counts, ends, strict=True), 1)
    ]
    found = read(text_of(*reports, *(receipt(at=at) for at in moments)), zone)

    assert [sum(one.amount.minor for one in closing.sales) for closing in found] == [n * 12_500 for n in counts]
    assert [closing.notes for closing in found] == [()] * len(found)
    assert [closing.closed_at.astimezone(zone).date().isoformat() for closing in found] == [end[:10] for end in ends]
    assert sum(counts) + sum(at > ends[-1] for at in moments) == len(moments)
