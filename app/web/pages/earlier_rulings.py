"""What leads ruled before on the two labels of a case, and the ruling that can be taken back."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.datasets.display_names import shown_names
from app.datasets.labels import replacements
from app.datatypes.hidden_characters import written_out
from app.datatypes.shown import content_of, excerpt_of
from app.db.tables.datasets import Label
from app.db.words import REASON_TEXT, Verdict
from app.review.books.rulings import last_ruling, open_on_pair, rulings_on_pair
from app.web.asker import Here

MOST = 6  # rulings shown; what was ruled last says most about how the pair is read now


@dataclass(frozen=True, slots=True)
class EarlierRuling:
    url: str
    text: str
    picture: str
    became: str
    note: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OnPair:
    """`more`: other examples of this pair that wait."""

    first: str
    second: str
    rulings: tuple[EarlierRuling, ...]
    more: int


@dataclass(frozen=True, slots=True)
class LastRuling:
    """What the undo bar says, and where its button leads."""

    words: str
    action: str
    key: str = field(default_factory=lambda: secrets.token_hex(16))


@dataclass(frozen=True, slots=True)
class Labels:
    """How the labels of a project are called, and which id stands for each now."""

    names: Mapping[int, str]
    now: Mapping[int, int]

    @classmethod
    def of(cls, every: Iterable[Label]) -> Labels:
        """Each by the name of what stands for it now: two that were merged read the same."""
        every = list(every)
        names, now = shown_names(every), replacements(every)
        return cls({label: names[now.get(label, label)] for label in names}, now)


def became(row: Row[Any], labels: Labels) -> str:
    """What a ruling made of its example, in words."""
    if row.verdict is Verdict.REMOVE:
        return f"Remove: {REASON_TEXT[row.reason]}" if row.reason else "Remove"
    label = row.final_label_id or 0
    return labels.names.get(labels.now.get(label, label), "No label")


def on_pair(
    session: Session, here: Here, example_id: int, *, named: Iterable[int], labels: Labels
) -> OnPair | None:
    """What is known of the first two labels that were named; None where fewer were."""
    slug, project_id = here.project.slug, here.project.id
    pair = tuple(dict.fromkeys(labels.now.get(one, one) for one in named))[:2]
    if len(pair) < 2:
        return None
    rows = rulings_on_pair(session, project_id, pair, but_example=example_id, limit=MOST)
    rulings = []
    for row in rows:
        excerpt = excerpt_of(content_of(row.example_id, row.content))
        rulings.append(
            EarlierRuling(
                f"/p/{slug}/examples/{row.example_id}",
                excerpt.text or written_out(row.key),
                excerpt.picture,
                became(row, labels),
                row.note or "",
                row.by or "",
                row.at,
            )
        )
    more = open_on_pair(session, project_id, pair, but_example=example_id)
    return OnPair(labels.names[pair[0]], labels.names[pair[1]], tuple(rulings), more)


def own_last_ruling(session: Session, here: Here, labels: Labels) -> LastRuling | None:
    """The ruling that the asker gave last, for the undo bar; private data is not named."""
    row = last_ruling(session, here.project.id, here.member.person_id)
    if row is None:
        return None
    action = f"/p/{here.project.slug}/disagreements/{row.id}/undo"
    return LastRuling(f"{written_out(row.key)}: {became(row, labels)}", action)
