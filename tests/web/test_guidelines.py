"""Rules in words: their versions, what they may overturn, what the desk is told."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from app.db.engine import reading, writing
from app.db.tables.datasets import Example, Project
from app.db.tables.review import Decision, Event
from app.db.words import Status
from app.review.books import coins
from tests.web.cast import Cast
from tests.web.seeded import Seeded, answer, claim, open_batch, seed

HERE = "/p/support-intents/guidelines"
API = "/api/v1/projects/support-intents/guidelines"


@pytest.fixture
def seeded(cast: Cast) -> Seeded:
    return seed(cast, count=8)


@pytest.fixture
def nothing_rechecked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three in a hundred answers are read once more, by chance, before anything else."""
    monkeypatch.setattr(coins, "RECHECK_SHARE", 0.0)


def write(cast: Cast, labels: list[int], text: str, **more: int) -> dict:
    sent = cast.lead.post(API, json={"labels": labels, "text": text, **more})
    assert sent.status_code == 201, sent.text
    return sent.json()


def statuses(cast: Cast) -> list[Status]:
    with reading(cast.engine) as session:
        return list(session.scalars(select(Example.status).order_by(Example.id)))


def test_a_rule_is_written_read_and_never_html(cast: Cast, seeded: Seeded) -> None:
    alpha, beta = seeded.labels
    text = "It is **alpha** when\n- <script>alert(1)</script>\n- [more](javascript:alert(1))"
    form = {"label": alpha, "other": beta, "text": text, "base": 0}
    sent = cast.lead.post(f"{HERE}/rule", data=form)
    where = f"{HERE}/rule?done=guideline_written&label={alpha}&other={beta}"
    assert sent.headers["location"] == where, sent.text
    page = cast.lead.get(where).text
    assert "<strong>alpha</strong>" in page and "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page and 'href="javascript' not in page
    read = cast.reviewer.get(HERE).text
    assert "<strong>alpha</strong>" in read and "alpha and beta" in read and "v1" in read
    assert "/guidelines/rule" not in read
    told = cast.reviewer.get(API).json()
    assert [(one["labels"], one["version"], one["text"]) for one in told["rules"]] == [
        ([alpha, beta], 1, text)
    ]
    assert (
        "The guideline for alpha and beta changed to v1"
        in cast.lead.get("/p/support-intents/log").text
    )


def test_versions_differ_line_by_line_and_say_who(cast: Cast, seeded: Seeded) -> None:
    alpha = seeded.labels[0]
    write(cast, [alpha], "First.\nSame.")
    cast.step(minutes=5)
    done = write(cast, [alpha], "Second.\r\nSame.  \n", base=1)
    assert (done["version"], done["text"], done["may_overturn"]) == (2, "Second.\nSame.", 0)
    assert write(cast, [alpha], "Second.\nSame.")["version"] == 2, "the same text is no new version"
    page = cast.lead.get(f"{HERE}/rule?label={alpha}").text
    assert "<del>First.</del>" in page and "<ins>Second.</ins>" in page
    assert "<span>Same.</span>" in page and "<bdi>Lead</bdi>" in page
    with reading(cast.engine) as session:
        assert session.get_one(Project, cast.project.id).guideline_revision == 3


def test_two_leads_at_once_lose_no_text(cast: Cast, seeded: Seeded) -> None:
    alpha = seeded.labels[0]
    write(cast, [alpha], "By one.", base=0)
    form = {"label": alpha, "text": "By the other.", "base": 0}
    refused = cast.admin.post(f"{HERE}/rule", data=form)
    assert refused.status_code == 409 and "Somebody wrote v1 of this rule" in refused.text
    assert "By the other." in refused.text and "<ins>By one.</ins>" in refused.text
    by_api = cast.lead.post(API, json={"labels": [alpha], "text": "x", "base": 0})
    assert by_api.json()["code"] == "guideline_changed"


def test_the_rule_of_the_project_is_its_guideline(cast: Cast, seeded: Seeded) -> None:
    write(cast, [], "Look at the verb.")
    with reading(cast.engine) as session:
        project = session.get_one(Project, cast.project.id)
        assert (project.guideline, project.guideline_revision) == ("Look at the verb.", 2)
    assert "The whole project" in cast.reviewer.get(HERE).text


@pytest.mark.parametrize(
    ("labels", "text", "status"),
    [([1, 1], "x", 422), ([999], "x", 404), ([1, 999], "x", 404), ([1], "x" * 20_001, 422)],
)
def test_what_is_no_rule_is_refused(
    cast: Cast, seeded: Seeded, labels: list[int], text: str, status: int
) -> None:
    named = [seeded.labels[0] if one == 1 else one for one in labels]
    assert cast.lead.post(API, json={"labels": named, "text": text}).status_code == status
    form = {"text": text, "base": 0} | dict(zip(("label", "other"), named, strict=False))
    assert cast.lead.post(f"{HERE}/rule", data=form).status_code == status


