"""What all providers share: a name, a configuration that draws its own form, and how they are built."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from typing import Any, ClassVar, Self

from backoffice.contracts.runtime import Runtime


def setting(label: str, *, help_text: str = "", is_secret: bool = False, **keywords: Any) -> dict[str, Any]:
    """Describe one field of a provider's Config for the form and the check: dataclasses.field(metadata=...)."""
    return {"label": label, "help_text": help_text, "is_secret": is_secret, **keywords}


def config_problems(config_class: type, values: Mapping[str, str]) -> list[str]:
    """List what is wrong with stored configuration values, in words; empty when all is well.

    A Config may have a method `problems()` that lists what cannot work together; it is asked when nothing is missing.
    """
    known = {one.name: one for one in fields(config_class)}
    problems = [f"Unknown setting {name!r}." for name in values if name not in known]
    problems += [
        f"{one.metadata.get('label', one.name)} is missing."
        for one in known.values()
        if _is_required(one) and not values.get(one.name)
    ]
    own_check = getattr(config_class, "problems", None)
    if not problems and own_check is not None:
        problems += own_check(config_class(**values))
    return problems


def _is_required(one: Field[Any]) -> bool:
    return one.default is MISSING and one.default_factory is MISSING


class Provider(ABC):
    """One client's link to one outside system. Subclasses implement a contract (accounting, sales ...)."""

    name: ClassVar[str]
    label: ClassVar[str]
    #: frozen dataclass of strings; each field's metadata made by `setting()`
    Config: ClassVar[type]
    #: what it can do, from a fixed list of words (docs/providers.md is made from it)
    capabilities: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    @abstractmethod
    def build(cls, values: Mapping[str, str], runtime: Runtime) -> Self:
        """Make the adapter from stored values; raise Misconfigured when something is missing."""
