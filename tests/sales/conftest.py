"""The small world with its sandbox."""

from tests.world import sandbox, world

__all__ = ["sandbox", "world"]
