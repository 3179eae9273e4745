"""Arrays for scikit-learn: labels as numbers, their names, ids and weights; nothing is pickled."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from typing import Any, BinaryIO

from app.releases.companions.companion import Companion, CompanionFile, ReleasedRow, Told
from app.releases.companions.tables import weight_of
from app.releases.formats.format import Flavour

_FIXED_DATE = (1980, 1, 1, 0, 0, 0)


class Arrays:
    """What it takes for all rows is kept: two numbers, a weight and an id for each."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._ids: list[str] = []
        self._final: list[str | None] = []
        self._given: list[str | None] = []
        self._weights: list[float] = []

    def write(self, rows: Sequence[ReleasedRow]) -> None:
        self._ids += [row.key for row in rows]
        self._final += [row.final for row in rows]
        self._given += [row.given for row in rows]
        self._weights += [weight_of(row) for row in rows]

    def finish(self, told: Told) -> None:
        import numpy as np  # heavy, and only a release needs it

        names = [*told.labels]
        place: dict[str | None, int] = {name: number for number, name in enumerate(names)}
        arrays: dict[str, Any] = {
            "y": np.array([place.get(one, -1) for one in self._final], dtype=np.int64),
            "y_given": np.array([place.get(one, -1) for one in self._given], dtype=np.int64),
            "ids": np.array(self._ids, dtype=np.str_),
            "weights": np.array(self._weights, dtype=np.float64),
            "classes": np.array(names, dtype=np.str_),
        }
        with zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, array in arrays.items():
                piece = io.BytesIO()
                np.lib.format.write_array(piece, array, allow_pickle=False)
                entry = zipfile.ZipInfo(f"{name}.npy", _FIXED_DATE)
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, piece.getvalue())


def create(file: BinaryIO, _: Flavour) -> CompanionFile:
    return Arrays(file)


ARRAYS = Companion(
    "arrays",
    "Arrays for scikit-learn",
    "y, y_given (-1: none), ids, weights and classes in an .npz file.",
    "arrays.npz",
    "application/x-npz",
    create,
)
