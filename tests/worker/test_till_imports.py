"""A worker that is killed while it reads a till's file loses nothing: the next one goes on and comes to the same."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from backoffice.connections.queue import TILL_IMPORT, queue_depth, take_down_turn_bell
from backoffice.sales import till_reading
from backoffice.sales.till_import_models import TillImport
from backoffice.worker.till_imports import read_on, sweep_till_imports
from integrations.saft_cash_register import pieces
from tests.factories import make_client, make_sales_point
from tests.integrations.saft_cash_register.files import write_large
from tests.sales.tills import hand_over
from tests.worker.processes import eventually


@pytest.fixture
def row(transactional_db: None) -> TillImport:
    """Give a file that was just handed over."""
    return hand_over(make_sales_point(make_client(), kind="till")).till_import


def test_the_sweep_rings_for_what_waits_and_for_what_lost_its_worker(row: TillImport) -> None:
    assert (sweep_till_imports(), queue_depth()) == (1, 1)
    assert (sweep_till_imports(), queue_depth()) == (1, 1)  # one bell hangs
    take_down_turn_bell(TILL_IMPORT, row.pk)
    gone = subprocess.Popen(["true"])
    gone.wait()
    holder = f"{os.uname().nodename}:{gone.pid}:x"
    TillImport.objects.update(state="running", holder=holder, lease_until=timezone.now() + timedelta(seconds=30))
    assert (sweep_till_imports(), queue_depth()) == (1, 2)
    take_down_turn_bell(TILL_IMPORT, row.pk)
    TillImport.objects.update(holder=holder.replace(str(gone.pid), str(os.getpid())))
    assert (sweep_till_imports(), queue_depth()) == (0, 2)


def test_a_file_takes_turns_with_other_work(row: TillImport, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "PIECE_BYTES", 113)
    monkeypatch.setattr(till_reading, "SLICE_S", 0.0)
    assert read_on(row.pk) is True
    assert queue_depth() == 1
    monkeypatch.setattr(till_reading, "SLICE_S", 60.0)
    assert read_on(row.pk) is False
    assert queue_depth() == 1
    assert sweep_till_imports() == 0


READER = """
import os, sys
import django
django.setup()
from backoffice.sales import till_reading
till_reading.KEEP_EVERY_S = 0.05
till_reading.SLICE_S = 600.0
till_reading.read_slice(int(sys.argv[1]))
"""
SHOWN = """
import json
import django
django.setup()
from backoffice.sales.models import DayClosing
from backoffice.sales.till_import_models import TillImport
row = TillImport.objects.get()
print(json.dumps({
    "state": row.state, "bytes": row.bytes_read, "receipts": row.receipts,
    "closings": list(DayClosing.objects.order_by("number").values_list("number", "details_sha256")),
    "lines": row.closings.count(),
}))
"""
BEGIN = """
import sys
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from tests.factories import make_client, make_sales_point
from tests.sales.tills import hand_over
print(hand_over(make_sales_point(make_client(), kind="till"), open(sys.argv[1]).read()).till_import.pk)
"""


class Place:
    """A database and a file store of its own, used by processes that can be killed."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self.environment = os.environ | {
            "DATA_DIR": str(folder), "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3", "QUEUE_RINGS": "0",
            "DJANGO_SETTINGS_MODULE": "backoffice.settings", "PYTHONPATH": str(settings.BASE_DIR),
        }  # fmt: skip

    def start(self, program: str, *arguments: object) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", program, *map(str, arguments)]
        return subprocess.Popen(command, env=self.environment, stdout=subprocess.PIPE, text=True)

    def run(self, program: str, *arguments: object) -> str:
        process = self.start(program, *arguments)
        said, _ = process.communicate(timeout=120)
        assert process.returncode == 0
        return said

    def is_beyond(self, count: int) -> bool:
        """Look beside the processes whether reading is further than so many bytes."""
        with closing(sqlite3.connect(self.folder / "db.sqlite3")) as connection:
            (found,) = connection.execute("SELECT bytes_read FROM sales_tillimport").fetchone()
        return bool(found > count)

    def shown(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.run(SHOWN))
        return found


def test_a_worker_killed_in_mid_register_is_followed_by_one_that_comes_to_the_same(tmp_path: Path) -> None:
    file = tmp_path / "till.xml"
    count = write_large(file, 8)
    whole, killed = Place(tmp_path / "whole"), Place(tmp_path / "killed")
    key = whole.run(BEGIN, file).strip()
    shutil.copytree(whole.folder, killed.folder, dirs_exist_ok=True)
    whole.run(READER, key)

    read = 0
    for _ in range(3):
        process = killed.start(READER, key)
        assert eventually(partial(killed.is_beyond, read), within_s=60)
        process.kill()
        process.wait()
        now = killed.shown()
        assert (now["state"], now["closings"]) == ("running", [])  # the one register is not whole yet
        assert now["bytes"] > read
        read = now["bytes"]
    assert 0 < read < file.stat().st_size
    killed.run(READER, key)
    assert killed.shown() == whole.shown()
    assert (whole.shown()["state"], whole.shown()["receipts"], whole.shown()["lines"]) == ("done", count, 30)
