"""The house keeps its own rules: sizes, one writer of a state, pages that name what there is."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings

from backoffice.connections.states import DeliveryState, EventState
from backoffice.invoices.states import DocumentState, RunState, SendingState
from backoffice.sales.till_import_states import TillImportState
from backoffice.settlements.states import PayoutState
from backoffice.vouchers.states import AttachmentState, PaperState, VoucherState
from backoffice.webhooks.states import HookState

ROOT: Path = settings.BASE_DIR
SOURCES = [p for d in ("backoffice", "integrations") for p in (ROOT / d).rglob("*.py") if "migrations" not in p.parts]
TESTS = list((ROOT / "tests").rglob("*.py"))
MAX_LINES, MAX_TEST_LINES, MAX_FUNCTION_LINES = 300, 400, 60
#: the only modules that move a state, each through the compare-and-swap or an update that counts rows
STATE_WRITERS = {
    "backoffice/common/transitions.py",
    "backoffice/sales/marks.py",
    "backoffice/sales/closings.py",
}


def short(path: Path) -> str:
    """Name a file as people do."""
    return path.relative_to(ROOT).as_posix()


def test_no_file_holds_two_ideas() -> None:
    long = [short(p) for p in SOURCES if p.read_text().count("\n") > MAX_LINES and p.name != "settings.py"]
    long += [short(p) for p in TESTS if p.read_text().count("\n") > MAX_TEST_LINES]

    assert long == []


def test_functions_fit_on_a_page() -> None:
    long = [
        f"{short(path)}:{node.lineno} {node.name}"
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno >= MAX_FUNCTION_LINES
    ]

    assert long == []


def public_things(path: Path) -> list[ast.Module | ast.FunctionDef | ast.ClassDef]:
    """Give a module and what it offers."""
    tree = ast.parse(path.read_text())
    offered = [
        node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
    ]
    return [tree, *offered] if tree.body else []


def test_every_public_thing_says_what_it_gives() -> None:
    silent = [
        f"{short(path)}:{getattr(node, 'lineno', 1)}"
        for path in SOURCES
        for node in public_things(path)
        if ast.get_docstring(node) is None
    ]

    assert silent == []


def test_nobody_swallows_an_exception_or_uses_floats_for_money() -> None:
    wrong = []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ExceptHandler) and all(isinstance(one, ast.Pass) for one in node.body):
                line = path.read_text().splitlines()[node.body[0].lineno - 1]
                if "#" not in line:
                    wrong.append(f"{short(path)}:{node.lineno} swallows without a reason")
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "float":
                wrong.append(f"{short(path)}:{node.lineno} float()")

    assert wrong == []


def test_a_state_has_one_writer() -> None:
    writes = re.compile(r"\.state = |\.update\([^)]*\bstate=")
    wrong = [
        short(path)
        for path in SOURCES
        if short(path) not in STATE_WRITERS
        and path.is_relative_to(ROOT / "backoffice")
        and writes.search(path.read_text())
    ]

    assert wrong == []


@pytest.mark.parametrize(
    "states",
    [
        VoucherState,
        DeliveryState,
        EventState,
        DocumentState,
        SendingState,
        AttachmentState,
        PaperState,
        PayoutState,
        HookState,
        TillImportState,
        RunState,
    ],
)
def test_every_state_is_on_the_page(states: type[VoucherState]) -> None:
    page = (ROOT / "docs" / "states.md").read_text()

    assert [state for state in states if f"| {state.value} |" not in page] == []


def test_every_task_of_the_schedule_is_on_the_page() -> None:
    from backoffice.worker.schedule import SCHEDULE

    page = (ROOT / "docs" / "operations.md").read_text()

    assert [task.name for task in SCHEDULE if task.name not in page] == []


def test_every_setting_from_the_environment_is_on_the_page_and_no_other() -> None:
    code = (ROOT / "backoffice" / "settings.py").read_text()
    named = set(re.findall(r'(?:env\.\w+|kept_secret)\(\s*"([A-Z_]+)"', code))
    page = (ROOT / "docs" / "settings.md").read_text()
    on_page = set(re.findall(r"^\| `([A-Z_]+)` \|", page, re.MULTILINE))

    assert named - on_page == set()
    assert on_page - named == set()


@pytest.mark.parametrize("provider", ["poweroffice", "woocommerce"])
def test_a_provider_has_the_files_that_every_provider_has(provider: str) -> None:
    folder = ROOT / "integrations" / provider

    assert [name for name in ("config.py", "api.py", "wire.py", "adapter.py") if not (folder / name).exists()] == []
    assert (folder / "sandbox").is_dir() or (folder / "sandbox.py").exists()


def test_nothing_names_the_place_where_it_was_written() -> None:
    words = ("/work" + "/", "/root" + "/", "/home" + "/")
    found = [
        f"{short(path)}: {word}"
        for path in [*SOURCES, *TESTS, *ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
        for word in words
        if word in path.read_text().lower()
    ]

    assert found == []
