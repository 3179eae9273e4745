"""Two furnished projects: ours, where the cast works, and theirs, which it may not know of."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.links import Grant, make_link
from app.accounts.membership import join
from app.accounts.tokens import NewToken, make_token
from app.audit.models import statistics
from app.audit.models.answers import in_order, predicted
from app.audit.reviewers.report import (
    Coefficient,
    ConfusedPair,
    Limits,
    OfReviewer,
    OtherwiseEnded,
    Pulled,
    Swapped,
)
from app.audit.reviewers.report import Report as Compared
from app.audit.study.report import Group, Report
from app.datasets.labels import NewLabel
from app.db.engine import reading, writing
from app.db.tables import all as every_table
from app.db.tables import models
from app.db.tables.accounts import AccessLink
from app.db.tables.audit import (
    AuditEpoch,
    AuditKey,
    BulkFix,
    Probe,
    Recovery,
    ReviewerReport,
    Serve,
    Study,
)
from app.db.tables.datasets import Blob, DataImport, Example, Label, Prediction, Project, Source
from app.db.tables.jobs import Job
from app.db.tables.models import Model
from app.db.tables.planned import RecurringBatch, SavedView
from app.db.tables.ranking import Score, ScoringRun
from app.db.tables.releases import Release
from app.db.tables.review import Batch, BatchMember, Decision, Disagreement, Lease, Reversal
from app.db.types import Table
from app.db.words import (
    ArrayState,
    BulkState,
    EventKind,
    ImportState,
    LinkKind,
    Mode,
    Question,
    ReadReason,
    Role,
    RunState,
    Status,
    Stream,
    Verdict,
)
from app.review.batches.plan import BatchPlan
from app.review.batches.recurring import stored_plan
from tests.sweeps.measured import measured
from tests.web.cast import Actor, Cast, Part, Stage, make_person, put_label, sign_in_actor, stage

assert every_table

EXAMPLES, IN_BATCH = 7, 4
IN_GROUP = 40  # examples that may get another label as a group
SPLIT, AUDITED = "held out", range(10, 20)  # of these, an audit of its own
SECRET = "the text that only their people may read"

RELEASED: dict[str, Any] = {
    "rows": 4, "status": {}, "removed": 0, "left_out": {}, "in_file": 4, "imported": 4,
    "left_out_at_import": 0, "kept": 4, "erased": 0, "unreviewed": 4, "pending": 0,
}  # fmt: skip


@dataclass
class World:
    cast: Cast
    ours: dict[str, Any]  # what a path or a body may name, by its name
    theirs: dict[str, Any]
    their_lead: Actor
    file: Path | None  # SQLite's, to start afresh from
    kept: Path | None
    seen: list[tuple[int, int]] = field(default_factory=list)

    def keep(self) -> None:
        """What `restore` comes back to (SQLite only)."""
        if self.file and self.kept:
            self.cast.engine.dispose()
            shutil.copy(self.file, self.kept)
            self.restore()

    def restore(self) -> None:
        """Undo all that was done since the world was made (SQLite only)."""
        assert self.file and self.kept
        self.cast.engine.dispose()
        for end in ("-wal", "-shm"):
            Path(f"{self.file}{end}").unlink(missing_ok=True)
        shutil.copy(self.kept, self.file)
        self.seen = self._files()

    def written(self) -> bool:
        """Whether anything was written since `restore`, as SQLite's files tell (SQLite only)."""
        return self._files() != self.seen

    def _files(self) -> list[tuple[int, int]]:
        facts = (Path(f"{self.file}{end}") for end in ("", "-wal"))
        return [
            (one.stat().st_size, one.stat().st_mtime_ns)
            for one in facts
            if one.is_file() and one.stat().st_size
        ]

    def fingerprint(self, *, but: frozenset[str] = frozenset()) -> str:
        """A hash of every row of every table; some tables, or columns of them, left out."""
        made = hashlib.sha256()
        with reading(self.cast.engine) as session:
            for table in Table.metadata.sorted_tables:
                if table.name in but:
                    continue
                keys = list(table.primary_key.columns)
                told = [one for one in table.columns if f"{table.name}.{one.name}" not in but]
                rows = session.execute(select(*told).order_by(*keys))
                made.update(repr([tuple(row) for row in rows]).encode())
        return made.hexdigest()


