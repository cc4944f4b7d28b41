"""The commands of docs/operations.md for back-up and restore, run as they stand."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from tests.factories import make_client
from tests.postgres import binaries

PAGE = Path(__file__).resolve().parents[1] / "docs" / "operations.md"


def commands(database: str) -> list[str]:
    """Give the commands in a row of the table, back-up first."""
    row = re.search(rf"^\| {database} \|.*$", PAGE.read_text(), re.MULTILINE)
    assert row is not None
    return [text for text in re.findall(r"`([^`]+)`", row.group(0)) if " " in text]


def run(command: str, folder: Path, **environment: str) -> None:
    path = os.pathsep.join([str(binaries()), str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["sh", "-c", command], cwd=folder, env={**os.environ, "PATH": path, **environment},
        text=True, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_a_sqlite_back_up_has_what_was_committed_while_the_house_runs(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    house = sqlite3.connect(tmp_path / "var" / "backoffice.sqlite3", isolation_level=None)
    house.execute("PRAGMA journal_mode=WAL")
    house.execute("CREATE TABLE voucher (number INTEGER)")
    house.execute("INSERT INTO voucher VALUES (1)")  # stands in the -wal file only
    house.execute("BEGIN IMMEDIATE")
    house.execute("INSERT INTO voucher VALUES (2)")

    (back_up,) = commands("SQLite")
    run(back_up, tmp_path)

    house.execute("COMMIT")
    house.close()
    (copy,) = tmp_path.glob("*.sqlite3")
    kept = sqlite3.connect(copy)
    assert kept.execute("SELECT number FROM voucher").fetchall() == [(1,)]
    kept.close()


@pytest.mark.skipif("os.environ.get('DATABASE_URL', '')[:8] != 'postgres'", reason="make test-postgres runs it")
@pytest.mark.django_db(transaction=True)
def test_a_postgresql_back_up_can_be_restored(tmp_path: Path) -> None:
    make_client("kept")
    values = connection.get_connection_params()
    server = f"postgres://{values['user']}@/{{}}?host={values['host']}"
    back_up, restore = commands("PostgreSQL")
    run(back_up, tmp_path, DATABASE_URL=server.format(values["dbname"]))
    with psycopg.connect(server.format("postgres"), autocommit=True) as admin:
        admin.execute("DROP DATABASE IF EXISTS restored")
        admin.execute("CREATE DATABASE restored")
        try:
            for _ in range(2):  # an empty database, and one that has older content
                run(restore, tmp_path, DATABASE_URL=server.format("restored"))
            with psycopg.connect(server.format("restored")) as restored:
                assert restored.execute("SELECT key FROM clients_client").fetchall() == [("kept",)]
        finally:
            admin.execute("DROP DATABASE restored WITH (FORCE)")
