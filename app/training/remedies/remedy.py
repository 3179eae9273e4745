"""A remedy against wrong labels, as one record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from app.arrays import Labels
from app.training.material import Material
from app.training.network import LARGE, LINEAR, Recipe


class Simplicity(IntEnum):
    """What a remedy asks of a team, the simplest first."""

    NOTHING = 0
    RELABEL = 1
    REGULARIZE = 2
    ROBUST_LOSS = 3
    REMOVE = 4


def always(recipe: Recipe) -> Callable[[Material], Recipe]:
    """The same recipe for any data."""
    return lambda _: recipe


def as_they_came(material: Material) -> Labels:
    return material.before.copy()


def after_review(material: Material) -> Labels:
    return material.after.copy()


PLAIN = always(Recipe())


@dataclass(frozen=True)
class Remedy:
    """What is trained: ``labels`` of every row (-1 leaves one out), ``recipe``, hidden widths.

    The first of ``widths`` is compared. A ``control`` is only there to be compared with: it is
    never recommended.
    """

    name: str
    words: str
    trained: str
    simplicity: Simplicity
    labels: Callable[[Material], Labels] = as_they_came
    recipe: Callable[[Material], Recipe] = PLAIN
    widths: tuple[int, ...] = (LARGE, LINEAR)
    control: bool = False
