"""What waits and how the reading goes: in the rail, on the overview, and in its next step."""

from __future__ import annotations

import math
import re
import uuid

import pytest
from sqlalchemy import insert, update

from app.db.engine import writing
from app.db.tables.accounts import Membership
from app.db.tables.datasets import DataImport
from app.db.tables.review import Disagreement
from app.db.words import ImportState, Question, Role
from tests.web.cast import Actor, Cast, sign_in_actor
from tests.web.seeded import answer, claim, open_batch, seed, statements
from tests.web.test_estimate import estimate_due, one_reader, read
from tests.web.test_overview import HERE, step


def text(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def rail(who: Actor, path: str = HERE) -> dict[str, int]:
    """Counts beside the links, by what the link is called."""
    page = who.get(path)
    assert page.status_code == 200, page.text
    found = re.findall(
        r"<span>([^<]+)</span><span class=\"rail-side rail-count\">([\d,]+)<", page.text
    )
    return {word: int(count.replace(",", "")) for word, count in found}


def later(cast: Cast, days: int) -> None:
    """So many days later; who was signed in signs in again."""
    cast.step(days=days)
    for name in ("lead", "reviewer", "expert"):
        part = getattr(cast, name).person
        setattr(cast, name, sign_in_actor(cast.app, cast.engine, part, now=cast.now))


def work(cast: Cast) -> str:
    page = cast.lead.get(HERE).text
    parts = page.split('aria-label="Review work"')
    return text(parts[1].split("</section>")[0]) if len(parts) > 1 else ""


def test_the_rail_counts_what_waits_and_nothing_where_nothing_does(cast: Cast) -> None:
    seeded = seed(cast)
    assert rail(cast.lead) == {}
    batch = open_batch(cast, size=3, audit_share=0)
    open_batch(cast, size=2, audit_share=0)
    rows = [
        {
            "project_id": cast.project.id,
            "example_id": example,
            "kind": Question.DIFFERS,
            "created_at": cast.now,
        }
        for example in seeded.examples[:4]
    ]
    with writing(cast.engine) as session:
        session.execute(insert(Disagreement), rows)
        session.add(
            DataImport(
                project_id=cast.project.id, state=ImportState.STAGED, file_name="more.csv",
                sha256="f" * 64, size=1, mapping_hash="f", created_at=cast.now,
            )
        )  # fmt: skip
    for path in (HERE, f"{HERE}/examples", f"{HERE}/releases", f"{HERE}/batches"):
        assert rail(cast.lead, path) == {"Batches": 2, "Disagreements": 4, "Import": 1}
    assert rail(cast.reviewer, "/") == {"Review queue": 2}
    assert rail(cast.reviewer, "/me") == {"Review queue": 2}
    assert rail(cast.stranger, "/") == {}
    for card in claim(cast.reviewer, batch, 3):
        answer(cast.reviewer, card["lease"])
    assert rail(cast.reviewer, "/") == {"Review queue": 1}
    refused = cast.lead.post(f"{HERE}/target", data={"target_percent": "80", "prove": "true"})
    assert refused.status_code == 422
    assert "rail-count" in refused.text, "a form that is shown again has the same frame"


def test_the_counts_cost_one_statement(cast: Cast) -> None:
    seed(cast)
    open_batch(cast, size=3, audit_share=0)
    with statements(cast.engine) as sent:
        cast.lead.get(f"{HERE}/batches/new")
    assert sum("disagreement" in one.lower() for one in sent) == 1


def test_the_work_card_tells_what_is_left_and_how_fast_it_goes(cast: Cast) -> None:
    one_reader(cast)
    seed(cast, count=200)
    assert work(cast) == ""
    batch = open_batch(cast, size=100, audit_share=0)
    assert "Left to read 100" in work(cast)
    read(cast, batch, 10)
    said = work(cast)
    assert "Answers 10" in said and "First reads in open batches 90" in said
    assert "Not enough answers yet" in said and "At this pace" not in said
    later(cast, 2)
    read(cast, batch, 30)
    said = work(cast)
    assert "Answers 40" in said and "A day 20" in said
    assert "First reads in open batches 60" in said
    left = re.search(r"Left to read (\d+)", said)
    assert left and 60 <= int(left[1]) <= 65, "some of what was decided is read again at random"
    assert f"At this pace {math.ceil(int(left[1]) / 20)} days" in said
    for card in claim(cast.expert, batch, 8):
        answer(cast.expert, card["lease"])
    said = work(cast)
    assert "Expert 8" in said and "Reviewer 40" in said
    assert "confirm" not in said.lower() and "relabel" not in said.lower(), "no verdicts"
    later(cast, 8)
    assert "Answers 0" in work(cast), "a week later nothing is known of the pace"


def test_of_very_many_answers_it_says_which_are_counted(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.insights.work.LOOKED_AT", 6)
    one_reader(cast)
    seed(cast, count=40)
    batch = open_batch(cast, size=20, audit_share=0)
    read(cast, batch, 5)
    assert "last 7 days" in work(cast) and "Answers 5" in work(cast)
    read(cast, batch, 3)
    assert "the last 6 answers" in work(cast) and "Answers 6" in work(cast)


def test_owed_second_reads_are_counted(cast: Cast) -> None:
    seed(cast)
    batch = open_batch(cast, size=4, audit_share=0)
    for card in claim(cast.reviewer, batch, 2):
        answer(cast.reviewer, card["lease"], "remove", reason="no_label")
    said = work(cast)
    assert "Second reads that are owed 2" in said
    assert "Left to read 4" in said
    assert (
        cast.lead.get("/api/v1/projects/support-intents/examples?status=pending").json()["matching"]
        == 2
    )


def test_what_is_put_aside_in_an_open_batch_is_left_to_read_once(cast: Cast) -> None:
    seed(cast)
    batch = open_batch(cast, size=4, audit_share=0)
    card, _ = claim(cast.reviewer, batch, 2)
    body = {"lease": card["lease"], "key": str(uuid.uuid4())}
    assert cast.reviewer.post("/api/v1/leases/skip", json=body).status_code == 200
    said = work(cast)
    assert "Left to read 4" in said and "First reads in open batches 4" in said
    assert "Put aside" not in said
    cast.lead.patch(f"/api/v1/batches/{batch}", json={"state": "closed"})
    said = work(cast)
    assert "Left to read 2" in said and "Put aside, sent on or opened again 2" in said, (
        "one was held"
    )


def test_after_three_weeks_the_next_step_is_to_audit_again(cast: Cast) -> None:
    one_reader(cast)
    seed(cast, count=500)
    batch = open_batch(cast, size=120, by="audit")
    read(cast, batch, 120)
    estimate_due(cast)
    assert step(cast) == f"{HERE}/releases"
    later(cast, 20)
    assert step(cast) == f"{HERE}/releases"
    later(cast, 2)
    assert step(cast) == f"{HERE}/batches/new?by=audit&size=200"
    assert "This project was last audited 3 weeks ago." in text(cast.lead.get(HERE).text)
    form = cast.lead.get(f"{HERE}/batches/new?by=audit&size=200").text
    assert re.search(r'value="audit"[^>]* checked', form)


def test_what_was_read_without_a_random_check_is_audited_next(cast: Cast) -> None:
    one_reader(cast)
    seed(cast, count=40)
    read(cast, open_batch(cast, size=10, audit_share=0), 10)
    assert step(cast) == f"{HERE}/batches/new?by=audit&size=30"


def test_more_wrong_labels_than_the_target_ask_for_the_next_batch(cast: Cast) -> None:
    one_reader(cast)
    seed(cast, count=1_000)
    read(cast, open_batch(cast, size=120, by="audit"), 120, change=30)
    estimate_due(cast)
    assert step(cast) == f"{HERE}/batches/new?size=300"
    assert "more wrong labels are left than your target allows" in cast.lead.get(HERE).text


def test_who_holds_a_check_is_not_told_by_the_next_step(cast: Cast) -> None:
    """Were it said to be old, each card in hand would be known to be no check."""
    one_reader(cast)
    seed(cast, count=500)
    read(cast, open_batch(cast, size=60, by="audit"), 60)
    later(cast, 30)
    for share in (100, 0):
        batch = open_batch(cast, size=1, audit_share=share)
        assert claim(cast.lead, batch)
        assert "last audited 4 weeks ago" in cast.lead.get(HERE).text, share
        cast.lead.post(f"{HERE}/batches/{batch}/state", data={"state": "closed"})


def test_what_waits_for_an_expert_nobody_is_is_named(cast: Cast) -> None:
    one_reader(cast)
    seed(cast, count=40)
    batch = open_batch(cast, size=2, audit_share=0)
    first, second = claim(cast.reviewer, batch, 2)
    answer(cast.reviewer, first["lease"])
    assert "1 example is with reviewers now" in text(cast.lead.get(HERE).text)
    body = {"key": str(uuid.uuid4()), "lease": second["lease"]}
    sent = cast.reviewer.post("/api/v1/leases/refer", json=body)
    assert sent.status_code == 200, sent.text
    page = text(cast.lead.get(HERE).text)
    assert "1 example waits for an expert" in page
    assert step(cast) == f"{HERE}/batches/1"
    with writing(cast.engine) as session:
        left = {"left_at": cast.now}
        session.execute(update(Membership).where(Membership.role == Role.EXPERT).values(**left))
    page = text(cast.lead.get(HERE).text)
    assert "1 example waits for a lead" in page and "nobody here is an expert" in page
    assert step(cast) == "/review/reads/support-intents"
    assert cast.lead.get("/review/reads/support-intents").status_code == 200
