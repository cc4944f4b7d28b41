"""Cells of CSV files for spreadsheets, as Norwegian and Polish ones open them."""

from __future__ import annotations

from decimal import Decimal

#: a cell that begins so would be run as a formula
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def plain_cell(text: object) -> str:
    """Write a text so that no spreadsheet runs it."""
    cell = str(text)
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def decimal_cell(value: Decimal) -> str:
    """Write a number with a decimal comma."""
    return str(value).replace(".", ",")
