"""Sets with a planted kind of noise, and how a team would have reviewed them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from app.noise.columns import HOW, Column
from app.noise.kinds import Kind

EXAMPLES, CLASSES = 10_000, 4
PLANTED_SHARE, PLANTED_WRONG = 0.02, 0.60
ELSEWHERE = 0.03
"""Share of labels that are wrong at random."""

BY_CLASS = (0.11, 0.02, 0.02, 0.02)
AUROC, AUROC_IN_SLICE = 0.9, 0.6
AUDIT_SHARE = 0.10

_METADATA_SIZES = (40, 4, 6, 8, 10, 12, 15, 15, 20, 25, 30)
_WORDS = 200
_PLANTED_VALUE = "planted"

Rows = NDArray[np.bool_]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class World:
    """One set: ``quality`` is low where the model doubts the given label."""

    given: Integers
    wrong: Rows
    quality: NDArray[np.float64]
    columns: tuple[Column, ...]
    planted: Rows


@dataclass(frozen=True)
class Reviewed:
    """Which examples were answered, and which of them as random draws."""

    answered: Rows
    drawn: Rows


@dataclass(frozen=True)
class Plant:
    """One kind of world: what it should be called, where its wrong labels are.

    ``by_class``: share wrong of each true class; ``to_the_next``: they came as the next class,
    else as any. ``one_class``: only one true class of the slice is flipped, so that it is a
    value that four times as many examples have AND a class.
    """

    name: str
    kind: Kind
    slice_in: str | None = None
    by_class: tuple[float, ...] = (ELSEWHERE,) * CLASSES
    to_the_next: bool = False
    one_class: bool = False


_PLANTS = (
    Plant("random", Kind.RANDOM),
    Plant("class-dependent", Kind.CLASS_DEPENDENT, by_class=BY_CLASS, to_the_next=True),
    Plant("slice: a metadata value", Kind.STRUCTURED, "metadata"),
    Plant("slice: a word", Kind.STRUCTURED, "word"),
)
_HARDER = (
    Plant("class-dependent, spread", Kind.CLASS_DEPENDENT, by_class=BY_CLASS),
    Plant("slice: a value and a class", Kind.STRUCTURED, "metadata", one_class=True),
)
PLANTS: Mapping[str, Plant] = MappingProxyType({one.name: one for one in _PLANTS})
HARDER: Mapping[str, Plant] = MappingProxyType({one.name: one for one in _HARDER})
"""Worlds nothing is promised of."""


def world(plant: Plant, rng: np.random.Generator) -> World:
    """10,000 examples of 4 classes; in a slice 60 % are flipped to the next class."""
    truth = rng.integers(0, CLASSES, EXAMPLES)
    has_value = np.zeros(EXAMPLES, dtype=np.bool_)
    if plant.slice_in:
        n_with = int(PLANTED_SHARE * EXAMPLES) * (CLASSES if plant.one_class else 1)
        has_value[rng.choice(EXAMPLES, n_with, replace=False)] = True
    in_slice = has_value & ((truth == 0) | (not plant.one_class))
    rates = np.where(in_slice, PLANTED_WRONG, np.asarray(plant.by_class)[truth])
    wrong = rng.random(EXAMPLES) < rates
    step = np.where(in_slice | plant.to_the_next, 1, rng.integers(1, CLASSES, EXAMPLES))
    given = np.where(wrong, (truth + step) % CLASSES, truth)
    seen = np.where(in_slice, _shift(AUROC_IN_SLICE), _shift(AUROC))
    quality = -(rng.normal(size=EXAMPLES) + seen * wrong)
    return World(given, wrong, quality, _columns(plant, has_value, rng), in_slice)


def review(of: World, n_answers: int, rng: np.random.Generator) -> Reviewed:
    """Nine in ten by priority, one in ten at random, by a coin a serve."""
    n_drawn = int(rng.binomial(n_answers, AUDIT_SHARE))
    drawn = np.zeros(len(of.given), dtype=np.bool_)
    drawn[rng.permutation(len(of.given))[:n_drawn]] = True
    by_priority = np.argsort(of.quality, kind="stable")
    queue = by_priority[~drawn[by_priority]][: n_answers - n_drawn]
    answered = drawn.copy()
    answered[queue] = True
    return Reviewed(answered, drawn)


def _shift(auroc: float) -> float:
    return NormalDist().inv_cdf(auroc) * 2**0.5


def _columns(plant: Plant, in_slice: Rows, rng: np.random.Generator) -> tuple[Column, ...]:
    """About 400 groups that have nothing to do with wrongness, and the planted one."""
    columns = [
        Column(f"field {place}", HOW["metadata"], _values(size, rng))
        for place, size in enumerate(_METADATA_SIZES)
    ]
    if plant.slice_in == "metadata":
        values = np.where(in_slice, _PLANTED_VALUE, columns[0].values)
        columns[0] = Column(columns[0].name, HOW["metadata"], values)
    texts = _texts(in_slice if plant.slice_in == "word" else np.zeros_like(in_slice), rng)
    return (
        *columns,
        Column("text", HOW["words"], texts),
        Column("length of text", HOW["length"], texts),
        Column("source", HOW["source"], _values(6, rng)),
        Column("cluster", HOW["cluster"], _values(20, rng)),
        Column("age", HOW["number"], rng.normal(size=EXAMPLES)),
        Column("made", HOW["date"], rng.integers(19_000, 20_000, EXAMPLES).astype(float)),
    )


def _values(size: int, rng: np.random.Generator) -> NDArray[np.str_]:
    """Values of which the larger are several times as common as the smaller."""
    shares = 1.0 / np.arange(2, size + 2)
    return rng.choice([f"v{place}" for place in range(size)], EXAMPLES, p=shares / shares.sum())


def _texts(planted: Rows, rng: np.random.Generator) -> NDArray[np.str_]:
    """Each word is in 0.5 to 20 % of the texts."""
    shares = np.exp(rng.uniform(np.log(0.005), np.log(0.2), _WORDS))
    there = rng.random((EXAMPLES, _WORDS)) < shares
    words = np.array([f"word{place}" for place in range(_WORDS)])
    extra = np.where(planted, _PLANTED_VALUE, "")
    return np.array([" ".join([*words[row], last]) for row, last in zip(there, extra, strict=True)])
