"""Groups of examples that may turn out to be slices, from what is known of each example."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from app.arrays import Labels, Scores
from app.noise.columns import Column, Cut, Rows
from app.noise.slice_test import LEAST_SUPPORT

MOST_CANDIDATES = 2_000
"""More make the search slower and what chance brings larger."""

LARGEST_SHARE = 0.5
"""What holds for more than half of the answers is no group of its own."""


@dataclass(frozen=True)
class SliceRule:
    """What the examples of a group share: a cut of one column, and a given label or any."""

    column: str
    cut: Cut
    given: int | None = None

    def said(self, labels: Sequence[str]) -> str:
        """In words, as ``site is 7 and the given label is cat``."""
        words = self.cut.said(self.column)
        return (
            words if self.given is None else f"{words} and the given label is {labels[self.given]}"
        )

    def covers(self, column: Column, given_labels: Labels) -> Rows:
        """Which examples the rule holds for.

        Parameters
        ----------
        column : Column
            The column of the rule, of any examples: those answered or all.
        given_labels : ndarray of shape (n_examples,)

        Returns
        -------
        ndarray of bool, shape (n_examples,)
        """
        rows = self.cut.covers(column)
        return rows if self.given is None else rows & (given_labels == self.given)


@dataclass(frozen=True)
class Candidates:
    """Rules, and for each a row of ``members`` (n_candidates, n_answers) and a prior.

    A group with a given label is one of as many as there are labels, so its prior is that of a
    group alone divided by their number; without this, narrow groups crowd out wide ones.
    """

    rules: tuple[SliceRule, ...]
    members: csr_array
    log_prior: Scores


class _Found(NamedTuple):
    rule: SliceRule
    rows: NDArray[np.intp]


def candidates(
    columns: Sequence[Column], given_labels: Labels, *, most: int = MOST_CANDIDATES
) -> Candidates:
    """Every group worth testing: each value, word or band alone, and with each given label.

    Nothing here sees which labels are wrong, so that the slice test stays honest. Columns take
    turns, each with its largest group first, so that one with thousands of values leaves room
    for the others; groups alone come before those with a given label. A group with fewer than
    5 answers, or with more than half of them, or with the very answers of an earlier one, is
    left out.

    Parameters
    ----------
    columns : sequence of Column
        Of the answered examples, names all different.
    given_labels : ndarray of shape (n_answers,)
        Of the same examples, class indices.
    most : int
        How many groups at most.

    Returns
    -------
    Candidates

    Raises
    ------
    ValueError
        If a column does not belong to the labels or two have one name.
    """
    if len({column.name for column in columns}) < len(columns):
        raise ValueError("two columns have one name")
    if any(len(column.values) != len(given_labels) for column in columns):
        raise ValueError("every column must have one value an answer")
    alone = [_by_size(_alone(column, most)) for column in columns]
    narrowed = [_by_size(_with_label(found, given_labels)) for found in alone]
    chosen = list(_first(most, chain(_in_turn(alone), _in_turn(narrowed)), len(given_labels)))
    rows = np.concatenate([one.rows for one in chosen]) if chosen else np.zeros(0, dtype=np.intp)
    ends = np.cumsum([0, *(len(one.rows) for one in chosen)])
    shape = (len(chosen), len(given_labels))
    members = csr_array((np.ones(len(rows), dtype=np.bool_), rows, ends), shape=shape)
    narrow = np.array([one.rule.given is not None for one in chosen], dtype=np.float64)
    log_prior = -np.log(max(1, len(np.unique(given_labels)))) * narrow
    return Candidates(tuple(one.rule for one in chosen), members, log_prior)


def _alone(column: Column, most: int) -> Iterator[_Found]:
    for cut, rows in column.how.cuts(column, most):
        yield _Found(SliceRule(column.name, cut), rows)


def _with_label(found: Sequence[_Found], given_labels: Labels) -> Iterator[_Found]:
    for rule, rows in found:
        labels = given_labels[rows]
        for label in np.unique(labels):
            yield _Found(SliceRule(rule.column, rule.cut, int(label)), rows[labels == label])


def _by_size(found: Iterator[_Found]) -> list[_Found]:
    large = [one for one in found if len(one.rows) >= LEAST_SUPPORT]
    return sorted(large, key=lambda one: -len(one.rows))


def _in_turn(by_column: Sequence[Sequence[_Found]]) -> Iterator[_Found]:
    for turn in zip_longest(*by_column):
        yield from (one for one in turn if one is not None)


def _first(most: int, found: Iterator[_Found], n_answers: int) -> Iterator[_Found]:
    seen: set[bytes] = set()
    for one in found:
        if len(seen) == most:
            return
        rows = one.rows.tobytes()
        if len(one.rows) <= LARGEST_SHARE * n_answers and rows not in seen:
            seen.add(rows)
            yield one
