"""Routing by skill against whoever comes: labels right, on the same data with as many reads.

Teams are drawn, and crowds are real: of those, half of the examples tell who reads what how well,
and the other half is read once each by somebody who answered it; one vote is the given label.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import fmean, stdev

import numpy as np
from numpy.typing import NDArray

from app.agreement.skill import lower_skills
from app.noise.limits import FEWEST, Z
from app.review.serving.skill import WINDOW, Skill, ahead_of_others, best_read_first
from bench.ranking.cases import data_folder
from bench.ranking.tables import aligned
from bench.teams.until_sure import CROWDS, crowd

RUNS, ITEMS = 40, 600
AGAIN = 50
"""Answers after which readers are measured anew, in a team that starts without any."""
MEASURED = 0.2
"""Share of the reads whose outcome is known there."""


@dataclass(frozen=True)
class Item:
    """An example as serving sees it."""

    example_id: int
    given: int | None
    suggestions: Sequence[tuple[int, float]] | None


@dataclass(frozen=True)
class Room:
    """Examples in the order of their batch, and the chance that each reader is right on each.

    A chance below 0: not to be asked. ``claims``: who asks for the next example, time after time.
    ``labels`` are the right ones.
    """

    items: list[Item]
    labels: NDArray[np.int64]
    right: NDArray[np.float64]  # reader, item
    claims: NDArray[np.int64]


@dataclass
class Known:
    """Measured answers so far, and those that were right: by reader and label."""

    right: NDArray[np.int64]
    answers: NDArray[np.int64]

    def ahead(self) -> list[dict[int, float]]:
        """What the product would know of each reader."""
        enough = np.flatnonzero(self.answers.sum(axis=1) >= FEWEST)
        lower = lower_skills(self.right[enough], self.answers[enough])
        skills = [
            Skill(int(person), label, float(lower[row, label]))
            for row, person in enumerate(enough)
            for label in range(lower.shape[1])
        ]
        return [ahead_of_others(person, skills) for person in range(len(self.answers))]


def read(
    room: Room, ahead: Sequence[dict[int, float]] | None = None, learning: Known | None = None
) -> float:
    """Per cent right, each example read once; without anything known by whoever comes.

    `learning` grows while they read, and what is known with it.
    """
    waiting, hits = list(range(len(room.items))), 0.0
    numbers = {item.example_id: number for number, item in enumerate(room.items)}
    chance = np.random.default_rng(len(room.claims))
    for reader in np.resize(room.claims, 100 * len(room.claims)).tolist():
        if not waiting:
            return 100 * hits / len(room.items)
        able = list(islice((one for one in waiting if room.right[reader, one] >= 0), WINDOW))
        if not able:
            continue
        rows = [room.items[number] for number in able]
        if ahead is not None:
            rows = best_read_first(rows, ahead[reader])
        taken = numbers[rows[0].example_id]
        waiting.remove(taken)
        hits += float(room.right[reader, taken])
        if learning is not None and chance.random() < MEASURED:
            learning.answers[reader, room.labels[taken]] += 1
            learning.right[reader, room.labels[taken]] += (
                chance.random() < room.right[reader, taken]
            )
        if learning is not None and len(waiting) % AGAIN == 0:
            ahead = learning.ahead()
    raise RuntimeError("an example that nobody may read")


@dataclass(frozen=True)
class Team:
    """How readers differ: deviations of the log odds of being right, and measured answers each.

    ``history`` of 0: they start unmeasured, and are measured while they read.
    """

    name: str
    readers: int = 8
    labels: int = 10
    by_label: float = 1.0  # of a reader on a label
    by_reader: float = 0.5
    history: int = 100
    items: int = ITEMS


TEAMS = (
    Team("8 readers, 10 labels, 30 measured answers each", history=30),
    Team("the same, 100 measured"),
    Team("the same, 400 measured", history=400),
    Team("the same, unmeasured at first, 3,000 examples", history=0, items=3_000),
    Team("the same, 100 measured, labels matter less", by_label=0.4),
    Team("the same, 100 measured, labels do not matter", by_label=0.0),
    Team("the same, 100 measured, all alike", by_label=0.0, by_reader=0.0),
    Team("3 readers, 10 labels, 100 measured", readers=3),
    Team("30 readers, 77 labels, 200 measured", readers=30, labels=77, history=200),
)


def drawn(team: Team, rng: np.random.Generator) -> tuple[Room, Known]:
    """A team, its answers, a file with 20 % wrong labels and a model that is right on 8 of 10."""
    shape = team.readers, team.labels
    odds = 1.7 + 0.5 * rng.normal(size=(1, team.labels))
    odds = odds + team.by_reader * rng.normal(size=(team.readers, 1))
    skill = 1 / (1 + np.exp(-(odds + team.by_label * rng.normal(size=shape))))
    labels, others = rng.integers(team.labels, size=(2, team.items))
    given = np.where(rng.random(team.items) < 0.2, others, labels)
    scores = rng.normal(size=(team.items, team.labels))
    scores[np.arange(team.items), labels] += 2.2
    scores[np.arange(team.items), given] += 0.5
    probs = np.exp(1.5 * scores)
    probs /= probs.sum(axis=1, keepdims=True)
    start = int(rng.integers(1_000_000))
    items = [Item(start + at, int(given[at]), _best(probs[at])) for at in range(team.items)]
    room = Room(items, labels, skill[:, labels], rng.integers(team.readers, size=team.items))
    asked = rng.multinomial(team.history, np.full(team.labels, 1 / team.labels), team.readers)
    return room, Known(rng.binomial(asked, skill), asked)


def _best(probs: NDArray[np.float64]) -> list[tuple[int, float]]:
    return [(int(label), float(probs[label])) for label in np.argsort(-probs)[:9]]


def split(path: Path, rng: np.random.Generator) -> tuple[Room, Known]:
    """A crowd: what half of its examples tell of each reader, and the other half to be read."""
    every = crowd(path, rng)  # in random order, their votes too
    readers = 1 + max(person for item in every for person, _ in item.votes)
    n_labels = 1 + max(max(item.right, *(label for _, label in item.votes)) for item in every)
    half = len(every) // 2
    known = Known(*np.zeros((2, readers, n_labels), dtype=np.int64))
    for item in every[:half]:
        for person, label in item.votes:
            known.answers[person, item.right] += 1
            known.right[person, item.right] += label == item.right
    rest = [item for item in every[half:] if len(item.votes) > 1]
    right = np.full((readers, len(rest)), -1.0)
    for at, item in enumerate(rest):
        for person, label in item.votes[1:]:
            right[person, at] = label == item.right
    start = int(rng.integers(1_000_000))
    items = [Item(start + at, item.votes[0][1], None) for at, item in enumerate(rest)]
    claims = np.array([person for item in rest for person, _ in item.votes[1:]])
    labels = np.array([item.right for item in rest])
    return Room(items, labels, right, rng.permutation(claims)), known


def worlds(seed: int) -> Iterator[tuple[str, Room, Known]]:
    for team in TEAMS:
        yield team.name, *drawn(team, np.random.default_rng((seed, TEAMS.index(team))))
    if data_folder().is_dir():
        for name in CROWDS:
            yield name, *split(data_folder() / f"{name}.csv", np.random.default_rng(seed))


def main(runs: int | None) -> None:
    anyone, skill = defaultdict[str, list[float]](list), defaultdict[str, list[float]](list)
    measured = defaultdict[str, list[float]](list)
    for seed in range(runs or RUNS):
        for name, room, known in worlds(seed):
            starts = not known.answers.any()
            anyone[name].append(read(room))
            skill[name].append(read(room, known.ahead(), known if starts else None))
            measured[name].append(float(np.mean(known.answers.sum(axis=1) >= FEWEST)))
    lines = [["set", "measured", "anyone", "by skill", "points more", "95 %"]]
    gains = []
    for name, shares in anyone.items():
        more = [one - other for one, other in zip(skill[name], shares, strict=True)]
        reach = Z * stdev(more) / len(more) ** 0.5
        gains.append(fmean(more))
        who = f"{fmean(measured[name]):.0%}"
        rights = [f"{fmean(shares):.1f}%", f"{fmean(skill[name]):.1f}%"]
        between = f"{gains[-1] - reach:+.1f} to {gains[-1] + reach:+.1f}"
        lines.append([name, who, *rights, f"{gains[-1]:+.2f}", between])
    print(aligned(lines))
    print("measured: readers with 20 measured answers or more; the interval is over runs, of a")
    print("crowd over splits of the same votes")
    print(f"on the mean {fmean(gains):+.2f} points; not worse on any, +1 on the mean", flush=True)
