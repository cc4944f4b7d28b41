"""The short form of `manage.py bench`: quicker than the plain way, and no memory that never comes back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from backoffice.console.bench import pdf as bench

pytestmark = pytest.mark.usefixtures("pango")


def test_a_warm_page_takes_less_than_the_plain_way() -> None:
    taken = bench.warm_ms(5)

    assert taken["ours"] < 0.85 * taken["plain"]
    assert taken["ours"] < taken["archived"]


def test_memory_stays_where_it_is_after_the_first_documents() -> None:
    bench.work("ours", 10)
    before = bench.resident_mb()

    bench.work("ours", 20)

    assert bench.resident_mb() - before < 12


def test_a_process_of_its_own_tells_seconds_and_memory() -> None:
    answer = bench.told(bench.start("ours", 2))

    assert len(answer["seconds"]) == 2
    assert answer["memory"]["2"] > 20


def test_the_command_prints_a_table_and_keeps_it(
    settings: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(bench, "measure", lambda documents: [("one page", "75", "100", f"75 % of {documents}")])

    call_command("bench", documents=10)

    table = (tmp_path / "bench.md").read_text()
    assert table.strip() in capsys.readouterr().out
    assert "| one page | 75 | 100 | 75 % of 10 |" in table
