"""docs/api.md tells the truth: its examples run, and its table of problems is complete."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from backoffice.api.problems import KINDS
from tests.api.conftest import Api
from tests.sales.tills import DAYS

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
SHELL = re.compile(r"```sh\n(.*?)```", re.DOTALL)
#: a command and the status that the page promises under it
EXAMPLE = re.compile(r"(curl .*?)\n# (\d{3})", re.DOTALL)


def run(api: Api, command: str) -> Any:
    """Do what curl would do, against the application itself."""
    words = shlex.split(command.replace("\\\n", " ").replace("$API", "").replace("$KEY", api.key))
    assert words.pop(0) == "curl"
    method, path, headers = "GET", "", {}
    body: Any = None
    while words:
        match words.pop(0):
            case "-X":
                method = words.pop(0)
            case "-H":
                name, _, value = words.pop(0).partition(": ")
                headers[name] = value
            case "-d":
                body = json.loads(words.pop(0))
            case "--data-binary":
                assert words.pop(0).startswith("@")
                body = DAYS.encode()
            case word:
                path = word
    return api.send(method, path, body, **headers)


def test_the_examples_run_in_their_order_and_answer_as_the_page_says(api: Api) -> None:
    examples = [example for block in SHELL.findall(PAGE) for example in EXAMPLE.findall(block)]
    assert len(examples) == 14
    assert sum(block.count("curl ") for block in SHELL.findall(PAGE)) == 14
    for command, status in examples:
        answer = run(api, command)
        assert answer.status_code == int(status), (command, answer.content)


def test_the_example_of_a_problem_is_the_real_one(api: Api) -> None:
    shown = json.loads(re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)[0])
    body: dict[str, Any] = {
        "reference": "9",
        "kind": "cash_sale",
        "sold_at": "2026-11-20T14:00:00+01:00",
        "currency": "NOK",
        "lines": [{"description": "Tea", "vat_rate": "15.00", "amount": 30.0}],
        "total": "30.00",
    }
    real = api.post("/sales", body).json()
    assert {**real, "request_id": ""} == {**shown, "request_id": ""}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_every_kind_of_problem_is_explained(kind: Any) -> None:
    assert f"| `{kind.code}` | {kind.status} | " in PAGE


def test_no_kind_of_problem_is_explained_that_does_not_exist() -> None:
    assert set(re.findall(r"^\| `(\w+)` \| \d{3} \|", PAGE, re.MULTILINE)) == {kind.code for kind in KINDS}
