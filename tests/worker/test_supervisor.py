"""The supervisor with small real processes: order, restarts, killing, logs, addresses, the claim."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backoffice.worker.supervisor.addresses import LOOPBACK, any_free_port, is_free, remembered_port
from backoffice.worker.supervisor.child import Child, cap_log, last_lines
from backoffice.worker.supervisor.claim import NOTE, Claim
from backoffice.worker.supervisor.house import House
from backoffice.worker.supervisor.parts import Part, StartFailed
from backoffice.worker.supervisor.plan import Plan
from backoffice.worker.supervisor.valkey import embedded_valkey
from tests.worker.processes import eventually, runs

ROOT = Path(__file__).resolve().parents[2]
STAYS = "import signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: sys.exit(0)); time.sleep(60)"


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def house(tmp_path: Path, said: list[str]) -> Iterator[House]:
    claim = Claim(tmp_path)
    house = House(said.append, claim.descriptor)
    yield house
    house.stop()
    claim.release()


def part(folder: Path, name: str, code: str, **options: object) -> Part:
    command = (sys.executable, "-I", "-S", "-c", textwrap.dedent(code))
    return Part(name, command, dict(os.environ), folder / "logs" / f"{name}.log", **options)  # type: ignore[arg-type]  # passed on


def look_after(house: House, is_done: Callable[[], bool]) -> bool:
    """Do what `keep` does, until something has happened."""

    def step() -> bool:
        for child in house._children:
            house._look_after(child)
        return is_done()

    return eventually(step)


def test_parts_stop_in_the_opposite_order_of_their_start(house: House, tmp_path: Path) -> None:
    code = """
        import signal, sys, time
        def stop(*_):
            with open({order!r}, "a") as file:
                file.write({name!r} + " ")
            sys.exit(0)
        signal.signal(signal.SIGTERM, stop)
        print("up", flush=True)
        time.sleep(60)
    """
    order = tmp_path / "order"
    for name in ("valkey", "gunicorn", "rqworker-1", "rqworker-2"):
        child = house.start(part(tmp_path, name, code.format(order=str(order), name=name)))
        assert eventually(lambda log=child.part.log: log.exists() and log.read_text() != "")  # type: ignore[misc]
    house.stop()
    first, second, *rest = order.read_text().split()
    assert {first, second} == {"rqworker-1", "rqworker-2"}
    assert rest == ["gunicorn", "valkey"]


def test_a_part_that_dies_is_started_again_and_said(house: House, tmp_path: Path, said: list[str]) -> None:
    child = house.start(part(tmp_path, "sandbox", STAYS))
    first = child.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    assert look_after(house, lambda: child.pid not in (None, first))
    assert any("sandbox was ended by SIGKILL; starting it again in 0.5 s" in line for line in said)


def test_a_part_that_keeps_dying_is_started_less_and_less_often(tmp_path: Path) -> None:
    child = Child(part(tmp_path, "x", STAYS), on_start=lambda pid: None, on_end=lambda pid: None)
    pauses = [child.plan_restart() for _ in range(9)]
    assert pauses == [0.5, 1, 2, 4, 4, 4, 4, 4, 4]


def test_a_part_that_will_not_stop_is_killed_after_its_grace(house: House, tmp_path: Path, said: list[str]) -> None:
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
    child = house.start(part(tmp_path, "deaf", code, stop_grace_s=0.2))
    assert eventually(lambda: child.part.log.read_text() != "")
    pid = child.pid
    assert pid is not None
    house.stop()
    assert not runs(pid)
    assert said == ["deaf did not stop in time and was killed"]


def test_a_part_that_ends_while_starting_is_told_with_the_end_of_its_log(house: House, tmp_path: Path) -> None:
    child = house.start(part(tmp_path, "gunicorn", "raise SystemExit('no such setting')", is_ready=lambda: False))
    with pytest.raises(StartFailed, match=r"(?s)gunicorn ended at once \(exit code 1\).*no such setting"):
        house.wait_ready(child)


def test_a_part_that_never_answers_is_told(house: House, tmp_path: Path) -> None:
    child = house.start(part(tmp_path, "valkey", STAYS, is_ready=lambda: False))
    with pytest.raises(StartFailed, match="valkey does not answer after 0 s"):
        house.wait_ready(child, timeout_s=0.3)


def test_a_preparation_that_fails_says_what_it_said(house: House, tmp_path: Path) -> None:
    good = part(tmp_path, "collect", "print('fine')")
    bad = part(tmp_path, "migrate", "raise SystemExit('table is there already')")
    with pytest.raises(StartFailed, match=r"(?s)migrate failed:.*table is there already"):
        house.run_to_end([good, bad])


SUPERVISOR = """
import sys, time
from pathlib import Path
from backoffice.worker.supervisor.claim import Claim
from backoffice.worker.supervisor.house import House
from backoffice.worker.supervisor.parts import Part

