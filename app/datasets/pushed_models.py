"""Models by what they predict: pushed, listed, taken out again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.datasets.mapping import StoredFile
from app.datasets.names import checked_name, flaw_of_name
from app.datasets.report import model_report_of
from app.datasets.visible import visible_imports
from app.db.dialects import locked
from app.db.tables.datasets import Example
from app.db.tables.jobs import Job
from app.db.tables.models import Model, ModelPrediction, TestAudit, TestAuditModel
from app.db.words import ArrayState
from app.errors import Conflict, DataProblem, Invalid, NotFound
from app.jobs.task import AskedBy, TaskName
from app.jobs.under_way import ask_once, jobs_under_way

LONGEST_NAME, LONGEST_VERSION, LONGEST_SPLIT = 200, 80, 80
MOST_PARAMETERS = 10**15
MOST_LISTED = 500


@dataclass(frozen=True)
class ModelArguments:
    model_id: int


CHECK_MODEL = TaskName("model_check", ModelArguments)


@dataclass(frozen=True, slots=True)
class SentModel:
    """A stored file of predictions, and whose they are; without a split they are of everything."""

    file: StoredFile
    name: str
    version: str = ""
    size: int | None = None
    split: str = ""


def models_of(session: Session, project_id: int) -> list[Model]:
    """The newest first."""
    query = select(Model).where(Model.project_id == project_id)
    return list(session.scalars(query.order_by(Model.id.desc()).limit(MOST_LISTED)))


def model_of(session: Session, project_id: int, model_id: int, *, hold: bool = False) -> Model:
    query = select(Model).where(Model.id == model_id, Model.project_id == project_id)
    model = session.scalars(locked(query) if hold else query).one_or_none()
    if model is None:
        raise NotFound()
    return model


def models_called(session: Session, project_id: int, names: Sequence[str]) -> tuple[int, ...]:
    """The ids of models by what they are called, in the order of the names."""
    there = {called(one): one.id for one in models_of(session, project_id)}
    missing = [name for name in names if name not in there]
    if missing:
        listed = ", ".join(there) or "none"
        raise NotFound(
            f"There is no model {missing[0]!r}.",
            next_step=f"Push its predictions first. Models that are here: {listed}.",
        )
    return tuple(there[name] for name in names)


def called(model: Model) -> str:
    """Its name, and its version where it has one."""
    return f"{model.name} {model.version}".strip()


def splits_of(session: Session, project_id: int) -> list[str]:
    """The splits that examples came with, in the order of their names."""
    query = select(Example.split).where(
        Example.project_id == project_id, Example.import_id.in_(visible_imports(project_id))
    )
    return sorted(one for one in session.scalars(query.distinct()) if one)


def check_split(session: Session, project_id: int, split: str) -> None:
    """A split that is meant has examples."""
    some = select(Example.id).where(Example.project_id == project_id, Example.split == split)
    if not split or session.scalar(some.limit(1)) is not None:
        return
    known = splits_of(session, project_id)
    listed = ", ".join(known[:10]) or "no splits at all"
    raise Invalid(
        f"No example is in the split {split[:LONGEST_SPLIT]!r}.",
        next_step=f"Leave it empty for every example; the project has {listed}.",
        code="no_split",
    )


class Staged(NamedTuple):
    """A model, and the names of stored files that it does not need any more."""

    model: Model
    unneeded: list[str]


def stage_model(
    session: Session, project_id: int, sent: SentModel, *, by: int | None, now: datetime
) -> Staged:
    """Keep a file to be checked. The same model with the same bytes is what it was."""
    unneeded: list[str] = []
    name, version = _checked(sent)
    check_split(session, project_id, sent.split)
    query = select(Model).where(
        Model.project_id == project_id, Model.name == name, Model.version == version
    )
    model = session.scalars(locked(query)).one_or_none()
    if model is None:
        _check_called(session, project_id, name, version)
        model = Model(project_id=project_id, name=name, version=version)
        session.add(model)
    elif (model.sha256, model.split) == (
        sent.file.sha256,
        sent.split,
    ) and model.state is ArrayState.READY:
        model.size = sent.size if sent.size is not None else model.size
        return Staged(model, [sent.file.sha256])
    else:
        check_not_audited(session, model, "Give the new ones another version.")
        unneeded = _files_of(model)
        forget_predictions(session, model)
    model.size, model.split = sent.size, sent.split
    model.file_name, model.sha256, model.file = sent.file.name, sent.file.sha256, sent.file.sha256
    model.state, model.report, model.n_examples = ArrayState.CHECKING, {}, 0
    model.made_at, model.made_by = now, by
    session.flush()
    return Staged(model, unneeded)


def _files_of(model: Model) -> list[str]:
    return [name for name in (model.file, model.probabilities) if name]


def _checked(sent: SentModel) -> tuple[str, str]:
    name = checked_name(
        sent.name,
        of="model",
        longest=LONGEST_NAME,
        next_step="Give it a shorter name without line breaks.",
        code="model_name",
    )
    version = sent.version.strip()
    if version and flaw_of_name(version, longest=LONGEST_VERSION):
        raise Invalid(
            f"A version has up to {LONGEST_VERSION} characters in one line.",
            next_step="Write a shorter one, or none.",
            code="model_version",
        )
    if sent.size is not None and not 1 <= sent.size <= MOST_PARAMETERS:
        raise Invalid(
            "The size of a model is how many parameters it has, 1 or more.",
            next_step="Write the number, or leave it out.",
            code="model_size",
        )
    return name, version


def _check_called(session: Session, project_id: int, name: str, version: str) -> None:
    """Two models are never called the same: "a b" has no version where "a" has the version "b"."""
    wanted = called(Model(name=name, version=version))
    there = select(Model.name, Model.version).where(
        Model.project_id == project_id, func.trim(Model.name + " " + Model.version) == wanted
    )
    if (other := session.execute(there.limit(1)).one_or_none()) is not None:
        split = f"version {other.version!r} of {other.name!r}" if other.version else "no version"
        raise Conflict(
            f"Another model is called {wanted!r} here, with {split}.",
            next_step="Give this one another name or version.",
            code="model_called",
        )


def check_not_audited(session: Session, model: Model, next_step: str) -> None:
    """What an audit was opened with stays as it was then."""
    number = session.scalar(
        select(TestAudit.number)
        .join(TestAuditModel, TestAuditModel.audit_id == TestAudit.id)
        .where(TestAuditModel.model_id == model.id)
        .order_by(TestAudit.number)
        .limit(1)
    )
    if number is not None:
        raise Conflict(
            f"Test-set audit {number} was opened with the predictions of {called(model)}.",
            next_step=next_step,
            code="model_in_audit",
        )


def forget_predictions(session: Session, model: Model) -> None:
    session.execute(delete(ModelPrediction).where(ModelPrediction.model_id == model.id))
    model.probabilities = ""


def take_out(session: Session, model: Model) -> list[str]:
    """Forget a model that no audit needs; the names of its stored files."""
    check_not_audited(session, model, "It stays with what it was compared with.")
    names = _files_of(model)
    forget_predictions(session, model)
    session.delete(model)
    session.flush()
    return names


def checks_of(session: Session, project_id: int) -> dict[int, Job]:
    """Model id -> the check of it that waits or runs, the newest."""
    jobs = jobs_under_way(session, project_id, CHECK_MODEL)
    return {CHECK_MODEL.read(job.arguments).model_id: job for job in jobs}


def ask_for_check(session: Session, model: Model, *, by: int | None, now: datetime) -> Job | None:
    """The job that checks it; none where there is nothing left to check."""
    if model.state is not ArrayState.CHECKING:
        return None
    asked_by = AskedBy(model.project_id, by)
    return ask_once(session, CHECK_MODEL, ModelArguments(model.id), asked_by=asked_by, now=now)


def refuse_model(model: Model) -> None:
    """Raise what keeps a model out (exit code 65)."""
    if model.state is ArrayState.READY:
        return
    report = model_report_of(model.report)
    for first in report["stops"]:
        raise DataProblem(first["message"], next_step=first["fix"], code=first["code"])
    raise DataProblem(
        report.get("message") or "The predictions are not used.",
        next_step="Look for a damaged part in the file, then push it again.",
        code="model_stopped",
    )
