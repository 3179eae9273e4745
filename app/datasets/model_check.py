"""The check of a pushed model: its file is read in a limited process, then what it predicts is
kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

import orjson
from sqlalchemy import Engine, delete, func, insert, select
from sqlalchemy.orm import Session

from app.datasets.blobs import BlobStore
from app.datasets.labels import labels_of, standing_labels
from app.datasets.mapping import ImportMapping
from app.datasets.parse_job import GivenFile, KnownName, ParseJob
from app.datasets.parsing import ParserCrashed, read_predictions
from app.datasets.pushed_models import forget_predictions
from app.datasets.report import ModelReport, model_report_of
from app.datasets.scratch import ARRAYS, EXAMPLES, STAGED
from app.datasets.visible import visible_imports
from app.db.engine import reading, writing
from app.db.log import lock_project
from app.db.parts import AT_ONCE, parts
from app.db.tables.datasets import Example, Label
from app.db.tables.models import Model, ModelPrediction
from app.db.words import ArrayState, JobState, Status
from app.errors import NotFound
from app.jobs.task import JobInHand
from app.progress import Progress, quiet


@dataclass(frozen=True, slots=True)
class Sought:
    """The examples a file is joined to, in the order of the parser, and labels by their names."""

    examples: list[int]
    labels: dict[str, int]


@dataclass(frozen=True, slots=True)
class Read:
    """What the parser found: examples with their labels, by their ids, and an array if one came."""

    report: ModelReport
    rows: Iterator[tuple[int, int]]
    probabilities: Path | None


def check_model(
    engine: Engine, blobs: BlobStore, model_id: int, *, progress: Progress = quiet
) -> Model:
    """Read what was pushed, and keep what it predicts; may run twice."""
    with reading(engine) as session:
        model = session.get(Model, model_id)
        if model is None:
            raise NotFound()
        if model.state is not ArrayState.CHECKING:
            return model
    with blobs.scratch() as work:
        job, sought = _job(engine, blobs, model, work)
        try:
            report = read_predictions(job, progress)
        except ParserCrashed as crash:
            message = f"The file could not be read: the parser ended ({crash})."
            report = model_report_of({"message": message})
        array = report.pop("probabilities", "")
        usable = not report["stops"] and not report.get("message")
        rows = _rows(work, sought) if usable else iter(())
        kept = work / ARRAYS / array if array and usable else None
        return _store(engine, blobs, model, Read(report, rows, kept))


def _job(engine: Engine, blobs: BlobStore, model: Model, work: Path) -> tuple[ParseJob, Sought]:
    with reading(engine) as session:
        every = labels_of(session, model.project_id, retired=True)
        examples = _write_keys(session, model, work / EXAMPLES)
    job = ParseJob(
        work=work,
        mapping=ImportMapping(),
        known_labels=_forms(every),
        predictions=GivenFile(blobs.sound_path(model.file), model.file_name),
    )
    return job, Sought(examples, {label.name: label.id for label in every})


def _forms(every: list[Label]) -> list[KnownName]:
    """Every way to write a label, and its name: the one that a retired label was merged into.

    Of two labels the one in use has a form, and a name has it before a code or a synonym.
    """
    standing = standing_labels(every)
    found: dict[str, str] = {}
    in_use_first = sorted(every, key=lambda label: label.retired_at is not None)
    for kind in ("name", "code", "synonyms"):
        for label in in_use_first:
            value = getattr(label, kind)
            for form in value if isinstance(value, list) else [value]:
                if form:
                    found.setdefault(str(form), standing[label.id].name)
    return [KnownName(name, form) for form, name in found.items()]


def _write_keys(session: Session, model: Model, path: Path) -> list[int]:
    """Write the key of every example that is there; their ids, in the same order."""
    ids: list[int] = []
    wanted = [
        Example.project_id == model.project_id,
        Example.import_id.in_(visible_imports(model.project_id)),
        Example.status != Status.ERASED,
    ]
    wanted += [Example.split == model.split] if model.split else []
    with path.open("wb") as target:
        last = 0
        while True:
            query = select(Example.id, Example.key).where(*wanted, Example.id > last)
            rows = session.execute(query.order_by(Example.id).limit(AT_ONCE)).all()
            for example, key in rows:
                ids.append(example)
                target.write(orjson.dumps(key, option=orjson.OPT_APPEND_NEWLINE))
            if not rows:
                return ids
            last = rows[-1].id


def _rows(work: Path, sought: Sought) -> Iterator[tuple[int, int]]:
    """Examples and labels, by their ids."""
    with (work / STAGED).open("rb") as file:
        for line in file:
            place, name = orjson.loads(line)
            yield sought.examples[place], sought.labels[name]


def _store(engine: Engine, blobs: BlobStore, checked: Model, read: Read) -> Model:
    """Keep what was found, unless the model was pushed anew or taken out meanwhile.

    Under the project's lock: an example that was erased meanwhile keeps no prediction, and an
    array is stored only for a model that names it.
    """
    with writing(engine) as session:
        lock_project(session, checked.project_id)
        model = session.get(Model, checked.id, populate_existing=True)
        same = model is not None and model.file == checked.file
        if model is None or not same or model.state is not ArrayState.CHECKING:
            return checked
        forget_predictions(session, model)
        while some := list(islice(read.rows, AT_ONCE)):
            told = [
                {"model_id": model.id, "example_id": example, "label_id": label}
                for example, label in some
            ]
            session.execute(insert(ModelPrediction), told)
        _forget_erased(session, model)
        model.n_examples = _count(session, model)
        model.state = ArrayState.READY if model.n_examples else ArrayState.STOPPED
        model.report = {**read.report}
        model.probabilities = blobs.adopt(read.probabilities) if read.probabilities else ""
        session.flush()
        return model


def _forget_erased(session: Session, model: Model) -> None:
    query = select(Example.id).where(
        Example.project_id == model.project_id, Example.status == Status.ERASED
    )
    for some in parts(list(session.scalars(query))):
        mine = ModelPrediction.model_id == model.id, ModelPrediction.example_id.in_(some)
        session.execute(delete(ModelPrediction).where(*mine))


def _count(session: Session, model: Model) -> int:
    query = select(func.count()).where(ModelPrediction.model_id == model.id)
    return session.scalar(query) or 0


def model_check_ended(
    session: Session, job: JobInHand, state: JobState, message: str, now: datetime
) -> None:
    """Say on the model that its check stopped."""
    model = session.get(Model, job.arguments["model_id"], with_for_update=True)
    if model is not None and model.state is ArrayState.CHECKING:
        model.state, model.report = ArrayState.STOPPED, {"message": message}
        session.flush()
