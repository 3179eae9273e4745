"""Whether recent rows, or those of a split, differ from the others: in content, or in errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from app.audit.study.columns import Known, cut_columns, not_cut, values_of
from app.audit.study.report import Moved, Movement
from app.audit.study.vectors import Sample
from app.db.tables.datasets import Project
from app.learning.threads import one_thread
from app.noise.columns import DAY
from app.noise.dates import DateForm, date_form, either_way_round
from app.noise.drift import FEWEST_ROWS, Difference, error_gap, two_sample
from app.noise.moves import SURE, Content, content_of, move_of, often_of
from app.noise.sources import holm

MOST_DATES, MOST_SPLITS = 3, 5
"""Columns of dates, the first of the file, and splits, the largest: all are tested together."""

RECENT = 0.1
"""The recent tenth; as near to it as equal dates allow, and never more than half."""

Rows = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Checked:
    """The random checks: what is known of each, and whether its label was wrong.

    `decided` is known of all that was decided: it tells the dates and splits where there is no
    sample.
    """

    known: list[Known]
    wrong: Rows
    decided: list[Known]


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two sets of rows: how they are named, and on which a row stands (1, 0, or nan for none)."""

    by: str
    column: str
    read_as: str
    side: str
    against: str
    sides: Callable[[Sequence[Known]], NDArray[np.float64]]


def moved(
    session: Session,
    project: Project,
    checked: Checked,
    sample: Sample | None,
    *,
    rng: np.random.Generator,
) -> Movement:
    """Compare the recent tenth by each column of dates, and each split, with the others."""
    known = sample.known if sample else checked.decided  # none, or none with a vector
    names = cut_columns(known, not_cut(session, project.id))
    columns = {name: values_of(known, name) for name in names}
    forms = {
        name: form for name, values in columns.items() if (form := date_form(values)) is not None
    }
    splits = _splits(known)
    dated = list(forms.items())[:MOST_DATES]
    pairs = [pair for name, form in dated if (pair := _by_date(name, form, columns[name]))]
    pairs += _by_split(splits)
    return Movement(
        vectors=sample is not None and len(sample) > 0,
        dates=[f"{name} ({form.words})" for name, form in forms.items()],
        unclear=[name for name, values in columns.items() if either_way_round(values)],
        splits=len(splits),
        found=_compared(pairs, checked, sample, rng),
    )


def _by_date(name: str, form: DateForm, values: Sequence[str]) -> _Pair | None:
    days = np.array([form.days(one) for one in values])
    start = recent_from(days[np.isfinite(days)])
    if start is None:
        return None

    def sides(known: Sequence[Known]) -> NDArray[np.float64]:
        found = np.array([form.days(one) for one in values_of(known, name)], dtype=np.float64)
        return np.where(np.isfinite(found), found >= start, np.nan)

    return _Pair("date", name, form.words, DAY.written(start), "", sides)


def recent_from(days: NDArray[np.float64]) -> float | None:
    """The day from which about a tenth of the rows are; None where a day holds nearly all."""
    different, counts = np.unique(days, return_counts=True)
    since = counts[::-1].cumsum()[::-1] / max(1, len(days))
    away = np.abs(since - RECENT)
    away[(since > 0.5) | (since < RECENT / 5)] = np.inf
    if len(away) == 0 or not np.isfinite(away.min()):
        return None
    return float(different[int(away.argmin())])


def _splits(known: Sequence[Known]) -> list[tuple[str, int]]:
    """Names and rows, the largest first."""
    names, counts = np.unique([one.split for one in known if one.split], return_counts=True)
    order = np.argsort(-counts, kind="stable")
    return [(str(names[place]), int(counts[place])) for place in order]


def _by_split(splits: Sequence[tuple[str, int]]) -> Iterator[_Pair]:
    """Each against all others; of two the smaller against the larger."""
    if len(splits) < 2:
        return
    for name, _ in splits[:MOST_SPLITS] if len(splits) > 2 else splits[1:]:
        against = splits[0][0] if len(splits) == 2 else ""
        yield _Pair("split", "", "", name, against, _in_split(name))


def _in_split(name: str) -> Callable[[Sequence[Known]], NDArray[np.float64]]:
    def sides(known: Sequence[Known]) -> NDArray[np.float64]:
        return np.array(
            [float(one.split == name) if one.split else np.nan for one in known], dtype=np.float64
        )

    return sides


@dataclass(frozen=True, slots=True)
class _Tally:
    """Of each side, this one first: rows with vectors, random checks, wrong ones among them."""

    rows: tuple[int, int]
    checks: tuple[int, int]
    wrong: tuple[int, int]


@one_thread
def _compared(
    pairs: Sequence[_Pair],
    checked: Checked,
    sample: Sample | None,
    rng: np.random.Generator,
) -> list[Moved]:
    """Holm's correction over all pairs, for contents and for errors each."""
    differences, tallies = [], []
    for pair in pairs:
        mine = pair.sides(sample.known) if sample is not None else np.zeros(0)
        difference = None
        if sample is not None:
            rows, others = (sample.vectors[mine == side] for side in (1.0, 0.0))
            if min(len(rows), len(others)) >= FEWEST_ROWS:
                difference = two_sample(rows, others, rng=rng, alpha=SURE / len(pairs))
        differences.append(difference)
        tallies.append(_tally(mine, pair.sides(checked.known), checked.wrong))
    p = holm(np.array([1.0 if one is None else one.p for one in differences]))
    gaps = [error_gap(one.wrong, one.checks) for one in tallies]
    errors_p = holm(np.array([one.p for one in gaps]))
    return [
        _told(pair, difference, tally, (float(p[nth]), float(errors_p[nth])))
        for nth, (pair, difference, tally) in enumerate(
            zip(pairs, differences, tallies, strict=True)
        )
    ]


def _tally(mine: NDArray[np.float64], of_checks: NDArray[np.float64], wrong: Rows) -> _Tally:
    def counts(rows: NDArray[np.float64]) -> tuple[int, int]:
        return int((rows == 1.0).sum()), int((rows == 0.0).sum())

    return _Tally(counts(mine), counts(of_checks), counts(of_checks[wrong]))


def _told(
    pair: _Pair, difference: Difference | None, tally: _Tally, p: tuple[float, float]
) -> Moved:
    gap = error_gap(tally.wrong, tally.checks)
    content = Content.TOO_FEW if difference is None else content_of(difference.told_apart, p[0])
    errors = often_of(p[1], (gap.low, gap.high), fewest_checks=min(tally.checks))
    return Moved(
        by=pair.by,
        column=pair.column,
        read_as=pair.read_as,
        side=pair.side,
        against=pair.against,
        rows=tally.rows[0],
        others=tally.rows[1],
        told_apart=None if difference is None else difference.told_apart,
        p=p[0],
        shows=None if difference is None else difference.shows,
        checks=tally.checks[0],
        wrong=tally.wrong[0],
        other_checks=tally.checks[1],
        other_wrong=tally.wrong[1],
        errors_p=p[1],
        content=content.value,
        errors=errors.value,
        move=move_of(content, errors).value,
    )
