"""Which planted errors of a sample were found; reviewers never see this before the end."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypedDict

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from app.datasets.current_labels import current_label
from app.db.parts import parts
from app.db.tables.datasets import Example, Label
from app.db.words import FINAL, Status

FOLDER = "samples"


@dataclass(frozen=True)
class PlantedErrors:
    """`found` got their right label back, `removed` left, `missed` were confirmed or relabeled
    otherwise, `open` wait for a decision."""

    kind: str
    rate: float
    total: int
    found: int
    removed: int
    missed: int
    open: int


class Planted(TypedDict):
    """What the file beside the database holds; `truth` is the right label of each planted key."""

    kind: str
    rate: float
    truth: dict[str, str]


def sidecar(data: Path, project_id: int) -> Path:
    """The file beside the database that holds what was planted in a sample project."""
    return data / FOLDER / f"{project_id}.json"


def planted_errors(session: Session, project_id: int, *, data: Path) -> PlantedErrors | None:
    """Compare what was planted with what was decided; None for a project without planted errors."""
    told = _told(data, project_id)
    if told is None:
        return None
    truth = _truth(session, project_id, told)
    counts = {"found": 0, "removed": 0, "missed": 0, "open": 0}
    for keys in parts(sorted(truth)):
        for row in _rows(session, project_id, keys):
            counts[_outcome(row.status, row.final, truth[row.key])] += 1
    return PlantedErrors(kind=told["kind"], rate=told["rate"], total=len(truth), **counts)


def planted_truth(session: Session, project_id: int, *, data: Path) -> dict[str, str]:
    """The right label of each planted error by its key; nothing for a project without any."""
    told = _told(data, project_id)
    return {} if told is None else _truth(session, project_id, told)


def _told(data: Path, project_id: int) -> Planted | None:
    path = sidecar(data, project_id)
    told: Planted | None = orjson.loads(path.read_bytes()) if path.is_file() else None
    return told


def _truth(session: Session, project_id: int, told: Planted) -> dict[str, str]:
    now = _names_now(session, project_id)
    return {key: now.get(name, name) for key, name in told["truth"].items()}


def _names_now(session: Session, project_id: int) -> dict[str, str]:
    """Names of retired labels and of those that stand for them now."""
    now = aliased(Label)
    rows = session.execute(
        select(Label.name, now.name)
        .join(now, now.id == Label.current_id)
        .where(Label.project_id == project_id)
    )
    return dict(rows.all())


class _Decided(NamedTuple):
    key: str
    status: Status
    final: str | None


def _rows(session: Session, project_id: int, keys: list[str]) -> list[_Decided]:
    final = aliased(Label)
    rows = session.execute(
        select(Example.key, Example.status, final.name)
        .outerjoin(final, final.id == current_label(Example.final_label_id))
        .where(Example.project_id == project_id, Example.key.in_(keys))
    )
    return [_Decided(*row) for row in rows]


def _outcome(status: Status, final: str | None, right: str) -> str:
    if status not in FINAL:
        return "open"
    if status is Status.REMOVED:
        return "removed"
    return "found" if final == right else "missed"
