"""Dimensions of documents and lines: department, location, project and the three custom ones, by id or
code."""

from typing import Any

from .books import Books
from .errors import invalid, not_found
from .store import Row, Table

NAMES = ("Department", "Location", "Project", "Dim1", "Dim2", "Dim3")
NONE = -1


def _table(books: Books, name: str) -> Table:
    tables = {"Department": books.departments, "Location": books.locations, "Project": books.projects}
    return tables.get(name, books.dimensions)


def _ordinal(name: str) -> int | None:
    return int(name[3]) if name.startswith("Dim") else None


def _by_code(books: Books, name: str, code: str, title: str) -> Row:
    ordinal = _ordinal(name)
    found = _table(books, name).find("code", code if ordinal is None else (ordinal, code))
    if not found:
        raise not_found(f"{name} with code = '{code}' not found.", title)
    return found[0]


def _by_id(books: Books, name: str, key: int, title: str) -> Row:
    row = _table(books, name).get(key)
    if row is None or (_ordinal(name) is not None and row["Ordinal"] != _ordinal(name)):
        raise not_found(f"{name} with id = {key} not found.", title)
    return row


def resolve(books: Books, values: dict[str, Any], title: str, inherited: Row | None = None) -> Row:
    """Give `<Name>Id` and `<Name>Code` of all six dimensions; the id wins over the code, -1 means none.

    What is not given comes from `inherited`. Unknown ones are 404, inactive ones 400.
    """
    found: Row = {}
    for name in NAMES:
        key, code = values.get(f"{name}Id"), values.get(f"{name}Code")
        row: Row | None = None
        if key is None and code is None and inherited is not None:
            found[f"{name}Id"], found[f"{name}Code"] = inherited[f"{name}Id"], inherited[f"{name}Code"]
            continue
        if key is not None and key != NONE:
            row = _by_id(books, name, key, title)
        elif key is None and code is not None and code != str(NONE):
            row = _by_code(books, name, code, title)
        if row is not None and not row["IsActive"]:
            raise invalid(title, f"{name} '{row['Code']}' is not active.")
        found[f"{name}Id"] = row["Id"] if row else None
        found[f"{name}Code"] = row["Code"] if row else None
    return found
