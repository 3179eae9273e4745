"""How many wrong labels are left: told from the random checks, the same at every door."""

from __future__ import annotations

import re
import uuid
from typing import Any

from sqlalchemy import select, update

from app.actions.estimating import estimate_project, estimates_due
from app.db.engine import reading, writing
from app.db.tables.accounts import Activity
from app.db.tables.audit import Estimate, Serve
from app.db.tables.datasets import Example, Project
from app.db.tables.ranking import ScoringRun
from app.db.words import Status, Stream
from app.insights.forecast import ahead
from app.insights.health import health_of
from app.shares import percent
from tests.web.cast import Cast
from tests.web.console import command
from tests.web.seeded import answer, claim, open_batch, seed

HERE = "/p/support-intents"
API = "/api/v1/projects/support-intents"


def read(cast: Cast, batch: int, count: int, *, change: int = 0) -> None:
    """The reviewer answers so many, changing the first ones."""
    done = 0
    while done < count:
        cards = claim(cast.reviewer, batch, min(8, count - done))
        assert cards, f"nothing to read after {done}"
        for card in cards:
            wrong = done < change
            said = {"verdict": "remove", "reason": "no_label"} if wrong else {}
            answer(cast.reviewer, card["lease"], **said)
            done += 1


def estimate_due(cast: Cast, **step: float) -> list[int]:
    """As the worker does it, a while later."""
    now = cast.step(**step or {"seconds": 30})
    due = estimates_due(cast.engine, now=now)
    return [project for project in due if estimate_project(cast.engine, project, now=now)]


def told(cast: Cast) -> dict[str, Any]:
    estimate_due(cast)
    reply = cast.lead.get(f"{API}/estimate")
    assert reply.status_code == 200, reply.text
    said: dict[str, Any] = reply.json()
    return said


def one_reader(cast: Cast) -> None:
    with writing(cast.engine) as session:
        session.execute(update(Project).values(confirmations=1))


def test_before_the_first_check_nothing_is_known(cast: Cast) -> None:
    seed(cast, count=30)
    assert cast.lead.get(f"{API}/estimate").status_code == 409, "nobody told one yet"
    said = told(cast)
    assert (said["known"], said["labels"], said["left"]) == (
        "unchecked",
        30,
        {"low": 0, "middle": None, "high": 30},
    )
    assert said["words"][0] == "Nothing is known yet: none of 30 labels was checked at random."
    assert said["words"][0] in cast.lead.get(HERE).text


def test_few_checks_are_too_few_to_say(cast: Cast) -> None:
    one_reader(cast)
    seed(cast, count=1_000)
    read(cast, open_batch(cast, size=40, by="audit"), 40)
    said = told(cast)
    assert (said["known"], said["checks"], said["found"]) == ("early", 40, 0)
    high = said["left"]["high"]
    words = f"Too early to say: 40 random checks only rule out more than {percent(high / 1_000)}."
    assert said["words"][0] == words
    assert words in cast.lead.get(HERE).text
    assert words in command(cast, "estimate", "Support intents")


def test_a_hundred_checks_without_a_wrong_one_are_the_worked_example(cast: Cast) -> None:
    """N = 1000, 100 draws, none wrong: 0 to 36, about 6.9."""
    one_reader(cast)
    seed(cast, count=1_000)
    read(cast, open_batch(cast, size=100, by="audit"), 100)
    said = told(cast)
    assert (said["known"], said["left"]) == ("told", {"low": 0, "middle": 7, "high": 36})
    words = "Wrong labels left: about 7 (between 0 and 36)."
    assert said["words"][:2] == [
        words,
        "95% sure, valid at every moment you look. Based on 100 random checks hidden in the queue.",
    ]
    page = cast.lead.get(HERE).text
    assert words in page
    assert re.search(r'<p class="health-number">\s*<strong>0.7%</strong>', page)
    assert "between 0% and 3.6%" in page


