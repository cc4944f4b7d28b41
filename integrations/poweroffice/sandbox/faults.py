"""Faults on demand: rules that make chosen requests fail in chosen ways.

    drop_before        close the connection, nothing happened
    commit_then_drop   do it, then close the connection without an answer
    error_500          answer 500, nothing happened
    commit_then_500    do it, then answer 500 (also commit_then_502)
    429, 401           answer as the gateway / an expired token would, nothing happened
    timeout_before     wait `seconds`, then close the connection, nothing happened
    timeout_after      do it, wait `seconds`, then answer (too late)
    slow               wait `seconds`, then do it and answer

A rule skips its first `after` matches, then strikes `count` times (0 = for ever); with
`probability_per_mille` each match strikes with that chance, drawn from `seed`. The first rule that strikes
wins. Paths are compared without /Demo, whatever the case, and `*` stands for anything: "POST /v2/Vouchers/*", "*".
"""

import random
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from .schema import Field, Shape, decimal, one_of, read_fields, text, whole

KINDS = (
    "drop_before",
    "commit_then_drop",
    "commit_then_500",
    "commit_then_502",
    "error_500",
    "429",
    "401",
    "timeout_before",
    "timeout_after",
    "slow",
)
_SHAPE: Shape = {  # what POST /_sandbox/faults takes
    "match": Field(text(200)),
    "kind": Field(one_of(KINDS), required=True),
    "count": Field(whole(32)),
    "after": Field(whole(32)),
    "probability": Field(decimal(3, 0, 1)),
    "seed": Field(whole(32)),
    "seconds": Field(decimal(3, 0, 600)),
}


@dataclass
class Fault:
    """One rule and how often it has been met. `count` 0 = no end; `milliseconds` is for the waiting kinds."""

    kind: str
    match: str = "*"
    count: int = 1
    after: int = 0
    probability_per_mille: int = 1000
    seed: int = 0
    milliseconds: int = 30_000
    seen: int = 0
    struck: int = 0
    _random: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}")
        self._random = random.Random(self.seed)

    def strikes(self, method: str, path: str) -> bool:
        """Tell whether the rule hits this request, and count it."""
        if not _matches(self.match, method, path) or (self.count and self.struck >= self.count):
            return False
        self.seen += 1
        if self.seen <= self.after or self._random.randrange(1000) >= self.probability_per_mille:
            return False
        self.struck += 1
        return True

    def shown(self) -> dict[str, Any]:
        """Give the rule for GET /_sandbox/faults."""
        names = (
            "kind",
            "match",
            "count",
            "after",
            "probability_per_mille",
            "seed",
            "milliseconds",
            "seen",
            "struck",
        )
        return {name: getattr(self, name) for name in names}


def _matches(pattern: str, method: str, path: str) -> bool:
    verb, _, rest = pattern.strip().rpartition(" ")
    if verb and verb.upper() not in ("*", method):
        return False
    return rest == "*" or fnmatchcase(path.lower(), rest.lower())


def read_fault(body: Any) -> Fault:
    """Read a rule from JSON; raise ValueError with a sentence. With a probability, `count` is endless by
    default."""
    given = read_fields(body, _SHAPE)
    per_mille = int(given.get("probability", 1) * 1000)
    return Fault(
        kind=given["kind"],
        match=given.get("match", "*"),
        count=given.get("count", 0 if "probability" in given else 1),
        after=given.get("after", 0),
        probability_per_mille=per_mille,
        seed=given.get("seed", 0),
        milliseconds=int(given.get("seconds", 30) * 1000),
    )


class Faults:
    """The rules in force, in order."""

    def __init__(self) -> None:
        self.rules: list[Fault] = []

    def add(self, kind: str, match: str = "*", **values: Any) -> Fault:
        """Add a rule from Python: `faults.add("commit_then_drop", "POST /v2/Vouchers/*", count=2)`."""
        rule = Fault(kind, match, **values)
        self.rules.append(rule)
        return rule

    def clear(self) -> None:
        """Drop all rules."""
        self.rules.clear()

    def strike(self, method: str, path: str) -> Fault | None:
        """Give the rule that hits a request, if any."""
        return next((rule for rule in self.rules if rule.strikes(method, path)), None)
