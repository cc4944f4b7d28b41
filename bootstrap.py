#!/usr/bin/env python3
"""Set the project up and start what is asked for, with nothing but Python's standard library.

    python3 bootstrap.py COMMAND [arguments passed on]

Everything is installed into `.venv/`, exactly as locked in requirements*.txt; nothing is installed twice.
The commands are listed in COMMANDS at the end; `make COMMAND` calls them.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST_PYTHON = (3, 11)
RUNTIME_LOCK = ROOT / "requirements.txt"
DEV_LOCK = ROOT / "requirements-dev.txt"

# What WeasyPrint loads from the system; no wheel carries it on Linux. Without it only PDFs are missing.
PANGO_PACKAGES = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")
PANGO_LIBRARIES = {
    "Linux": ("libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0"),
    "Darwin": ("libpango-1.0.dylib", "libpangoft2-1.0.dylib"),
}
# What the browser tests need of the system: a browser, and a library of Playwright's driver that no wheel carries.
BROWSER_PACKAGES = ("chromium", "libatomic1")
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
_started = time.monotonic()


def say(text: str) -> None:
    print(f"[{time.monotonic() - _started:6.1f} s] {text}", flush=True)


def stop(text: str) -> None:
    raise SystemExit(f"\n{text}")


def require_python() -> None:
    """Stop with what to do where this Python cannot run the project."""
    here = "{}.{}".format(*sys.version_info)
    if sys.version_info < OLDEST_PYTHON:
        stop(
            f"Python 3.11 or newer is needed, this is {here} ({sys.executable}).\n"
            "Install one and name it, for example: make run PYTHON=python3.12"
        )
    if platform.system() not in PANGO_LIBRARIES:
        stop(f"Linux or macOS is needed, this is {platform.system()}. On Windows use WSL 2.")


def venv_works() -> bool:
    return PYTHON.exists() and run_quietly([str(PYTHON), "-I", "-S", "-c", ""]).returncode == 0


def make_venv() -> None:
    """Make `.venv`, anew where an older one is broken (its Python was removed, or it was half made)."""
    if venv_works():
        return
    package = "python{}.{}-venv".format(*sys.version_info)
    is_bare = run_quietly([sys.executable, "-c", "import venv, ensurepip"]).returncode != 0
    if is_bare and not apt_install([package], "virtual environments"):
        stop(
            f"This Python ({sys.executable}) comes without the venv module. Install it, then try again:\n"
            f"    {system_command([package])}"
        )
    say(f"Making .venv with Python {platform.python_version()}")
    made = run_quietly([sys.executable, "-m", "venv", "--clear", str(VENV)])
    if made.returncode != 0:
        stop(f"The virtual environment could not be made:\n{made.stdout}")


def run_quietly(command: Sequence[str], env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=env, check=False)


@contextmanager
def only_one_at_a_time() -> Iterator[None]:
    """Let one set-up work in this folder, so that `make run` and `make test` may be started together."""
    import fcntl  # not on Windows, where require_python() has already said so

    with open(ROOT / ".bootstrap.lock", "w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another set-up is at work in this folder; waiting for it")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def fingerprint(locks: Sequence[Path]) -> str:
    return hashlib.sha256(b"\0".join(lock.read_bytes() for lock in locks)).hexdigest()


def install(*, dev: bool) -> bool:
    """Install what is locked, unless exactly that is installed; return whether anything was done."""
    locks, stamp = ([RUNTIME_LOCK, DEV_LOCK], VENV / ".installed-dev") if dev else ([RUNTIME_LOCK], VENV / ".installed")
    wanted = fingerprint(locks)

    def is_installed() -> bool:
        return stamp.exists() and stamp.read_text() == wanted and venv_works()

    if is_installed():
        return False
    with only_one_at_a_time():
        if is_installed():
            return False
        make_venv()
        stamp.unlink(missing_ok=True)
        packages = sum(len(re.findall(r"^[\w.-]+==", lock.read_text(), re.MULTILINE)) for lock in locks)
        say(f"Installing {packages} packages into .venv ({', '.join(lock.name for lock in locks)})")
        install_locked(locks)
        stamp.write_text(wanted)
        say("Packages installed")
    return True


def install_locked(locks: Sequence[Path]) -> None:
    arguments = ["install", "--require-hashes"]
    for lock in locks:
        arguments += ["-r", str(lock)]
    if ensure_uv():
        done = run_quietly([str(VENV / "bin" / "uv"), "pip", *arguments, "--quiet", "--python", str(PYTHON)])
        if done.returncode == 0:
            return
        say("uv could not install them, trying pip. uv said:\n" + tail(done.stdout))
    ensure_pip()
    done = run_quietly([str(PYTHON), "-m", "pip", *arguments, "--quiet", "--disable-pip-version-check"])
    if done.returncode != 0:
        stop(f"The packages could not be installed:\n{tail(done.stdout)}")


def ensure_pip() -> None:
    if run_quietly([str(PYTHON), "-m", "pip", "--version"]).returncode != 0:
        run_quietly([str(PYTHON), "-m", "ensurepip"])


def ensure_uv() -> bool:
    """Install uv as locked in requirements-dev.txt: it installs everything else many times faster than pip."""
    if (VENV / "bin" / "uv").exists():
        return True
    block = re.search(r"^uv==(?:.*\\\n)*.*\n", DEV_LOCK.read_text(), re.MULTILINE)
    if block is None:
        return False
    ensure_pip()
    with tempfile.TemporaryDirectory() as folder:
        only_uv = Path(folder) / "uv.txt"
        only_uv.write_text(block.group(0))
        pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        return run_quietly([*pip, "--require-hashes", "-r", str(only_uv)]).returncode == 0


def tail(text: str) -> str:
    return "\n".join("    " + line for line in text.strip().splitlines()[-15:])


def system_command(packages: Sequence[str]) -> str:
    return f"{'' if os.geteuid() == 0 else 'sudo '}apt-get install -y --no-install-recommends {' '.join(packages)}"


def apt_install(packages: Sequence[str], purpose: str) -> bool:
    """Install Debian packages when we may (root, apt-get); return whether they are there now."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    say(f"Installing {' '.join(packages)} ({purpose})")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300"]
    command = [*apt, "install", "-y", "--no-install-recommends", *packages]
    done = run_quietly(command, env)
    if done.returncode != 0:  # usually no or old package lists
        run_quietly([*apt, "update"], env)
        done = run_quietly(command, env)
    if done.returncode != 0:
        say(f"apt-get could not install them:\n{tail(done.stdout)}")
    return done.returncode == 0


