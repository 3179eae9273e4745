"""Who may do what: every person at every route, against the checked-in `matrix.csv`.

`yes` is done, `not now` is let in and refused for what was asked, `hidden` is 404, `no` is 403;
`refused` is any of the three.
Whoever is refused has changed nothing: all that is stored is compared, row by row. The test prints
the lines it saw and did not find, to be read before they are kept. Public routes have a list and
sweeps of their own (`test_nobody_gets_in.py`).
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

from tests.sweeps.doors import FIRST_DOORS, door
from tests.sweeps.persons import NEVER_IN, PERSONS, Crowd, Person
from tests.sweeps.routes import UNSAFE, Route, every_route
from tests.sweeps.told import told

KEPT = Path(__file__).with_name("matrix.csv")
BOOKKEEPING = frozenset({"signin_try", "login_session.seen_at", "token.used_at"})
"""What is written whoever asks, and of who is refused as well: tries and times of last use."""

AWAITED: frozenset[tuple[str, str]] = frozenset()
"""Cells of the matrix (route, person) that the code does not keep yet; left out until it does."""

REFUSED = ("hidden", "no", "not now")


def kept_lines() -> dict[str, list[str]]:
    with KEPT.open(newline="") as file:
        kept = {row[0]: row[1:] for row in csv.reader(file)}
    assert kept.pop("route") == list(PERSONS)
    return kept


def private_routes(crowd: Crowd) -> list[Route]:
    return [route for route in every_route(crowd.world.cast.app) if not route.public]


def asked(route: Route, person: Person):
    return FIRST_DOORS.get(route.name, door(route.name)).open(route, person)


def word(route: Route, answer) -> str:
    """What an answer says of who asked."""
    status = answer.status_code
    if "These fields are wrong" in answer.text:
        return "no valid input could be made: give its model an example"
    if status >= 500:
        return str(status)
    to_sign_in = status == 303 and answer.headers["location"].startswith("/signin")
    if (to_sign_in and route.path != "/signout") or "sign_in_needed" in answer.text:
        return "sign in"
    return {404: "hidden", 403: "no"}.get(status, "yes" if status < 400 else "not now")


def fits(seen: str, due: str) -> bool:
    return seen == due or (due == "refused" and seen in REFUSED)


def test_every_route_has_a_line_and_every_line_a_route(crowd: Crowd):
    names = {route.name for route in private_routes(crowd)}
    kept = kept_lines()
    assert not names - kept.keys(), f"not in {KEPT.name}: {told(sorted(names - kept.keys()))}"
    assert not kept.keys() - names, f"no route any more: {told(sorted(kept.keys() - names))}"
    assert list(kept) == sorted(kept), "its lines stand in order"
    assert not {name for name, _ in AWAITED} - names


def test_the_matrix_of_persons_and_routes_holds(afresh, crowd: Crowd):
    """With all that comes of it: so on SQLite, which is put back after every act."""
    world, kept, out, left = crowd.world, kept_lines(), io.StringIO(), []
    before = world.fingerprint(but=BOOKKEEPING)
    for route in private_routes(crowd):
        row = []
        for name in PERSONS:
            answer = asked(route, crowd.persons[name])
            row.append(word(route, answer))
            if world.written():
                if answer.status_code >= 400 and world.fingerprint(but=BOOKKEEPING) != before:
                    left.append((route.name, name, answer.status_code))
                world.restore()
            if route.path == "/signout":
                crowd.persons[name].client.come_back()
        said = kept.get(route.name, [])
        seen = [
            old if (route.name, name) in AWAITED or fits(new, old) else new
            for name, new, old in zip(PERSONS, row, said or row, strict=True)
        ]
        if seen != said:
            csv.writer(out, lineterminator="\n").writerow([route.name, *row])
    assert not left, f"refused, and yet something is stored: {told(left)}"
    assert not out.getvalue(), f"seen, and not in {KEPT.name} like this:\n{out.getvalue()}"


def test_who_is_refused_is_refused_on_both_databases_and_changes_nothing(crowd: Crowd):
    """On SQLite the test above has seen all but those whom nobody knows.

    On the other one who is refused is refused alike; here is tried what might change something.
    """
    world, kept, odd = crowd.world, kept_lines(), []
    for name in NEVER_IN if world.file else (*NEVER_IN, *PERSONS):
        before = world.fingerprint(but=BOOKKEEPING)
        for route in private_routes(crowd):
            if route.path == "/signout" or not (world.file or route.method in UNSAFE):
                continue  # leads to the sign-in page, whoever asks
            place = PERSONS.index(name) if name in PERSONS else -1
            due = "sign in" if place < 0 else kept[route.name][place]
            if due in ("yes", "not now") or (route.name, name) in AWAITED:
                continue
            seen = word(route, asked(route, crowd.persons[name]))
            if not fits(seen, due):
                odd.append((name, route.name, due, seen))
        assert world.fingerprint(but=BOOKKEEPING) == before, f"{name} was refused, not all the way"
    assert not odd, told(odd)
