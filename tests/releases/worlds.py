"""Projects whose log is whole, from the policy on, and random histories for them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Engine, insert, select, update
from sqlalchemy.orm import Session

from app.accounts.membership import Member
from app.actions.erasing import erase_from_console
from app.datasets.blobs import BlobStore
from app.datasets.labels import NOT_YET, NewLabel, add_labels
from app.datasets.projects import ProjectPlan, create_project, set_confirmations
from app.datasets.publish import lines_hash, publish
from app.db.engine import writing
from app.db.log import lock_project
from app.db.tables.datasets import DataImport, Example, Project
from app.db.tables.ranking import Score, ScoringRun
from app.db.tables.releases import Release
from app.db.tables.review import Decision, Lease, Reversal
from app.db.words import (
    DataType,
    EventKind,
    ImportState,
    Reason,
    Role,
    RunState,
    Verdict,
)
from app.errors import Failure
from app.releases.build import Stored, build_release
from app.releases.options import ReleaseSpec
from app.releases.under_way import note_release
from app.review.answering.answers import Submission
from tests.conftest import NOON
from tests.review.conftest import World
from tests.steps import open_epoch, redo, refer, reopen, settle, skip, undo

NAMES = ("alpha", "beta", "gamma")


def logged_world(
    engine: Engine,
    *,
    examples: int = 12,
    confirmations: int = 1,
    unlabelled: int = 0,
    codes: bool = False,
    text: str = "example",
) -> World:
    """A project made the way the product makes it: every row is bound by the log."""
    world = World(engine)
    with writing(engine) as session:
        project = create_project(
            session, ProjectPlan("Letters", DataType.TEXT, confirmations=confirmations), now=NOON
        )
        world.project_id = project.id
        new = [NewLabel(name, str(place) if codes else "") for place, name in enumerate(NAMES)]
        ids = add_labels(session, project.id, new, revision=NOT_YET)
        world.labels = [ids[name] for name in NAMES]
    bring(world, examples=examples, unlabelled=unlabelled, codes=codes, text=text)
    with writing(engine) as session:
        open_epoch(session, world.project_id, reason="import", now=NOON, rng=random.Random(1))
    return world


def make_alike(world: World, examples: Sequence[int]) -> None:
    """The same content, for whoever asks which examples are identical."""
    with writing(world.engine) as session:
        same = update(Example).where(Example.id.in_(examples)).values(content_hash="5" * 64)
        session.execute(same)


def bring(
    world: World,
    *,
    examples: int,
    unlabelled: int = 0,
    codes: bool = False,
    label: str = "label",
    text: str = "example",
    more: dict[str, Any] | None = None,
) -> int:
    """One more imported file, of `id`, `text` and a label column."""
    raws = [str(place) if codes else name for place, name in enumerate(NAMES)]
    with writing(world.engine) as session:
        made = DataImport(
            project_id=world.project_id,
            state=ImportState.IMPORTING,
            file_name="letters.csv",
            sha256=f"{len(world.examples):064x}",
            size=1,
            mapping={},
            mapping_hash=f"{len(world.examples)}",
            report={
                "columns": ["id", "text", label, *(more or {})],
                "roles": {"label": label, "id": "id", "text": "text"},
                "label_map": dict(zip(raws, NAMES, strict=True)),
                "separator": ",",
            },
            created_at=NOON,
        )
        session.add(made)
        session.flush()
        world.examples += _add_rows(
            session, world, made.id, raws, (label, text), examples, unlabelled, more or {}
        )
    lines = lines_hash(world.engine, made.id)
    with writing(world.engine) as session:
        publish(session, made.id, lines, now=world.now)
    return made.id


def _add_rows(
    session: Session,
    world: World,
    import_id: int,
    raws: list[str],
    names: tuple[str, str],
    count: int,
    unlabelled: int,
    more: dict[str, Any],
) -> list[int]:
    rows, (label, text) = [], names
    for row in range(count):
        blank = row >= count - unlabelled
        key, raw = f"{import_id}-{row}", "" if blank else raws[row % 3]
        rows.append(
            {
                "project_id": world.project_id,
                "import_id": import_id,
                "row": row + 2,
                "key": key,
                "content": {"text": f"{text} {row}"},
                "columns": {"id": key, "text": f"{text} {row}", label: raw} | more,
                "salt": f"{row + 7:032x}",
                "content_hash": f"{row:064x}",
                "given_label_id": None if blank else world.labels[row % 3],
            }
        )
    session.execute(insert(Example), rows)
    found = select(Example.id).where(Example.import_id == import_id).order_by(Example.row)
    return list(session.scalars(found))


def ask_for(world: World, confirmations: int) -> None:
    with writing(world.engine) as session:
        lock = lock_project(session, world.project_id)
        set_confirmations(lock, confirmations, actor=None, now=world.now)
        lock.save()


def rank(world: World, rng: random.Random) -> None:
    """A ranking in use; the last example cannot be scored."""
    with writing(world.engine) as session:
        run = ScoringRun(
            project_id=world.project_id, number=1, state=RunState.COMPLETE, seed=1, started_at=NOON
        )
        session.add(run)
        session.flush()
        rows = [
            {
                "run_id": run.id,
                "example_id": example,
                "quality": rng.choice([rng.random(), rng.random() / 10**5, 1.0]),
                "priority": rng.gauss(0, 3),
            }
            for example in world.examples[:-1]
        ]
        session.execute(insert(Score), rows)
        session.get_one(Project, world.project_id).run_id = run.id


def erase(world: World, example_id: int) -> None:
    """Its content, key and salt go; its line hash stays, in the log."""
    with writing(world.engine) as session:
        slug = session.get_one(Project, world.project_id).slug
        key = session.get_one(Example, example_id).key
        erase_from_console(session, slug, key, now=world.now)


def release(world: World, directory: Path, *, now: datetime | None = None, **spec: Any) -> Path:
    """Ask for a release and build it, as the worker does."""
    made = noted(world, **spec)
    stored = Stored(world.engine, BlobStore(directory.parent / "blobs"))
    return build_release(stored, made.id, directory, now=now or world.now)


def noted(world: World, **spec: Any) -> Release:
    with writing(world.engine) as session:
        lock = lock_project(session, world.project_id)
        return note_release(lock, ReleaseSpec(**spec), created_by=None, now=world.now)[0]


def manifest(directory: Path) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads((directory / "manifest.json").read_bytes())
    return found


class History:
    """Whatever a project may live through, drawn at random; refusals are part of it."""

    def __init__(self, world: World, rng: random.Random, *, people: int = 4) -> None:
        self.world, self.rng = world, rng
        tag = f"{world.project_id}"
        self.people = [world.person(f"r{n}x{tag}") for n in range(people - 1)]
        self.lead = world.person(f"leadx{tag}", Role.LEAD)
        self.people.append(self.lead)
        self.batch = world.batch(self.lead, size=len(world.examples), audit_share=10)
        self.leases: list[tuple[Member, str]] = []
        self.key = 0

    def live(self, steps: int) -> None:
        deeds = (self.claim, self.claim, self.answer, self.answer, self.answer, self.answer)
        often = (self.undo, self.redo, self.change, self.wait)
        rare = (self.skip, self.refer, self.settle, self.reopen, self.directly, self.policy)
        for _ in range(steps):
            self.world.later(seconds=self.rng.randrange(1, 50))
            draw = self.rng.random()
            deed = self.rng.choice(deeds if draw < 0.75 else often if draw < 0.92 else rare)
            with suppress(Failure):
                deed()

    def _key(self) -> str:
        self.key += 1
        return f"h{self.key}"

    def _said(self) -> dict[str, Any]:
        """Mostly the same change, so that second readers agree now and then."""
        draw = self.rng.random()
        if draw < 0.35:
            return {"verdict": Verdict.CONFIRM}
        if draw < 0.8:
            return {"verdict": Verdict.RELABEL, "label": self.rng.choice(self.world.labels)}
        return {"verdict": Verdict.REMOVE, "reason": self.rng.choice(list(Reason)), "note": "n"}

    def claim(self) -> None:
        who = self.rng.choice(self.people)
        held = tuple(token for person, token in self.leases if person == who)
        for card in self.world.claim(who, self.batch, want=3, held=held).cards:
            self.leases.append((who, card["lease"]))

    def _pick(self) -> tuple[Member, str]:
        if not self.leases:
            raise Failure("nothing held")
        return self.leases.pop(self.rng.randrange(len(self.leases)))

    def answer(self) -> None:
        who, token = self._pick()
        self.world.answer(who, token, **self._said())

    def _decision(self, who: Member | None = None) -> Decision:
        found = self.world.all(Decision, Decision.project_id == self.world.project_id)
        mine = [d for d in found if who is None or d.person_id == who.person_id]
        if not mine:
            raise Failure("nothing said yet")
        return self.rng.choice(mine)

    def undo(self) -> None:
        who = self.rng.choice(self.people)
        seq = self._decision(who).seq
        with writing(self.world.engine) as session:
            undo(session, who, key=self._key(), seq=seq, now=self.world.now, rng=self.world.rng)

    def redo(self) -> None:
        undone = self.world.all(
            Reversal,
            Reversal.project_id == self.world.project_id,
            Reversal.kind == EventKind.UNDO,
        )
        if not undone:
            raise Failure("nothing undone yet")
        chosen = self.rng.choice(undone)
        who = next(one for one in self.people if one.person_id == chosen.person_id)
        with writing(self.world.engine) as session:
            redo(session, who, key=self._key(), seq=chosen.decision_seq, now=self.world.now)

    def change(self) -> None:
        who = self.rng.choice(self.people)
        self.world.answer(who, None, supersedes=self._decision(who).seq, **self._said())

    def skip(self) -> None:
        who, token = self._pick()
        with writing(self.world.engine) as session:
            skip(session, who, token, now=self.world.now)

    def resume(self) -> None:
        """What was put aside last is taken back by who did."""
        aside = self.world.all(Lease, Lease.ended_why.in_(["skipped", "referred"]))
        if not aside:
            raise Failure("nothing put aside")
        who = next(one for one in self.people if one.person_id == aside[-1].person_id)
        seq, key = aside[-1].ended_seq, self._key()
        with writing(self.world.engine) as session:
            undo(session, who, key=key, seq=seq, now=self.world.now, rng=self.world.rng)

    def refer(self) -> None:
        who, token = self._pick()
        with writing(self.world.engine) as session:
            refer(session, who, token, note="see", now=self.world.now)

    def settle(self) -> None:
        said = self._said()
        ruling = Submission(
            key=self._key(),
            verdict=said["verdict"],
            example_id=self._decision().example_id,
            label_id=said.get("label"),
            reason=said.get("reason"),
            note=said.get("note"),
        )
        with writing(self.world.engine) as session:
            settle(session, self.lead, ruling, now=self.world.now)

    def reopen(self) -> None:
        example = self._decision().example_id
        with writing(self.world.engine) as session:
            reopen(session, self.lead, example, key=self._key(), now=self.world.now)

    def directly(self) -> None:
        example = self.rng.choice(self.world.examples)
        self.world.answer(self.rng.choice(self.people), None, example_id=example, **self._said())

    def wait(self) -> None:
        self.world.later(minutes=40)

    def policy(self) -> None:
        ask_for(self.world, self.rng.choice([1, 2]))
