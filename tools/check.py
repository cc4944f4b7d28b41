"""Run every check that needs no test: `make check`. Says what each failing one said, and fails when one fails."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent

# A set-up that could go out to production, for Django's own deployment checks. Nothing connects to it.
PRODUCTION_LIKE = {
    "PRODUCTION": "1",
    "DEBUG": "0",
    "SECRET_KEY": "a-long-value-used-by-nobody-only-for-checking-the-settings-0123456789",
    "CREDENTIALS_KEYS": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    "DATABASE_URL": "postgres://backoffice:unused@db.backoffice.example/backoffice",
    "REDIS_URL": "redis://valkey.backoffice.example:6379/0",
    "ALLOWED_HOSTS": "backoffice.example",
    "PUBLIC_URL": "https://backoffice.example",
    "EMAIL_URL": "smtp+tls://user:unused@mail.backoffice.example:587",
}
MANAGE = [sys.executable, "manage.py"]
#: (what it checks, command, environment)
CHECKS: list[tuple[str, list[str], dict[str, str]]] = [
    ("types", [sys.executable, "-m", "mypy"], {}),
    ("style", [sys.executable, "-m", "ruff", "check", "."], {}),
    ("format", [sys.executable, "-m", "ruff", "format", "--check", "."], {}),
    ("floors", [str(BIN / "lint-imports")], {}),
    ("migrations", [*MANAGE, "makemigrations", "--check", "--dry-run"], {}),
    ("deployment", [*MANAGE, "check", "--deploy", "--fail-level=WARNING"], PRODUCTION_LIKE),
]


def passes(name: str, command: list[str], env: dict[str, str]) -> bool:
    """Run one check and print how it went, with all it said when it failed."""
    started = time.monotonic()
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | env, text=True, capture_output=True, check=False, timeout=900
    )
    verdict = "ok    " if done.returncode == 0 else "FAILED"
    print(f"{verdict} {name} ({time.monotonic() - started:.1f} s)", flush=True)
    if done.returncode != 0:
        print(done.stdout + done.stderr, flush=True)
    return done.returncode == 0


def main(only: list[str]) -> int:
    """Run the checks named in ARGS, else all of them."""
    unknown = set(only) - {name for name, _, _ in CHECKS}
    if unknown:
        sys.exit(f"No such check: {', '.join(sorted(unknown))}. There are: {', '.join(c[0] for c in CHECKS)}")
    with tempfile.TemporaryDirectory() as data_dir:
        failed = [
            name
            for name, command, env in CHECKS
            if (not only or name in only) and not passes(name, command, env | {"DATA_DIR": data_dir})
        ]
    print(f"Failed: {', '.join(failed)}" if failed else "All checks passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
