"""The tests of this folder run against a real sandbox."""

from tests.world import sandbox, world

__all__ = ["sandbox", "world"]
