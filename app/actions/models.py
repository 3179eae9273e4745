"""What Relabel does with models of somebody's own: their predictions come in and go again.

They are no scores: nothing that is ranked or handed out changes with them, unless a lead asks that
they take part in a ranking.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy.orm import Session

from app.accounts.activity import ActivityKind
from app.accounts.turn import By
from app.actions.activity import note
from app.actions.storage import Storage
from app.actions.turn import Caller, at_console, work_by_slug
from app.datasets.blobs import BlobStore
from app.datasets.model_check import check_model
from app.datasets.pushed_models import (
    SentModel,
    ask_for_check,
    called,
    model_of,
    models_of,
    stage_model,
    take_out,
)
from app.db.engine import writing
from app.db.log import lock_project
from app.db.tables.jobs import Job
from app.db.tables.models import Model
from app.db.words import ArrayState, Role
from app.progress import Progress, quiet
from app.ranking.asked_models import runs_by_model


class AskedModel(NamedTuple):
    """A model, and the job that checks it; none where the same bytes came before."""

    model: Model
    job: Job | None


class ModelsLeft(NamedTuple):
    """Models that are left, and the numbers of the runs that used the one taken out."""

    models: list[Model]
    runs: list[int]


def push_model(caller: Caller, slug: str, sent: SentModel, blobs: BlobStore) -> AskedModel:
    """Have a stored file of predictions checked and kept; what it takes the place of goes."""
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        by, session = turn.member.person_id, turn.session
        model = _stage(session, blobs, turn.project_id, sent, By.of(turn))
        job = ask_for_check(session, model, by=by, now=turn.now)
        if job is not None:
            note(turn, ActivityKind.MODEL_PUSHED, name=called(model))
        return AskedModel(model, job)


def push_model_from_console(
    session: Session, named: str, sent: SentModel, blobs: BlobStore
) -> Model:
    """Stage it without a job: who sits at the console has it checked there."""
    with at_console(session, named) as (lock, by):
        return _stage(session, blobs, lock.project_id, sent, by)


def _stage(session: Session, blobs: BlobStore, project_id: int, sent: SentModel, by: By) -> Model:
    from app.datasets.erased_files import delete_unneeded  # loads NumPy

    staged = stage_model(session, project_id, sent, by=by.person_id, now=by.now)
    if staged.unneeded:
        delete_unneeded(session, blobs, project_id, staged.unneeded)
    return staged.model


def check_pushed_model(storage: Storage, model_id: int, *, progress: Progress = quiet) -> Model:
    """Read what was pushed and keep what it predicts. May run twice."""
    from app.datasets.erased_files import delete_unneeded  # loads NumPy

    model = check_model(storage.engine, storage.blobs, model_id, progress=progress)
    with writing(storage.engine) as session:
        lock_project(session, model.project_id)
        done = session.get(Model, model_id, populate_existing=True)
        if done is not None and done.state is not ArrayState.CHECKING and done.file:
            name, done.file = done.file, ""
            session.flush()
            delete_unneeded(session, storage.blobs, done.project_id, [name])
        return done or model


def take_out_model(caller: Caller, slug: str, model_id: int, blobs: BlobStore) -> ModelsLeft:
    """Forget a model that no audit compares; runs that used it keep its bytes."""
    from app.datasets.erased_files import delete_unneeded

    with work_by_slug(caller, slug, Role.LEAD) as turn:
        session, project_id = turn.session, turn.project_id
        names = take_out(session, model_of(session, project_id, model_id, hold=True))
        delete_unneeded(session, blobs, project_id, names)
        runs = runs_by_model(session, project_id).get(model_id, [])
        return ModelsLeft(models_of(session, project_id), runs)
