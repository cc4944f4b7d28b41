"""SDMX-JSON of the data set EXR, read by the positions that the answer itself names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from backoffice.contracts.rates import PublishedRate
from integrations.reading import Node, parse_amount, refuse

HOME = "NOK"
#: stand among the currencies and are none: the trade and the import weighted krone
INDICES = frozenset({"TWI", "I44"})
#: quoted for one unit, or for ten to that power: 2 is a hundred
LARGEST_POWER = 4


def rates_of(answer: Node, since: date, until: date) -> tuple[PublishedRate, ...]:
    """Give the rates of one unit, by day and currency. Raises UnreadablePayload for any other shape."""
    data = answer.child("data")
    structure = data.child("structure")
    dimensions = _values(structure.child("dimensions").child("series"))
    attributes = _values(structure.child("attributes").child("series"))
    days = _values(structure.child("dimensions").child("observation")).get("TIME_PERIOD", [])
    place = {name: list(dimensions).index(name) for name in _needed(dimensions, "BASE_CUR", "QUOTE_CUR")}
    power_at = list(_needed(attributes, "UNIT_MULT")).index("UNIT_MULT")
    found = []
    for data_set in data.child("dataSets").objects():
        series = data_set.child("series")
        for key, one in _members(series):
            named = key.split(":")
            quoted = _named(dimensions["QUOTE_CUR"], named, place["QUOTE_CUR"], one)
            if quoted != HOME:
                raise refuse(f"Expected rates in {HOME}, found {quoted}.", one.pointer)
            currency = _named(dimensions["BASE_CUR"], named, place["BASE_CUR"], one)
            if currency in INDICES:
                continue
            places = [str(at.value) for at in one.child("attributes").elements()]
            power = _power(_named(attributes["UNIT_MULT"], places, power_at, one), one)
            for position, value in _members(one.child("observations")):
                on = date.fromisoformat(_named(days, [position], 0, value))
                if not since <= on <= until:
                    raise refuse(f"Expected days from {since} to {until}, found {on}.", value.pointer)
                found.append(PublishedRate(currency, _rate(value) / Decimal(10) ** power, on))
    return tuple(sorted(found, key=lambda rate: (rate.on, rate.currency)))


def _values(described: Node) -> dict[str, list[str]]:
    """Give the values of dimensions or attributes in their order."""
    return {one.text("id"): [value.text("id") for value in one.items("values")] for one in described.objects()}


def _needed(described: Mapping[str, list[str]], *names: str) -> Mapping[str, list[str]]:
    for name in names:
        if name not in described:
            raise refuse(f"Expected {name} among {', '.join(described)}.", "/data/structure")
    return described


def _members(node: Node) -> list[tuple[str, Node]]:
    if not isinstance(node.value, dict):
        raise node.wrong("an object")
    return [(key, node.child(key)) for key in node.value]


def _named(values: list[str], places: list[str], at: int, where: Node) -> str:
    """Give the value that a position stands for."""
    try:
        position = int(places[at])
        if position < 0:
            raise IndexError(position)
        return values[position]
    except (ValueError, IndexError) as error:
        raise refuse(f"Position {at} of {places} names nothing.", where.pointer) from error


def _power(text: str, where: Node) -> int:
    if not (text.isdecimal() and int(text) <= LARGEST_POWER):
        raise refuse(f"Expected a unit multiplier from 0 to {LARGEST_POWER}, found {text}.", where.pointer)
    return int(text)


def _rate(observation: Node) -> Decimal:
    values = list(observation.elements())
    if len(values) != 1 or not isinstance(values[0].value, str):
        raise observation.wrong("a list with one rate as text")
    rate = parse_amount(values[0].value, values[0].pointer)
    if rate <= 0:
        raise values[0].wrong("a rate above 0")
    return rate
