"""The scoring page: what was run, why, and what it changed."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from app.db.engine import reading, writing
from app.db.tables.datasets import DataImport
from app.db.tables.jobs import Job
from app.db.tables.ranking import ScoringRun
from app.jobs.task import AskedBy
from app.jobs.under_way import ask_once
from app.ranking.runs import SCORE, ScoreArguments
from tests.conftest import NOON
from tests.web.cast import Cast
from tests.web.seeded import seed

PAGE = "/p/support-intents/scoring"
SETTINGS = "/p/support-intents/settings/general"
FORM = {"name": "Support intents", "confirmations": "2", "target_percent": "5"}


def words(cast: Cast) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", cast.lead.get(PAGE).text))


def asked(cast: Cast) -> dict[str, object]:
    with reading(cast.engine) as session:
        return dict(session.scalars(select(Job.arguments)).one()["settings"])


def test_without_a_number_unreliability_is_what_was_measured(cast: Cast) -> None:
    seed(cast)
    assert cast.lead.post(PAGE, data={"method": "vpv", "eps": ""}).status_code == 303
    assert asked(cast) == {"eps": 0.2, "seed": 0, "eps_measured": True}


def test_a_number_is_taken_as_it_is(cast: Cast) -> None:
    seed(cast)
    assert cast.lead.post(PAGE, data={"method": "vpv", "eps": "0.05"}).status_code == 303
    assert asked(cast) == {"eps": 0.05, "seed": 0, "eps_measured": False}


def test_a_run_says_why_it_began_and_what_it_changed(cast: Cast) -> None:
    seeded = seed(cast)
    with writing(cast.engine) as session:
        run = session.get_one(ScoringRun, seeded.run_id)
        run.settings = {"refit": True}
        run.counts = {"changed": {"run": 4, "answers": 112, "of": 100, "new": 38}}
    told = words(cast)
    assert "after new answers" in told
    assert "112 new answers since run 4; 38 of the next 100 are new there." in told


def test_a_run_says_what_it_was_made_of_and_what_was_tried_and_left_out(cast: Cast) -> None:
    seeded = seed(cast)
    out = {"name": "all words", "without": 0.9491, "with_it": 0.9702, "enters": False}
    kept = {"name": "spelling", "without": 1.2, "with_it": 1.1, "enters": True}
    with writing(cast.engine) as session:
        run = session.get_one(ScoringRun, seeded.run_id)
        run.counts = {
            "made_of": {
                "averaged": ["spelling", "own", "neighbors"],
                "tried": [kept, out],
                "left_out": 1324,
            }
        }
    told = words(cast)
    assert "Made of: spelling, your embeddings, neighbors." in told
    assert (
        "Tried, left out: every word (the labels at hand cost 0.949 nats without it, "
        "0.970 with it)." in told
    )
    assert told.count("Tried, left out") == 1
    assert "Fitted once more without 1,324 labels that look wrong." in told


def test_the_page_says_when_it_starts_by_itself(cast: Cast) -> None:
    assert "after 100 new answers, and when a batch is read to its end" in words(cast)
    saved = cast.lead.post(SETTINGS, data=FORM | {"refit_after": "0"})
    assert saved.status_code == 303
    assert "It starts only here" in words(cast)
    assert 'name="refit_after"' in cast.lead.get(SETTINGS).text


def test_a_number_that_makes_no_sense_keeps_the_form(cast: Cast) -> None:
    refused = cast.lead.post(SETTINGS, data=FORM | {"refit_after": "-5"})
    assert refused.status_code == 422
    assert "ranked again after 1 to 100,000 new answers" in refused.text
    assert 'value="-5"' in refused.text


def test_a_run_that_followed_another_says_how_much_better_it_ranks(cast: Cast) -> None:
    seeded = seed(cast)
    with writing(cast.engine) as session:
        run = session.get_one(ScoringRun, seeded.run_id)
        run.settings = {"encoders": True}
        run.counts = {
            "changed": {"run": 4, "answers": 0, "of": 1000, "new": 214},
            "made_of": {"averaged": ["sentences neighbors"], "tried": [], "left_out": 0},
        }
    told = words(cast)
    assert "A better ranking is ready: 214 of the next 1,000 changed since run 4." in told
    assert "Made of: neighbors by Universal Sentence Encoder (16 languages)." in told


def test_while_a_better_ranking_is_made_the_page_says_so(cast: Cast) -> None:
    seeded = seed(cast)
    with writing(cast.engine) as session:
        run = session.get_one(ScoringRun, seeded.run_id)
        better, asked_by = ScoreArguments(encoders=True), AskedBy(run.project_id, run.created_by)
        ask_once(session, SCORE, better, asked_by=asked_by, now=NOON)
    told = words(cast)
    assert "made with Universal Sentence Encoder (16 languages), in about 1 minute." in told
    with writing(cast.engine) as session:
        run = session.get_one(ScoringRun, seeded.run_id)
        run.counts = {"examples": 100_000}
        run.finished_at = run.started_at + timedelta(seconds=100)
    assert "16 languages), in about 5 minutes." in words(cast)


def test_without_the_encoder_the_page_says_what_it_would_gain_and_how(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed(cast)
    command = "pip install &#39;relabel[encoders]&#39;"
    monkeypatch.setattr("app.ranking.encoders.registry.is_installed", lambda encoder: True)
    assert command not in cast.lead.get(PAGE).text
    monkeypatch.setattr("app.ranking.encoders.registry.is_installed", lambda encoder: False)
    assert command in cast.lead.get(PAGE).text
    assert "finds more of the wrong labels that look plausible (Apache-2.0, 33 MB" in words(cast)


def test_nobody_waits_for_a_better_ranking_after_an_import(cast: Cast) -> None:
    seeded = seed(cast)
    waits = "Until the ranking is there"
    with writing(cast.engine) as session:
        run = session.get_one(ScoringRun, seeded.run_id)
        page = f"/p/support-intents/import/{session.scalars(select(DataImport.id)).first()}"
        better, asked_by = ScoreArguments(encoders=True), AskedBy(run.project_id, run.created_by)
        ask_once(session, SCORE, better, asked_by=asked_by, now=NOON)
    assert waits not in cast.lead.get(page).text
    with writing(cast.engine) as session:
        ask_once(session, SCORE, ScoreArguments(), asked_by=asked_by, now=NOON)
        session.execute(delete(Job).where(Job.arguments["encoders"].as_boolean()))
    assert waits in cast.lead.get(page).text
