"""Wrong labels put in on purpose, so that a newcomer can see what is found."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence


def plant(
    ids: Sequence[str],
    labels: Sequence[str],
    others: Mapping[str, Sequence[str]],
    *,
    rate: float,
    seed: int,
) -> tuple[list[str], dict[str, str]]:
    """Give a share of the examples one of the other labels named for theirs.

    Returns all labels, and the right label of each changed example by id.
    """
    chance = random.Random(seed)
    changed = list(labels)
    truth: dict[str, str] = {}
    for row in sorted(chance.sample(range(len(labels)), round(rate * len(labels)))):
        truth[ids[row]] = labels[row]
        changed[row] = chance.choice(list(others[labels[row]]))
    return changed, truth


def plant_on(
    ids: Sequence[str], labels: Sequence[str], here: Sequence[bool], *, rate: float, seed: int
) -> tuple[list[str], dict[str, str]]:
    """Give half of some rows the label that comes next; the rest of the share falls anywhere else.

    Returns as `plant` does.
    """
    changed = list(labels)
    truth: dict[str, str] = {}
    some, rest = ([row for row, marked in enumerate(here) if marked is on] for on in (True, False))
    left = round(rate * len(labels)) - round(len(some) / 2)
    parts = ((some, _next_one(labels), 0.5), (rest, any_other(labels), left / len(rest)))
    for rows, others, share in parts:
        names = [ids[row] for row in rows]
        new, right = plant(names, [labels[row] for row in rows], others, rate=share, seed=seed)
        truth |= right
        for row, label in zip(rows, new, strict=True):
            changed[row] = label
    return changed, truth


def _next_one(labels: Sequence[str]) -> dict[str, list[str]]:
    names = sorted(set(labels))
    return {name: [after] for name, after in zip(names, [*names[1:], names[0]], strict=True)}


def any_other(labels: Sequence[str]) -> dict[str, list[str]]:
    """Every other label, equally likely."""
    names = sorted(set(labels))
    return {name: [other for other in names if other != name] for name in names}


def look_alike(texts: Sequence[str], labels: Sequence[str]) -> dict[str, list[str]]:
    """The one label whose texts use the most similar words."""
    from sklearn.feature_extraction.text import TfidfVectorizer  # slow to load, needed here

    names = sorted(set(labels))
    joined = [
        " ".join(text for text, label in zip(texts, labels, strict=True) if label == name)
        for name in names
    ]
    words = TfidfVectorizer(sublinear_tf=True, stop_words="english").fit_transform(joined)
    likeness = (words @ words.T).toarray()
    alike = {}
    for row, name in enumerate(names):
        likeness[row, row] = -1.0
        alike[name] = [names[int(likeness[row].argmax())]]
    return alike