def furnish(
    session: Session, at: Stage, lead: Part, reader: Part, *, now: datetime
) -> dict[str, Any]:
    """One of everything in a project; returns what its addresses and bodies are made of.

    A new kind of row with an id in an address gets its line here, once.
    """
    staged, done = (
        DataImport(
            project_id=at.id, state=state, file_name="a.csv", sha256="0" * 64, size=1,
            mapping_hash=f"{at.id} {state}", created_by=lead.id, created_at=now,
        )
        for state in (ImportState.STAGED, ImportState.DONE)
    )  # fmt: skip
    idle = DataImport(
        project_id=at.id, state=ImportState.DONE, file_name="b.csv", sha256="1" * 64, size=1,
        mapping_hash=f"{at.id} idle", created_by=lead.id, created_at=now, seq=2,
    )  # fmt: skip
    session.add_all([staged, done, idle])
    session.flush()
    labels = [put_label(session, at.id, NewLabel(name), now=now) for name in ("Cat", "Dog")]
    idle_label, retired_label = (
        Label(project_id=at.id, name=name, position=9, retired_at=since, replaced_by=after,
              current_id=after)
        for name, since, after in (("Idle", None, None), ("Retired", now, labels[1].id))
    )  # fmt: skip
    session.add_all([idle_label, retired_label])
    examples = [
        Example(
            project_id=at.id, import_id=done.id, row=place, key=f"k{place}",
            content={"text": SECRET}, columns={"text": SECRET, "label": "Cat"}, salt="0" * 32,
            content_hash=f"{min(place, EXAMPLES - 2):064x}",  # the last two are the same
            given_label_id=labels[place == EXAMPLES - 1].id,
        )
        for place in range(EXAMPLES)
    ]  # fmt: skip
    epoch = AuditEpoch(
        project_id=at.id, number=1, reason="import", opened_at=now, pool_size=EXAMPLES
    )
    run = ScoringRun(
        project_id=at.id, number=1, state=RunState.COMPLETE, seed=1, started_at=now,
        finished_at=now,
    )  # fmt: skip
    batch = Batch(
        project_id=at.id, number=1, name="Top", rule={"by": "hand"}, size=IN_BATCH, created_at=now,
        created_by=lead.id,
    )  # fmt: skip
    session.add_all([*examples, epoch, run, batch])
    session.flush()
    first = examples[0]
    for place, example in enumerate(examples):
        session.add(AuditKey(epoch_id=epoch.id, example_id=example.id, key=place,
                             label_at_open=example.given_label_id))  # fmt: skip
        if place < IN_BATCH:
            session.add(BatchMember(batch_id=batch.id, example_id=example.id, joined_at=now,
                                    waiting=place > 0))  # fmt: skip
        session.add(Score(run_id=run.id, example_id=example.id, priority=1.0, quality=0.5,
                          difficulty=0.1, p_given=0.5))  # fmt: skip
    token = hashlib.sha256(f"lease {at.id}".encode()).hexdigest()[:32]
    session.add(Serve(project_id=at.id, epoch_id=epoch.id, serve_seq=1, example_id=first.id,
                      stream=Stream.QUEUE, unserved_before=EXAMPLES, batch_id=batch.id,
                      at=now))  # fmt: skip
    session.add(Lease(token=token, project_id=at.id, example_id=first.id, person_id=reader.id,
                      batch_id=batch.id, read_reason=ReadReason.FIRST, mode=Mode.EVERYTHING,
                      serve_seq=1, stream=Stream.QUEUE, run_id=run.id, created_at=now,
                      expires_at=now + timedelta(minutes=30)))  # fmt: skip
    question = Disagreement(project_id=at.id, example_id=examples[1].id, kind=Question.SKIPPED,
                            created_at=now)  # fmt: skip
    job = Job(project_id=at.id, task="score", run_after=now, created_at=now, created_by=lead.id)
    measuring = Job(project_id=at.id, task="recovery", run_after=now, created_at=now)
    release = Release(
        project_id=at.id, number=1, state=RunState.COMPLETE, created_at=now, finished_at=now,
        head_hash=bytes(32), up_to_seq=1, counts=RELEASED,
    )  # fmt: skip
    array = Prediction(
        project_id=at.id, kind="losses", name="theirs", blob="0" * 64, file="0" * 64, rows=4,
        created_by=lead.id, created_at=now,
    )  # fmt: skip
    differs = Disagreement(project_id=at.id, example_id=examples[4].id, kind=Question.DIFFERS,
                           created_at=now)  # fmt: skip
    source = Source(project_id=at.id, origin="theirs", name="annotator 7")
    model = Model(
        project_id=at.id, name="theirs", file_name="m.csv", sha256="0" * 64, made_at=now,
        made_by=lead.id, state=ArrayState.READY, n_examples=0, probabilities="0" * 64,
    )  # fmt: skip
    view = SavedView(project_id=at.id, name="Ours", filter={"text": SECRET}, made_by=lead.id,
                     made_at=now)  # fmt: skip
    recurring = RecurringBatch(
        project_id=at.id, name="Each week", every="week", day=0, minute=480, made_by=lead.id,
        plan=stored_plan(BatchPlan(size=1, people=(reader.id,))), next_at=now + timedelta(days=7),
        made_at=now, made_for=now, note="nothing to review",
    )  # fmt: skip
    session.add_all([question, differs, job, measuring, release, array, source, model, view])
    session.add(recurring)
    probe = Probe(
        project_id=at.id, round=1, words="was probed", limit_share=0.1, size=0, joined=0,
        batch_id=batch.id, made_at=now,
    )  # fmt: skip
    group = [
        Example(
            project_id=at.id, import_id=done.id, row=100 + place, key=f"g{place}",
            content={"text": SECRET}, columns={}, salt="0" * 32, content_hash="0" * 64,
            given_label_id=labels[1].id, split=SPLIT if place in AUDITED else "",
        )
        for place in range(IN_GROUP)
    ]  # fmt: skip
    session.add_all(group)
    group[0].status, group[0].final_label_id = Status.CONFIRMED, labels[1].id
    session.flush()
    session.add(Decision(
        project_id=at.id, seq=-1, idempotency_key="settled", content_hash="0" * 64,
        example_id=group[0].id, person_id=lead.id, adjudicates=True, verdict=Verdict.CONFIRM,
        mode=Mode.EVERYTHING, read_reason=ReadReason.FIRST, confirmations=2, guideline_revision=0,
        at=now,
    ))  # fmt: skip
    examples[6].bulk_label_id = labels[1].id
    session.flush()
    session.add(Reversal(project_id=at.id, seq=0, kind=EventKind.BULK, example_id=examples[6].id,
                         label_id=labels[1].id, idempotency_key="bulk-3-0", at=now))  # fmt: skip
    fixes = [  # one that is checked, one that is ready, one that is applied
        BulkFix(
            project_id=at.id, number=number, words="was checked", from_label_id=labels[0].id,
            to_label_id=labels[1].id, floor=0.01, checks=1, failures=0,
            example_ids=[sample.id, other.id], sampled=[sample.id], changed=[other.id],
            batch_id=batch.id, state=state, created_at=now,
        )
        for number, sample, other, state in (
            (1, first, first, BulkState.CHECKING),
            (2, group[0], examples[5], BulkState.CHECKING),
            (3, group[0], examples[6], BulkState.APPLIED),
        )
    ]  # fmt: skip
    ruled = Disagreement(project_id=at.id, example_id=group[-1].id, kind=Question.SKIPPED,
                         created_at=now)  # fmt: skip
    session.add(ruled)
    _audit_split(session, epoch, [group[place] for place in AUDITED], lead, now=now)
    compared = _compare(session, at.id, [*examples, *group], lead, now=now)
    ask = [example.id for example in examples[IN_BATCH:]]
    group = Group("a", 9, 8, 1.0, 0.01, len(ask), to_ask=ask, to_review=ask)
    session.add_all([probe, *fixes, Study(
        project_id=at.id, run_id=run.id, up_to_seq=0, made_at=now, took_ms=1,
        report=Report(9, 8, 0, "structured", 1.0, 0.01, None, [], 1, [], [], [group], []).written(),
    ), Recovery(
        project_id=at.id, run_id=run.id, up_to_seq=0, made_at=now, took_ms=1,
        report=measured([label.id for label in labels]).written(),
    )])  # fmt: skip
    session.add(ReviewerReport(
        project_id=at.id, up_to_seq=0, made_at=now, took_ms=1,
        report=_compared(reader.id, fixes[1].sampled[0], labels[0].id).written(),
    ))  # fmt: skip
    project = session.get_one(Project, at.id)
    project.epoch_id, project.run_id = epoch.id, run.id
    project.unserved, project.serve_seq = EXAMPLES - 1, 1
    grant = Grant(project_id=at.id, role=Role.REVIEWER, created_by=lead.id)
    invitation = make_link(session, LinkKind.INVITE, grant, now=now)
    api_token, _ = make_token(
        session, lead.id, NewToken(name="script", project_id=at.id, days=30), now=now
    )
    session.flush()

    deleted = stage(session, lead, f"Deleted {at.id}", now=now)
    session.get_one(Project, deleted.id).deleted_at = now
    link_id = session.scalars(
        select(AccessLink.id).where(AccessLink.project_id == at.id).order_by(AccessLink.id.desc())
    ).first()
    return {
        "slug": at.slug, "project_id": deleted.id, "project_name": project.name,
        "person_id": reader.id, "token_id": api_token.id, "token": invitation,
        "link_id": link_id, "import_id": staged.id, "idle": idle.id, "label_id": labels[0].id,
        "idle_label": idle_label.id, "retired_label": retired_label.id, "unread": ask,
        "example_id": first.id, "batch_id": batch.id, "number": 1, "place": 1, "run_id": run.id,
        "job_id": job.id, "job": job.id, "array_id": array.id, "model_id": model.id,
        "models": compared, "view_id": view.id, "recurring_id": recurring.id,
        "disagreement_id": question.id, "case_id": question.id, "differs": differs.id,
        "ruled": ruled.id,
        "probe_id": probe.id, "source_id": source.id, "source": [source.id], "person": reader.id,
        "release_id": release.id, "name": "data.csv", "file": "data.csv", "part": "data.csv",
        "lease": token, "leases": [token], "example": first.id, "examples": [first.id],
        "batch": batch.id, "label": labels[1].id, "from_label": labels[1].id,
        "to_label": labels[0].id, "ready": 2, "applied": 3, "people": [reader.id],
    }  # fmt: skip


