"""P1 to P12: a user's own probabilities and embeddings."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.nasty.making import Case, Given, built

NAMES = ("a", "b", "c")
COUNT = 30


def probs(count: int = COUNT, *, right: float = 0.7) -> np.ndarray[Any, Any]:
    """Honest probabilities: mostly right, sometimes not."""
    values = np.full((count, 3), 0.1, dtype=np.float32)
    for row in range(count):
        values[row, row % 3 if row % 5 else (row + 1) % 3] = 0.8
    return values


def npz(**arrays: Any) -> bytes:
    target = io.BytesIO()
    np.savez(target, **arrays)
    return target.getvalue()


def npy(values: Any, version: tuple[int, int] | None = None) -> bytes:
    target = io.BytesIO()
    np.lib.format.write_array(target, values, version=version)
    return target.getvalue()


def full(values: Any, names: Any = NAMES, ids: Any = None) -> bytes:
    ids = np.array([f"k{row}" for row in range(len(values))]) if ids is None else ids
    return npz(pred_probs=values, classes=np.array(names), ids=ids)


def rows(content: bytes, name: str = "p.npz", **options: Any) -> Callable[[Path], Given]:
    """Thirty examples of three labels, and an array."""

    def make(folder: Path) -> Given:
        lines = [f"k{row},text {row},{NAMES[row % 3]}" for row in range(COUNT)]
        (folder / "a.csv").write_text("id,text,label\n" + "\n".join(lines) + "\n")
        (folder / name).write_bytes(content)
        return Given(folder / "a.csv", {"pred_probs": folder / name} | options)

    return make


def changed(row: int, column: int, value: float) -> bytes:
    values = probs()
    values[row, column] = value
    return full(values)


def table(header: str, cell: Callable[[float], str] = str, mark: str = ",") -> bytes:
    lines = [
        mark.join([f"k{row}", *(cell(round(float(value), 3)) for value in values)])
        for row, values in enumerate(probs())
    ]
    return "\n".join([header, *lines]).encode()


def header_of(shape: str) -> bytes:
    """An .npy that claims to be far larger than it is."""
    text = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode() + b"\0" * 64


def twice() -> bytes:
    target = io.BytesIO(full(probs()))
    with zipfile.ZipFile(target, "a") as archive:
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            archive.writestr("classes.npy", npy(np.array(NAMES)))
    return target.getvalue()


def bomb() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("pred_probs.npy", npy(np.zeros((30, 500_000), dtype=np.float32)))
        archive.writestr("classes.npy", npy(np.array(NAMES)))
    return target.getvalue()


def comma(value: float) -> str:
    return str(value).replace(".", ",")


WIDE = np.hstack([probs(), probs()]) / 2
STRUCTURED = np.zeros(COUNT, dtype=[("a", "f4"), ("b", "f4")])
ONE_HOT = np.eye(3, dtype=np.float32)[np.arange(COUNT) % 3]
SHORT = full(probs(29))
LOGITS = np.log(probs()) * 3

ARRAY_CASES: list[Case] = [
    built("P1", rows(changed(4, 0, np.nan)), "E501"),
    built("P1-infinity", rows(changed(4, 0, np.inf)), "E501"),
    built("P2", rows(changed(4, 0, -0.5)), "E502"),
    built("P2-logits", rows(full(LOGITS)), "E502"),
    built("P2-softmax", rows(full(LOGITS), choices={"E502": "softmax"}), "", COUNT),
    built("P3", rows(full(probs() * 0.9)), "E503"),
    built("P3-nearly", rows(full(probs() * 0.9995)), "W503", COUNT),
    built("P4", rows(full(probs() * 100)), "E504"),
    built("P4-divide", rows(full(probs() * 100), choices={"E504": "divide"}), "", COUNT),
    built("P5", rows(npz(pred_probs=probs(29), classes=np.array(NAMES))), "E505"),
    built("P5-ids", rows(SHORT), "E505"),
    built("P5-more", rows(full(probs(40))), "W505", COUNT),
    built("P5-twice", rows(full(probs(), ids=np.array(["k0"] * COUNT))), "E505"),
    built("P6", rows(full(probs()[:, :2] / 0.9, names=NAMES[:2])), "E506"),
    built("P7", rows(full(WIDE, names=(*NAMES, "d", "e", "f"))), "E506"),
    built("P8-named", rows(full(probs()[:, ::-1], names=NAMES[::-1])), "", COUNT),
    built("P8", rows(npy(probs()[:, [1, 2, 0]]), "p.npy"), "E507"),
    built("P8-right", rows(npy(probs()), "p.npy"), "W507", COUNT),
    built("P9-float16", rows(full(probs().astype(np.float16))), "W503", COUNT),
    built("P9-bigendian", rows(full(probs().astype(">f8"))), "", COUNT),
    built("P9-fortran", rows(full(np.asfortranarray(probs()))), "", COUNT),
    built("P9-object", rows(npy(probs().astype(object)), "p.npy"), "E241"),
    built("P9-object-ids", rows(full(probs(), ids=np.array(["k1"] * 30, dtype=object))), "E241"),
    built("P9-structured", rows(npy(STRUCTURED), "p.npy"), "E508"),
    built("P9-one-dimension", rows(npy(np.ones(30)), "p.npy"), "E508"),
    built("P10", rows(full(ONE_HOT)), "W341", COUNT),
    built("P11-version", rows(npy(probs(), (3, 0)), "p.npy"), "E242"),
    built("P11-cut", rows(npy(probs())[:-7], "p.npy"), "E242"),
    built("P11-huge", rows(header_of("(10000000000000,)"), "p.npy"), "E242"),
    built("P12-extra", rows(npz(pred_probs=probs(), classes=np.array(NAMES), x=probs())), "E243"),
    built("P12-missing", rows(npz(probabilities=probs())), "E243"),
    built("P12-twice", rows(twice()), "E243"),
    built("P12-bomb", rows(bomb()), "E216"),
    built("P-csv", rows(table("id,a,b,c"), "p.csv"), "", COUNT),
    built("P-comma", rows(table("id;a;b;c", comma, ";"), "p.csv"), "E104"),
    built("P-word", rows(b"id,a,b,c\nk0,0.1,high,0.2\n", "p.csv"), "E509"),
]  # fmt: skip
