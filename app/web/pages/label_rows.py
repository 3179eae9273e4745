"""The desk's answers as rows: all labels with their keys, or the given one and the likeliest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.accounts.keys import DeskKeys
from app.db.tables.datasets import Label
from app.db.words import Mode
from app.review.serving.cards import Card
from app.shares import whole_percent
from app.web.pages.label_keys import keys_given, label_keys

SUGGESTED = 5
LEAST_SHOWN = 0.01
MOST_SUGGESTIONS = 9  # as `app/scoring/suggestions.py` keeps them: what a page calls stays light


@dataclass(frozen=True, slots=True)
class Row:
    """One answer of the list; without a label it only keeps its place."""

    cap: str = ""
    shortcut: str = ""
    label_id: int | None = None
    name: str = ""
    given: bool = False
    share: float = 0.0
    percent: str = ""


def unlisted(chances: Mapping[int, float]) -> str:
    """What is said of a label beyond the likeliest that a ranking keeps; nothing where it kept all.

    No likelier than the last of those, nor than what they leave.
    """
    if len(chances) < MOST_SUGGESTIONS:
        return ""
    most = min(min(chances.values()), max(0.0, 1 - sum(chances.values())))
    return "under 1%" if most < LEAST_SHOWN else f"at most {whole_percent(most)}"


def own_keys(labels: Sequence[Label], keys: DeskKeys) -> dict[int, str]:
    """The key of each label in the order of their list; nothing where they are too many."""
    return label_keys(
        {label.id: label.name for label in labels},
        acting={bound.key for bound in keys.bound.values()},
        own=keys_given(labels),
    )


def in_order(labels: Sequence[Label], own: Mapping[int, str]) -> list[Label]:
    places = {one: place for place, one in enumerate(own)}
    return sorted(labels, key=lambda label: places.get(label.id, 0))


def rows(
    names: Mapping[int, str], own: Mapping[int, str], example: Card, mode: Mode, keys: DeskKeys
) -> tuple[Row, ...]:
    """All labels in fixed order, or the given one and the likeliest others."""
    given = example.get("given")
    chances: dict[int, float] = dict(example.get("options") or [])
    confirm = keys["confirm"]

    others_at_most = unlisted(chances)

    def row(cap: str, shortcut: str, label: int) -> Row:
        share = chances.get(label)
        percent = others_at_most if share is None else whole_percent(share)
        return Row(cap, shortcut, label, names[label], label == given, share or 0.0, percent)

    if own or not names:
        return tuple(
            row(key.upper(), f"{key} {confirm.shortcut}" if label == given else key, label)
            for label, key in own.items()
        )
    others = [i for i in chances if i != given and i in names][:SUGGESTED]
    made = [row(str(place), str(place), one) for place, one in enumerate(others, 1)]
    if given is not None and given in names:
        made.insert(0, row(confirm.cap, confirm.shortcut, given))
    if (example and not made) or (not example and mode is not Mode.EVERYTHING):
        return ()  # nothing is listed, so the field stands first
    return (*made, *(Row() for _ in range(SUGGESTED + 1 - len(made))))
