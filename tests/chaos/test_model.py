"""Any order of claims, answers, changes of mind and closings keeps the store's promises."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine
from sqlalchemy import Engine

from app.accounts.membership import Member
from app.accounts.turn import Turn
from app.db.engine import reading, writing
from app.db.tables.review import Batch
from app.db.words import BatchState, Question, Verdict
from app.errors import Failure
from app.review.answering import disagreements, put_aside, retired_labels, undo
from app.review.answering.answers import Submission
from app.review.batches.batch import set_people, set_state
from app.review.books.cases import open_cases
from app.review.books.leases import give_back_own
from tests.acting import acting
from tests.chaos.model import Cast, attempt, look, make_cast, said_at_the_desk, violations
from tests.steps import open_epoch

WHO = st.integers(0, 4)
PICK = st.integers(0, 30)
PHASES = (Phase.explicit, Phase.generate)
VERDICTS = st.sampled_from([Verdict.CONFIRM, Verdict.CONFIRM, Verdict.RELABEL, Verdict.REMOVE])


class Desk(RuleBasedStateMachine):
    """People at a project; `engine` is set by the test that runs it."""

    engine: Engine

    def __init__(self) -> None:
        super().__init__()
        self.cast: Cast
        self.batches: list[Any] = []
        self.held: dict[int, list[str]] = {}  # what each person believes to hold
        self.sent: list[tuple[Any, dict[str, Any], int]] = []  # (who, asked, seq)
        self.undone: list[tuple[Any, int]] = []
        self.aside: list[tuple[Any, int]] = []
        self.rulings: list[int] = []
        self.keys = 0
        self.retired = False
        self.broken: list[Any] = []

    @initialize(confirmations=st.sampled_from([1, 2, 2]), expert=st.booleans())
    def begin(self, confirmations: int, expert: bool) -> None:
        self.cast = make_cast(self.engine, confirmations=confirmations, expert=expert)
        self._batch(6, 20)

    def _batch(self, size: int, share: int, **plan: Any) -> None:
        made = attempt(
            lambda: self.cast.world.batch(
                self.cast.lead, size=size, audit_share=share, second_share=30, **plan
            )
        )
        if not isinstance(made, Failure):
            self.batches.append(made)

    def _key(self) -> str:
        self.keys += 1
        return f"model-key-{self.keys}"

    def _turn(self, who: Member) -> AbstractContextManager[Turn]:
        world = self.cast.world
        return acting(self.engine, who, now=world.now, rng=world.rng)

    def _who(self, place: int) -> Any:
        return self.cast.people[place % len(self.cast.people)]

    def _open(self, pick: int) -> Any:
        return self.batches[pick % len(self.batches)]

    def _answer(self, who: Any, **asked: Any) -> Any:
        world = self.cast.world
        asked.setdefault("key", self._key())
        if asked.get("lease") and asked["verdict"] is Verdict.CONFIRM:
            asked |= said_at_the_desk(self.engine, asked["lease"])
        if asked["verdict"] is Verdict.RELABEL:
            asked.setdefault("label", world.labels[self.keys % 3])
        done = attempt(lambda: world.answer(who, **asked))
        if not isinstance(done, Failure) and done.outcome == "stored":
            self.sent.append((who, asked, done.seq))
        return done

    @rule(place=WHO, pick=PICK, want=st.sampled_from([1, 2, 8]), lost=st.booleans())
    def claim(self, place: int, pick: int, want: int, lost: bool) -> None:
        who = self._who(place)
        mine = self.held.setdefault(who.person_id, [])
        batch = self._open(pick)
        cards = self._cards(who, batch, want=want, held=tuple(mine))
        if not lost:
            mine += [card["lease"] for card in cards]

    def _cards(self, who: Member, batch: Any, **asked: Any) -> list[Any]:
        """What a claim hands out; nothing to who was taken off the batch."""
        handed = attempt(lambda: self.cast.world.claim(who, batch, **asked))
        return [] if isinstance(handed, Failure) else list(handed.cards)

    @rule(place=WHO, verdict=VERDICTS, label=st.integers(0, 2))
    def submit(self, place: int, verdict: Verdict, label: int) -> None:
        who = self._who(place)
        mine = self.held.get(who.person_id, [])
        if mine:
            given = {"label": self.cast.world.labels[label]} if verdict is Verdict.RELABEL else {}
            self._answer(who, lease=mine.pop(0), verdict=verdict, **given)

    @precondition(lambda self: self.sent)
    @rule(pick=PICK)
    def submit_again(self, pick: int) -> None:
        """A reply was lost: the same key says the same, whatever has happened since."""
        who, asked, seq = self.sent[pick % len(self.sent)]
        again = self.cast.world.answer(who, **asked)
        assert (again.seq, again.outcome) == (seq, "repeated")

    @rule(seconds=st.sampled_from([20, 1_000, 1_900, 4_000]))
    def tick(self, seconds: int) -> None:
        self.cast.world.later(seconds=seconds)

    @precondition(lambda self: self.sent)
    @rule(pick=PICK, verdict=VERDICTS)
    def change_mind(self, pick: int, verdict: Verdict) -> None:
        who, _, seq = self.sent[pick % len(self.sent)]
        self._answer(who, supersedes=seq, verdict=verdict)

    @precondition(lambda self: self.sent)
    @rule(pick=PICK)
    def undo(self, pick: int) -> None:
        who, _, seq = self.sent[pick % len(self.sent)]
        self._undo(who, seq)

    @precondition(lambda self: self.rulings)
    @rule(pick=PICK)
    def undo_ruling(self, pick: int) -> None:
        self._undo(self.cast.lead, self.rulings[pick % len(self.rulings)])

    def _undo(self, who: Any, seq: int) -> None:
        def step() -> Any:
            with self._turn(who) as turn:
                return undo.undo(turn, key=self._key(), seq=seq)

        done = attempt(step)
        if not isinstance(done, Failure):
            self.undone.append((who, seq))
            if done.card is not None:
                self.held.setdefault(who.person_id, []).append(done.card["lease"])

    @precondition(lambda self: self.undone)
    @rule(pick=PICK)
    def redo(self, pick: int) -> None:
        who, seq = self.undone[pick % len(self.undone)]

        def step() -> Any:
            with self._turn(who) as turn:
                return undo.redo(turn, key=self._key(), seq=seq)

        attempt(step)

    @rule(place=WHO, how=st.sampled_from(["skip", "skip", "refer", "give back"]))
    def put_aside(self, place: int, how: str) -> None:
        who = self._who(place)
        mine = self.held.get(who.person_id, [])
        if not mine:
            return
        token = mine.pop(0)

        def step() -> Any:
            with self._turn(who) as turn:
                if how == "skip":
                    return put_aside.skip(turn, token, key=token).ended_seq
                if how == "refer":
                    return put_aside.refer(turn, token, key=token, note="").ended_seq
                give_back_own(turn, [token])
                return None

        seq = attempt(step)
        if isinstance(seq, int):
            self.aside.append((who, seq))

    @precondition(lambda self: self.aside)
    @rule(pick=PICK)
    def take_up(self, pick: int) -> None:
        who, seq = self.aside[-1 - pick % len(self.aside)]

        def step() -> Any:
            with self._turn(who) as turn:
                return undo.undo(turn, key=self._key(), seq=seq)

        done = attempt(step)
        if not isinstance(done, Failure):
            self.held.setdefault(who.person_id, []).append(done.card["lease"])

    @rule(place=WHO, pick=PICK, verdict=VERDICTS)
    def answer_directly(self, place: int, pick: int, verdict: Verdict) -> None:
        examples = self.cast.world.examples
        self._answer(self._who(place), example_id=examples[pick % len(examples)], verdict=verdict)

    @rule(by=st.sampled_from(["priority", "label", "audit"]), share=st.sampled_from([0, 50]))
    def new_batch(self, by: str, share: int) -> None:
        world = self.cast.world
        self._batch(3, share, by=by, given_label_id=world.labels[0] if by == "label" else None)

    @rule(pick=PICK)
    def close_batch(self, pick: int) -> None:
        with self._turn(self.cast.lead) as turn:
            batch = turn.session.merge(self._open(pick))
            set_state(turn.lock, batch, BatchState.CLOSED, now=turn.now)

    @rule(pick=PICK, place=WHO)
    def take_off(self, pick: int, place: int) -> None:
        """The batch is for all but one from now on; or for everyone again."""
        people = [who.person_id for who in self.cast.people if who is not self._who(place)]
        batch = self._open(pick)
        self._hand_to(batch, people if batch.everyone else [])

    def _hand_to(self, batch: Any, people: list[int]) -> None:
        with self._turn(self.cast.lead) as turn:
            here = turn.session.get_one(Batch, batch.id)
            set_people(turn.lock, here, people, now=turn.now)
        batch.everyone = not people

    @precondition(lambda self: not self.retired)
    @rule()
    def retire_label(self) -> None:
        """The third label is the first from now on."""
        self.retired = True
        first, _, third = self.cast.world.labels
        with self._turn(self.cast.lead) as turn:
            retired_labels.retire(turn, third, replaced_by=first)

    @rule()
    def adjudicate(self) -> None:
        """The lead settles the oldest case."""
        with reading(self.engine) as session:
            cases = open_cases(session, self.cast.world.project_id, limit=1)
        if cases:
            self._settle(cases[0])

    def _settle(self, case: Any) -> None:
        with self._turn(self.cast.lead) as turn:
            if case.kind in (Question.DIFFERS, Question.NOT_CONFIRMED):
                disagreements.leave(turn, case.id)
                return
            ruling = Submission(
                key=self._key(),
                verdict=Verdict.RELABEL,
                example_id=case.example_id,
                label_id=self.cast.world.labels[1],
            )
            self.rulings.append(disagreements.settle(turn, ruling).seq)

    @rule(pick=PICK)
    def reopen(self, pick: int) -> None:
        world = self.cast.world
        example = world.examples[pick % len(world.examples)]
        if world.example(example).status in ("confirmed", "relabeled", "removed"):
            with self._turn(self.cast.lead) as turn:
                disagreements.reopen(turn, example, key=self._key())

    @rule()
    def new_epoch(self) -> None:
        world = self.cast.world
        with writing(self.engine) as session:
            open_epoch(session, world.project_id, reason="guideline", now=world.now, rng=world.rng)

    @invariant()
    def nothing_is_broken(self) -> None:
        self.broken = violations(look(self.cast))
        assert self.broken == []

    def teardown(self) -> None:
        """Whatever has happened: with time and people, everything served becomes final."""
        if self.broken or not hasattr(self, "cast"):
            return
        self._batch(3, 0)
        for batch in self.batches:
            self._hand_to(batch, [])
        for _ in range(60):
            if not self._round():
                break
        found = look(self.cast)
        assert violations(found) == []
        if any(batch["state"] == "open" for batch in found["batch"]):
            owed = [due for due in found["read_due"] if due["done_at"] is None]
            assert owed == []

    def _round(self) -> bool:
        """Time passes, everybody answers what they get, the lead settles; False when idle."""
        world, some = self.cast.world, False
        world.later(hours=1)
        for who in self.cast.people:
            for batch in self.batches:
                for card in self._cards(who, batch):
                    some = True
                    self._answer(who, lease=card["lease"], verdict=Verdict.CONFIRM)
        with reading(self.engine) as session:
            cases = open_cases(session, world.project_id)
        for case in cases:
            some = True
            self._settle(case)
        return some


def machine(engine: Engine) -> type[Desk]:
    return type("DeskOn" + engine.dialect.name.title(), (Desk,), {"engine": engine})


@pytest.fixture
def runs(engine: Engine) -> Iterator[settings]:
    sqlite = engine.dialect.name == "sqlite"
    yield settings(
        max_examples=30 if sqlite else 6,
        phases=PHASES,
        stateful_step_count=30,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )


def test_any_order_of_steps_keeps_the_promises(engine: Engine, runs: settings) -> None:
    run_machine(machine(engine), settings=runs)
