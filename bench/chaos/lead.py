"""The lead of a run: opens examples again, hands a batch to fewer people, closes one, goes away."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from bench.chaos.reviewer import Reviewer

ACTS = ("open_again", "take_off", "open_again", "put_away", "open_again", "close_one")
AWAY = 0.3  # seconds for which the project is archived


class Lead(Reviewer):
    """Acts now and then while the others answer; answers nothing."""

    def __init__(self, *given: Any, target: int, **named: Any) -> None:
        super().__init__(*given, **named)
        self.target = target

    def work(self, until: Callable[[], bool]) -> None:
        """One act after another as the run gets on; at the end everybody may go on."""
        for place, act in enumerate(ACTS, start=1):
            while self.tally.acknowledged < place * self.target / (len(ACTS) + 1):
                if until():
                    return self.let_in()
                time.sleep(0.02)
            getattr(self, act)()
        return self.let_in()

    def open_again(self) -> None:
        """Some example that is decided by now; the others are refused."""
        for _ in range(8):
            example = self.rng.choice(list(self.world.given))
            body = {"project": self.world.project_id, "example": example, "key": self.key()}
            if self.settle("reopen", body)[0] == "ok":
                return

    def take_off(self) -> None:
        """The batch is for all but one from now on."""
        people = [who.id for who in self.world.reviewers]
        people.remove(self.rng.choice(people))
        self.settle("people", {"batch": self.world.batches[-1], "people": people})

    def let_in(self) -> None:
        self.settle("people", {"batch": self.world.batches[-1], "people": []})

    def put_away(self) -> None:
        for archived in (True, False):
            self.settle("archive", {"slug": self.world.slug, "archived": archived})
            time.sleep(AWAY * archived)

    def close_one(self) -> None:
        self.settle("close", {"batch": self.world.batches[0]})
