"""A lead makes a batch, watches it, hands it on and closes it; by page and by program."""

from __future__ import annotations

import re
import uuid
from typing import Any

from sqlalchemy import select, update

from app.actions.estimating import estimate_project
from app.db.engine import reading, writing
from app.db.tables.accounts import Activity
from app.db.tables.audit import Estimate
from app.db.tables.datasets import Example, Project
from app.db.tables.ranking import ScoringRun
from app.db.tables.review import Batch, BatchMember
from app.db.words import BatchState, Mode
from tests.web.cast import Cast
from tests.web.seeded import answer, claim, open_batch, seed, statements

HERE = "/p/support-intents/batches"
API = "/api/v1/projects/support-intents/batches"
FORM = {"by": "priority", "size": "10", "reads": "1", "mode": "everything", "second_share": "0"}


def only_batch(cast: Cast) -> Batch:
    with reading(cast.engine) as session:
        return session.scalars(select(Batch)).one()


def test_the_empty_page_offers_a_first_batch(cast: Cast) -> None:
    page = cast.lead.get(HERE)
    assert page.status_code == 200
    assert "No batch yet." in page.text
    assert f'href="{HERE}/new"' in page.text


def test_a_lead_makes_a_batch_and_finds_it_in_the_list(cast: Cast) -> None:
    seed(cast)
    people = [str(cast.reviewer.person.id), str(cast.second.person.id)]
    made = cast.lead.post(
        f"{HERE}/new",
        data=FORM | {"person": people, "audit_share": "20", "due": "2026-06-01", "name": "A look"},
    )
    assert made.status_code == 303, made.text
    assert made.headers["location"] == f"{HERE}/1?done=batch_created"
    batch = only_batch(cast)
    assert (batch.size, batch.audit_share, batch.everyone) == (10, 20, False)
    assert batch.due_at is not None and batch.due_at.date().isoformat() == "2026-06-01"
    listed = cast.lead.get(HERE).text
    assert "A look" in listed and "0 of 10" in listed and "Reviewer, Second" in listed
    page = cast.lead.get(f"{HERE}/1").text
    assert "Nobody has answered yet." in page
    with reading(cast.engine) as session:
        kinds = set(session.scalars(select(Activity.kind)))
    assert "batch_created" in kinds


def test_the_advised_share_is_chosen_beforehand_and_says_what_it_buys(cast: Cast) -> None:
    seed(cast)
    page = cast.lead.get(f"{HERE}/new?size=20").text
    chosen = re.search(r'name="audit_share" value="(\d+)" checked', page)
    assert chosen and chosen[1] == "50"
    assert "About 10 of 20 reads go to random examples" in page
    assert "It takes 25 random reads that find nothing to change" in page  # of these 30


def test_counting_shows_the_form_again_and_makes_nothing(cast: Cast) -> None:
    seed(cast, count=12)
    page = cast.lead.post(f"{HERE}/new", data=FORM | {"size": "100", "step": "preview"})
    assert page.status_code == 200
    assert "Only 12 examples fit" in page.text
    with reading(cast.engine) as session:
        assert session.scalars(select(Batch)).all() == []


def test_examples_picked_in_the_list_become_a_batch(cast: Cast) -> None:
    seeded = seed(cast)
    picked = [str(example) for example in seeded.examples[3:6]]
    page = cast.lead.post(f"{HERE}/new", data={"step": "pick", "by": "hand", "example": picked})
    assert page.status_code == 200
    assert "3 examples fit." in page.text
    assert page.text.count('type="hidden" name="example"') == 3
    made = cast.lead.post(f"{HERE}/new", data=FORM | {"by": "hand", "example": picked})
    assert made.status_code == 303
    with reading(cast.engine) as session:
        members = sorted(session.scalars(select(BatchMember.example_id)))
    assert members == sorted(seeded.examples[3:6])
    assert only_batch(cast).size == 3


def test_a_random_batch_is_all_audit_and_blind_whatever_is_asked(cast: Cast) -> None:
    seed(cast)
    cast.lead.post(f"{HERE}/new", data=FORM | {"by": "audit", "mode": "everything"})
    batch = only_batch(cast)
    assert (batch.mode, batch.audit_share) == (Mode.BLIND, 100)


def test_what_cannot_be_made_keeps_the_form_and_says_why(cast: Cast) -> None:
    seed(cast)
    for wrong, words in (
        ({"size": "0"}, "A batch has 1 to"),
        ({"reads": "7"}, "Reads can be 1, 2 or 3."),
        ({"due": "2020-01-01"}, "The due date has passed."),
        ({"due": "soon"}, "The due date is not a date."),
        ({"person": [str(cast.stranger.person.id)]}, "does not take part in this project"),
    ):
        page = cast.lead.post(f"{HERE}/new", data=FORM | {"name": "Kept name"} | wrong)
        assert page.status_code == 422, wrong
        assert words in page.text, wrong
        assert "Kept name" in page.text