folder = Path(sys.argv[1])
claim = Claim(folder)
claim.note({"PUBLIC_URL": "http://127.0.0.1:1"})
house = House(print, claim.descriptor)
grandchild = "import os, time; open('grandchild', 'w').write(str(os.getpid())); time.sleep(60)"
code = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {grandchild!r}]); time.sleep(60)"
import os
os.chdir(folder)
child = house.start(Part("rqworker-1", (sys.executable, "-c", code), dict(os.environ), folder / "log"))
(folder / "child").write_text(str(child.pid))
time.sleep(60)
"""


def test_nothing_outlives_a_killed_supervisor_and_its_claim_is_free_again(tmp_path: Path) -> None:
    supervisor = subprocess.Popen([sys.executable, "-c", SUPERVISOR, str(tmp_path)], cwd=ROOT)
    grandchild_file = tmp_path / "grandchild"
    assert eventually(lambda: grandchild_file.exists() and grandchild_file.read_text() != "")
    child, grandchild = int((tmp_path / "child").read_text()), int(grandchild_file.read_text())
    assert runs(child)
    assert runs(grandchild)
    supervisor.kill()
    supervisor.wait()
    assert eventually(lambda: not runs(child) and not runs(grandchild))
    Claim(tmp_path).release()


def test_a_second_supervisor_on_the_same_data_is_refused_with_the_first_ones_address(tmp_path: Path) -> None:
    claim = Claim(tmp_path)
    claim.note({"PUBLIC_URL": "http://127.0.0.1:8000"})
    with pytest.raises(StartFailed, match=rf"process {os.getpid()}, http://127.0.0.1:8000"):
        Claim(tmp_path)
    claim.release()
    assert not (tmp_path / NOTE).exists()
    Claim(tmp_path).release()


def test_the_note_is_for_the_owner_only(tmp_path: Path) -> None:
    claim = Claim(tmp_path)
    claim.note({"REDIS_URL": "redis://:secret@127.0.0.1:1/0", "PUBLIC_URL": ""})
    assert (tmp_path / NOTE).stat().st_mode & 0o777 == 0o600
    claim.release()


def test_a_long_log_is_cut_and_one_older_piece_kept(tmp_path: Path) -> None:
    log = tmp_path / "gunicorn.log"
    with log.open("ab") as writer:
        writer.write(b"old\n" * 10)
        writer.flush()
        cap_log(log, max_bytes=39)
        writer.write(b"new\n")
    assert log.read_bytes() == b"new\n"
    assert (tmp_path / "gunicorn.log.1").read_bytes() == b"old\n" * 10
    cap_log(log, max_bytes=39)
    assert log.read_bytes() == b"new\n"


def test_the_end_of_a_log_is_shown_without_reading_all_of_it(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("".join(f"line {number}\n" for number in range(10_000)))
    assert last_lines(log, lines=2) == "    line 9998\n    line 9999"


def test_a_sandbox_keeps_its_port_and_moves_only_when_somebody_took_it(tmp_path: Path) -> None:
    file = tmp_path / "port"
    port, moved_from = remembered_port(file)
    assert (remembered_port(file), moved_from) == ((port, None), None)
    with socket.socket() as other:
        other.bind((LOOPBACK, port))
        other.listen()
        new, moved_from = remembered_port(file)
    assert moved_from == port != new
    assert remembered_port(file) == (new, None)


def test_a_taken_port_is_said_with_what_to_do(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind((LOOPBACK, 0))
        other.listen()
        port = other.getsockname()[1]
        assert not is_free(port)
        with pytest.raises(StartFailed, match=f'Port {port} .*(?s:.*)make run ARGS="--port {port + 1}"'):
            Plan.make(base_dir=ROOT, data_dir=tmp_path, port=port, workers=1)


def test_given_stores_are_not_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://valkey.example:6379/0")
    monkeypatch.setenv("POWEROFFICE_SANDBOX_URL", "http://sandbox.example")
    plan = Plan.make(base_dir=ROOT, data_dir=tmp_path, port=any_free_port(), workers=3)
    assert plan.stores() == []
    assert [part.name for part in plan.background()] == ["rqworker-1", "rqworker-2", "rqworker-3", "scheduler"]


@pytest.mark.parametrize(
    ("folder", "scheme"),
    [("d", "unix"), ("with a space", "redis"), ("long-" * 25, "redis")],
    ids=["short", "space", "long"],
)
def test_the_embedded_valkey_answers_its_own_user_only(tmp_path: Path, folder: str, scheme: str) -> None:
    data_dir = tmp_path / folder if scheme == "redis" else Path(os.path.relpath(tmp_path)).resolve()
    data_dir.mkdir(exist_ok=True)
    server = embedded_valkey(data_dir)
    process = subprocess.Popen(server.command, stdout=subprocess.DEVNULL)
    try:
        assert eventually(server.is_ready)
        assert server.url.startswith(scheme)
        config = (data_dir / "valkey.conf").read_text()
        assert (data_dir / "valkey.conf").stat().st_mode & 0o777 == 0o600
        assert ("port 0" in config) if scheme == "unix" else ("requirepass" in config and f"bind {LOOPBACK}" in config)
    finally:
        process.terminate()
        process.wait()