def _audit_split(
    session: Session, epoch: AuditEpoch, examples: list[Example], lead: Part, *, now: datetime
) -> None:
    """The audit of a split of which nothing was drawn yet."""
    audit = models.SplitAudit(project_id=epoch.project_id, number=1, split=SPLIT,
                              epoch_id=epoch.id, pool=len(examples), opened_at=now,
                              opened_by=lead.id)  # fmt: skip
    session.add(audit)
    session.flush()
    for place, one in enumerate(examples):
        session.add(models.SplitAuditKey(audit_id=audit.id, example_id=one.id, place=place,
                                         label_at_open=one.given_label_id))  # fmt: skip
    session.flush()


def _compare(
    session: Session, project_id: int, examples: list[Example], lead: Part, *, now: datetime
) -> list[int]:
    """Two models that differ on two examples that nobody has read, and their audit."""
    made = [
        Model(project_id=project_id, name=name, file_name="m.csv", sha256=name * 64, made_at=now,
              made_by=lead.id, state=ArrayState.READY, n_examples=len(examples),
              probabilities="0" * 64)
        for name in ("a", "b")
    ]  # fmt: skip
    labels = sorted({one.given_label_id or 0 for one in examples})
    audit = models.TestAudit(project_id=project_id, number=1, size=len(examples), differ=2, known=0,
                             split="test", opened_at=now, opened_by=lead.id, report={})  # fmt: skip
    session.add_all([*made, audit])
    session.flush()
    for nth, model in enumerate(made):
        session.add(models.TestAuditModel(audit_id=audit.id, model_id=model.id, place=nth))
        for place, one in enumerate(examples):
            label = labels[nth] if place >= len(examples) - 2 else labels[0]
            session.add(models.ModelPrediction(model_id=model.id, example_id=one.id,
                                               label_id=label))  # fmt: skip
    for nth, one in enumerate(examples[-2:]):
        session.add(models.TestAuditKey(audit_id=audit.id, example_id=one.id, place=nth))
    session.flush()
    ids = tuple(model.id for model in made)
    project = session.get_one(Project, project_id)
    what = in_order(session, audit, predicted(session, project, None, ids).whole)
    report = statistics.told(what, ids, np.random.default_rng(0))
    audit.report, audit.up_to_seq, audit.made_at = report.written(), 0, now
    session.flush()
    return list(ids)