def test_what_was_found_is_left_no_more_and_undo_brings_it_back(cast: Cast) -> None:
    one_reader(cast)
    seed(cast, count=400)
    batch = open_batch(cast, size=120, by="audit")
    read(cast, batch, 120, change=3)
    before = told(cast)
    assert (before["found"], before["checks"], before["not_shown_yet"]) == (3, 120, 280)
    undone = cast.reviewer.post("/api/v1/undo", json={"key": str(uuid.uuid4()), "batch": batch})
    assert undone.status_code == 200, undone.text
    after = told(cast)
    assert (after["open_answers"], after["open_checks"]) == (1, 1)
    assert after["left"]["high"] >= before["left"]["high"]
    assert "1 example was handed out and is not decided, 1 of them random checks" in (
        cast.lead.get(HERE).text
    )


def test_it_is_told_once_and_again_only_after_an_answer(cast: Cast) -> None:
    one_reader(cast)
    seed(cast, count=100)
    assert estimate_due(cast) == [cast.project.id]
    assert estimate_due(cast, minutes=1) == []
    batch = open_batch(cast, size=10, by="audit")
    read(cast, batch, 1)
    assert told(cast)["checks"] == 1
    read(cast, batch, 1)
    assert cast.lead.get(f"{API}/estimate").json()["behind"] is True
    assert told(cast)["behind"] is False


def test_an_erased_or_unlabelled_example_is_not_among_the_labels(cast: Cast) -> None:
    seed(cast, count=20, unlabelled=5)
    said = told(cast)
    assert said["labels"] == 15
    with reading(cast.engine) as session:
        assert len(session.scalars(select(Example.id)).all()) == 20


def test_a_chosen_target_turns_to_closing_checks_and_says_when_to_stop(cast: Cast) -> None:
    one_reader(cast)
    seed(cast, count=600)
    chosen = cast.lead.post(f"{HERE}/target", data={"target_percent": "5", "prove": "true"})
    assert chosen.status_code == 303, chosen.text
    read(cast, open_batch(cast, size=60, audit_share=50), 60)
    said = told(cast)
    assert said["closing"] is True, "the ranking finds nothing more, and little seems left"
    with reading(cast.engine) as session:
        assert session.scalars(
            select(Activity.detail).where(Activity.kind == "closing_checks")
        ).all() == [{"state": "on"}]
        before = len(_draws(session))
    read(cast, open_batch(cast, size=100, audit_share=10), 100)
    with reading(cast.engine) as session:
        assert len(_draws(session)) - before > 70, "nine of ten are random checks now"
    said = told(cast)
    assert said["may_stop"] is True
    stop = next(line for line in said["words"] if line.startswith("You can stop"))
    share = said["left"]["high"] / 600
    assert stop == (
        f"You can stop: at most {percent(share)} of labels are still wrong (target 5%, 95% sure)."
    )
    assert stop in cast.lead.get(HERE).text
    gone = cast.lead.post(f"{HERE}/target", data={"target_percent": "5", "prove": "false"})
    assert gone.status_code == 303
    assert cast.lead.get(f"{API}/estimate").json()["may_stop"] is False
    assert cast.lead.get(API).json()["closing"] is False


def _draws(session: Any) -> list[int]:
    return list(session.scalars(select(Serve.id).where(Serve.stream == Stream.AUDIT)))


def test_an_open_batch_without_a_coin_gets_no_closing_checks(cast: Cast) -> None:
    one_reader(cast)
    seed(cast, count=100)
    with writing(cast.engine) as session:
        session.execute(update(Project).values(closing=True))
    read(cast, open_batch(cast, size=20, audit_share=0), 20)
    with reading(cast.engine) as session:
        assert _draws(session) == []


def test_only_a_lead_is_told_that_most_are_checks(cast: Cast) -> None:
    """A reviewer who knows it knows of nine cards in ten why they are shown."""
    seed(cast, count=30)
    with writing(cast.engine) as session:
        session.execute(update(Project).values(closing=True))
    for reader, said in ((cast.lead, True), (cast.reviewer, None)):
        [listed] = [
            one for one in reader.get("/api/v1/projects").json() if API.endswith(one["slug"])
        ]
        assert (listed["closing"], reader.get(API).json()["closing"]) == (said, said)


def test_a_target_out_of_range_is_refused_where_it_was_typed(cast: Cast) -> None:
    seed(cast, count=30)
    told(cast)
    reply = cast.lead.post(f"{HERE}/target", data={"target_percent": "80", "prove": "true"})
    assert reply.status_code == 422
    assert "The target lies between 0.1 and 50.0 per cent." in reply.text
    assert cast.lead.get(API).json()["prove"] is False