@pytest.mark.usefixtures("nothing_rechecked")
def test_a_change_says_which_answers_it_may_overturn(cast: Cast, seeded: Seeded) -> None:
    alpha, beta = seeded.labels
    batch = open_batch(cast, size=8, audit_share=0)
    cards = claim(cast.reviewer, batch, 4)
    for card in cards:
        answer(cast.reviewer, card["lease"])
    assert write(cast, [alpha], "Only the first.")["may_overturn"] == 2
    assert write(cast, [alpha, beta], "Which is which.")["may_overturn"] == 2, (
        "the model favoured alpha for what is beta: nobody had beta at hand for what is alpha"
    )
    assert write(cast, [], "All.")["may_overturn"] == 4
    later = claim(cast.reviewer, batch, 1)[0]
    answer(cast.reviewer, later["lease"])
    with reading(cast.engine) as session:
        said = session.scalars(select(Decision).order_by(Decision.seq))
        seen = [one.guideline_revision for one in said]
    assert seen == [1, 1, 1, 1, 4], "old answers keep their version"
    page = cast.lead.get(f"{HERE}/rule?label={alpha}").text
    assert "2 examples were decided before v1" in page and "begins anew" in page


@pytest.mark.usefixtures("nothing_rechecked")
def test_what_was_answered_before_is_read_again(cast: Cast, seeded: Seeded) -> None:
    alpha = seeded.labels[0]
    batch = open_batch(cast, size=8, audit_share=0)
    for card in claim(cast.reviewer, batch, 4):
        answer(cast.reviewer, card["lease"])
    write(cast, [alpha], "Only the first.")
    asked = {"labels": [alpha], "version": 1}
    old = cast.lead.post(f"{API}/read-again", json=asked | {"version": 2})
    assert (old.status_code, old.json()["code"]) == (409, "guideline_changed")
    other = cast.lead.post(f"{API}/read-again", json=asked | {"expected": 3})
    assert (other.status_code, other.json()["code"]) == (409, "guideline_count")
    before = statuses(cast).count(Status.CONFIRMED)
    form = {"label": alpha, "version": 1, "expected": 2}
    sent = cast.lead.post(f"{HERE}/read-again", data=form)
    assert sent.headers["location"].startswith(f"{HERE}/rule?done=read_again"), sent.text
    assert statuses(cast).count(Status.CONFIRMED) == before - 2
    again = cast.lead.post(f"{API}/read-again", json=asked)
    assert (again.status_code, again.json()["code"]) == (409, "guideline_nothing")
    with reading(cast.engine) as session:
        bodies = [json.loads(one) for one in session.scalars(select(Event.body))]
    kinds = [one["kind"] for one in bodies]
    assert kinds[-3:] == ["reopen", "reopen", "epoch"]
    assert bodies[-1]["data"]["reason"] == "guideline"
    cards = [card for card in claim(cast.second, batch, 6) if "given" in card]
    assert [card["given"] for card in cards[:2]] == [alpha, alpha], "they come before anything new"
    assert len(cards) > 2, "what is blind is a re-check, which comes by chance"
    assert (
        "Had 2 examples read again by a newer rule" in cast.lead.get("/p/support-intents/log").text
    )


def test_a_desk_at_work_is_told_which_rule_changed(cast: Cast, seeded: Seeded) -> None:
    alpha, beta = seeded.labels
    batch = open_batch(cast, size=8, audit_share=0)
    write(cast, [alpha], "Was there before.")
    said = {"want": 1, "guideline": 2}
    assert "guideline" not in cast.reviewer.post(f"/api/v1/batches/{batch}/claim", json=said).json()
    write(cast, [beta, alpha], "How to *tell*.")
    news = cast.reviewer.post(f"/api/v1/batches/{batch}/claim", json=said).json()["guideline"]
    assert news["changed"] == [{"labels": [alpha, beta], "version": 1}]
    assert [rule["labels"] for rule in news["rules"]] == [[alpha], [alpha, beta]]
    assert news["rules"][1]["blocks"][0]["items"][0][1] == {"text": "tell", "em": True}
    desk = cast.reviewer.get(f"/review/{batch}").text
    assert "How to" in desk and "Was there before." in desk


def test_a_rule_of_a_retired_label_is_told_to_nobody(cast: Cast, seeded: Seeded) -> None:
    alpha, beta = seeded.labels
    write(cast, [alpha], "Of the old one.")
    cast.lead.post(f"/api/v1/projects/support-intents/labels/{alpha}/merge", json={"into": beta})
    assert "Of the old one." not in cast.reviewer.get(HERE).text
    refused = cast.lead.post(API, json={"labels": [alpha], "text": "More."})
    assert (refused.status_code, refused.json()["code"]) == (409, "label_retired")
    assert "Of the old one." in cast.lead.get(f"{HERE}/rule?label={alpha}").text, "it is kept"


def test_only_leads_write_and_none_in_an_archived_project(cast: Cast, seeded: Seeded) -> None:
    alpha = seeded.labels[0]
    for who in (cast.reviewer, cast.expert, cast.stranger):
        assert who.post(API, json={"labels": [alpha], "text": "x"}).status_code == 404
        assert who.get(f"{HERE}/rule?label={alpha}").status_code == 404
    assert cast.stranger.get(HERE).status_code == 404 == cast.stranger.get(API).status_code
    write(cast, [alpha], "Before.")
    with writing(cast.engine) as session:
        session.get_one(Project, cast.project.id).archived_at = cast.now
    refused = cast.lead.post(API, json={"labels": [alpha], "text": "After."})
    assert (refused.status_code, refused.json()["code"]) == (409, "archived")
    page = cast.lead.get(f"{HERE}/rule?label={alpha}").text
    assert "Before." in page and "Save as" not in page