def test_a_batch_page_says_who_answered_and_judges_nobody_under_twenty(cast: Cast) -> None:
    seed(cast)
    batch = open_batch(cast, size=10, audit_share=0)
    for card in claim(cast.reviewer, batch, 2):
        answer(cast.reviewer, card["lease"])
    page = cast.lead.get(f"{HERE}/1").text
    assert "Under 20 answers: not enough data yet" in page
    assert '2 <span class="quiet">of 10</span>' in page
    assert "/examples?batch=1" in page


def test_a_lead_pauses_reopens_hands_on_and_closes(cast: Cast) -> None:
    seed(cast)
    batch = open_batch(cast, size=10, audit_share=0)
    for card in claim(cast.reviewer, batch, 2):
        answer(cast.reviewer, card["lease"])
    assert cast.lead.post(f"{HERE}/1/state", data={"state": "paused"}).status_code == 303
    assert "Reopen" in cast.lead.get(f"{HERE}/1").text
    assert cast.lead.post(f"{HERE}/1/state", data={"state": "open"}).status_code == 303
    people = {"person": [str(cast.second.person.id)]}
    assert cast.lead.post(f"{HERE}/1/people", data=people).status_code == 303
    page = cast.lead.get(f"{HERE}/1").text
    assert "Close batch 1? 8 are not reviewed and go back to the pool." in page
    assert cast.lead.post(f"{HERE}/1/state", data={"state": "closed"}).status_code == 303
    assert only_batch(cast).state is BatchState.CLOSED
    again = cast.lead.post(f"{HERE}/1/state", data={"state": "open"})
    assert again.status_code == 409 and "This batch is closed." in again.text


def test_the_page_says_when_fewer_fit_than_were_asked_for(cast: Cast) -> None:
    seed(cast, count=8)
    open_batch(cast, size=20, audit_share=0)
    assert "20 were asked for, 8 fit." in cast.lead.get(f"{HERE}/1").text


def test_the_page_says_when_members_went_out_elsewhere(cast: Cast) -> None:
    seeded = seed(cast, count=4)
    batch = open_batch(cast, by="hand", size=4, example_ids=tuple(seeded.examples))
    body = {"key": "direct-1", "example": seeded.examples[0], "verdict": "confirm"}
    assert cast.lead.post("/api/v1/decisions", json=body).status_code == 200
    claim(cast.reviewer, batch, 8)
    assert "4 fell to 3: 1 went out elsewhere" in cast.lead.get(f"{HERE}/1").text


def test_reviewers_and_strangers_find_no_batches_here(cast: Cast) -> None:
    seed(cast)
    batch = open_batch(cast, size=10)
    for actor in (cast.reviewer, cast.expert, cast.stranger):
        for path in (HERE, f"{HERE}/new", f"{HERE}/1", API, f"/api/v1/batches/{batch}"):
            assert actor.get(path).status_code == 404, path
        assert actor.post(f"{HERE}/1/state", data={"state": "closed"}).status_code == 404
        body = {"state": "closed"}
        assert actor.patch(f"/api/v1/batches/{batch}", json=body).status_code == 404
    assert cast.admin.get(f"{HERE}/1").status_code == 200


def test_programs_make_read_and_change_batches(cast: Cast) -> None:
    seeded = seed(cast)
    body = {"by": "label", "label": seeded.labels[1], "size": 5, "mode": "decide_first"}
    seen = cast.lead.post(f"{API}/preview", json={"by": "label", "label": seeded.labels[1]})
    assert seen.status_code == 200, seen.text
    assert seen.json()["fits"] == 15
    made = cast.lead.post(API, json=body | {"people": [cast.reviewer.person.id]})
    assert made.status_code == 201, made.text
    batch = made.json()
    assert batch["rule"] == "Given label: beta" and batch["size"] == 5
    assert batch["people"] == [cast.reviewer.person.id]
    path = f"/api/v1/batches/{batch['id']}"
    assert cast.lead.get(path).json()["waiting"] == 5
    changed = cast.lead.patch(path, json={"state": "paused", "people": []})
    assert changed.status_code == 200, changed.text
    assert changed.json()["everyone"] is True and changed.json()["state"] == "paused"
    assert [one["id"] for one in cast.lead.get(API).json()["batches"]] == [batch["id"]]
    unknown = cast.lead.post(API, json=body | {"colour": "red"})
    assert unknown.status_code == 422


def test_the_list_costs_the_same_for_one_batch_and_for_many(cast: Cast) -> None:
    seed(cast)
    open_batch(cast, size=2, audit_share=0)
    with statements(cast.engine) as one:
        assert cast.lead.get(HERE).status_code == 200
    for _ in range(8):
        open_batch(cast, size=2, audit_share=0)
    with statements(cast.engine) as many:
        assert cast.lead.get(HERE).status_code == 200
    assert len(one) == len(many)


