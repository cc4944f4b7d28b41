"""Read files that people download: CSV, XML and the sheet of an XLSX, each hardened against hostile ones.

XML: no entities, no DTD, no network, a DOCTYPE is refused. XLSX: the sheet's own XML is read, since the styles of some
portals' files stop spreadsheet libraries; unpacking ends at MAX_REPORT_BYTES.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TypeAlias

from lxml import etree

from integrations.reading import MAX_REPORT_BYTES, check_size, refuse, text_of

Element: TypeAlias = etree._Element
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
MAX_COLUMNS = 200
MAX_ROWS = 1_000_000
#: day 0 of a spreadsheet's dates
FIRST_DAY = date(1899, 12, 30)
_CELL = re.compile(r"([A-Z]{1,3})\d+")


def xml_root(body: bytes) -> Element:
    """Parse XML and give its root. Raises UnreadablePayload naming the line."""
    check_size(body)
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, dtd_validation=False, no_network=True, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise refuse(
            f"The file is not whole XML (line {error.lineno}): {error.msg}. Download the report again."
        ) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise refuse("The file has a document type (DOCTYPE), which no payout report has. It is not read.")
    return root


def local_name(element: Element) -> str:
    """Give an element's name without its namespace."""
    return etree.QName(element).localname


def csv_rows(body: bytes) -> list[list[str]]:
    """Give the cells of a CSV, comma, semicolon or tab, whichever the first line with one has most of."""
    text = text_of(body)
    first = next((line for line in text.splitlines() if any(mark in line for mark in ",;\t")), "")
    mark = max(",;\t", key=first.count)
    try:
        rows = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text), delimiter=mark, strict=True)]
    except csv.Error as error:
        raise refuse(f"The file is cut short or no CSV: {error}. Download the report again.") from error
    return rows


def is_sheet(body: bytes) -> bool:
    """Say whether a file begins as an XLSX does."""
    return body.startswith(b"PK\x03\x04")


def sheet_rows(body: bytes) -> list[list[str]]:
    """Give the cells of an XLSX's first sheet as text, numbers with the digits that stand in the file."""
    check_size(body)
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            names = set(packed.namelist())
            sheet = next((name for name in sorted(names) if re.fullmatch(r"xl/worksheets/sheet\d*\.xml", name)), "")
            if not sheet:
                raise refuse("The file is no spreadsheet (XLSX). Download the report as XML or CSV.")
            shared: list[str] = []
            if "xl/sharedStrings.xml" in names:
                strings = xml_root(_unpacked(packed, "xl/sharedStrings.xml"))
                shared = [_texts(one) for one in strings.iterchildren(f"{SHEET}si")]
            root = xml_root(_unpacked(packed, sheet))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise refuse(f"The spreadsheet cannot be unpacked ({error}). Download the report again.") from error
    return [_cells(row, shared) for row in root.iter(f"{SHEET}row")]


def _unpacked(packed: zipfile.ZipFile, name: str) -> bytes:
    with packed.open(name) as stream:
        content = stream.read(MAX_REPORT_BYTES + 1)
    if len(content) > MAX_REPORT_BYTES:
        raise refuse("The spreadsheet is larger unpacked than any report. It is not read.")
    return content


def _cells(row: Element, shared: Sequence[str]) -> list[str]:
    cells: list[str] = []
    for cell in row.iterchildren(f"{SHEET}c"):
        found = _CELL.fullmatch(cell.get("r", ""))
        column = _column(found[1]) if found else len(cells)
        if column >= MAX_COLUMNS or column < len(cells):
            raise refuse(f"The spreadsheet's cell {cell.get('r')} is out of place. Download the report again.")
        cells += [""] * (column - len(cells)) + [_cell_text(cell, shared).strip()]
    return cells


def _cell_text(cell: Element, shared: Sequence[str]) -> str:
    value = cell.findtext(f"{SHEET}v") or ""
    if cell.get("t") == "inlineStr":
        return _texts(cell)
    if cell.get("t") != "s":
        return value
    if not value.isdecimal() or int(value) >= len(shared):
        raise refuse(f"The spreadsheet's cell {cell.get('r')} has no text. Download the report again.")
    return shared[int(value)]


def _texts(element: Element) -> str:
    return "".join(str(one) for one in element.itertext(f"{SHEET}t"))


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def sheet_day(text: str) -> str:
    """Give a date cell as text: a whole number of days becomes an ISO date, everything else stays.

    >>> sheet_day("45981"), sheet_day("20.11.2025")
    ('2025-11-20', '20.11.2025')
    """
    whole = text.partition(".")[0]
    is_number = whole.isdecimal() and len(whole) == 5 and text.count(".") < 2
    return (FIRST_DAY + timedelta(days=int(whole))).isoformat() if is_number else text


def by_name(header: Sequence[str], cells: Sequence[str]) -> Mapping[str, str]:
    """Give a row's cells by the names in its header, compared without case and spaces; missing cells are empty."""
    padded = [*cells, *[""] * (len(header) - len(cells))]
    return {fold(name): cell for name, cell in zip(header, padded, strict=False) if name}


def fold(name: str) -> str:
    """Give a column's name as it is compared."""
    return "".join(name.split()).casefold()
