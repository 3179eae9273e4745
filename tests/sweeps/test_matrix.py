"""Who may do what: every role at every route, against the checked-in `matrix.csv`.

`yes` is let in (the answer may still refuse what was asked for), `hidden` is 404, `no` is 403.
A line may end in `*`: project addresses are the leads', unless a line of their own says more. The
test prints the lines it saw and did not find, to be read before they are kept.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

from tests.sweeps.filling import Filler
from tests.sweeps.routes import Route, every_route
from tests.sweeps.told import told
from tests.sweeps.world import World, in_bodies

KEPT = Path(__file__).with_name("matrix.csv")
ROLES = ("stranger", "reviewer", "expert", "lead", "admin")


def kept_lines() -> dict[str, list[str]]:
    with KEPT.open(newline="") as file:
        kept = {row[0]: row[1:] for row in csv.reader(file)}
    assert kept.pop("route") == list(ROLES)
    return kept


def expected(route: Route, kept: dict[str, list[str]]) -> list[str] | None:
    """The route's own line, or the longest that covers it."""
    if route.name in kept:
        return kept[route.name]
    covering = [
        name
        for name in kept
        if name.endswith("*") and route.path.startswith(name.removeprefix("* ").rstrip("*"))
    ]
    return kept[max(covering, key=len)] if covering else None


def seen(world: World, route: Route, role: str) -> str:
    known = in_bodies(world.ours) | {
        name: value for name, value in world.ours.items() if "{" + name in route.path
    }
    client = getattr(world.cast, role)
    answer = Filler(known, texts=lambda name: f"some {name}").request(route).send(client)
    if route.method != "GET":
        world.restore()
        client.come_back()
    if "These fields are wrong" in answer.text:
        return "no valid input could be made: give its model an example"
    if answer.status_code >= 500:
        return str(answer.status_code)
    return {404: "hidden", 403: "no"}.get(answer.status_code, "yes")


def test_the_matrix_of_roles_and_routes_holds(afresh: World):
    kept, out, names = kept_lines(), io.StringIO(), set()
    for route in every_route(afresh.cast.app):
        if route.public:
            continue
        names.add(route.name)
        row = [seen(afresh, route, role) for role in ROLES]
        if row != expected(route, kept):
            csv.writer(out, lineterminator="\n").writerow([route.name, *row])
    assert not out.getvalue(), f"seen, and not in {KEPT.name} like this:\n{out.getvalue()}"
    gone = {name for name in kept if not name.startswith("*")} - names
    assert not gone, f"in {KEPT.name}, and no route any more: {told(sorted(gone))}"
