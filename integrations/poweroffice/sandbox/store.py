"""Rows in memory, written through to one SQLite file, so that the books survive a restart.

A row is a dict that is never changed in place: `Table.change` stores a new one. All work happens inside
`Store.transaction()`: when it raises, memory goes back to what it was and nothing is written.
"""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

Row = dict[str, Any]
Key = int | str

_SCHEMA = """
CREATE TABLE IF NOT EXISTS rows (
    company TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (company, kind, key)
);
"""
_UPSERT = """
INSERT INTO rows (company, kind, key, body) VALUES (?, ?, ?, ?)
ON CONFLICT (company, kind, key) DO UPDATE SET body = excluded.body
"""


class Table:
    """One kind of row of one company, in order of insertion, with look-ups by more than the key.

    Every row carries its key as `Id`. An index maps a value (None = not indexed) to the rows that have it.
    """

    def __init__(self, store: "Store", company: str, kind: str, **indexes: Callable[[Row], Any]) -> None:
        self._store = store
        self._company = company
        self._kind = kind
        self._rows: dict[Key, Row] = {}
        self._value_of = indexes
        self._found: dict[str, dict[Any, dict[Key, None]]] = {name: {} for name in indexes}
        for row in store.load(company, kind):
            self._set(row["Id"], row)

    def get(self, key: Key) -> Row | None:
        """Give a row, or None."""
        return self._rows.get(key)

    def __getitem__(self, key: Key) -> Row:
        return self._rows[key]

    def __len__(self) -> int:
        return len(self._rows)

    def all(self) -> list[Row]:
        """Give all rows, oldest first."""
        return list(self._rows.values())

    def latest(self) -> Iterator[Row]:
        """Give all rows, youngest first."""
        return reversed(self._rows.values())

    def find(self, index: str, value: Any) -> list[Row]:
        """Give the rows with a value, oldest first."""
        return [self._rows[key] for key in self._found[index].get(value, ())]

    def put(self, row: Row) -> Row:
        """Store a row under its `Id`."""
        key = row["Id"]
        self._store.remember(self, key, self._rows.get(key))
        self._set(key, row)
        return row

    def change(self, key: Key, **values: Any) -> Row:
        """Store a copy of a row with some values replaced."""
        return self.put({**self._rows[key], **values})

    def remove(self, key: Key) -> None:
        """Forget a row."""
        self._store.remember(self, key, self._rows.get(key))
        self._set(key, None)

    def restore(self, key: Key, row: Row | None) -> None:
        """Put back what was there before (undo)."""
        self._set(key, row)

    def record(self, key: Key) -> tuple[str, str, str, Row | None]:
        """Give what has to be written for a key."""
        return self._company, self._kind, str(key), self._rows.get(key)

    def _set(self, key: Key, row: Row | None) -> None:
        old = self._rows.get(key)
        for name, value_of in self._value_of.items():
            found = self._found[name]
            if old is not None and (value := value_of(old)) is not None:
                found[value].pop(key, None)
            if row is not None and (value := value_of(row)) is not None:
                found.setdefault(value, {})[key] = None
        if row is None:
            self._rows.pop(key, None)
        else:
            self._rows[key] = row


class Store:
    """The file behind the tables (or none: then the books live in memory only)."""

    def __init__(self, path: str | None) -> None:
        self._undo: list[tuple[Table, Key, Row | None]] = []
        self._file = sqlite3.connect(path or ":memory:", check_same_thread=False, isolation_level=None)
        self._file.execute("PRAGMA journal_mode = WAL")
        self._file.execute("PRAGMA synchronous = NORMAL")
        self._file.executescript(_SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep all changes made inside, or none of them."""
        self._undo.clear()
        try:
            yield
            self._write()
        except BaseException:
            for table, key, row in reversed(self._undo):
                table.restore(key, row)
            raise
        finally:
            self._undo.clear()

    def remember(self, table: Table, key: Key, row: Row | None) -> None:
        """Note a row before it changes."""
        self._undo.append((table, key, row))

    def load(self, company: str, kind: str) -> list[Row]:
        """Read the stored rows of a table in order of insertion."""
        query = "SELECT body FROM rows WHERE company = ? AND kind = ? ORDER BY rowid"
        return [json.loads(body, object_hook=_revive) for (body,) in self._file.execute(query, (company, kind))]

    def clear(self) -> None:
        """Forget everything that is stored."""
        self._file.execute("DELETE FROM rows")

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _write(self) -> None:
        changed = {(id(table), key): table.record(key) for table, key, _ in self._undo}
        if not changed:
            return
        self._file.execute("BEGIN IMMEDIATE")
        try:
            for company, kind, key, row in changed.values():
                if row is None:
                    delete = "DELETE FROM rows WHERE company = ? AND kind = ? AND key = ?"
                    self._file.execute(delete, (company, kind, key))
                else:
                    self._file.execute(_UPSERT, (company, kind, key, json.dumps(row, default=_preserve)))
            self._file.execute("COMMIT")
        except BaseException:
            self._file.execute("ROLLBACK")
            raise


def _preserve(value: object) -> dict[str, str]:
    if isinstance(value, Decimal):
        return {"__decimal__": str(value)}
    raise TypeError(f"cannot store {type(value).__name__}")


def _revive(found: dict[str, Any]) -> Any:
    return Decimal(found["__decimal__"]) if "__decimal__" in found else found
