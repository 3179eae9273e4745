"""A sample becomes a project the way a user's file does: import, scoring, a batch."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.accounts.membership import join
from app.actions.batches import make
from app.actions.estimating import estimate_project
from app.actions.recovering import measure_again
from app.actions.storage import Storage
from app.cli.imports import ImportRequest, refuse, run_import, usual_answer
from app.cli.score import follow, tell
from app.cli.screen import following
from app.datasets.blobs import BlobStore
from app.datasets.mapping import ImportMapping, columns_of
from app.datasets.projects import project_by_slug, slug_of
from app.db.engine import database_now, reading, writing
from app.db.tables.accounts import Person
from app.db.tables.audit import Recovery
from app.db.tables.datasets import Project
from app.db.tables.models import TestAudit
from app.db.tables.review import Batch
from app.db.words import Role
from app.insights.planted import sidecar
from app.ranking.runs import scoring_job, start_scoring
from app.review.batches.plan import BatchPlan
from app.samples.catalogue import SAMPLES
from app.samples.compared import compare_sample
from app.samples.half_reviewed import Half, lead_of, review_half
from app.samples.sample import Planted, Sample
from app.settings import Settings

BATCH_SIZE = 100
AUDIT_SHARE = 20
"""Fewer random draws than a target of 5 % would ask for: a newcomer looks for suspects."""

CONFIRMATIONS = 2


@dataclass(frozen=True)
class Cast:
    """Who takes part in every sample: the lead is the second reader."""

    lead_id: int
    reviewer_id: int


def ready_projects(engine: Engine) -> set[str]:
    """Slugs of projects that came as far as a batch."""
    query = select(Project.slug).join(Batch, Batch.project_id == Project.id).distinct()
    with reading(engine) as session:
        return set(session.execute(query).scalars())


def missing_samples(engine: Engine) -> list[str]:
    """Names of the samples that are not ready yet, in their order."""
    ready = ready_projects(engine)
    return [name for name in SAMPLES if slug_of(name) not in ready]


def make_project(engine: Engine, settings: Settings, name: str, cast: Cast) -> None:
    """Import, score and open a batch; what an interrupted start has done is not done again."""
    sample = SAMPLES[name]()
    with reading(engine) as session:
        lead = session.get_one(Person, cast.lead_id).email
    bring_in(engine, settings, sample, lead=lead)
    with writing(engine) as session:
        project = project_by_slug(session, slug_of(sample.name))
        project.about = sample.about
        now = database_now(session)
        join(session, project.id, cast.reviewer_id, Role.REVIEWER, now=now)
        job = scoring_job(session, project.id)
        if job is None and project.run_id is None:
            job = start_scoring(session, project.id, created_by=None, now=now)
    if sample.planted is not None:
        _keep_truth(sidecar(settings.data, project.id), sample.planted)
    if job is not None:
        tell(follow(engine, settings, job.id, quietly=True))
    if sample.half_reviewed is not None:
        half = Half(engine, project.id, cast.lead_id, sample.half_reviewed)
        review_half(half)
        if sample.models is not None:
            storage = Storage(engine, BlobStore(settings.blob_directory))
            compare_sample(half, storage, sample.models())
        estimate_project(engine, project.id)
    with writing(engine) as session:
        _open_batch(session, project.id, cast)


def measure_remedies(engine: Engine, cast: Cast) -> None:
    """Ask which remedy works where models are compared: the worker has minutes for it."""
    measured = select(Recovery.project_id)
    compared = select(Project.slug).join(TestAudit, TestAudit.project_id == Project.id)
    with writing(engine) as session:
        for slug in session.scalars(compared.where(Project.id.not_in(measured))).all():
            measure_again(lead_of(session, cast.lead_id), slug)


def bring_in(engine: Engine, settings: Settings, sample: Sample, *, lead: str | None) -> None:
    """Import the sample's file as the command line would."""
    mapping = ImportMapping({role: columns_of(name) for role, name in sample.mapping.items()})
    with _files(sample) as (file, media), following() as progress:
        request = ImportRequest(
            sample.name, file, mapping, media, confirmations=CONFIRMATIONS, lead=lead
        )
        result = run_import(engine, settings, request, ask=usual_answer, progress=progress)
    refuse(result)


@contextmanager
def _files(sample: Sample) -> Iterator[tuple[Path, Path | None]]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / sample.file_name
        file.write_bytes(sample.content)
        media = None
        if sample.media is not None:
            media = Path(folder) / "media.zip"
            media.write_bytes(sample.media)
        yield file, media


def _keep_truth(path: Path, planted: Planted) -> None:
    """Beside the database, where no page of a reviewer looks."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    told = {"kind": planted.kind, "rate": planted.rate, "truth": planted.truth}
    path.write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2))


def _open_batch(session: Session, project_id: int, cast: Cast) -> None:
    plan = BatchPlan(size=BATCH_SIZE, audit_share=AUDIT_SHARE)
    make(lead_of(session, cast.lead_id), project_id, plan)
