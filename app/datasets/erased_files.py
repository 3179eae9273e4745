"""Stored files that held an erased example: deleted, or written again without it.

Only the worker and the command line come here.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from sqlalchemy import String, cast, delete, exists, or_, select
from sqlalchemy.orm import Session

from app.datasets.array_files import Array, write_npz
from app.datasets.blobs import BlobStore
from app.db.tables.datasets import Blob, DataImport, Example, Prediction, Project
from app.db.tables.models import Model
from app.db.tables.ranking import MODEL_ARRAY, ScoringRun
from app.db.words import ArrayState, DataType, Status
from app.errors import Gone

_PUSH_AGAIN = "An example was erased, and this file, which may name it, was deleted: push it again."


def delete_unneeded(
    session: Session, blobs: BlobStore, project_id: int, names: Iterable[str]
) -> int:
    """Delete those of the files that nothing needs any more; how many."""
    gone = 0
    for name in names:
        if _is_needed(session, project_id, name):
            continue
        blobs.remove(name)
        session.execute(delete(Blob).where(Blob.sha256 == name))
        gone += 1
    return gone


def _is_needed(session: Session, project_id: int, name: str) -> bool:
    """By another project, by an array or a run, by another picture, by an import on its way."""
    says = [
        cast(column, String).contains(name) for column in (DataImport.mapping, DataImport.report)
    ]
    brought = or_(DataImport.sha256 == name, *says)
    erased = cast(DataImport.report, String).contains('"files_erased"')
    here = (DataImport.project_id == project_id) & erased
    pictures = select(Project.id).where(Project.data_type == DataType.IMAGE)
    return any(
        session.scalar(select(one))
        for one in (
            exists().where(brought, ~here),
            exists().where(or_(Prediction.blob == name, Prediction.file == name)),
            exists().where(or_(Model.probabilities == name, Model.file == name)),
            exists().where(cast(ScoringRun.artefacts, String).contains(name)),
            exists().where(
                Example.project_id.in_(pictures), cast(Example.content, String).contains(name)
            ),
        )
    )


def take_from_arrays(session: Session, blobs: BlobStore, project_id: int) -> list[str]:
    """Write arrays of the project again without rows of ids that it does not have any more, those
    that rank and those that models predict.

    What came in is not kept: it has the id in it. The names of files that are not used any more.
    """
    arrays = select(Prediction).where(Prediction.project_id == project_id).order_by(Prediction.id)
    models = select(Model).where(Model.project_id == project_id).order_by(Model.id)
    ranked, compared = session.scalars(arrays).all(), session.scalars(models).all()
    pushed: list[Prediction | Model] = [*ranked, *compared]
    old = [_forget_file(one) for one in pushed if one.file]
    named = {one.probabilities for one in compared if one.probabilities}
    left = _only_in_runs(session, project_id, named)
    if any(one.blob for one in ranked) or named or left:
        keys = _keys(session, project_id)
        for array in ranked:
            if array.blob and (again := _without_strangers(blobs, array.blob, keys)):
                old.append(array.blob)
                _rename(session, array, *again)
        for model in compared:
            name = model.probabilities
            if name and (again := _without_strangers(blobs, name, keys)):
                old.append(name)
                model.probabilities, _ = again
                _rename_in_runs(session, project_id, name, again[0])
        for name in left:
            if again := _without_strangers(blobs, name, keys):
                old.append(name)
                _rename_in_runs(session, project_id, name, again[0])
    session.flush()
    return old


def _only_in_runs(session: Session, project_id: int, there: set[str]) -> list[str]:
    """Arrays of models that were taken out, which runs keep."""
    runs = select(ScoringRun.artefacts).where(ScoringRun.project_id == project_id)
    kept = {
        name
        for artefacts in session.scalars(runs)
        for kind, name in artefacts.items()
        if kind.startswith(MODEL_ARRAY)
    }
    return sorted(kept - there)


def _forget_file(one: Prediction | Model) -> str:
    """What came in is not named any more; whoever had not read it yet asks for it again."""
    name, one.file = one.file, ""
    if one.state is not ArrayState.READY:
        one.state, one.report = ArrayState.STOPPED, {"message": _PUSH_AGAIN}
    return name


def _keys(session: Session, project_id: int) -> set[str]:
    there = Example.project_id == project_id, Example.status != Status.ERASED
    return set(session.scalars(select(Example.key).where(*there)))


def _without_strangers(blobs: BlobStore, name: str, keys: set[str]) -> tuple[str, int] | None:
    """The array's new name and its rows; None where every row is of an example that is there."""
    try:
        with blobs.open(name) as file, np.load(file, allow_pickle=False) as archive:
            arrays: dict[str, Array] = {part: archive[part] for part in archive.files}
    except Gone:
        return None
    known = np.array([str(one) in keys for one in arrays["ids"]], dtype=np.bool_)
    if known.all():
        return None
    with blobs.scratch() as folder:
        path = folder / "array.npz"
        write_npz(path, {p: one if p == "classes" else one[known] for p, one in arrays.items()})
        return blobs.adopt(path), int(known.sum())


def _rename(session: Session, array: Prediction, name: str, rows: int) -> None:
    """Whoever named the array by its old bytes names it by the new ones."""
    old, array.blob, array.rows = array.blob, name, rows
    of_project = DataImport.project_id == array.project_id
    for brought in session.scalars(select(DataImport).where(of_project)).all():
        parts = brought.report.get("arrays", [])
        if any(one.get("blob") == old for one in parts):
            told = [{**one, "blob": name} if one.get("blob") == old else one for one in parts]
            brought.report = {**brought.report, "arrays": told}
    _rename_in_runs(session, array.project_id, old, name)


def _rename_in_runs(session: Session, project_id: int, old: str, name: str) -> None:
    runs = select(ScoringRun).where(ScoringRun.project_id == project_id)
    for run in session.scalars(runs).all():
        if old in run.artefacts.values():
            run.artefacts = {k: name if v == old else v for k, v in run.artefacts.items()}
