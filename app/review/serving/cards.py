"""What the desk gets of an example: only what its mode shows; what is hidden is never sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypedDict, cast

from sqlalchemy import Row, Select, and_, bindparam, func, select
from sqlalchemy.orm import Session

from app.datasets.current_labels import any_retired, current_label, differs, standing_label
from app.datatypes.data_type import Glimpse, ShownContent
from app.datatypes.shown import content_of, glimpse_of
from app.db.prepared import run
from app.db.tables.datasets import Example, Label
from app.db.tables.json_columns import FirstAnswer, Shown
from app.db.tables.ranking import Score
from app.db.words import Mode, Reason, Status
from app.ranking.signal_names import names_of
from app.review.books.copies import has_copies
from app.review.serving.why import Segments, Suggestion, labels_now, why


class NearCard(Glimpse, total=False):
    """A similar example, with its label where the mode shows it."""

    example: int
    similarity: float
    label: int | None
    relabeled: bool


class Evidence(TypedDict):
    """What stands beside an example once nothing is hidden."""

    given: int | None
    options: list[Suggestion]
    why: Segments
    neighbours: list[NearCard]
    quality: float | None
    difficulty: float | None


class Together(TypedDict):
    """How many examples an answer goes to, this one among them, and what is said of it."""

    examples: int
    labels: int
    words: str


class Card(TypedDict, total=False):
    """One example as it is sent; what its mode hides is not in it."""

    lease: str
    first: FirstAnswer  # decide first: what was said before the evidence was shown
    example: int
    key: str
    mode: str
    content: ShownContent
    meta: list[tuple[str, str]]
    together: Together
    given: int | None
    options: list[Suggestion]
    why: Segments
    neighbours: list[NearCard]
    quality: float | None
    difficulty: float | None


NEAR = 6  # similar examples shown

COLUMNS = (
    Example.id.label("example_id"),
    Example.key,
    Example.content,
    Example.split,
    Example.status,
    current_label(standing_label()).label("given"),
    any_retired().label("retired"),
    Example.source_id,
    Score.quality,
    Score.difficulty,
    Score.suggestions,
    Score.neighbours,
    Score.facts,
    Score.signals,
    has_copies().label("has_copies"),
)


def card_query(run_id: Any) -> Select[*tuple[Any, ...]]:
    """Examples with their scores of the run that is served, if there is one."""
    return select(*COLUMNS).outerjoin(
        Score, and_(Score.run_id == run_id, Score.example_id == Example.id)
    )


_NEAR = select(
    Example.id,
    Example.content,
    Example.status,
    current_label(func.coalesce(Example.final_label_id, standing_label())).label("label_id"),
    and_(
        Example.final_label_id.is_not(None),
        differs(Example.final_label_id, Example.given_label_id),
    ).label("relabeled"),
    Example.removed_reason,
).where(Example.id.in_(bindparam("ids", expanding=True)))

_RETIRED = select(Label.id, Label.current_id).where(
    Label.id.in_(bindparam("ids", expanding=True)), Label.current_id.is_not(None)
)


CARDS_BY_ID = card_query(bindparam("run")).where(
    Example.id.in_(bindparam("examples", expanding=True))
)


class Beside(NamedTuple):
    """What scores name: neighbours by id, and labels retired since with what stands for them."""

    near: Mapping[int, Row[Any]]
    retired: Mapping[int, int]


def beside(session: Session, rows: Sequence[Row[Any]]) -> Beside:
    """What stands beside several examples, in one statement, or two where a label was retired."""
    wanted = {pair[0] for row in rows for pair in (row.neighbours or [])[:NEAR]}
    labels = {label for row in rows if row.retired for label in _labels_said(row)}
    found = run(session, _NEAR, {"ids": sorted(wanted)}) if wanted else ()
    retired = run(session, _RETIRED, {"ids": sorted(labels)}) if labels else ()
    return Beside(
        {row.id: row for row in found if _may_be_seen(row)},
        {row.id: row.current_id for row in retired},
    )


def _may_be_seen(row: Row[Any]) -> bool:
    return row.removed_reason is not Reason.PRIVATE and row.status is not Status.ERASED


def _labels_said(row: Row[Any]) -> list[int]:
    """Labels that a score names."""
    favoured = (row.facts or {}).get("neighbours_top")
    named = [label for label, _ in row.suggestions or []]
    return [*named, favoured[0]] if favoured else named


def _neighbours(row: Row[Any], found: Beside, *, labels: bool) -> list[NearCard]:
    cards: list[NearCard] = []
    for example_id, similarity in (row.neighbours or [])[:NEAR]:
        other = found.near.get(example_id)
        if other is None:
            continue
        card = cast(NearCard, glimpse_of(content_of(example_id, other.content)))
        card["example"], card["similarity"] = example_id, round(similarity, 2)
        if labels:
            card["label"] = other.label_id
            card["relabeled"] = bool(other.relabeled)
        cards.append(card)
    return cards


class Look(NamedTuple):
    """How an example is sent: what is hidden, and whether without its quality and difficulty."""

    mode: Mode
    bare: bool


def _merged(suggestions: Sequence[Suggestion], retired: Mapping[int, int]) -> list[Suggestion]:
    """Suggestions by what stands for their labels now, the likeliest first."""
    if not any(label in retired for label, _ in suggestions):
        return list(suggestions)
    shares: dict[int, float] = {}
    for label, share in suggestions:
        now = retired.get(label, label)
        shares[now] = shares.get(now, 0.0) + share
    return sorted(shares.items(), key=lambda one: -one[1])


def evidence(row: Row[Any], found: Beside, *, rule: str, bare: bool) -> Evidence:
    """What stands beside the example once nothing is hidden: given label, model, neighbours."""
    options = _merged(row.suggestions or [], found.retired)
    return {
        "given": row.given,
        "options": options,
        "why": why(
            labels_now(row.facts or {}, found.retired),
            options,
            row.given,
            rule=rule,
            signals=names_of(row.signals),
        ),
        "neighbours": _neighbours(row, found, labels=True),
        "quality": None if bare else row.quality,
        "difficulty": None if bare else row.difficulty,
    }


def card(row: Row[Any], found: Beside, *, look: Look, rule: str) -> Card:
    """One example for the desk, without its lease."""
    made: Card = {
        "example": row.example_id,
        "key": row.key,
        "mode": look.mode.value,
        "content": content_of(
            row.example_id, row.content, unusual=(row.facts or {}).get("unusual", ())
        ),
        "meta": [("split", row.split)] * bool(row.split) + list(row.content.get("meta", [])),
    }
    if look.mode is Mode.EVERYTHING:
        return {**made, **evidence(row, found, rule=rule, bare=look.bare)}
    made["neighbours"] = _neighbours(row, found, labels=False)
    return made


def shown(sent: Card | Evidence) -> Shown:
    """What was sent beside the example, in ids and whole numbers, for the log."""
    options = sent.get("options", [])
    return {
        "options": [label for label, _ in options],
        "suggested": options[0][0] if options else None,
        "quality": _thousandths(sent.get("quality")),
        "difficulty": _thousandths(sent.get("difficulty")),
        "neighbours": [item["example"] for item in sent.get("neighbours", [])],
    }


def _thousandths(value: float | None) -> int | None:
    return None if value is None else round(value * 1000)


def cards(
    session: Session, rows: Sequence[Row[Any]], *, looks: Mapping[int, Look], rule: str
) -> dict[int, Card]:
    """Cards of several examples by id; two statements, or three where a label was retired."""
    found = beside(session, rows)
    return {row.example_id: card(row, found, look=looks[row.example_id], rule=rule) for row in rows}
