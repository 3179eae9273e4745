"""What every clerk would have to do first is done once, in the process they are forked from.

A run replaces its clerks all the time, and each compiled the same statements anew: most of what it
did before it died. Loaded before the first clerk, this lets some people work on a project of their
own. What was compiled stays, by the statements that were compiled. Statements that are built once
and kept are forgotten again: a planted bug may have a word in how they are built.
"""

from __future__ import annotations

import random
import sys
from functools import partial
from typing import Any

from sqlalchemy import Engine

from app.accounts.people import Who
from app.errors import Failure
from bench import compiled
from bench.chaos import steps
from bench.chaos.history import History, Line
from bench.chaos.lead import Lead
from bench.chaos.reviewer import Reviewer, Tally
from bench.chaos.run import store
from bench.chaos.seeding import Person, make_world

ANSWERS = 60
PEOPLE = 3


class Here:
    """Requests are done in this process."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.rng = engine, random.Random(1)

    def ask(self, who: Person, name: str, body: Line) -> tuple[str, Line]:
        asking = Who(who.id, who.pseudonym, who.name, email="", is_admin=False)
        try:
            if name == "look":
                return "ok", steps.look(self.engine, body["project"], who.id)
            return "ok", steps.perform(self.engine, asking, name, body, self.rng)
        except Failure as refused:
            return "fail", {"code": refused.code}


def work() -> None:
    """A little of everything that is asked in a run."""
    with store("sqlite") as here:
        world = make_world(here.engine, examples=ANSWERS, reviewers=PEOPLE, seed=1)
        door, history, tally = Here(here.engine), History(), Tally()
        given: tuple[Any, ...] = (world, door, history, tally)
        people = [Reviewer(n, who, *given, seed=1) for n, who in enumerate(world.reviewers)]
        assert world.lead is not None
        lead = Lead(PEOPLE, world.lead, *given, seed=1, target=0)
        for enough in range(ANSWERS // 4, ANSWERS, ANSWERS // 4):
            for one in people:
                one.work(partial(_answered, tally, enough))
            lead.open_again()
        for act in (one.undo, one.redo, one.change):
            act()
        lead.take_off()
        lead.close_one()


def _answered(tally: Tally, enough: int) -> bool:
    return tally.acknowledged >= enough


def forget() -> None:
    """Nothing that the code of the app keeps for itself is left."""
    for name, module in list(sys.modules.items()):
        if name.startswith("app."):
            for thing in vars(module).values():
                if callable(getattr(thing, "cache_clear", None)):
                    thing.cache_clear()


compiled.share()
work()
forget()
