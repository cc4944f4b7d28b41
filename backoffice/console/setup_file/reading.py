"""From the text of a set-up file to entries. Nothing is asked of the database here."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any

import yaml

from backoffice.connections.providers import ConfigField, config_fields
from backoffice.console.setup_file import schema
from backoffice.console.setup_file.schema import REFUSED, Field, keys
from backoffice.console.setup_file.tree import Block, Problem, SetupRefused, Tree, line_of, suggestion
from backoffice.contracts.errors import Misconfigured
from backoffice.webhooks.models import EventType


@dataclass(slots=True)
class Entry:
    """One thing of the file: its values by column, and the line of each. What it does not say is not in it."""

    line: int
    values: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)

    def line_for(self, column: str) -> int:
        """Give the line that a column's value stands in, or where the thing begins."""
        return self.lines.get(column, self.line)


@dataclass(slots=True)
class PointEntry(Entry):
    """A sales point, with what is done with its documents where the file says so."""

    documents: Entry | None = None


@dataclass(slots=True)
class ConnectionEntry(Entry):
    """A connection, with its provider's settings and the names of the variables that hold its secrets."""

    settings: dict[str, str] = field(default_factory=dict)
    secrets_from_env: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class ClientEntry(Entry):
    """A client with all that stands under it."""

    seller: Entry | None = None
    sales_points: list[PointEntry] = field(default_factory=list)
    connections: list[ConnectionEntry] = field(default_factory=list)
    payment_rules: list[Entry] = field(default_factory=list)
    sales_rules: list[Entry] = field(default_factory=list)
    payout_accounts: list[Entry] = field(default_factory=list)
    webhooks: list[Entry] = field(default_factory=list)


LISTS = ("connections", "sales_points", "payment_methods", "sales_mapping", "payout_accounts", "webhooks")


def read_setup(text: str) -> list[ClientEntry]:
    """Read a whole file; raise SetupRefused with every problem and its line."""
    tree = Tree()
    root = tree.compose(text)
    if root is None:
        raise SetupRefused([Problem(1, "The file is empty. Begin with `clients:`.")])
    block = tree.block(root, "the file")
    tree.only(block, ["clients"])
    clients = [_client(tree, node) for node in tree.items(block, "clients")]
    _once(tree, clients, "client", "key")
    if tree.problems:
        raise SetupRefused(tree.problems)
    return clients


def _client(tree: Tree, node: Any) -> ClientEntry:
    block = tree.block(node, "a client")
    tree.only(block, [*keys(schema.CLIENT), "policies", "seller", *LISTS])
    entry = ClientEntry(block.line)
    _take(tree, block, schema.CLIENT, entry)
    _take_under(tree, block, "policies", schema.POLICIES, entry)
    _require(tree, entry, schema.CLIENT[:1])
    entry.seller = _under(tree, block, "seller", schema.SELLER)
    entry.sales_points = [_sales_point(tree, one) for one in tree.items(block, "sales_points")]
    entry.connections = [_connection(tree, one) for one in tree.items(block, "connections")]
    entry.payment_rules = [_rule(tree, one, schema.PAYMENT_RULE) for one in tree.items(block, "payment_methods")]
    entry.sales_rules = [_rule(tree, one, schema.SALES_RULE) for one in tree.items(block, "sales_mapping")]
    entry.payout_accounts = [_payout_account(tree, one) for one in tree.items(block, "payout_accounts")]
    entry.webhooks = [_webhook(tree, one) for one in tree.items(block, "webhooks")]
    _once(tree, entry.sales_points, "sales point", "key")
    _once(tree, entry.connections, "connection", "key")
    _once(tree, entry.payment_rules, "rule for payment method", "method", "sales_point")
    _once(tree, entry.sales_rules, "rule for group", "group", "vat_rate", "sales_point")
    _once(tree, entry.payout_accounts, "account with", "provider", "external_id", "currency")
    return entry


def _sales_point(tree: Tree, node: Any) -> PointEntry:
    block = tree.block(node, "a sales point")
    tree.only(block, [*keys(schema.SALES_POINT), "dimensions", "branding_theme", "documents"])
    entry = PointEntry(block.line)
    _take(tree, block, schema.SALES_POINT, entry)
    _take_under(tree, block, "branding_theme", schema.THEMES, entry)
    _require(tree, entry, schema.SALES_POINT[:1])
    entry.documents = _under(tree, block, "documents", schema.DOCUMENTS)
    if "dimensions" in block.nodes:
        codes = Entry(block.key_lines["dimensions"])
        _take_under(tree, block, "dimensions", schema.DIMENSIONS, codes)
        entry.values["dimensions"] = {kind: code for kind, code in codes.values.items() if code}
        entry.lines["dimensions"] = codes.line
    return entry


