"""Measure a large SAF-T file on its way through the whole house: upload, workers, kill and resume.

    .venv/bin/python -m tools.measure_till_file [--megabytes 500]                       on SQLite
    .venv/bin/python -m tests.postgres -m tools.measure_till_file [--megabytes 500]     on PostgreSQL

Starts `manage.py up` in a folder of its own, uploads one file by the form for two clients, reads it once undisturbed
and once with all workers killed at 60 %, and compares what was recorded. Prints seconds and resident megabytes.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from backoffice.console.proof.house import House, running_house
from tests.integrations.saft_cash_register.files import write_large

ROOT = Path(__file__).resolve().parents[1]
PASSWORD = "correct-horse-7"  # noqa: S105  # of a house that lives for minutes
SETUP = f"""
import django
django.setup()
from backoffice.clients.models import User
from tests.factories import make_client, make_sales_point
User.objects.create_superuser("root", "root@example.com", "{PASSWORD}")
for key in ("calm", "killed"):
    make_sales_point(make_client(key), kind="till", name=key)
"""
SHOW = """
import json
import django
django.setup()
from backoffice.clients.models import SalesPoint
from backoffice.sales.models import DayClosing
from backoffice.sales.till_import_models import TillImport
print(json.dumps({point.name: {
    "point": point.pk,
    "imports": list(TillImport.objects.filter(sales_point=point).values("state", "bytes_read", "receipts", "error")),
    "closings": list(DayClosing.objects.filter(sales_point=point).order_by("register", "number")
                     .values_list("register", "number", "sales_minor", "details_sha256")),
} for point in SalesPoint.objects.all()}))
"""


@dataclass
class Memory:
    """The most resident memory of each kind of process, in MB."""

    data_dir: Path
    most: dict[str, int] = field(default_factory=dict)
    is_over: bool = False

    def watch(self) -> None:
        """Look several times a second until told to stop."""
        while not self.is_over:
            for entry in Path("/proc").iterdir():
                if entry.name.isdigit():
                    self._look(entry)
            time.sleep(0.2)

    def _look(self, entry: Path) -> None:
        try:
            line = (entry / "cmdline").read_bytes()
            kind = next((kind for kind in ("gunicorn", "rqworker") if kind.encode() in line), "")
            if not kind or f"DATA_DIR={self.data_dir}\0".encode() not in (entry / "environ").read_bytes() + b"\0":
                return
            found = re.search(r"VmRSS:\s+(\d+)", (entry / "status").read_text())
        except OSError:
            return  # it ended while we looked
        if found:
            self.most[kind] = max(self.most.get(kind, 0), int(found[1]) // 1024)


class Browser:
    """Somebody with a browser, as far as forms go."""

    def __init__(self, house: House) -> None:
        self.client = httpx.Client(base_url=house.url, timeout=600, follow_redirects=True)
        self.client.get("/login/")
        self._post("/login/", {"username": "root", "password": PASSWORD})

    def _post(self, address: str, values: dict[str, Any], **more: Any) -> httpx.Response:
        values = {**values, "csrfmiddlewaretoken": self.client.cookies["csrftoken"]}
        answer = self.client.post(address, data=values, **more)
        answer.raise_for_status()
        return answer

    def upload(self, point: int, path: Path) -> tuple[str, float]:
        """Send the file by the form; give its page and the seconds it took."""
        started = time.monotonic()
        with path.open("rb") as file:
            answer = self._post("/closings/upload/", {"sales_point": str(point)}, files={"file": (path.name, file)})
        if "/sales/tillimport/" not in str(answer.url):
            raise RuntimeError(f"The upload led to {answer.url}.")
        return answer.url.path, time.monotonic() - started

    def look(self, page: str) -> tuple[str, int]:
        """Give where the import stands and its percent, from its page."""
        shown = self.client.get(page).text
        state, percent = re.search(r'data-state="([a-z-]+)"', shown), re.search(r'max="100" value="(\d+)"', shown)
        if state is None or percent is None:
            raise RuntimeError(f"{page} shows no progress.")
        return state[1], int(percent[1])


class Measured:
    """A house with its database, and what is asked of it."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.environment = os.environ | {"DATA_DIR": str(house.data_dir), "PYTHONPATH": str(ROOT)}

    def run(self, program: str) -> str:
        """Run a program of ours beside the house."""
        command = [sys.executable, "-c", program]
        return subprocess.run(command, env=self.environment, check=True, capture_output=True, text=True).stdout

    def shown(self, name: str) -> dict[str, Any]:
        """Give a sales point's import and closings."""
        return dict(json.loads(self.run(SHOW))[name])

    def read(self, browser: Browser, page: str, *, kill_at: int = 100) -> float:
        """Wait for the import, killing all workers once at a percent of the file; give seconds."""
        started, is_killed = time.monotonic(), kill_at >= 100
        while True:
            state, percent = browser.look(page)
            if state != "under-way":
                return time.monotonic() - started
            if not is_killed and percent >= kill_at:
                is_killed, count = True, self.house.kill_workers()
                print(f"  {count} worker processes killed at {percent} %")
            time.sleep(0.5)


def main() -> int:
    """Measure and tell; exit code 1 when the two clients differ."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--megabytes", type=int, default=500)
    given = options.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")
    with tempfile.TemporaryDirectory(prefix="till-file-") as folder:
        path = Path(folder) / "till.xml"
        receipts = write_large(path, given.megabytes)
        print(f"{path.stat().st_size} bytes, {receipts} receipts, 30 Z reports of one register")
        with running_house(Path(folder) / "house", workers=2, rate_limit=1_000, environment={}) as house:
            measured, memory = Measured(house), Memory(house.data_dir)
            threading.Thread(target=memory.watch, daemon=True).start()
            measured.run(SETUP)
            browser = Browser(house)
            for name, kill_at in (("calm", 100), ("killed", 60)):
                page, seconds = browser.upload(measured.shown(name)["point"], path)
                print(f"{name}: uploaded in {seconds:.1f} s; most MB so far {memory.most}")
                seconds = measured.read(browser, page, kill_at=kill_at)
                print(
                    f"{name}: read in {seconds:.1f} s; most MB so far {memory.most}; {measured.shown(name)['imports']}"
                )
            memory.is_over = True
            calm, killed = (measured.shown(name)["closings"] for name in ("calm", "killed"))
    is_same = calm == killed and len(calm) == 30
    print(f"{len(calm)} and {len(killed)} closings, {'equal' if is_same else 'NOT equal'}")
    return int(not is_same)


if __name__ == "__main__":
    raise SystemExit(main())