def test_a_batch_may_be_read_until_sure(cast: Cast) -> None:
    seed(cast)
    made = cast.lead.post(f"{HERE}/new", data=FORM | {"reads": "until_sure"})
    assert made.status_code == 303, made.text
    assert only_batch(cast).rule["until_sure"] is True
    assert "until it is clear" in cast.lead.get(f"{HERE}/1").text
    assert "until it is clear" in cast.lead.get(HERE).text
    assert cast.lead.get(API).json()["batches"][0]["reads"] == "until_sure"


def test_programs_ask_for_reads_until_sure(cast: Cast) -> None:
    seed(cast)
    made = cast.lead.post(API, json={"size": 5, "reads": "until_sure"})
    assert made.json()["reads"] == "until_sure"
    assert cast.lead.post(API, json={"size": 5, "reads": "for ever"}).status_code == 422


def numbers(cast: Cast, batch: int) -> dict[str, Any]:
    found: dict[str, Any] = cast.lead.get(f"/api/v1/batches/{batch}").json()
    return {name: found[name] for name in ("done", "waiting", "held", "put_aside", "referred")}


def test_what_was_put_aside_counts_where_it_was_handed_out(cast: Cast) -> None:
    """Another batch's desk, or none, may give the answer; each batch counts its own examples."""
    seed(cast)
    first = open_batch(cast, size=6, audit_share=0)
    second = open_batch(cast, size=4, audit_share=0)
    cards = claim(cast.reviewer, first, 6)
    for card in cards[:2]:
        body = {"key": str(uuid.uuid4()), "lease": card["lease"]}
        assert cast.reviewer.post("/api/v1/leases/skip", json=body).status_code == 200
    body = {"key": str(uuid.uuid4()), "lease": cards[2]["lease"], "note": ""}
    assert cast.reviewer.post("/api/v1/leases/refer", json=body).status_code == 200
    for card in cards[3:5]:
        answer(cast.reviewer, card["lease"], "confirm")
    assert numbers(cast, first) == {
        "done": 2,
        "waiting": 0,
        "held": 1,
        "put_aside": 2,
        "referred": 1,
    }
    page = cast.lead.get("/p/support-intents/batches/1").text
    assert "<dt>Put aside or given back</dt><dd>2</dd>" in page
    assert "<dt>Sent to experts or leads</dt><dd>1</dd>" in page
    assert "4 are not reviewed and go back to the pool" in page
    elsewhere = claim(cast.second, second, 8)
    assert {card["example"] for card in cards[:2]} <= {card["example"] for card in elsewhere}
    for card in elsewhere:
        answer(cast.second, card["lease"], "confirm")
    assert numbers(cast, first)["done"] == 4, "the two were handed out in the first batch"
    assert numbers(cast, second)["done"] == 4, "and fill no place of the second"
    listed = cast.lead.get("/api/v1/projects/support-intents/batches").json()["batches"]
    assert {one["id"]: one["done"] for one in listed} == {first: 4, second: 4}


def test_the_outlook_says_what_a_batch_may_hold_how_long_it_takes_and_what_comes_first(
    cast: Cast,
) -> None:
    seeded = seed(cast, count=400)
    with writing(cast.engine) as session:
        session.execute(update(Project).values(confirmations=1))
        findings = {"labels": 400, "otherwise": 100, "doubt": 200.0, "qualities": [[40, 10]] * 10}
        findings |= {"pairs": [], "pairs_in_all": 0, "samples": {}}
        session.execute(update(ScoringRun).values(findings=findings))
    plan = {"by": "priority", "size": 50}
    before = cast.lead.post(f"{API}/preview", json=plan).json()["outlook"]
    assert (before["expected"], before["work"]) == ("", ""), "nothing is known yet"
    assert before["mix"] == "Given labels: alpha (25), beta (25)."
    with reading(cast.engine) as session:
        first = session.get_one(Example, seeded.examples[0])
        assert before["first"][0] == {"text": first.content["text"], "picture": ""}
    assert len(before["first"]) == 3
    audit = open_batch(cast, size=100, by="audit")
    for _ in range(100):
        (card,) = claim(cast.reviewer, audit)
        cast.step(seconds=6)
        answer(cast.reviewer, card["lease"])
    estimate_project(cast.engine, cast.project.id)
    after = cast.lead.post(f"{API}/preview", json=plan).json()["outlook"]
    with reading(cast.engine) as session:
        left = session.scalars(select(Estimate)).one()
    held = after["expected"].removeprefix("Expected to hold ").split(" wrong")[0]
    high = int(held.split(" to ")[-1])
    assert 0 < high <= left.high, "the next 50 hold at most what is left of 300"
    assert after["work"] == "About 5 minutes for one person, at this team’s pace."
    page = cast.lead.get(f"{HERE}/new?size=50").text
    assert after["expected"] in page
    assert after["work"] in page
    random = cast.lead.post(f"{API}/preview", json={"by": "audit", "size": 30}).json()["outlook"]
    share = round(30 / 300 * left.high)
    assert f"to {share}" in random["expected"] or f"hold {share} " in random["expected"]
