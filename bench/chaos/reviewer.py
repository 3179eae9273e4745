"""A reviewer of a run: claims, answers, changes their mind, asks again until they know."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from bench.chaos.history import History, Line
from bench.chaos.seeding import Person, World

PERSEVERANCE = 90.0  # seconds until a request is given up: longer than anything is away
Habit = tuple[float, str]
HABITS: tuple[Habit, ...] = (
    (0.86, "answer"),
    (0.89, "change"),
    (0.92, "undo"),
    (0.93, "redo"),
    (0.95, "skip"),
    (0.955, "refer"),
    (0.965, "give_back"),
    (0.98, "direct"),
    (0.999, "look"),
    (1.0, "nap"),
)


class Door(Protocol):
    """A way to the store: the phase of what became of a request, and its reply."""

    def ask(self, who: Person, name: str, body: Line) -> tuple[str, Line]: ...


@dataclass
class Tally:
    """What the whole run has got done, for faults to go by."""

    acknowledged: int = 0
    milliseconds: list[float] = field(default_factory=list)
    calm: threading.Event = field(default_factory=threading.Event)  # no more faults
    turn: threading.Lock = field(default_factory=threading.Lock)

    def count(self, milliseconds: float) -> None:
        with self.turn:
            self.acknowledged += 1
            self.milliseconds.append(milliseconds)


class Reviewer:
    """One person at one desk."""

    def __init__(
        self,
        number: int,
        who: Person,
        world: World,
        door: Door,
        history: History,
        tally: Tally,
        *,
        seed: int,
        fresh_keys: bool = False,
        perseverance: float = PERSEVERANCE,
    ) -> None:
        self.number, self.who, self.world = number, who, world
        self.door, self.history, self.tally = door, history, tally
        self.rng = random.Random(f"{seed}-{number}")
        self.fresh_keys = fresh_keys  # a planted bug: every try comes with a key of its own
        self.perseverance = perseverance
        self.held: dict[str, int] = {}
        self.blind: set[str] = set()  # leases whose examples came without their label
        self.own: list[tuple[int, int]] = []  # (seq, example) of answers that stand
        self.undone: tuple[int, int] | None = None
        self.answers = 0
        self.batch = world.batches[0]

    def key(self) -> str:
        return f"k{self.number}-{self.rng.getrandbits(64):016x}"

    def ask(self, name: str, body: Line, *, answer: str = "") -> tuple[str, Line, float]:
        """One try: written down before it is sent and when its fate is known."""
        more = {"answer": answer} if answer else {}
        op = self.history.invoke(self.number, name, body, person=self.who.id, **more)
        begun = time.perf_counter()
        phase, reply = self.door.ask(self.who, name, body)
        taken = (time.perf_counter() - begun) * 1000
        self.history.hear(op, phase, reply)
        return phase, reply, taken

    def settle(self, name: str, body: Line) -> tuple[str, Line]:
        """Ask until the answer is known: the same key makes that safe."""
        answer = body.get("key") or body.get("lease") or ""
        given_up = time.monotonic() + self.perseverance
        while time.monotonic() < given_up:
            phase, reply, taken = self.ask(name, body, answer=answer)
            if phase != "info":
                if phase == "ok" and name == "submit":
                    self.tally.count(taken)
                return phase, reply
            if self.fresh_keys and "key" in body:
                body = body | {"key": self.key()}
            time.sleep(0.01 if self.tally.calm.is_set() else self.rng.random() * 0.1)
        return "info", {"error": f"not settled in {self.perseverance:.0f} s"}

    def take(self, cards: list[Any]) -> None:
        for lease, example, blind, _ in cards:
            self.held[lease] = example
            if blind:
                self.blind.add(lease)

    def claim(self) -> str:
        body = {"batch": self.batch, "want": 8, "held": list(self.held)}
        phase, reply, _ = self.ask("claim", body)
        if phase != "ok":
            return phase
        self.take(reply["examples"])
        return str(reply["state"])

    def verdict(self, example: int, *, change: bool = False, blind: bool = False) -> Line:
        """Mostly the same for everybody, so that second reads often agree.

        Who is not shown the given label names it where others confirm it.
        """
        own = random.Random(example if self.rng.random() < 0.85 else self.rng.random())
        kind = own.random()
        if not change and kind < 0.68:
            given = self.world.given.get(example)
            if not blind:
                return {"verdict": "confirm"}
            if given is not None:
                return {"verdict": "relabel", "label": given}
        if kind < 0.94:
            return {"verdict": "relabel", "label": own.choice(self.world.labels)}
        return {"verdict": "remove", "reason": own.choice(["no_label", "duplicate"])}

    def answer(self) -> None:
        lease = next(iter(self.held))
        example = self.held.pop(lease)
        refill = 8 if self.rng.random() < 0.5 else 0
        body = {"key": self.key(), "lease": lease, "want": refill, "held": list(self.held)}
        said = self.verdict(example, blind=lease in self.blind)
        phase, reply = self.settle("submit", body | said)
        if phase == "ok":
            self.take(reply["examples"])
            if reply["outcome"] != "late":
                self.own.append((reply["seq"], example))

    def change(self) -> None:
        if not self.own:
            return
        place = self.rng.randrange(max(0, len(self.own) - 20), len(self.own))
        seq, example = self.own.pop(place)
        body = {"key": self.key(), "supersedes": seq, "example": example}
        phase, reply = self.settle("submit", body | self.verdict(example, change=True))
        if phase == "ok":
            self.own.append((reply["seq"], example))

    def undo(self) -> None:
        if not self.own:
            return
        seq, example = self.own.pop()
        body = {"key": self.key(), "example": example, "seq": seq}
        phase, reply = self.settle("undo", body)
        if phase == "ok":
            self.take(reply["examples"])
            self.undone = (seq, example)

    def redo(self) -> None:
        if self.undone is None:
            return
        seq, example = self.undone
        self.undone = None
        phase, _ = self.settle("redo", {"key": self.key(), "example": example, "seq": seq})
        if phase == "ok":
            self.own.append((seq, example))
            self.held = {lease: there for lease, there in self.held.items() if there != example}

    def skip(self, name: str = "skip") -> None:
        lease = next(iter(self.held))
        self.held.pop(lease)
        self.settle(name, {"lease": lease})

    def refer(self) -> None:
        self.skip("refer")

    def give_back(self) -> None:
        leases, self.held = list(self.held), {}
        self.settle("give_back", {"leases": leases})

    def direct(self) -> None:
        """An answer from the example's page, whatever has become of it: an expert's, or refused."""
        example = self.rng.choice(list(self.world.given))
        if self.own and self.rng.random() < 0.3:
            _, example = self.own[self.rng.randrange(len(self.own))]
        body = {"key": self.key(), "example": example}
        phase, reply = self.settle("submit", body | self.verdict(example))
        if phase == "ok" and reply["outcome"] == "stored":
            self.own.append((reply["seq"], example))

    def look(self) -> None:
        self.ask("look", {"project": self.world.project_id})

    def nap(self) -> None:
        """Longer than a lease: what is held may go to others meanwhile."""
        time.sleep(2.3)

    def work(self, until: Callable[[], bool]) -> None:
        """One step after another, in the run's mixture, until told to end."""
        while not until():
            if len(self.held) < 3:
                self.batch = self.rng.choice(self.world.batches)
                if self.claim() == "done" and not self.held:
                    time.sleep(0.02)
            if not self.held:
                self.change()  # nothing is left to read, yet a mind may change
                continue
            chance = self.rng.random()
            habit = next(name for share, name in HABITS if chance < share)
            getattr(self, habit)()

    def drain(self) -> bool:
        """Without faults: claim and answer all there is; True if there was something."""
        some = False
        for batch in self.world.batches:
            self.batch = batch
            while True:
                if not self.held and self.claim() not in ("open", "done"):
                    break
                if not self.held:
                    break
                self.answer()
                some = True
        return some
