"""The overview says where a project stands, in counts that can be listed, and one next step."""

from __future__ import annotations

import re

import orjson
from sqlalchemy import insert, select, update

from app.db.engine import reading, writing
from app.db.tables.datasets import Example, Project
from app.db.tables.jobs import Job
from app.db.tables.review import Batch, Disagreement
from app.db.words import FINAL, BatchState, Question, Status
from app.insights.planted import sidecar
from app.settings import Settings
from tests.web.cast import Cast
from tests.web.seeded import answer, claim, open_batch, seed, statements

HERE = "/p/support-intents"


def step(cast: Cast) -> str:
    page = cast.lead.get(HERE)
    assert page.status_code == 200, page.text
    found = re.search(r'class="button button-primary" href="([^"]+)"', page.text)
    assert found and page.text.count("button-primary") == 1, "one next step"
    return found[1].replace("&amp;", "&")


def test_the_next_step_follows_what_is_missing(cast: Cast) -> None:
    assert step(cast) == f"{HERE}/import"
    seed(cast, count=10, scored=False)
    assert step(cast) == f"{HERE}/scoring"
    with writing(cast.engine) as session:
        session.add(
            Job(project_id=cast.project.id, task="score", created_at=cast.now, run_after=cast.now)
        )
    assert "Scoring is under way" in cast.lead.get(HERE).text


def test_with_scores_a_batch_then_reading_then_a_release(cast: Cast) -> None:
    seed(cast, count=2)
    assert step(cast) == f"{HERE}/batches/new?size=2"
    batch = open_batch(cast, size=2, audit_share=0)
    assert step(cast) == f"/review/{batch}"
    for card in claim(cast.reviewer, batch, 2):
        answer(cast.reviewer, card["lease"])
    assert step(cast) == f"{HERE}/releases"
    with writing(cast.engine) as session:
        session.execute(update(Batch).values(state=BatchState.CLOSED))
    assert step(cast) == f"{HERE}/releases"


def test_over_fifty_disagreements_come_before_more_reading(cast: Cast) -> None:
    seeded = seed(cast)
    open_batch(cast, size=2, audit_share=0)
    rows = [
        {
            "project_id": cast.project.id,
            "example_id": seeded.examples[place % 30],
            "kind": Question.DIFFERS,
            "seq": place,
            "created_at": cast.now,
        }
        for place in range(51)
    ]
    with writing(cast.engine) as session:
        session.execute(insert(Disagreement), rows)
    assert step(cast) == f"{HERE}/disagreements"


def test_every_count_leads_to_what_it_counts(cast: Cast) -> None:
    seeded = seed(cast)
    with writing(cast.engine) as session:
        for place, status in enumerate((Status.PENDING, Status.RELABELED, Status.RELABELED)):
            session.execute(
                update(Example).where(Example.id == seeded.examples[place]).values(status=status)
            )
    batch = open_batch(cast, size=6, audit_share=100)
    cards = claim(cast.reviewer, batch, 2)
    page = cast.lead.get(HERE).text
    for status, count in (("unreviewed", 27), ("pending", 1), ("relabeled", 2), ("removed", 0)):
        link = f'<a href="{HERE}/examples?status={status}">{count}</a>'
        assert link in page, status
        listed = cast.lead.get(f"/api/v1/projects/support-intents/examples?status={status}").json()
        assert listed["matching"] == count
    link = f'<a href="{HERE}/examples?served=audit">'
    assert f"{link}0 random checks</a>" in page, "none that this lead may read yet"
    assert f'<a href="{HERE}/examples?served=no">28 examples</a> not shown to anyone yet' in page
    assert "0 / 6" in page
    assert "%" not in page.split("Random checks")[1].split("</section>")[0], "no estimate"
    for card in cards:
        answer(cast.reviewer, card["lease"])
    drawn = {card["example"] for card in cards}
    with reading(cast.engine) as session:
        final = session.scalars(
            select(Example.id).where(Example.id.in_(drawn), Example.status.in_(FINAL))
        )
        count = len(final.all())
    assert f"{link}{count} random checks</a>" in cast.lead.get(HERE).text


def test_a_planted_sample_says_so_and_shows_what_was_found(cast: Cast, settings: Settings) -> None:
    seeded = seed(cast)
    with reading(cast.engine) as session:
        keys = dict(session.execute(select(Example.id, Example.key)).all())
    first, second = seeded.examples[:2]
    truth = {keys[first]: "beta", keys[second]: "alpha"}
    path = sidecar(settings.data, cast.project.id)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(orjson.dumps({"kind": "another label", "rate": 0.05, "truth": truth}))
    page = cast.lead.get(HERE).text
    assert "2 labels (5%) were replaced on purpose: another label." in page
    assert "found</strong>" not in page
    with writing(cast.engine) as session:
        session.execute(
            update(Example)
            .where(Example.id == first)
            .values(status=Status.RELABELED, final_label_id=seeded.labels[1])
        )
    assert "1 found</strong>, 0 missed, 1 not decided yet" in cast.lead.get(HERE).text


def test_the_overview_costs_the_same_for_few_and_for_many(cast: Cast) -> None:
    seed(cast, count=3)
    open_batch(cast, size=1, audit_share=0)
    with statements(cast.engine) as few:
        cast.lead.get(HERE)
    with writing(cast.engine) as session:
        first = session.scalars(select(Example).limit(1)).one()
        columns = Example.__table__.columns.keys()
        plain = {name: getattr(first, name) for name in columns if name != "id"}
        rows = [plain | {"row": row, "key": f"more {row}"} for row in range(100, 3_000)]
        session.execute(insert(Example), rows)
    for _ in range(2):
        open_batch(cast, size=1, audit_share=0)
    with statements(cast.engine) as many:
        cast.lead.get(HERE)
    assert len(few) == len(many)


def test_the_log_tells_who_did_what_page_by_page(cast: Cast) -> None:
    seed(cast, count=120)
    batch = open_batch(cast, size=120, audit_share=0)
    for _ in range(15):
        for card in claim(cast.reviewer, batch, 8):
            cast.step(seconds=3)
            answer(cast.reviewer, card["lease"])
    path, seen = f"{HERE}/log", []
    while path:
        page = cast.lead.get(path)
        assert page.status_code == 200, page.text
        seen += re.findall(r'<td class="number quiet hide-small">(\d+)</td>', page.text)
        found = re.search(r'href="([^"]+)" rel="next"', page.text)
        path = found[1] if found else ""
    with reading(cast.engine) as session:
        last = session.get_one(Project, cast.project.id).log_seq
    assert [int(seq) for seq in seen] == list(range(last, 0, -1))
    newest = cast.lead.get(f"{HERE}/log").text
    assert "Confirmed the given label" in newest and "<bdi>Reviewer</bdi>" in newest
    assert cast.lead.get(f"{HERE}/log?cursor=x").status_code == 422


def test_what_a_lead_does_beside_the_log_is_told_too(cast: Cast) -> None:
    seed(cast)
    form = {"by": "priority", "size": "5", "name": "First look"}
    cast.lead.post(f"{HERE}/batches/new", data=form)
    cast.lead.post(f"{HERE}/batches/1/state", data={"state": "paused"})
    page = cast.lead.get(f"{HERE}/log").text
    assert "Made batch 1" in page and "First look" in page and "Set batch 1 to paused" in page


def test_only_leads_see_overview_and_log(cast: Cast) -> None:
    for actor in (cast.reviewer, cast.expert, cast.stranger):
        assert actor.get(HERE).status_code == 404
        assert actor.get(f"{HERE}/log").status_code == 404
    assert cast.admin.get(HERE).status_code == 200
