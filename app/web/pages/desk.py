"""What the desk's page is made of before any script runs: the first example, drawn."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from app.accounts.keys import DeskKeys
from app.datasets.display_names import shown_names
from app.datasets.guidelines import GuidelineWords, at_start, says_something, tells_apart
from app.db.tables.datasets import Label, Project
from app.db.tables.review import Batch
from app.db.words import REASON_TEXT, BatchState, Mode, Verdict
from app.ranking.runs import RunAtDesk
from app.review.books.progress import BatchNumbers
from app.review.serving.cards import Card
from app.review.serving.why import spelled
from app.settings import shipped
from app.web.pages.label_rows import Row, in_order, own_keys, rows
from app.web.pages.range_bars import RangeBar, range_bars

SHORT = 22  # letters of a name that stand in one line beside its key, tag and share
CRISP, THUMBNAIL = 3, 92  # enlarged so much, an image shows its pixels; a thumbnail's height
ARCHIVED = "This project is archived: nothing in it can be answered now."
PAUSED = "The lead has paused this batch. Your answers are saved."
CLOSED = "The lead has closed this batch. Your answers are saved."
NOTHING_WAITS = "No read waits for you here."


@dataclass(frozen=True, slots=True)
class Near:
    """A similar example, with its label where the mode shows it."""

    similarity: str
    text: str
    url: str
    label: str
    relabeled: bool
    favored: bool
    crisp: bool  # so small that its pixels are shown as squares
    fields: Mapping[str, str]  # of a row of a table


@dataclass(frozen=True, slots=True)
class DeskPage:
    seat: Seat
    mode: str
    data_type: str
    person: str
    keys: DeskKeys
    labels: tuple[tuple[int, str], ...]  # by name, where not all of them are listed
    listed: bool  # all of them, each with its key
    long_names: bool
    example: Card | None
    key: str
    given: str
    hides_first: bool  # decide first: nothing was answered yet
    first: str
    rows: tuple[Row, ...]
    why: tuple[tuple[str, str], ...]
    neighbours: tuple[Near, ...]
    quality: str
    difficulty: str
    progress: BatchNumbers
    share: float
    time_left: str
    guided: bool
    pair_rules: bool
    start: dict[str, Any]
    modules: tuple[str, ...]
    experts: bool
    scored: bool  # a ranking is served: there may be similar examples
    bars: Mapping[str, RangeBar]  # by field, of the numbers of a row
    reasons: tuple[tuple[str, str], ...] = tuple((k.value, v) for k, v in REASON_TEXT.items())

    @property
    def key_rows(self) -> list[tuple[str, str, str, str, str]]:
        """The keys for the desk's scripts: action, key, cap, `aria-keyshortcuts`, words."""
        bound = self.keys.bound.values()
        return [(one.action, one.key, one.cap, one.shortcut, one.words) for one in bound]

    @property
    def wide_caps(self) -> bool:
        """Whether a cap among the answers is wider than one letter."""
        return len(self.keys["confirm"].cap) > 1


@cache
def modules() -> tuple[str, ...]:
    """The desk's scripts, so that the browser asks for all of them at once."""
    folder = shipped("static") / "review"
    scripts = (*folder.glob("*.js"), *folder.glob("types/*.js"))
    return tuple(sorted(path.relative_to(folder).as_posix() for path in scripts))