def test_reviewers_and_strangers_are_not_told(cast: Cast) -> None:
    seed(cast, count=30)
    told(cast)
    for who in (cast.reviewer, cast.stranger):
        assert who.get(f"{API}/estimate").status_code in (403, 404)
        reply = who.post(f"{HERE}/target", data={"target_percent": "5", "prove": "true"})
        assert reply.status_code in (403, 404)


def test_two_workers_keep_the_later_one(cast: Cast) -> None:
    seed(cast, count=30)
    told(cast)
    with writing(cast.engine) as session:
        row = session.scalars(select(Estimate)).one()
        row.up_to_seq += 100
    with writing(cast.engine) as session:
        session.execute(update(Project).values(serve_seq=Project.serve_seq + 1))
    estimate_due(cast, minutes=1)
    with reading(cast.engine) as session:
        row = session.scalars(select(Estimate)).one()
        assert row.up_to_seq > session.get_one(Project, cast.project.id).log_seq


def test_the_forecast_is_the_estimate_spread_over_the_doubt_of_the_ranking(cast: Cast) -> None:
    one_reader(cast)
    seed(cast, count=1_000)
    qualities = [[100, 50 if nth < 3 else 0] for nth in range(10)]
    kept = {"labels": 1_000, "otherwise": 150, "doubt": 500.0, "qualities": qualities, "pairs": []}
    with writing(cast.engine) as session:
        session.execute(
            update(ScoringRun).values(findings={**kept, "pairs_in_all": 0, "samples": {}})
        )
    read(cast, open_batch(cast, size=120, by="audit"), 120, change=6)
    said = told(cast)
    assert said["known"] == "told"
    with reading(cast.engine) as session:
        project = session.get_one(Project, cast.project.id)
        health = health_of(session, project)
        assert health is not None
        points = ahead(session, project, health)
    assert [one.reads for one in points] == sorted({one.reads for one in points})
    assert points[-1].reads == 200, "as many as were read, and at least 200"
    for one in points:
        assert 0 <= one.low <= one.middle <= one.high <= one.reads
    # The first 200 of 880 hold 1 - 0.1 of quality on the mean against 0.5 of all.
    share = points[-1].middle / said["left"]["middle"]
    assert 0.30 < share < 0.42
    page = cast.lead.get(HERE).text
    assert "by the ranking, forecast" in page
    assert f"{said['found']} found in 120" in page


def first_read(cast: Cast, batch: int) -> dict[str, Any]:
    """A card the lead is the first to read; what is decided already is answered on the way."""
    while True:
        (card,) = claim(cast.lead, batch)
        with reading(cast.engine) as session:
            if session.get_one(Example, card["example"]).status is Status.UNREVIEWED:
                return card
        answer(cast.lead, card["lease"])


def test_a_lead_who_holds_cards_is_not_told_which_of_them_is_a_check(cast: Cast) -> None:
    one_reader(cast)
    seed(cast, count=1_000)
    batch = open_batch(cast, size=200, by="audit")
    read(cast, batch, 110)
    assert told(cast)["known"] == "told"
    card = first_read(cast, batch)
    before = cast.lead.get(f"{API}/estimate")
    assert before.status_code == 200, "it was told before the card was handed out"
    read(cast, batch, 1)
    estimate_due(cast)
    for _ in range(2):
        held = cast.lead.get(f"{API}/estimate")
        assert (held.status_code, held.json()["code"]) == (409, "cards_in_hand")
    page = cast.lead.get(HERE).text
    assert "You hold examples that you have not answered." in page
    assert "Wrong labels left" not in page
    assert "found in 1" not in page
    answer(cast.lead, card["lease"])
    assert told(cast)["checks"] == 112


def test_the_outlook_of_a_batch_is_not_told_to_who_holds_cards_either(cast: Cast) -> None:
    one_reader(cast)
    seed(cast, count=1_000)
    batch = open_batch(cast, size=200, by="audit")
    read(cast, batch, 110)
    told(cast)
    plan = {"by": "audit", "size": 100}
    asked = f"{API}/batches/preview"
    assert cast.lead.post(asked, json=plan).json()["outlook"]["expected"]
    first_read(cast, batch)
    estimate_due(cast)
    assert cast.lead.post(asked, json=plan).json()["outlook"]["expected"] == ""
