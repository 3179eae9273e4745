"""Spot checks and source checks: what was drawn of each label or source, and how it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.checked import Checked, checked_of
from app.db.tables.review import Batch
from app.noise.limits import FEWEST
from app.review.batches.each import Each
from app.review.batches.rules.registry import RULES, rule_of
from app.shares import percent


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One label or source by name, in words; `asked`: how many were to be drawn of it."""

    name: str
    seen: Checked
    asked: int

    @property
    def words(self) -> str:
        """No share from a few: an interval that says nothing is none."""
        if not self.seen.decided:
            return "nothing decided yet"
        if not self.seen.enough:
            return f"not enough for a share: under {FEWEST} decided"
        low, high = self.seen.limits
        return f"{percent(self.seen.share)}, between {percent(low)} and {percent(high)}"

    @property
    def short(self) -> bool:
        return self.seen.drawn < self.asked


@dataclass(frozen=True, slots=True)
class Check:
    """A batch that drew of each, and what is known by now; the rows with most wrong first."""

    number: int
    at: datetime
    each: Each
    rows: tuple[CheckRow, ...]

    @property
    def telling(self) -> list[CheckRow]:
        """Those where something was wrong."""
        return [row for row in self.rows if row.seen.wrong]

    @property
    def clean(self) -> list[CheckRow]:
        return [row for row in self.rows if not row.seen.wrong]

    @property
    def decided(self) -> int:
        return sum(row.seen.decided for row in self.rows)

    @property
    def drawn(self) -> int:
        return sum(row.seen.drawn for row in self.rows)

    @property
    def wrong(self) -> int:
        return sum(row.seen.wrong for row in self.rows)

    @property
    def short_words(self) -> str:
        """Labels or sources that had fewer left than were asked for."""
        short = [row for row in self.rows if row.short]
        if not short:
            return ""
        asked, kinds = short[0].asked, self.each.one if len(short) == 1 else self.each.many
        gave = "gave what it had" if len(short) == 1 else "gave what they had"
        return f"{len(short):,} {kinds} had fewer than {asked:,} examples left and {gave}."


def names_of_each(session: Session, batch: Batch) -> dict[int, str]:
    """What the labels or sources that a batch drew of are called; empty for another batch."""
    each = rule_of(batch.rule).each
    return each.names(session, batch.project_id) if each is not None else {}


def check_of(session: Session, batch: Batch, names: Mapping[int, str]) -> Check | None:
    """Of a batch that drew so many of each; none of another."""
    each = rule_of(batch.rule).each
    if each is None:
        return None
    asked = batch.rule.get("size", 0)
    found = checked_of(session, batch.id, each.key(), each.label())
    rows = [CheckRow(_name(each, one, names), one, asked) for one in found]
    rows.sort(key=lambda row: (-row.seen.share, -row.seen.decided, row.name))
    return Check(batch.number, batch.created_at, each, tuple(rows))


def _name(each: Each, one: Checked, names: Mapping[int, str]) -> str:
    """Of few checks nothing is said of whoever may be a person."""
    if each.may_be_people and not one.enough:
        return f"A {each.one} with few checks"
    return names.get(one.of, f"a retired {each.one}")


def last_check(
    session: Session, project_id: int, each: Each, names: Mapping[int, str]
) -> Check | None:
    """The newest batch that drew so many of each of these; not one of a single source."""
    by: Sequence[str] = [name for name, rule in RULES.items() if rule.each is each]
    batch = session.scalars(
        select(Batch)
        .where(
            Batch.project_id == project_id,
            Batch.rule["by"].as_string().in_(by),
            Batch.rule["source"].as_integer().is_(None),
        )
        .order_by(Batch.number.desc())
        .limit(1)
    ).first()
    return check_of(session, batch, names) if batch is not None else None