@dataclass(frozen=True, slots=True)
class Seat:
    """A batch's desk, or that of the reads that are owed in a project.

    `desk` is what a device keeps its unsent answers under, so it stays what it once was called.
    """

    desk: str
    url: str
    title: str
    name: str
    mode: Mode
    claim: str
    done: str
    batch_id: int | None = None
    checks: bool = False  # some of its examples have a known answer, and its readers are told
    ended: str = ""  # why nothing is handed out
    waiting: int = 0  # reads, at the desk of those that are owed

    @classmethod
    def of_batch(cls, batch: Batch, project: Project) -> Seat:
        over = {BatchState.PAUSED: PAUSED, BatchState.CLOSED: CLOSED}.get(batch.state, "")
        return cls(
            desk=f"batch/{batch.id}",
            url=f"/review/{batch.id}",
            title=f"Batch {batch.number}",
            name=batch.name,
            mode=batch.mode,
            claim=f"/api/v1/batches/{batch.id}/claim",
            done=f"/review/{batch.id}/done",
            batch_id=batch.id,
            checks=bool(batch.rule.get("known")),
            ended=ARCHIVED if project.archived_at else over,
        )

    @classmethod
    def of_reads(cls, project: Project, waiting: int) -> Seat:
        """Most of its reads are second ones, so it lists nothing before one is there."""
        over = "" if waiting else NOTHING_WAITS
        return cls(
            desk=f"expert/{project.slug}",
            url=f"/review/reads/{project.slug}",
            title="Reads to give",
            name=project.name,
            mode=Mode.BLIND,
            claim=f"/api/v1/projects/{project.slug}/reads/claim",
            done="/",
            ended=ARCHIVED if project.archived_at else over,
            waiting=waiting,
        )


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a desk is drawn with, whatever example lies on it."""

    project: Project
    labels: Sequence[Label]
    run: RunAtDesk
    person: str
    keys: DeskKeys
    guideline: GuidelineWords
    experts: bool  # whether somebody else here is one


def desk_page(
    seat: Seat, drawn: Drawn, cards: Sequence[Card], numbers: BatchNumbers | None
) -> DeskPage:
    """Everything the template needs; what a mode hides is not in the cards either."""
    project, labels, keys = drawn.project, drawn.labels, drawn.keys
    names = shown_names(labels)
    own = own_keys(labels, keys)
    example = cards[0] if cards else None
    shown: Card = example or {}
    told = numbers or _of_reads(seat.waiting)
    return DeskPage(
        seat=seat,
        mode=seat.mode.value,
        data_type=project.data_type.value,
        person=drawn.person,
        keys=keys,
        labels=() if own else tuple(names.items()),
        listed=bool(own),
        long_names=any(len(name) > SHORT for name in names.values()),
        example=example,
        key=secrets.token_hex(16),
        given=names.get(shown.get("given") or 0, ""),
        hides_first=shown.get("mode") == Mode.DECIDE_FIRST,
        first=_first_answer(shown, names),
        rows=rows(names, own, shown, seat.mode, keys),
        why=tuple(spelled(shown.get("why", []), names)),
        neighbours=tuple(_near(shown, names)),
        quality=_number(shown.get("quality")),
        difficulty=_number(shown.get("difficulty")),
        progress=told,
        share=told["done"] / told["size"] if told["size"] else 0.0,
        time_left=_time_left(told["seconds_left"]),
        guided=says_something(drawn.guideline),
        pair_rules=tells_apart(drawn.guideline),
        start={
            "labels": [
                _label(label, names[label.id], own.get(label.id), drawn.run.labels.get(label.id, 0))
                for label in in_order(labels, own)
            ],
            "examples": list(cards),
            "progress": told,
            **at_start(drawn.guideline),
            "project": project.name,
            "experts": drawn.experts,
            "ranges": dict(drawn.run.ranges),
        },
        scored=project.run_id is not None,
        bars=range_bars(drawn.run.ranges, example, names) if example else {},
        modules=modules(),
        experts=drawn.experts,
    )


def _of_reads(waiting: int) -> BatchNumbers:
    """Where there is no batch, what waits is all there is to count."""
    return {"done": 0, "size": waiting, "removed": 0, "copies": 0, "seconds_left": None}


def _first_answer(shown: Card, names: dict[int, str]) -> str:
    """Decide first: what was answered before the evidence was shown, in words."""
    if "first" not in shown:
        return ""
    if shown["first"]["verdict"] == Verdict.REMOVE:
        return "Remove"
    return names.get(shown["first"]["label"] or 0, "a retired label")


def _label(label: Label, shown: str, key: str | None, count: int) -> dict[str, Any]:
    more = {
        "came": label.name if label.name != shown else "",
        "code": label.code if label.code != label.name else "",
        "synonyms": label.synonyms,
        "description": label.description,
        "count": count,
    }
    keyed = {} if key is None else {"key": key}
    return {"id": label.id, "name": shown} | keyed | {key: v for key, v in more.items() if v}


def _near(example: Card, names: dict[int, str]) -> list[Near]:
    given = example.get("given")
    favored = next((i for i, _ in example.get("options") or [] if i != given), None)
    return [
        Near(
            similarity=f"{one['similarity']:.2f}".removeprefix("0"),
            text=one.get("text", ""),
            url=one.get("url", ""),
            label=names.get(one.get("label") or 0, ""),
            relabeled=bool(one.get("relabeled")),
            favored=one.get("label") is not None and one.get("label") == favored,
            fields=dict(one.get("fields", ())),
            crisp=0 < max(one.get("width") or 0, one.get("height") or 0) * CRISP <= THUMBNAIL,
        )
        for one in example.get("neighbours", [])
    ]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _time_left(seconds: int | None) -> str:
    if seconds is None:
        return ""
    minutes = max(1, round(seconds / 60))
    if minutes < 90:
        return f"about {minutes} min left"
    return f"about {round(minutes / 60)} h left"
