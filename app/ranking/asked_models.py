"""Pushed models that a lead asks to take part in a ranking; light enough for the web."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.datasets.pushed_models import called, model_of
from app.db.tables.models import Model
from app.db.tables.ranking import ModelUsed, ScoringRun
from app.db.words import ArrayState
from app.errors import Conflict, Invalid

MOST_NAMED = 5

MOST_ASKED = 10
"""Models of one ranking."""


def models_offered(session: Session, project_id: int) -> list[Model]:
    """Models with probabilities: each can take part in a ranking, the newest first."""
    query = select(Model).where(Model.project_id == project_id, *_can_take_part())
    return list(session.scalars(query.order_by(Model.id.desc())))


def _can_take_part() -> tuple[ColumnElement[bool], ...]:
    return Model.state == ArrayState.READY, Model.probabilities != ""


def checked_models(session: Session, project_id: int, asked: Sequence[int]) -> list[int]:
    """The ids of models that are asked to take part, each once; one that cannot is refused."""
    wanted = sorted(set(asked))
    if len(wanted) > MOST_ASKED:
        raise Invalid(
            f"At most {MOST_ASKED} models take part in a ranking.",
            next_step="Choose fewer.",
            code="too_many_models",
        )
    for model in [model_of(session, project_id, one) for one in wanted]:
        if model.state is not ArrayState.READY:
            raise Conflict(
                f"The predictions of {called(model)} cannot be used.",
                next_step="Look at what their check says, and push them again.",
                code="model_not_ready",
            )
        if not model.probabilities:
            raise Conflict(
                f"{called(model)} came with labels only: there are no probabilities to average.",
                next_step="Push an NPZ with ids, pred_probs and classes, or leave this model out.",
                code="model_labels_only",
            )
    return wanted


def models_to_use(session: Session, project_id: int, asked: Sequence[int]) -> list[Model]:
    """Those of the models that are still there and can take part, the first pushed first."""
    mine = Model.project_id == project_id, Model.id.in_(asked)
    return list(session.scalars(select(Model).where(*mine, *_can_take_part()).order_by(Model.id)))


@dataclass(frozen=True, slots=True)
class TakingPart:
    """A model as a run uses it: what the run says of it, what people call it, its array."""

    said: ModelUsed
    name: str
    array: str


def taking_part(session: Session, project_id: int, asked: Sequence[int]) -> list[TakingPart]:
    """The models of a run, of those that were asked for and are still there."""
    return [
        TakingPart(
            {
                "id": model.id,
                "name": model.name,
                "version": model.version,
                "sha256": model.sha256,
            },
            called(model),
            model.probabilities,
        )
        for model in models_to_use(session, project_id, asked)
    ]


def runs_in_words(numbers: Sequence[int]) -> str:
    """Runs by their numbers; nothing without any."""
    if not numbers:
        return ""
    more = f" and {len(numbers) - MOST_NAMED} more" if len(numbers) > MOST_NAMED else ""
    return f"run{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers[:MOST_NAMED]))}{more}"


def runs_by_model(session: Session, project_id: int) -> dict[int, list[int]]:
    """Model id -> the numbers of the runs that used it, the newest first."""
    query = select(ScoringRun.number, ScoringRun.settings).where(
        ScoringRun.project_id == project_id
    )
    found: dict[int, list[int]] = {}
    for number, settings in session.execute(query.order_by(ScoringRun.number.desc())):
        for model in settings.get("models_used", []):
            found.setdefault(model["id"], []).append(number)
    return found
