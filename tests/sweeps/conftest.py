"""The furnished world, for every sweep."""

from __future__ import annotations

import pytest

from tests.sweeps.persons import crowd
from tests.sweeps.world import World, world

__all__ = ["afresh", "crowd", "world"]


@pytest.fixture
def afresh(world: World) -> World:
    """A world that can be put back after each step: SQLite's file is copied over."""
    if world.file is None:
        pytest.skip("who may do what does not depend on the database; SQLite is put back faster")
    return world
