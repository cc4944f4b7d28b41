"""Read every sentence that services, rules and adapters say out of the code, and bring sentences.po up to date.

    .venv/bin/python tools/sentences.py            name what is missing or no longer said
    .venv/bin/python tools/sentences.py --write    add what is missing (empty), take out what is no longer said

A sentence is a string or f-string with blanks in a room below the pages, outside docstrings, log calls and texts that
are translated already. Each {…} of an f-string becomes a numbered part: "Account {1} is inactive."
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
LANGUAGES = ("nb", "pl")
ROOMS = (
    *("ledger", "contracts", "common", "clients", "connections", "webhooks", "chart", "vouchers", "sales"),
    *("balances", "settlements", "invoices", "workflows", "worker"),
)
#: what is for developers and machines, and the words of documents, which have languages of their own
NOT_FOR_READERS = {
    *("migrations", "management", "sandbox", "sandbox.py", "store.py", "orders.py", "supervisor"),
    *("checks.py", "machine.py", "middleware.py", "fonts.py", "words.py", "sample.py", "seller.py"),
}
#: calls whose strings nobody reads on a page, or that are translated as texts of pages
NOT_SENTENCES = {
    *("_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "pgettext", "format_html", "mark_safe", "compile"),
    *("debug", "info", "warning", "exception", "critical", "log", "TypeError", "RuntimeError", "AssertionError"),
    *(
        "Field",
        "LookupError",
        "KeyError",
        "NotImplementedError",
        "ImproperlyConfigured",
        "RunPython",
        "getLogger",
        "execute",
    ),
}
#: single words that stand in vouchers, or in sentences as a part
WORDS = (
    *("Tip", "Tips", "Payout", "Row", "department", "location", "project", "rounding", "payouts", "disputes"),
    *("deposits", "corrections", "cancelled", "tips", "created", "same", "revised", "older"),
)
PART = re.compile(r"\{\d+\}")
#: functions that give names and addresses, not sentences
NAMES = {"__str__", "__repr__"}


def sentences() -> dict[str, list[str]]:
    """Give every sentence as a template, with the parts of each as comments for who translates it."""
    found: dict[str, list[str]] = {}
    rooms = [ROOT / "backoffice" / room for room in ROOMS]
    for path in sorted(path for room in (*rooms, ROOT / "integrations") for path in room.rglob("*.py")):
        if not NOT_FOR_READERS.intersection(path.relative_to(ROOT).parts):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            blanks = 2 if "integrations" in path.relative_to(ROOT).parts else 1
            said = [one for one in map(_template, _strings(tree)) if _is_sentence(one[0], blanks)]
            found |= dict([*said, *((label, []) for label in _labels(tree))])
    return found | {text: [] for text in WORDS}


def _labels(tree: ast.AST) -> Iterator[str]:
    """Give the labels of a connection's settings, however short."""
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and _called(call) == "setting" and isinstance(call.args[0], ast.Constant):
            yield str(call.args[0].value)


def _strings(tree: ast.AST) -> Iterator[ast.JoinedStr | ast.Constant]:
    """Walk to the strings of a module, past what is no sentence; an f-string counts as one."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.JoinedStr):
            yield child
            for value in child.values:
                yield from _strings(value)
        elif isinstance(child, ast.Constant):
            if isinstance(child.value, str) and not isinstance(tree, ast.Expr | ast.JoinedStr):
                yield child
        elif isinstance(child, ast.Call) and _called(child) in NOT_SENTENCES:
            continue
        elif isinstance(child, ast.FunctionDef) and child.name in NAMES:
            continue
        elif isinstance(child, ast.Attribute) and isinstance(child.value, ast.Constant):
            continue  # "one two three".split()
        else:
            yield from _strings(child)


def _called(call: ast.Call) -> str:
    return getattr(call.func, "id", "") or getattr(call.func, "attr", "")


def _template(node: ast.JoinedStr | ast.Constant) -> tuple[str, list[str]]:
    if isinstance(node, ast.Constant):
        return str(node.value), []
    text, parts = "", []
    for value in node.values:
        if isinstance(value, ast.FormattedValue):
            parts.append(ast.unparse(value.value))
            text += f"{{{len(parts)}}}"
        elif isinstance(value, ast.Constant):
            text += str(value.value)
    return text, parts


def _is_sentence(text: str, blanks: int) -> bool:
    words = [word for word in PART.sub(" ", text).split() if sum(letter.isalpha() for letter in word) > 2]
    for_machines = any(sign in text for sign in ("<", "\\", "\n", "|", "[", "%Y", "charset")) or (
        text.islower() and ("_" in text or "-src" in text)
    )
    return text.count(" ") >= blanks and len(words) > 0 and not for_machines


def catalogue(language: str) -> Catalog:
    """Read a language's sentences."""
    with _path(language).open("rb") as file:
        return read_po(file, locale=language)


def _path(language: str) -> Path:
    return ROOT / "backoffice" / "locale" / language / "LC_MESSAGES" / "sentences.po"


def write(language: str) -> None:
    """Add what is missing, empty, and take out what is no longer said; translations stay."""
    before = {str(one.id): str(one.string) for one in catalogue(language)} if _path(language).exists() else {}
    after = Catalog(locale=language)
    for text, parts in sorted(sentences().items()):
        named = [f"{{{number}}} {part}" for number, part in enumerate(parts, 1)]
        after.add(text, before.get(text, ""), auto_comments=named)
    with _path(language).open("wb") as file:
        file.write(b"# Sentences that services, rules and adapters say; see tools/sentences.py.\n\n")
        write_po(file, after, width=0, omit_header=True)


def wrong(language: str) -> list[str]:
    """Name what is missing, empty or no longer said in a language, and translations that lost a part."""
    said, there = set(sentences()), {str(one.id): str(one.string) for one in catalogue(language) if one.id}
    return [
        *(f"not translated: {text}" for text in sorted(said) if not there.get(text)),
        *(f"no longer said: {text}" for text in sorted(there.keys() - said)),
        *(f"other parts: {text}" for text, to in sorted(there.items()) if to and _parts(to) != _parts(text)),
    ]


def _parts(text: str) -> set[str]:
    return set(PART.findall(text))


def main() -> int:
    """Write the files, or name what is wrong in them."""
    for language in LANGUAGES:
        if "--write" in sys.argv:
            write(language)
        print(*(f"{language}: {line}" for line in wrong(language)), sep="\n")
    return int(any(wrong(language) for language in LANGUAGES))


if __name__ == "__main__":
    raise SystemExit(main())
