"""The first command on a new machine: made once, repeated in no time, clear where something is missing.

Each set-up here works in a copy of the few files it needs, with empty locks, so it asks no network.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import bootstrap

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ("requirements", "requirements-dev")


def pinned(lock: str) -> dict[str, str]:
    """Give name and block of every package in a lock."""
    blocks = re.split(r"^(?=[a-zA-Z0-9])", (ROOT / f"{lock}.txt").read_text(), flags=re.MULTILINE)
    return {block.split("==")[0]: block for block in blocks if "==" in block.splitlines()[0]}


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    folder = tmp_path / "a fresh clone"
    folder.mkdir()
    shutil.copy(ROOT / "bootstrap.py", folder)
    for lock in LOCKS:
        (folder / f"{lock}.txt").write_text("# nothing\n")
    return folder


def set_up(clone: Path) -> subprocess.Popen[str]:
    command = [sys.executable, str(clone / "bootstrap.py"), "setup"]
    return subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd="/")


def test_set_ups_started_together_in_a_path_with_spaces_make_one_environment(clone: Path) -> None:
    together = [set_up(clone), set_up(clone)]
    said = [process.communicate(timeout=120)[0] for process in together]
    assert [process.returncode for process in together] == [0, 0], said
    assert "".join(said).count("Making .venv") == 1
    assert all("Ready. Start it with: make run" in text for text in said)
    python = clone / ".venv" / "bin" / "python"
    assert subprocess.run([python, "-c", "import sys; print(sys.prefix)"], check=True).returncode == 0

    started = time.monotonic()
    again = set_up(clone)
    text = again.communicate(timeout=60)[0]
    assert "Installing" not in text
    assert time.monotonic() - started < 5.0  # 0.1 s on a quiet machine

    (clone / "requirements.txt").write_text("# something else\n")
    assert "Installing" in set_up(clone).communicate(timeout=60)[0]

    python.unlink()  # as when the Python it was made with is removed
    assert "Making .venv" in set_up(clone).communicate(timeout=60)[0]


def test_an_old_python_is_told_which_one_to_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    with pytest.raises(SystemExit, match=r"(?s)Python 3.11 or newer is needed, this is 3.9.*make run PYTHON="):
        bootstrap.require_python()


def test_a_python_without_venv_is_told_the_one_command(
    clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = tmp_path / "python3"
    bare.write_text(f'#!/bin/sh\ncase "$*" in *ensurepip*) exit 1;; esac\nexec {sys.executable} "$@"\n')
    bare.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(bare))
    monkeypatch.setattr(bootstrap, "PYTHON", clone / ".venv" / "bin" / "python")
    monkeypatch.setattr(bootstrap, "apt_install", lambda packages, purpose: False)
    version = "{}.{}".format(*sys.version_info)
    with pytest.raises(SystemExit, match=f"apt-get install -y --no-install-recommends python{version}-venv"):
        bootstrap.make_venv()


@pytest.mark.parametrize(
    ("ensure", "probe", "words"),
    [
        (bootstrap.ensure_pango, "has_pango", "all but PDF documents works. To have them:\n    .*libpango-1.0-0"),
        (bootstrap.ensure_browser, "has_browser", "browser tests are skipped. To run them:\n    .*chromium"),
    ],
)
def test_what_the_system_lacks_is_said_and_the_rest_goes_on(
    ensure: Callable[..., None],
    probe: str,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(bootstrap, probe, lambda: False)
    ensure(try_installing=False)
    assert re.search(words, capsys.readouterr().out)


def test_an_unknown_command_is_answered_with_those_there_are() -> None:
    with pytest.raises(SystemExit, match=r"Usage: .*setup\|run\|test\|test-postgres\|check"):
        bootstrap.main(["tset"])


def test_make_and_the_continuous_build_call_commands_that_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = re.search(
        r"^((?:[a-z-]+ )*[a-z-]+):\n\t@\$\(PYTHON\) bootstrap.py \$@ \$\(ARGS\)$", makefile, re.MULTILINE
    )
    assert targets is not None
    assert set(targets.group(1).split()) == set(bootstrap.COMMANDS)
    assert all(f"make {name} " in makefile for name in bootstrap.COMMANDS)
    steps = re.search(r"^for step in (.*); do$", (ROOT / ".ci" / "run").read_text(), re.MULTILINE)
    assert steps is not None
    assert set(steps.group(1).split()) <= set(bootstrap.COMMANDS)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_locked_with_hashes(lock: str) -> None:
    packages = pinned(lock)
    assert len(packages) > 30
    assert [name for name, block in packages.items() if "--hash=sha256:" not in block] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_asked_for_is_locked(lock: str) -> None:
    lines = (ROOT / f"{lock}.in").read_text().splitlines()
    asked = {match.group(0).lower() for line in lines if (match := re.match(r"[a-zA-Z][\w.-]*", line))}
    assert asked <= set(pinned(lock))


def test_both_locks_agree() -> None:
    runtime, dev = pinned("requirements"), pinned("requirements-dev")
    version = re.compile(r"==([^ ;\\\n]+)")
    differing = [
        name
        for name in runtime.keys() & dev.keys()
        if version.search(runtime[name]).group(1) != version.search(dev[name]).group(1)  # type: ignore[union-attr]  # pinned() kept lines with ==
    ]
    assert differing == []
