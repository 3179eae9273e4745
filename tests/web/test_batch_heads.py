"""A batch holds the best of all that fit, whether the head of the ranking has enough or not."""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

import pytest
from sqlalchemy import delete, select, update

from app.db.engine import reading, writing
from app.db.tables.audit import Serve
from app.db.tables.datasets import Example, Label
from app.db.tables.ranking import Score
from app.db.tables.review import Batch, BatchMember
from tests.web.cast import Cast
from tests.web.seeded import claim, open_batch, seed

API = "/api/v1/projects/support-intents/batches"


class Row(NamedTuple):
    """An example as the plans ask for it."""

    id: int
    place: tuple[float, int]
    label: int | None
    suggested: int | None
    quality: float | None


def crowded(cast: Cast) -> None:
    """The top waits in an open batch or is served; priorities are tied, some have none; a label is
    rare, one was retired, one is a bulk fix's."""
    seeded = seed(cast, count=80, unlabelled=6)
    alpha, beta = seeded.labels
    ids = seeded.examples
    with writing(cast.engine) as session:
        rare = Label(project_id=cast.project.id, name="rare", position=2, synonyms=[])
        session.add(rare)
        session.flush()
        old = Label(
            project_id=cast.project.id, name="old", position=3, synonyms=[], current_id=rare.id
        )
        session.add(old)
        session.flush()
        for some, of in ((ids[60:62], rare.id), (ids[70:72], old.id)):
            session.execute(update(Example).where(Example.id.in_(some)).values(given_label_id=of))
        session.execute(update(Example).where(Example.id == ids[50]).values(bulk_label_id=rare.id))
        for start in range(20, 80, 3):  # three of the same priority each
            first = select(Score.priority).where(Score.example_id == ids[start]).scalar_subquery()
            same = Score.example_id.in_(ids[start : start + 3])
            session.execute(update(Score).where(same).values(priority=first))
        for every in (beta, alpha):
            session.execute(
                update(Score)
                .where(Score.example_id.in_(ids[7 if every == beta else 11 :: 9]))
                .values(suggested_id=every)
            )
        session.execute(delete(Score).where(Score.example_id.in_(ids[65:68])))
    batch = open_batch(cast, size=20, audit_share=0)
    assert claim(cast.reviewer, batch, 8)


def free(cast: Cast) -> list[Row]:
    """What may join a batch, the best first."""
    with reading(cast.engine) as session:
        now: dict[int | None, int] = {
            label.id: label.current_id or label.id for label in session.scalars(select(Label))
        }
        taken = set(session.scalars(select(BatchMember.example_id).where(BatchMember.waiting)))
        taken |= set(session.scalars(select(Serve.example_id)))
        rows = session.execute(
            select(Example, Score).outerjoin(Score, Score.example_id == Example.id)
        ).all()
    found = []
    for example, score in rows:
        label = example.bulk_label_id or example.given_label_id
        place = (score.priority, example.id) if score else (-1e12 - example.row, example.id)
        suggested, quality = (score.suggested_id, score.quality) if score else (None, None)
        found.append(Row(example.id, place, now.get(label), suggested, quality))
    fit = [row for row in found if row.id not in taken]
    return sorted(fit, key=lambda row: row.place, reverse=True)


def expected(rows: list[Row], plan: dict[str, Any]) -> list[int]:
    """The first that fit, of each label no more than the plan allows."""
    counts: Counter[int | None] = Counter()
    chosen: list[int] = []
    for row in rows:
        asked = (
            plan["by"] in ("priority", "audit")
            or (plan["by"] == "filter" and row.quality is not None and row.quality < 0.9)
            or (plan["by"] in ("label", "pair") and row.label == plan.get("label"))
        ) and ("suggested" not in plan or row.suggested == plan["suggested"])
        room = "most_each" not in plan or counts[row.label] < plan["most_each"]
        if asked and room and len(chosen) < plan["size"]:
            counts[row.label] += 1
            chosen.append(row.id)
    return chosen


@pytest.mark.parametrize("far", [0, 20_000], ids=["a short head", "all of the ranking"])
@pytest.mark.parametrize("size", [1, 3, 7, 100])
def test_a_batch_holds_the_best_that_fit_and_its_preview_counts_them(
    cast: Cast, size: int, far: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.review.batches.ranked.FEWEST", far)
    monkeypatch.setattr("app.review.batches.ranked.FOR_ONE", 1 if far == 0 else 20)
    crowded(cast)
    with reading(cast.engine) as session:
        label = {one.name: one.id for one in session.scalars(select(Label))}
    pair = {"by": "pair", "label": label["alpha"], "suggested": label["beta"]}
    plans: list[dict[str, Any]] = [
        {"by": "priority"},
        {"by": "priority", "most_each": 1},
        {"by": "priority", "most_each": 4},
        {"by": "audit"},
        {"by": "label", "label": label["alpha"]},
        {"by": "label", "label": label["rare"]},
        {"by": "label"},
        pair,
        {"by": "filter", "filter": "quality=0.9"},
        {"by": "filter", "filter": "quality=0.9", "most_each": 2},
    ]
    for number, plan in enumerate(({"size": size, **one} for one in plans), start=2):
        told = cast.lead.post(f"{API}/preview", json=plan).json()
        best = expected(free(cast), plan)
        assert told["fits"] == len(best) > 0, plan
        made = cast.lead.post(API, json={"audit_share": 0, **plan})
        assert made.status_code == 201, made.text
        assert waiting(cast, number) == best, plan
        closed = cast.lead.patch(f"/api/v1/batches/{made.json()['id']}", json={"state": "closed"})
        assert closed.status_code == 200, closed.text


def waiting(cast: Cast, number: int) -> list[int]:
    with reading(cast.engine) as session:
        query = select(BatchMember.example_id).join(Batch, Batch.id == BatchMember.batch_id)
        order = BatchMember.priority.desc(), BatchMember.example_id.desc()
        return list(session.scalars(query.where(Batch.number == number).order_by(*order)))
