"""Every filter of the list has a condition, a field in the address, and words."""

from __future__ import annotations

from dataclasses import fields

from sqlalchemy import Engine

from app.db.engine import reading
from app.db.tables.datasets import Project
from app.db.words import Status
from app.insights.choices import choices
from app.insights.filter_words import _WORDS
from app.insights.listing import Asked, Order, listing
from app.review.batches.filters import _CONDITIONS, Filter, Served, conditions
from app.web.example_filters import NAMES, FilterQuery, parameters
from tests.ranking.filled import fill

EVERY = Filter(
    status=Status.UNREVIEWED,
    given=0,
    label=1,
    suggested=1,
    quality=0.5,
    difficulty=0.1,
    text="a",
    batch=1,
    source=1,
    split="train",
    served=Served.NO,
    signal="loss",
)


def test_each_filter_is_known_everywhere() -> None:
    names = [field.name for field in fields(Filter) if field.name != "viewer"]
    assert list(_CONDITIONS) == list(_WORDS) == names
    in_address = [NAMES.get(name, name) for name in names]
    assert [field.name for field in fields(FilterQuery)] == in_address
    assert EVERY.named == names and list(parameters(EVERY)) == in_address


def test_all_filters_together_are_one_condition_each(engine: Engine) -> None:
    filled = fill(engine, [{"text": str(n)} for n in range(4)], ["a", "b"] * 2)
    with reading(engine) as session:
        project = session.get_one(Project, filled.project_id)
        assert len(conditions(project, EVERY, [])) == len(fields(Filter)), "the viewer is none"
        assert listing(session, project, EVERY).rows == []
        page = listing(session, project, Filter(), Asked(Order.ROW, limit=3))
        rest = listing(session, project, Filter(), Asked(Order.ROW, page.following, 3))
        assert [row.key for row in page.rows + rest.rows] == ["k1", "k2", "k3", "k4"]
        found = choices(session, filled.project_id)
        assert sorted(found.labels.values()) == ["a", "b"]
