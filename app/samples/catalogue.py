"""The samples on offer: two real datasets, and each once more with planted errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from app.db.words import DataType
from app.samples.digits import ORIGIN as DIGITS_ORIGIN
from app.samples.digits import as_zip, digits
from app.samples.docstrings import ORIGIN as DOCSTRINGS_ORIGIN
from app.samples.docstrings import docstrings
from app.samples.planting import any_other, look_alike, plant
from app.samples.sample import Planted, Rows, Sample, as_csv

RATE = 0.05
_SEED = 20260504

_AS_THEY_CAME = "Nothing was changed: wrong labels found here are real ones."
_UNIFORM = (
    "Planted errors: 5% of the labels were replaced by another digit, each equally likely. "
    "Which ones is kept apart and shown when the review is over."
)
_PARTNER = (
    "Planted errors: 5% of the labels were replaced by the sub-package whose texts use the most "
    "similar words. Which ones is kept apart and shown when the review is over."
)


def digits_sample() -> Sample:
    rows = digits()
    return _images("Digits", f"{DIGITS_ORIGIN} {_AS_THEY_CAME}", rows, rows.labels, None)


def digits_with_errors() -> Sample:
    rows = digits()
    labels, truth = plant(rows.ids, rows.labels, any_other(rows.labels), rate=RATE, seed=_SEED)
    planted = Planted("another digit, each equally likely", RATE, truth)
    return _images(
        "Digits with planted errors", f"{DIGITS_ORIGIN} {_UNIFORM}", rows, labels, planted
    )


def docstrings_sample() -> Sample:
    rows = docstrings()
    return _texts("Docstrings", f"{DOCSTRINGS_ORIGIN} {_AS_THEY_CAME}", rows, rows.labels, None)


def docstrings_with_errors() -> Sample:
    rows = docstrings()
    partners = look_alike(rows.contents, rows.labels)
    labels, truth = plant(rows.ids, rows.labels, partners, rate=RATE, seed=_SEED)
    planted = Planted("the sub-package with the most similar words", RATE, truth)
    return _texts(
        "Docstrings with planted errors", f"{DOCSTRINGS_ORIGIN} {_PARTNER}", rows, labels, planted
    )


def _images(
    name: str, about: str, rows: Rows, labels: list[str], planted: Planted | None
) -> Sample:
    return Sample(
        name=name,
        about=about,
        data_type=DataType.IMAGE,
        file_name="digits.csv",
        content=as_csv(rows.column, rows.ids, rows.contents, labels),
        mapping={"id": "id", "image": "image", "label": "label"},
        media=as_zip(rows.files),
        planted=planted,
    )


def _texts(name: str, about: str, rows: Rows, labels: list[str], planted: Planted | None) -> Sample:
    return Sample(
        name=name,
        about=about,
        data_type=DataType.TEXT,
        file_name="docstrings.csv",
        content=as_csv(rows.column, rows.ids, rows.contents, labels),
        mapping={"id": "id", "text": "text", "label": "label"},
        planted=planted,
    )


SAMPLES: Mapping[str, Callable[[], Sample]] = MappingProxyType(
    {
        "Digits with planted errors": digits_with_errors,
        "Docstrings with planted errors": docstrings_with_errors,
        "Digits": digits_sample,
        "Docstrings": docstrings_sample,
    }
)
"""By the name of their project, in the order in which they are made ready."""
