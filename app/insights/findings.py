"""What the served ranking found, as it was counted when it was made: nothing is counted here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.datasets.current_labels import standing_label
from app.datasets.display_names import LabelName, name_on_screen, shown_names
from app.datasets.labels import labels_of, replacements
from app.datatypes.data_type import StoredContent
from app.db.tables.datasets import Example, Label, Project
from app.db.tables.ranking import RunFindings, ScoringRun
from app.db.words import Reason, Status
from app.labels import current
from app.review.batches.filters import unseen_imports


@dataclass(frozen=True, slots=True)
class MixedUp:
    """Examples that came with one label, of which the model favours another."""

    given_id: int
    given: LabelName
    favoured_id: int
    favoured: LabelName
    examples: int


class QualityStep(NamedTuple):
    """Labels of a quality from `low` to below `high`, and of how many the model favours another."""

    low: float
    high: float
    labels: int
    otherwise: int


@dataclass(frozen=True, slots=True)
class Findings:
    """Of `labels` that nobody had reviewed at `scored_at`, what the model says, no more.

    `otherwise`: how many it reads as another label; `qualities`: both counts in equal steps of the
    label quality; `pairs`: the most frequent ones, of which there are `pairs_in_all`.
    """

    run: int
    scored_at: datetime
    labels: int
    otherwise: int
    qualities: tuple[QualityStep, ...]
    pairs: tuple[MixedUp, ...]
    pairs_in_all: int
    samples: Mapping[str, list[int]]

    @property
    def mostly(self) -> MixedUp | None:
        return self.pairs[0] if self.pairs else None


class Sample(NamedTuple):
    """An example on which a signal fired."""

    id: int
    key: str
    content: StoredContent
    given: str
    private: bool


def findings(session: Session, project: Project) -> Findings | None:
    """None without a ranking, and where it is older than what is kept with one."""
    row = session.execute(
        select(
            ScoringRun.number, ScoringRun.started_at, ScoringRun.finished_at, ScoringRun.findings
        ).where(ScoringRun.id == project.run_id)
    ).one_or_none()
    if row is None or "labels" not in row.findings:
        return None
    kept: RunFindings = row.findings
    pairs = _pairs(session, project.id, kept["pairs"])
    merged = len(kept["pairs"]) - len(pairs)
    return Findings(
        run=row.number,
        scored_at=row.finished_at or row.started_at,
        labels=kept["labels"],
        otherwise=kept["otherwise"],
        qualities=_steps(kept["qualities"]),
        pairs=pairs,
        pairs_in_all=kept["pairs_in_all"] - merged,
        samples=kept["samples"],
    )


def _steps(kept: Sequence[tuple[int, int]]) -> tuple[QualityStep, ...]:
    steps = len(kept)
    return tuple(
        QualityStep(nth / steps, (nth + 1) / steps, labels, otherwise)
        for nth, (labels, otherwise) in enumerate(kept)
    )


def _pairs(
    session: Session, project_id: int, kept: Iterable[tuple[int, int, int]]
) -> tuple[MixedUp, ...]:
    """By the labels that stand now: two that became one are not mixed up any more."""
    every = labels_of(session, project_id, retired=True)
    retired, names = replacements(every), shown_names(every)
    counts: Counter[tuple[int, int]] = Counter()
    for given, favoured, examples in kept:
        pair = current(given, retired), current(favoured, retired)
        if pair[0] != pair[1]:
            counts[pair] += examples
    return tuple(
        MixedUp(
            given,
            name_on_screen(names[given]),
            favoured,
            name_on_screen(names[favoured]),
            examples,
        )
        for (given, favoured), examples in counts.most_common()
    )


def samples_of(session: Session, project: Project, of: Findings) -> dict[str, list[Sample]]:
    """The examples of each signal that can still be seen, in their order."""
    wanted = {example for examples in of.samples.values() for example in examples}
    rows = session.execute(  # by their ids alone: any other condition may tempt to another index
        select(Example, Label)
        .outerjoin(Label, Label.id == standing_label())
        .where(Example.id.in_(wanted))
    )
    unseen = set(unseen_imports(session, project.id))
    known = {
        one.id: Sample(
            one.id,
            one.key,
            one.content,
            "" if given is None else name_on_screen(given),
            one.removed_reason is Reason.PRIVATE,
        )
        for one, given in rows
        if one.project_id == project.id
        and one.status is not Status.ERASED
        and one.import_id not in unseen
    }
    return {
        name: [known[example] for example in examples if example in known]
        for name, examples in of.samples.items()
    }
