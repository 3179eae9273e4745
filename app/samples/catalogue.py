"""The samples on offer: two real datasets, and each once more with planted errors."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from app.db.words import DataType
from app.samples.digits import ORIGIN as DIGITS_ORIGIN
from app.samples.digits import as_zip, digits, pixels
from app.samples.docstrings import ORIGIN as DOCSTRINGS_ORIGIN
from app.samples.docstrings import docstrings
from app.samples.models import sample_models
from app.samples.planting import look_alike, plant, plant_on
from app.samples.sample import Planted, Rows, Sample, as_csv

RATE = 0.05
_SEED = 20260504

_TESTED = 1 / 3  # of the images make the test split
_AS_THEY_CAME = "Nothing was changed: wrong labels found here are real ones."
_SCANNER = "C"
_ON_SCANNER = 0.06  # of all images; half of their labels make three of the five per cent
_ONE_SCANNER = (
    "Planted errors: 5% of the labels. Of the images that scanner C read (6% of all) half were "
    "given the next digit; elsewhere 2% of all were replaced by another digit, each equally "
    "likely. The scanners were made up. Three made-up readers have read 600 examples; 3% of their "
    "answers are wrong on purpose. Three small networks were trained on the labels of two thirds "
    "as they came; of the other third, on which they are compared, half of what tells them apart "
    "is read."
)
_PARTNER = (
    "Planted errors: 5% of the labels were replaced by the sub-package whose texts use the most "
    "similar words. Which ones is kept apart and shown when the review is over."
)


def digits_sample() -> Sample:
    rows = digits()
    return _images("Digits", f"{DIGITS_ORIGIN} {_AS_THEY_CAME}", rows, rows.labels, None)


def digits_with_errors() -> Sample:
    """Mostly one broken scanner: a pattern that the kinds of noise find."""
    rows = digits()
    scanners = _scanners(len(rows.ids))
    labels, truth = plant_on(
        rows.ids, rows.labels, [name == _SCANNER for name in scanners], rate=RATE, seed=_SEED
    )
    planted = Planted("half of scanner C the next digit, the rest at random", RATE, truth)
    right = dict(zip(rows.ids, rows.labels, strict=True))
    about = f"{DIGITS_ORIGIN} {_ONE_SCANNER}"
    sample = _images("Digits with planted errors", about, rows, labels, planted)
    test = _test_rows(len(rows.ids))
    splits = ["test" if one else "train" for one in test]
    columns = {"image": rows.contents, "label": labels, "scanner": scanners, "split": splits}
    return replace(
        sample,
        content=as_csv(rows.ids, columns),
        mapping={**sample.mapping, "metadata": "scanner", "split": "split"},
        half_reviewed=right,
        models=lambda: sample_models(pixels(), labels, rows.ids, test),
    )


def _test_rows(count: int) -> list[bool]:
    chance = random.Random(_SEED + 1)
    return [chance.random() < _TESTED for _ in range(count)]


def _scanners(count: int) -> list[str]:
    chance = random.Random(_SEED)
    on = set(chance.sample(range(count), round(_ON_SCANNER * count)))
    return [_SCANNER if row in on else chance.choice("AB") for row in range(count)]


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
        content=as_csv(rows.ids, {rows.column: rows.contents, "label": labels}),
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
        content=as_csv(rows.ids, {rows.column: rows.contents, "label": labels}),
        mapping={"id": "id", "text": "text", "label": "label"},
        planted=planted,
    )


SAMPLES: Mapping[str, Callable[[], Sample]] = MappingProxyType(
    {
        "Docstrings with planted errors": docstrings_with_errors,
        "Digits with planted errors": digits_with_errors,
        "Digits": digits_sample,
        "Docstrings": docstrings_sample,
    }
)
"""By the name of their project, in the order in which they are made ready.

The first is what a newcomer opens: the keys of its labels are their places, not their names.
"""
