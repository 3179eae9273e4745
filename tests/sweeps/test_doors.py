"""The same act is for the same people, whichever door they come through."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.sweeps.doors import ACTS, FIRST_DOORS, LOOKS_ONLY, NO_ACTS, Door
from tests.sweeps.persons import PERSONS, Crowd
from tests.sweeps.routes import UNSAFE
from tests.sweeps.test_matrix import kept_lines, private_routes, word
from tests.sweeps.told import told

ROOM = Path(__file__).parents[2] / "app" / "actions"
NO_ROOM = {"turn", "errand", "storage", "opening"}  # how acts are opened, what they share

UNLIKE = frozenset({("answering.answer (directly)", "expert")})
"""An expert answers directly by program alone: the page of an example tells who answered what,
which is for leads."""


def acts_written() -> set[str]:
    found = set()
    for file in sorted(ROOM.glob("*.py")):
        if file.stem in NO_ROOM:
            continue
        for node in ast.parse(file.read_text()).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                found.add(f"{file.stem}.{node.name}")
    return found - NO_ACTS


def test_every_act_has_its_doors_written_down(crowd: Crowd):
    listed = {name.partition(" ")[0] for name in ACTS}
    assert listed == acts_written(), told(sorted(listed ^ acts_written()))
    every = [door for doors in ACTS.values() for door in doors if isinstance(door, Door)]
    leading = {door.route for door in every} | LOOKS_ONLY
    changing = {route.name for route in private_routes(crowd) if route.method in UNSAFE}
    assert changing == leading, told(sorted(changing ^ leading))


def test_every_door_of_an_act_is_open_to_the_same_people(afresh, crowd: Crowd):
    """What the matrix has tried already is read there."""
    world, routes = crowd.world, {route.name: route for route in private_routes(crowd)}
    kept, unlike, shut = kept_lines(), [], []

    def said(door: Door, place: int, name: str) -> str:
        written = kept[door.route][place]
        if FIRST_DOORS[door.route] is door and written != "refused":
            return written
        told_to = word(routes[door.route], door.open(routes[door.route], crowd.persons[name]))
        if world.written():
            world.restore()
        return told_to

    for act, doors in ACTS.items():
        ways = [door for door in doors if isinstance(door, Door)]
        answers = {
            name: [said(door, place, name) for door in ways] for place, name in enumerate(PERSONS)
        }
        unlike += [
            (act, name, *zip([door.route for door in ways], told_to, strict=True))
            for name, told_to in answers.items()
            if len({one == "yes" for one in told_to}) > 1 and (act, name) not in UNLIKE
        ]
        for way, told_to in zip(ways, zip(*answers.values(), strict=True), strict=True):
            if "yes" not in told_to and len(ways) > 1:
                shut.append((act, way.route))
    assert not unlike, told(unlike)
    assert not shut, f"nobody comes through, so it proves nothing: {told(shut)}"