def can_load(names: Sequence[str]) -> bool:
    try:
        for name in names:
            ctypes.CDLL(name)
    except OSError:
        return False
    return True


def has_pango() -> bool:
    return can_load(PANGO_LIBRARIES[platform.system()])


def ensure_pango(*, try_installing: bool) -> None:
    if has_pango() or (try_installing and apt_install(PANGO_PACKAGES, "PDF documents")):
        return
    command = "brew install pango" if platform.system() == "Darwin" else system_command(PANGO_PACKAGES)
    say(f"Pango is missing: all but PDF documents works. To have them:\n    {command}")


def has_browser() -> bool:
    return os.path.exists(CHROMIUM) and (platform.system() != "Linux" or can_load(["libatomic.so.1"]))


def ensure_browser(*, try_installing: bool) -> None:
    if has_browser() or (try_installing and apt_install(BROWSER_PACKAGES, "browser tests")):
        return
    say(f"Chromium is missing: browser tests are skipped. To run them:\n    {system_command(BROWSER_PACKAGES)}")


def setup(*, dev: bool, try_system: bool = False) -> None:
    changed = install(dev=dev)
    ensure_pango(try_installing=changed or try_system)
    if dev:
        ensure_browser(try_installing=changed or try_system or "CI" in os.environ)


def become(*command: str) -> None:
    """Replace this process, so that Ctrl-C and SIGTERM reach the command itself."""
    sys.stdout.flush()
    os.chdir(ROOT)
    os.execv(PYTHON, [str(PYTHON), *command])


def lock(arguments: Sequence[str]) -> None:
    """Write the locks anew from requirements*.in (`ARGS=--upgrade` takes newer versions)."""
    for source in ("requirements", "requirements-dev"):
        say(f"Locking {source}.in")
        command = [str(VENV / "bin" / "uv"), "pip", "compile", "--quiet", "--universal", "--generate-hashes"]
        command += ["--python-version", "3.11", "--custom-compile-command", "make lock"]
        subprocess.run([*command, f"{source}.in", "-o", f"{source}.txt", *arguments], cwd=ROOT, check=True)


#: the whole suite runs on every core; a part of it, named by ARGS, starts quicker on one
EVERY_CORE = ("-q", "--numprocesses", "auto")
# name: needs the development packages too, what it does
COMMANDS: dict[str, tuple[bool, Callable[[list[str]], None]]] = {
    "setup": (False, lambda arguments: say("Ready. Start it with: make run")),
    "run": (False, lambda arguments: become("manage.py", "up", "--demo", *arguments)),
    "test": (True, lambda arguments: become("-m", "pytest", *(arguments or EVERY_CORE))),
    "test-postgres": (
        True,
        lambda arguments: become("-m", "tests.postgres", "-m", "pytest", *(arguments or EVERY_CORE)),
    ),
    "check": (True, lambda arguments: become("tools/check.py", *arguments)),
    "audit": (
        True,
        lambda arguments: become("-m", "pip_audit", "--strict", "--require-hashes", "-r", str(RUNTIME_LOCK)),
    ),
    "prove": (False, lambda arguments: become("manage.py", "prove", *arguments)),
    "bench": (False, lambda arguments: become("manage.py", "bench", *arguments)),
    "lock": (True, lock),
}


def main(arguments: list[str]) -> None:
    require_python()
    if not arguments or arguments[0] not in COMMANDS:
        stop(f"Usage: python3 bootstrap.py {'|'.join(COMMANDS)} [arguments passed on]")
    name = arguments[0]
    needs_dev, command = COMMANDS[name]
    setup(dev=needs_dev, try_system=name == "setup")
    command(arguments[1:])


if __name__ == "__main__":
    main(sys.argv[1:])