def _connection(tree: Tree, node: Any) -> ConnectionEntry:
    block = tree.block(node, "a connection")
    entry = ConnectionEntry(block.line)
    _take(tree, block, schema.CONNECTION, entry)
    _require(tree, entry, schema.CONNECTION[:2])
    own = [*keys(schema.CONNECTION), "secrets_from_env"]
    try:
        fields = config_fields(entry.values.get("provider", ""))
    except Misconfigured as error:
        if "provider" in entry.values:
            tree.complain(entry.line_for("provider"), error.message)
        return entry
    plain = [one for one in fields if not one.is_secret]
    secret = [one.name for one in fields if one.is_secret]
    for name in [one for one in secret if one in block.nodes]:
        text = f"{name} is a secret and never stands in this file. Name an environment variable in secrets_from_env."
        tree.complain(block.key_lines[name], text)
    tree.only(block, [*own, *(one.name for one in plain), *secret])
    settings = Entry(block.line)
    _take(tree, block, tuple(_setting(one) for one in plain), settings)
    entry.settings = settings.values
    entry.lines |= settings.lines
    variables = Entry(block.line)
    _take_under(tree, block, "secrets_from_env", tuple(Field(name) for name in secret), variables)
    entry.secrets_from_env = variables.values
    entry.lines |= variables.lines
    return entry


def _setting(one: ConfigField) -> Field:
    choices = [value for value, _ in one.choices]
    return Field(one.name, schema.one_of(*choices) if choices else str, empty="")


def _rule(tree: Tree, node: Any, fields: tuple[Field, ...]) -> Entry:
    """Read a mapping rule. It stands as a whole: what it leaves out is empty."""
    block = tree.block(node, "a rule")
    tree.only(block, keys(fields))
    entry = Entry(block.line)
    _take(tree, block, fields, entry)
    _require(tree, entry, fields)
    entry.values = {one.name: one.empty for one in fields if one.empty is not REFUSED} | entry.values
    return entry


def _payout_account(tree: Tree, node: Any) -> Entry:
    block = tree.block(node, "an account with a payment provider")
    tree.only(block, keys(schema.PAYOUT_ACCOUNT))
    entry = Entry(block.line)
    _take(tree, block, schema.PAYOUT_ACCOUNT, entry)
    _require(tree, entry, schema.PAYOUT_ACCOUNT)
    return entry


def _webhook(tree: Tree, node: Any) -> Entry:
    block = tree.block(node, "a webhook")
    tree.only(block, [*keys(schema.WEBHOOK), "event_types"])
    entry = Entry(block.line)
    _take(tree, block, schema.WEBHOOK, entry)
    _require(tree, entry, schema.WEBHOOK)
    if "event_types" in block.nodes:
        entry.values["event_types"] = _words(tree, block, "event_types", EventType.values)
        entry.lines["event_types"] = block.key_lines["event_types"]
    return entry


def _words(tree: Tree, block: Block, key: str, choices: list[str]) -> list[str]:
    """Read a list of words from a fixed choice, each once."""
    words: list[str] = []
    for node in tree.items(block, key):
        word = node.value if isinstance(node, yaml.ScalarNode) else ""
        if word not in choices:
            tree.complain(line_of(node), f"{key}: {word!r} is not possible here. {suggestion(word, choices)}")
        elif word not in words:
            words.append(word)
    return words


def _take(tree: Tree, block: Block, fields: Iterable[Field], entry: Entry) -> None:
    for one in fields:
        scalar = tree.scalar(block, one.key)
        if scalar is None:
            continue
        entry.lines[one.name] = scalar.line
        if scalar.text is None and one.empty is REFUSED:
            tree.complain(scalar.line, f"{one.key} has no value. Give it one, or leave the key out.")
        elif scalar.text is None:
            entry.values[one.name] = one.empty
        else:
            try:
                entry.values[one.name] = one.read(scalar.text)
            except ValueError as error:
                tree.complain(scalar.line, f"{one.key}: {error}")


def _take_under(tree: Tree, block: Block, key: str, fields: tuple[Field, ...], entry: Entry) -> None:
    if key not in block.nodes:
        return
    inner = tree.block(block.nodes[key], key)
    tree.only(inner, keys(fields))
    _take(tree, inner, fields, entry)


def _under(tree: Tree, block: Block, key: str, fields: tuple[Field, ...]) -> Entry | None:
    """Read the pairs under a key as a thing of their own, None where the key is missing."""
    if key not in block.nodes:
        return None
    entry = Entry(block.key_lines[key])
    _take_under(tree, block, key, fields, entry)
    return entry


def _require(tree: Tree, entry: Entry, fields: Iterable[Field]) -> None:
    for one in fields:
        if one.is_required and one.name not in entry.lines:
            tree.complain(entry.line, f"{one.key} is missing.")


def _once(tree: Tree, entries: Iterable[Entry], what: str, *columns: str) -> None:
    """Complain about two entries for the same thing."""
    first: dict[Hashable, int] = {}
    for entry in entries:
        identity = tuple(entry.values.get(name) for name in columns)
        if identity in first:
            name = entry.values.get(columns[0])
            tree.complain(entry.line, f"A second {what} {name}; the first stands in line {first[identity]}. Keep one.")
        first.setdefault(identity, entry.line)
