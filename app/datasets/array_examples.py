"""The examples an array is joined to: those of a file that is read, or those of a project."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from app.datasets.scratch import EXAMPLES, STAGED


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


def examples_of_file(job: dict[str, Any], found: dict[str, Any]) -> Examples:
    """The good rows of the file that is imported."""
    keys, places, given = [], [], []
    place = -1
    with (Path(job["work"]) / STAGED).open("rb") as file:
        next(file)
        for place, raw in enumerate(file):
            line = orjson.loads(raw)
            if "x" not in line:
                keys.append(line["k"])
                places.append(place)
                label = line["l"]
                given.append(None if label is None else found["label_map"][label])
    known = job.get("known_labels", [])
    listed = [row["name"] for row in found["label_list"]] or sorted(
        (row["name"] for row in known), key=str
    )
    rest = sorted((name for name, _ in found["labels"] if name not in listed), key=_natural)
    forms = _forms([*found["label_list"], *known])
    return Examples(
        keys=keys,
        places=np.array(places, dtype=np.int64),
        given=given,
        wanted=np.ones(len(keys), dtype=np.bool_),
        rows=place + 1,
        labels=[*listed, *rest],
        forms=forms | {name: name for name in rest} | found["label_map"],
    )


def examples_of_project(job: dict[str, Any]) -> Examples:
    """Every visible example, in order; those that were removed need no row."""
    keys, given, wanted = [], [], []
    with (Path(job["work"]) / EXAMPLES).open("rb") as file:
        for raw in file:
            key, label, needed = orjson.loads(raw)
            keys.append(key)
            given.append(label)
            wanted.append(needed)
    known = job["known_labels"]
    return Examples(
        keys=keys,
        places=np.arange(len(keys), dtype=np.int64),
        given=given,
        wanted=np.array(wanted, dtype=np.bool_),
        rows=len(keys),
        labels=sorted((row["name"] for row in known), key=_natural),
        forms=_forms(known),
    )


def _forms(rows: list[dict[str, Any]]) -> dict[str, str]:
    """Every way to write a label, and its name."""
    return {form: row["name"] for row in rows for form in (row["name"], row.get("code")) if form}


def _natural(name: str) -> tuple[int, int, str]:
    """Whole numbers in their order, before words."""
    plain = name.isdecimal() and len(name) < 18
    return (0, int(name), name) if plain else (1, 0, name)
