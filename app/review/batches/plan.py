"""What a lead asks for: a batch that is not made yet, and what is kept of it in one that is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from app.db.tables.json_columns import StoredRule
from app.db.words import Mode, Routing
from app.errors import Invalid
from app.review.batches.filters import Filter, filter_from, stored_filter

LARGEST_BATCH = 1_000_000
LONGEST_NAME = 200
MOST_KNOWN = 20  # per cent of known answers: the rest of the time is for the dataset
MOST_ERRORS = 5  # per cent of labels that probably need changing, above which no grid is offered


@dataclass(frozen=True)
class BatchPlan:
    """A batch to make; `by` names its rule."""

    name: str = ""
    by: str = "priority"
    size: int = 100
    given_label_id: int | None = None
    suggested_id: int | None = None  # what the ranking suggests, of a pair
    wanted: Filter | None = None  # what the list of examples was narrowed to
    words: str = ""  # of that filter
    view_id: int | None = None  # whose filter is taken when the batch is made
    view: str = ""  # what that view is called then
    most_each: int | None = None  # of one given label; None: as many as come
    source_id: int | None = None  # of a check of one source; none: of every one
    example_ids: tuple[int, ...] = ()
    mode: Mode = Mode.EVERYTHING
    reads: int = 1
    routing: Routing = Routing.ANYONE
    until_sure: bool = False  # more reads while model and answers leave the right label open
    audit_share: int | None = None  # per cent; None: the smallest that reaches the target's floor
    second_share: int | None = None  # per cent; None: what is usual for the rule
    people: tuple[int, ...] = ()  # nobody named: everyone in the project
    due_at: datetime | None = None
    most_errors: int = MOST_ERRORS  # per cent; a grid with more is refused
    seed: int = 0  # of a rule that draws at random; it is chosen when the batch is made
    known_share: int = 0  # per cent of reads whose right label is settled already


def stored(plan: BatchPlan) -> StoredRule:
    """What a batch keeps of its plan: enough to pick further members like the first."""
    rule: StoredRule = {"by": plan.by, "size": plan.size, "label": plan.given_label_id}
    if plan.source_id is not None:
        rule["source"] = plan.source_id
    if plan.seed:
        rule["seed"] = plan.seed
    if plan.known_share:
        rule["known"] = plan.known_share
    if plan.until_sure:
        rule["until_sure"] = True
    if plan.suggested_id is not None:
        rule["suggested"] = plan.suggested_id
    if plan.wanted is not None:
        rule["filter"] = stored_filter(plan.wanted)
        rule["words"] = plan.words
    if plan.view:
        rule["view"] = plan.view
    if plan.most_each is not None:
        rule["most_each"] = plan.most_each
    return rule


def further(rule: StoredRule, count: int) -> BatchPlan:
    """A plan for so many more like those of a batch that was made."""
    return BatchPlan(
        by=rule["by"],
        size=count,
        given_label_id=rule.get("label"),
        suggested_id=rule.get("suggested"),
        wanted=filter_from(rule["filter"]) if "filter" in rule else None,
        most_each=rule.get("most_each"),
    )


def due_time(day: date | None, *, now: datetime) -> datetime | None:
    """Due at the end of that day."""
    if day is None:
        return None
    if day < now.date():
        raise Invalid("The due date has passed.", next_step="Choose today or a later day.")
    return datetime.combine(day, time(23, 59, 59), UTC)
