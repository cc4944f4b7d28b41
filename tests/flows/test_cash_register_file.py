"""A till's file becomes day closings: once, stopped and started again, and the official example to the øre."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

from backoffice.sales import closings
from backoffice.sales.models import DayClosing
from backoffice.vouchers.models import Voucher
from backoffice.workflows.services import rebuild_voucher
from tests.integrations.saft_cash_register.files import receipt, report, text_of
from tests.world import TESTER, World

FOLDER = Path(settings.BASE_DIR).parent / "shared" / "data" / "norway" / "saft" / "cash-register"
EXAMPLE = next(iter(FOLDER.glob("ExampleFile_*.xml")), None)
DAYS = (report(1), report(2), receipt(), receipt(at="2026-03-03T12:00:00"))


def run(path: Path, point: str = "nordlys/nettbutikk") -> str:
    said = io.StringIO()
    call_command("import_cash_register", str(path), sales_point=point, stdout=said, stderr=said)
    return said.getvalue()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give a file of two days."""
    path = tmp_path / "till.xml"
    path.write_text(text_of(*DAYS))
    return path


@pytest.mark.skipif(EXAMPLE is None, reason="the official example is not here")
def test_the_official_example_is_one_balanced_cash_journal(world: World) -> None:
    world.map_group("*", "15.00", "3030", "31")
    world.map_method("cash", "1900")
    world.map_method("debit_card", "1592")
    assert EXAMPLE is not None
    run(EXAMPLE)
    world.post_everything()

    voucher = Voucher.objects.get()
    lines = {p.ledger_account: p.amount_minor for p in voucher.postings.all()}
    assert (voucher.kind, voucher.state, voucher.dated_on.isoformat()) == ("cash_journal", "posted", "2020-01-01")
    assert lines == {"1900": 29_500, "1592": 21_880, "7740": 40, "3000": -41_140, "3030": -10_280}
    assert -(lines["3000"] + lines["3030"]) == 51_420
    assert DayClosing.objects.get().details["notes"] == []
    assert world.wrong_in_the_books(sales=0, clearing={"1900": 29_500, "1592": 21_880, "7740": 40}) == []


def test_a_day_of_a_file_is_split_by_article_group_and_its_drawer_is_posted(world: World, file: Path) -> None:
    world.map_group("Food", "25.00", "3002", "3")
    world.map_method("cash", "1900")
    world.shop.day_lines = "group"
    world.shop.save()
    codes = "".join(
        f"<basic><basicType>11</basicType><basicID>{code}</basicID><predefinedBasicID>{code}</predefinedBasicID></basic>"
        for code in ("11008", "11011")
    )
    moves = (
        receipt("5.00", kind="11008", tp="D"),
        receipt("300.00", kind="11011"),
        receipt("40.00", kind="UT", tp="D"),
    )
    file.write_text(text_of(report(1), receipt(), *moves).replace("</basics>", f"{codes}</basics>"))
    run(file)
    world.drain()

    voucher = Voucher.objects.get()
    assert [(reason["code"], reason["subject"]) for reason in voucher.reasons] == [
        ("drawer_account_missing", "in"), ("drawer_account_missing", "out"),
    ]  # fmt: skip
    world.client.drawer_in_ledger_account, world.client.drawer_out_ledger_account = "1920", "2910"
    world.client.save()
    rebuild_voucher(voucher_id=voucher.pk, actor=TESTER)
    world.post_everything()

    voucher.refresh_from_db()
    assert (voucher.state, sum(p.amount_minor for p in voucher.postings.all())) == ("posted", 0)
    assert all(posting.why for posting in voucher.postings.all())
    sold = voucher.postings.get(ledger_account="3002")
    assert (sold.description, sold.amount_minor) == ("Food, 25 %", -12_500)
    drawer = {"1900": 12_500 - 500 + 30_000 - 4_000, "1909": 500, "1920": -30_000, "2910": 4_000}
    assert world.wrong_in_the_books(sales=0, clearing={**drawer, "3002": -10_000}) == []


def test_a_file_is_taken_once_with_a_bar_that_ends_at_the_end(world: World, file: Path) -> None:
    said = run(file)
    assert "100 %" in said
    assert "2 closings recorded, 0 were recorded before." in said
    assert "0 closings recorded, 2 were recorded before." in run(file)


def test_it_can_be_stopped_and_goes_on_where_it_was(world: World, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = "backoffice.console.management.commands.import_cash_register.record_day_closing"
    with monkeypatch.context() as patch:
        patch.setattr(command, stopping(after=1))
        with pytest.raises(CommandError, match=r"Stopped. 1 closings recorded"):
            run(file)

    assert "1 closings recorded, 1 were recorded before." in run(file)


def stopping(after: int) -> object:
    """Record so many closings, then press Ctrl-C."""
    done: list[object] = []

    def record(**keywords: object) -> object:
        if len(done) == after:
            raise KeyboardInterrupt
        done.append(1)
        return closings.record_day_closing(**keywords)  # type: ignore[arg-type]  # passed on as they are

    return record


def test_a_number_that_comes_again_with_other_content_is_told_and_shown(world: World, file: Path) -> None:
    run(file)
    file.write_text(text_of(report(1, "250.00", "200.00", "50.00", "250.00"), receipt("250.00")))
    with pytest.raises(CommandError, match=r"1 closings were refused"):
        run(file)
    assert DayClosing.objects.get(number=1).repeated_at is not None


def test_what_is_no_file_or_no_sales_point_is_said(world: World, file: Path) -> None:
    with pytest.raises(CommandError, match="no sales point"):
        run(file, "nordlys/kiosk")
    with pytest.raises(CommandError, match="There is no file"):
        run(file.with_name("none.xml"))
    file.write_text("<a/>")
    with pytest.raises(CommandError, match="no SAF-T Cash Register file"):
        run(file)
