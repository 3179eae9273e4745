"""What the benchmark prints: a line a case, a column a score, the bars beside the mean."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

MEAN = "mean of development sets"


@dataclass(frozen=True)
class Bar:
    """What a mean must reach, and what it should."""

    floor: str = ""
    aim: str = ""


@dataclass(frozen=True)
class Cell:
    """One measured number: which case, which score, how much."""

    case: str
    method: str
    value: float


def table(title: str, cells: Iterable[Cell], bar: Bar, *, form: str = ".3f") -> str:
    """Cases down, scores across, and last their means with floor and aim."""
    found = {(cell.case, cell.method): cell.value for cell in cells}
    cases = list(dict.fromkeys(case for case, _ in found))
    scores = list(dict.fromkeys(method for _, method in found))
    lines = [
        [case, *(format(found[case, method], form) for method in scores), "", ""] for case in cases
    ]
    means = [np.mean([found[case, method] for case in cases]) for method in scores]
    lines.append([MEAN, *(format(mean, form) for mean in means), bar.floor, bar.aim])
    return aligned([[title, *scores, "floor", "aim"], *lines])


def aligned(lines: Sequence[Sequence[str]]) -> str:
    """The first column to the left, the others to the right."""
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )
