"""Which answers the tests, the closing rule and the alarm go by; every one at the page or API."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, update

from app.actions.studying import study_project
from app.db.engine import reading, writing
from app.db.tables.audit import Serve, Study
from app.db.tables.datasets import DataImport, Example, Project, Source
from app.db.tables.ranking import ScoringRun
from app.db.words import Stream
from tests.web.cast import Cast
from tests.web.seeded import Seeded, answer, claim, given_label, open_batch, rows_of, seed
from tests.web.test_estimate import API, HERE, estimate_due, one_reader, read, told
from tests.web.test_noise import decide, mark, noise


def test_columns_that_are_the_source_or_the_split_are_looked_at_once(cast: Cast) -> None:
    seeded = seed(cast, count=400)
    with writing(cast.engine) as session:
        made = [Source(project_id=cast.project.id, origin=one, name=one) for one in ("A", "B")]
        session.add_all(made)
        session.flush()
        for row, example in enumerate(rows_of(session, seeded.examples)):
            example.source_id, example.split = made[row % 2].id, ("train", "test")[row % 3 == 0]
            example.columns = {
                "vendor": "AB"[row % 2],
                "part": ("train", "test")[row % 3 == 0],
                "site": str(row % 5),
            }
        roles = {"label": "intent", "source": "vendor", "split": "part"}
        session.execute(update(DataImport).values(report={"roles": roles}))
    decide(cast, seeded, {8, 21, 92}, count=300)
    assert study_project(cast.engine, cast.project.id)
    with reading(cast.engine) as session:
        looked_at = session.scalars(select(Study.report)).one()["looked_at"]
    assert {"source", "split", "site"} <= set(looked_at)
    assert not {"vendor", "part"} & set(looked_at)


def read_batch(cast: Cast, batch: int, is_wrong: Callable[[int], bool]) -> int:
    """Read a batch to its end; how many there were."""
    done = 0
    while cards := claim(cast.reviewer, batch, 8):
        for card in cards:
            removed = {"verdict": "remove", "reason": "no_label"}
            answer(cast.reviewer, card["lease"], **(removed if is_wrong(card["example"]) else {}))
            done += 1
    return done


def directly(cast: Cast, example: int, label: int) -> None:
    form = {"how": "answer", "answer": "label", "label": str(label), "key": str(uuid.uuid4())}
    reply = cast.lead.post(f"{HERE}/examples/{example}/decide", data=form)
    assert reply.headers["location"].endswith("done=answered"), reply.text


def fresh(cast: Cast, seeded: Seeded, name: str) -> list[int]:
    """Thirty examples that nobody has decided, of one value of the column `site`."""
    with reading(cast.engine) as session:
        rows = session.scalars(select(Example).where(Example.status == "unreviewed"))
        return [one.id for one in rows if one.columns["site"] == name][:30]


@pytest.mark.parametrize("by", ["hand", "label", "direct"])
def test_what_a_person_picked_makes_no_group(cast: Cast, by: str) -> None:
    one_reader(cast)
    seeded = seed(cast, count=400)
    mark(cast, seeded, "site", lambda row: str(row % 8))
    decide(cast, seeded, {8, 21, 92}, count=300)
    before = noise(cast)["report"]
    chosen = fresh(cast, seeded, "6")
    if by == "direct":
        alpha, beta = seeded.labels
        for one in chosen:
            directly(cast, one, beta if given_label(cast, one) == alpha else alpha)
    else:
        plan: dict[str, Any] = {
            "hand": {"example_ids": tuple(chosen)},
            "label": {"given_label_id": seeded.labels[0], "size": 60},
        }[by]
        batch = open_batch(cast, by=by, **plan)
        read_batch(cast, batch, lambda one: one in chosen)
    after = noise(cast)["report"]
    assert after["answers"] > before["answers"], "they count as answers"
    assert after["wrong"] > before["wrong"] + 10
    assert [one["words"] for one in after["groups"] if one["p"] <= 0.05] == []
    assert after["kind"] == before["kind"]


def test_what_a_person_picked_does_not_turn_to_closing_checks(cast: Cast) -> None:
    """Of the queue nothing is known yet, whatever else came out right."""
    one_reader(cast)
    seeded = seed(cast, count=600)
    cast.lead.post(f"{HERE}/target", data={"target_percent": "5", "prove": "true"})
    read(cast, open_batch(cast, size=60, by="audit"), 60)
    rows = tuple(seeded.examples[500:])
    read_batch(cast, open_batch(cast, by="hand", example_ids=rows, size=100), lambda _: False)
    assert told(cast)["closing"] is False
    read(cast, open_batch(cast, size=60, audit_share=0), 60)
    assert told(cast)["closing"] is True, "now the queue was seen to find nothing"


UNSEEN = "Random checks keep finding errors the ranking does not see."


def rank_anew(cast: Cast, number: int, *, refit: bool) -> None:
    now = cast.step(minutes=1)
    with writing(cast.engine) as session:
        old = session.scalars(select(ScoringRun).order_by(ScoringRun.id.desc()).limit(1)).one()
        run = ScoringRun(
            project_id=cast.project.id, number=number, state=old.state, seed=1,
            settings={"refit": True} if refit else {}, started_at=now, finished_at=now,
        )  # fmt: skip
        session.add(run)
        session.flush()
        session.execute(update(Project).values(run_id=run.id))


def test_a_new_ranking_is_not_blamed_for_what_the_last_one_did_not_see(cast: Cast) -> None:
    one_reader(cast)
    seed(cast, count=1_000)
    cast.lead.post(f"{HERE}/target", data={"target_percent": "5", "prove": "true"})
    batch = open_batch(cast, size=250, audit_share=50)

    def drawn(example: int) -> bool:
        with reading(cast.engine) as session:
            query = select(Serve.stream).where(Serve.example_id == example)
            return session.scalars(query).one() is Stream.AUDIT

    read_batch(cast, batch, drawn)
    assert UNSEEN in told(cast)["words"]
    assert UNSEEN in cast.lead.get(HERE).text
    rank_anew(cast, 2, refit=True)
    assert estimate_due(cast) == [cast.project.id], "another ranking is judged anew"
    assert UNSEEN in told(cast)["words"], "what is learnt by itself goes on from there"
    rank_anew(cast, 3, refit=False)
    assert UNSEEN not in told(cast)["words"]
    assert UNSEEN not in cast.lead.get(HERE).text
    assert cast.lead.get(f"{API}/estimate").json()["may_stop"] is False