def _compared(person: int, example: int, label: int) -> Compared:
    """A comparison in which everything is told."""
    some = Limits(0.9, 0.8, 0.95)
    pulled = Pulled(30, 9, 30, 3, Limits(0.2, 0.0, 0.38))
    found = OfReviewer(
        person, 60, 4.2, 40, some, 20, 18, 25, 3, pulled, True, 60, [Swapped(label, 0, 4)],
        [OtherwiseEnded(example, label, 1)], [(20, 5.0), (40, 4.0), (60, 4.5)],
    )  # fmt: skip
    agreed, pair = Coefficient(some, 80), ConfusedPair(0, label, 4, 60, [example])
    return Compared(agreed, agreed, [], [pair], pulled, [found])


# What stands for free text elsewhere is not to be filled in there.
ONLY_IN_PATHS = frozenset({"name", "file", "part", "token", "slug", "number", "project_id"})


def in_bodies(known: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in known.items() if name not in ONLY_IN_PATHS}


def known_at(known: dict[str, Any], path: str) -> dict[str, Any]:
    """What fills a body, and this address."""
    return in_bodies(known) | {name: value for name, value in known.items() if "{" + name in path}


@pytest.fixture
def world(cast: Cast, tmp_path: Path) -> Iterator[World]:
    engine, now = cast.engine, cast.now
    with writing(engine) as session:
        stranger = make_person(session, "Olga", now=now)
        reader = make_person(session, "Oskar", now=now)
        theirs = stage(session, stranger, "Their secret plan", now=now)
        join(session, theirs.id, reader.id, Role.REVIEWER, now=now)
        ours = furnish(session, cast.project, cast.lead.person, cast.reviewer.person, now=now)
        foreign = furnish(session, theirs, stranger, reader, now=now)
        sha = hashlib.sha256(b"x").hexdigest()
        session.add(Blob(sha256=sha, size=1, media_type="image/png"))
    their_lead = sign_in_actor(cast.app, engine, stranger, now=now)
    file = kept = None
    if engine.dialect.name == "sqlite":
        engine.dispose()
        file = Path(engine.url.database or "")
        kept = tmp_path / "kept.sqlite"
        shutil.copy(file, kept)
    yield World(cast, ours, foreign, their_lead, file, kept)
    their_lead.close()
