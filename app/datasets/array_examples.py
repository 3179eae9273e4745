"""The examples an array is joined to: those of a file that is read, or those of a project."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import orjson
from numpy.typing import NDArray

from app.datasets.parse_job import KnownName, ParseJob
from app.datasets.report import Report
from app.datasets.scratch import EXAMPLES, STAGED
from app.datasets.staged import GoodRow, row_of


@dataclass(frozen=True)
class Examples:
    """Ids in order, the place of each among the rows, and the labels that are meant.

    `wanted` marks those that need a row of the array.
    """

    keys: list[str]
    places: NDArray[np.int64]
    given: list[str | None]
    wanted: NDArray[np.bool_]
    rows: int
    labels: list[str]
    forms: dict[str, str]

    def only(self, which: NDArray[np.int64]) -> Examples:
        """Some of them, in this order."""
        return replace(
            self,
            keys=[self.keys[at] for at in which],
            places=self.places[which],
            given=[self.given[at] for at in which],
            wanted=self.wanted[which],
        )


def examples_of_file(job: ParseJob, report: Report) -> Examples:
    """The good rows of the file that is imported."""
    keys, places, given = [], [], []
    place = -1
    with (job.work / STAGED).open("rb") as file:
        next(file)
        for place, raw in enumerate(file):
            row = row_of(raw)
            if isinstance(row, GoodRow):
                keys.append(row.key)
                places.append(place)
                given.append(None if row.label is None else report["label_map"][row.label])
    known = job.known_labels
    written = [KnownName(row["name"], row["code"]) for row in report["label_list"]]
    listed = [row.name for row in written] or sorted(row.name for row in known)
    rest = sorted((name for name, _ in report["labels"] if name not in listed), key=_natural)
    forms = _forms([*written, *known])
    return Examples(
        keys=keys,
        places=np.array(places, dtype=np.int64),
        given=given,
        wanted=np.ones(len(keys), dtype=np.bool_),
        rows=place + 1,
        labels=[*listed, *rest],
        forms=forms | {name: name for name in rest} | report["label_map"],
    )


def examples_of_project(job: ParseJob) -> Examples:
    """Every visible example, in order; those that were removed need no row."""
    keys, given, wanted = [], [], []
    with (job.work / EXAMPLES).open("rb") as file:
        for raw in file:
            key, label, needed = orjson.loads(raw)
            keys.append(key)
            given.append(label)
            wanted.append(needed)
    return Examples(
        keys=keys,
        places=np.arange(len(keys), dtype=np.int64),
        given=given,
        wanted=np.array(wanted, dtype=np.bool_),
        rows=len(keys),
        labels=sorted((row.name for row in job.known_labels), key=_natural),
        forms=_forms(job.known_labels),
    )


def _forms(labels: Sequence[KnownName]) -> dict[str, str]:
    """Every way to write a label, and its name."""
    return {form: one.name for one in labels for form in (one.name, one.code) if form}


def _natural(name: str) -> tuple[int, int, str]:
    """Whole numbers in their order, before words."""
    plain = name.isdecimal() and len(name) < 18
    return (0, int(name), name) if plain else (1, 0, name)
