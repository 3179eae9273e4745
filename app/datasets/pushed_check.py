"""The check of a pushed array: read in a limited process, for the examples the project has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import orjson
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.datasets.blobs import BlobStore
from app.datasets.current_labels import standing_label
from app.datasets.labels import labels_of, standing_labels
from app.datasets.mapping import ImportMapping
from app.datasets.parse_job import GivenArray, KnownName, ParseJob
from app.datasets.parsing import ParserCrashed, read_array
from app.datasets.report import ArrayReport, CheckedArray, array_report_of
from app.datasets.scratch import ARRAYS, EXAMPLES
from app.datasets.stage import obstacles
from app.datasets.visible import visible_imports
from app.db.dialects import locked
from app.db.engine import reading, writing
from app.db.tables.datasets import Example, Label, Prediction
from app.db.words import ArrayState, JobState, Status
from app.errors import NotFound
from app.jobs.task import JobInHand
from app.progress import Progress, quiet

_CHUNK = 2000
_SETTLED = (Status.CONFIRMED, Status.RELABELED)
_GONE = (Status.REMOVED, Status.ERASED)
WhenReady = Callable[[Session, Prediction], None]


def check_array(
    engine: Engine,
    blobs: BlobStore,
    array_id: int,
    *,
    when_ready: WhenReady,
    progress: Progress = quiet,
) -> Prediction:
    """Read the file in a limited process; may run twice.

    `when_ready` runs in the transaction that makes the array part of the next ranking.
    """
    with reading(engine) as session:
        array = session.get(Prediction, array_id)
        if array is None:
            raise NotFound()
        if array.state is not ArrayState.CHECKING or array.removed_at is not None:
            return array
    with blobs.scratch() as work:
        job = _job(engine, blobs, array, work)
        try:
            report = read_array(job, progress)
        except ParserCrashed as crash:
            report = array_report_of(
                {"message": f"The file could not be read: the parser ended ({crash})."}
            )
        usable = next(iter(report.pop("arrays", [])), None)

        def used(session: Session, ready: Prediction) -> None:
            """Its bytes are stored only now that a row names them."""
            if usable is not None:
                ready.blob = blobs.adopt(work / ARRAYS / usable["file"])
            when_ready(session, ready)

        return _store(engine, array, report, usable, used)


def _job(engine: Engine, blobs: BlobStore, array: Prediction, work: Path) -> ParseJob:
    """What the child needs to know of the project."""
    with reading(engine) as session:
        every = labels_of(session, array.project_id, retired=True)
        names = _standing_names(every)
        with (work / EXAMPLES).open("wb") as target:
            for key, label_id, needed in _examples(session, array.project_id):
                line = [key, names.get(label_id or 0), needed]
                target.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
    return ParseJob(
        work=work,
        mapping=ImportMapping(choices=array.choices),
        known_labels=[
            KnownName(label.name, label.code) for label in every if label.retired_at is None
        ],
        arrays=[GivenArray(array.kind, blobs.sound_path(array.file), array.name)],
    )


def _examples(session: Session, project_id: int) -> Iterator[tuple[str, int | None, bool]]:
    """Id, label that stands, and whether it is still to be ranked."""
    last = 0
    columns = (Example.id, Example.key, Example.status, standing_label().label("standing"))
    while True:
        rows = session.execute(
            select(*columns, Example.final_label_id)
            .where(
                Example.project_id == project_id,
                Example.id > last,
                Example.import_id.in_(visible_imports(project_id)),
            )
            .order_by(Example.id)
            .limit(_CHUNK)
        ).all()
        for row in rows:
            label = row.final_label_id if row.status in _SETTLED else row.standing
            yield row.key, label, row.status not in _GONE
        if not rows:
            return
        last = rows[-1].id


def _standing_names(every: list[Label]) -> dict[int, str]:
    """What each label stands for, following replacements to their end."""
    standing = standing_labels(every).items()
    return {old: new.name for old, new in standing if new.retired_at is None}


def _store(
    engine: Engine,
    checked: Prediction,
    report: ArrayReport,
    usable: CheckedArray | None,
    when_ready: WhenReady,
) -> Prediction:
    """Write down what was found, unless it was asked anew or taken out meanwhile."""
    with writing(engine) as session:
        array = session.scalars(locked(select(Prediction).where(Prediction.id == checked.id))).one()
        if array.state is not ArrayState.CHECKING or array.choices != checked.choices:
            return array
        if usable is None or obstacles(report) or array.removed_at is not None:
            array.state, array.report = ArrayState.STOPPED, {**report}
        else:
            array.state, array.report = ArrayState.READY, {**report, **usable["report"]}
            array.kind, array.rows = usable["kind"], usable["rows"]
            when_ready(session, array)
        session.flush()
        return array


def array_check_ended(
    session: Session, job: JobInHand, state: JobState, message: str, now: datetime
) -> None:
    """Say on the array that its check stopped; what it had before is not used meanwhile."""
    array = session.get(Prediction, job.arguments["array_id"], with_for_update=True)
    if array is not None and array.state is ArrayState.CHECKING:
        array.state, array.report = ArrayState.STOPPED, {"message": message}
        session.flush()
