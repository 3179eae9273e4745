"""Which remedy works, measured on examples checked at random: the same at every door."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sqlalchemy import delete, select

from app.actions.estimating import estimate_project
from app.actions.recovering import measure_project
from app.actions.tasks.registry import TASKS
from app.audit.recovery.gathering import gather
from app.audit.recovery.report import Cost
from app.audit.recovery.words import KIND_WORDS
from app.db.engine import reading, writing
from app.db.tables.audit import AuditEpoch, Estimate, Serve
from app.db.tables.datasets import Example, Project
from app.db.tables.jobs import Job
from app.db.tables.ranking import Score
from app.db.words import JobState, Status, Stream
from app.errors import Conflict
from app.training.interval import Interval
from app.training.kinds import NoiseKind
from app.training.remedies.registry import REMEDIES
from tests.web.cast import Cast
from tests.web.console import command
from tests.web.seeded import Seeded, seed
from tests.web.test_drift import keep_vectors, store

HERE = "/p/support-intents/recovery"
API = "/api/v1/projects/support-intents/recovery"
ROWS = 240
WRONG = 60
"""Rows 0, 2, … 118 came as alpha and are beta: one direction, which a model learns."""


def decide(cast: Cast, seeded: Seeded, rows: range, stream: Stream, *, start: int) -> None:
    alpha, beta = seeded.labels
    with writing(cast.engine) as session:
        epoch = session.scalars(select(AuditEpoch)).one()
        for place, row in enumerate(rows, start=start):
            example = session.get_one(Example, seeded.examples[row])
            wrong = row % 2 == 0 and row < 2 * WRONG
            example.final_label_id = beta if wrong or row % 2 else alpha
            example.status = Status.RELABELED if wrong else Status.CONFIRMED
            session.add(
                Serve(
                    project_id=cast.project.id, epoch_id=epoch.id, serve_seq=place,
                    example_id=example.id, stream=stream, unserved_before=ROWS - place,
                    at=cast.now,
                )
            )  # fmt: skip
        session.get_one(Project, cast.project.id).log_seq += len(rows)


def vectors() -> Any:
    """Beta lies elsewhere, and those that came as alpha lie together: a slice is learned wrong."""
    found = np.random.default_rng(0).normal(scale=0.5, size=(ROWS, 6))
    found[1::2, 0] += 4
    found[: 2 * WRONG : 2, 1] += 4
    return found


@pytest.fixture
def reviewed(cast: Cast) -> Seeded:
    """Every second row was drawn at random and settled; a queue served some of the others."""
    seeded = seed(cast, count=ROWS)
    keep_vectors(cast, seeded, vectors())
    decide(cast, seeded, range(0, ROWS, 2), Stream.AUDIT, start=1)
    decide(cast, seeded, range(1, ROWS, 4), Stream.QUEUE, start=1_000)
    return seeded


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two remedies and short training: the others are tried where they are at home."""
    kept = {name: REMEDIES[name] for name in ("as_it_is", "relabel")}
    monkeypatch.setattr("app.audit.recovery.telling.REMEDIES", kept)
    monkeypatch.setattr("app.training.network.MOST_EPOCHS", 10)


def measure(cast: Cast) -> dict[str, Any]:
    assert measure_project(cast.engine, cast.project.id, blobs=store(cast))
    said: dict[str, Any] = cast.lead.get(API).json()
    return said


@pytest.mark.usefixtures("few")
def test_what_was_measured_is_said_at_every_door(cast: Cast, reviewed: Seeded) -> None:
    told = command(cast, "recovery", "Support intents")
    said = cast.lead.get(API).json()
    report = said["report"]
    assert (report["checked"], report["wrong"], report["examples"]) == (120, WRONG, ROWS)
    assert report["pick"] == "relabel"
    assert said["words"][0].startswith("Relabel is better than leaving the data as it is: +")
    relabel = next(one for one in report["remedies"] if one["remedy"] == "relabel")
    assert relabel["width"] == 512 and relabel["accuracy"]["value"] > 0.9
    assert relabel["gain"]["low"] > 0.1
    assert [one["at"] for one in report["review"][::2]] == [0, 0.25, 0.5, 1]
    assert {one["width"] for one in report["noise"]} == {0, 512}
    assert "from_10" in [one["name"] for one in said["advice"]]
    page = cast.lead.get(HERE).text
    shown = f"{100 * relabel['accuracy']['value']:.1f}".removesuffix(".0")
    assert f"{shown}% (" in page and "Measured on this data with noise added" in page
    assert said["words"][0] in page and said["words"][0] in told
    for one in said["advice"]:
        assert one["words"] in page and one["rule"] in page and one["words"] in told
    added = f"Noise was added {KIND_WORDS[NoiseKind(report['kind'])]}"
    assert added in page and added in told
    assert measure(cast)["report"] == report, "the same data give the same numbers"


def test_what_is_gathered_are_draws_and_decisions(cast: Cast, reviewed: Seeded) -> None:
    with reading(cast.engine) as session:
        project = session.get_one(Project, cast.project.id)
        found = gather(session, project, store(cast), np.random.default_rng(0))
    assert found is not None
    data = found.material
    assert list(data.checked) == list(range(0, ROWS, 2)), "what the queue served is no draw"
    assert (data.right[:WRONG] == 1).all() and (data.right[WRONG:] == 0).all()
    assert (data.before == np.arange(ROWS) % 2).all()
    assert (data.after != data.before).sum() == WRONG
    assert data.reviewed.sum() == 180 and len(found.decided) == 180
    assert found.kind is NoiseKind.RANDOM and found.labelled == ROWS
    assert np.allclose(data.vectors.mean(axis=0), 0, atol=1e-5)


def test_what_the_queue_found_counts_in_the_share_that_was_wrong(cast: Cast) -> None:
    """The queue takes wrong labels first: what it leaves for random checks is cleaner."""
    seeded = seed(cast, count=ROWS)
    keep_vectors(cast, seeded, vectors())
    decide(cast, seeded, range(0, 2 * WRONG, 2), Stream.QUEUE, start=1)
    decide(cast, seeded, range(2 * WRONG, ROWS, 2), Stream.AUDIT, start=500)

    def gathered() -> Any:
        with reading(cast.engine) as session:
            project = session.get_one(Project, cast.project.id)
            return gather(session, project, store(cast), np.random.default_rng(0))

    by_checks = gathered()
    assert (by_checks.rate.value, by_checks.today) == (WRONG / ROWS, 0.0)
    assert by_checks.rate.low == WRONG / ROWS < by_checks.rate.high < 0.3
    estimate_project(cast.engine, cast.project.id)
    with writing(cast.engine) as session:
        told = session.scalars(select(Estimate)).one()
        told.low, told.middle, told.high = 3, 6, 24
    found = gathered()
    assert found.rate == Interval((WRONG + 6) / ROWS, (WRONG + 3) / ROWS, (WRONG + 24) / ROWS)
    assert found.today == 6 / ROWS


def test_probes_and_removed_examples_score_nothing(cast: Cast) -> None:
    seeded = seed(cast, count=ROWS)
    keep_vectors(cast, seeded, vectors())
    decide(cast, seeded, range(0, 100, 2), Stream.PROBE, start=1)
    decide(cast, seeded, range(100, 220, 2), Stream.AUDIT, start=500)
    with writing(cast.engine) as session:
        gone = session.get_one(Example, seeded.examples[100])
        gone.status, gone.final_label_id = Status.REMOVED, None
    assert cast.lead.get(API).json()["checked"] == 59
    with reading(cast.engine) as session:
        project = session.get_one(Project, cast.project.id)
        found = gather(session, project, store(cast), np.random.default_rng(0))
    assert found is not None
    assert list(found.material.checked) == list(range(102, 220, 2))
    assert found.material.after[100] == -1, "nothing is learned from a removed one"


def test_what_gathering_leaves_out_is_not_counted_as_checked(cast: Cast) -> None:
    """Checked, but it came without a label, or after the ranking whose vectors are used."""
    seeded = seed(cast, count=ROWS)
    keep_vectors(cast, seeded, vectors())
    decide(cast, seeded, range(0, 100, 2), Stream.AUDIT, start=1)
    with writing(cast.engine) as session:
        session.get_one(Example, seeded.examples[0]).given_label_id = None
        session.execute(delete(Score).where(Score.example_id == seeded.examples[2]))
    assert cast.lead.get(API).json()["checked"] == 48
    with reading(cast.engine) as session:
        project = session.get_one(Project, cast.project.id)
        found = gather(session, project, store(cast), np.random.default_rng(0))
    assert found is not None and len(found.material.checked) == 48


def test_under_a_hundred_checked_it_says_how_many_are_missing(cast: Cast) -> None:
    seeded = seed(cast, count=ROWS)
    keep_vectors(cast, seeded, vectors())
    decide(cast, seeded, range(0, 60, 2), Stream.AUDIT, start=1)
    assert cast.lead.get(API).json() | {"checked": 30, "missing": 70, "report": None} == (
        cast.lead.get(API).json()
    )
    page = cast.lead.get(HERE).text
    assert "30 of 100 checked examples" in page and "70 more examples" in page
    assert "/p/support-intents/batches/new?by=audit&amp;size=200" in page
    for reply in (cast.lead.post(HERE, data={}), cast.lead.post(API, json={})):
        assert reply.status_code == 409 and "70 more examples" in reply.text
    with pytest.raises(Conflict, match="70 more examples"):
        command(cast, "recovery", "Support intents")
    assert not measure_project(cast.engine, cast.project.id, blobs=store(cast))


def test_nothing_is_measured_in_a_project_that_was_put_away(cast: Cast, reviewed: Seeded) -> None:
    with writing(cast.engine) as session:
        session.get_one(Project, cast.project.id).archived_at = cast.now
    for reply in (cast.lead.post(HERE, data={}), cast.lead.post(API, json={})):
        assert reply.status_code == 409 and "This project is archived" in reply.text
    with pytest.raises(Conflict, match="This project is archived"):
        command(cast, "recovery", "Support intents")
    assert cast.lead.get(API).json()["report"] is None


def test_without_vectors_it_says_so(cast: Cast) -> None:
    seed(cast)
    reply = cast.lead.post(API, json={})
    assert reply.status_code == 409 and reply.json()["code"] == "no_vectors"
    assert "kept no vectors" in cast.lead.post(HERE, data={}).text


def test_asked_twice_it_is_one_job_with_its_costs_and_can_be_stopped(
    cast: Cast, reviewed: Seeded
) -> None:
    alpha, beta = reviewed.labels
    row = {"right": [beta, 0], "given": [alpha, 0], "cost": ["20", ""]}
    assert cast.lead.post(HERE, data=row).status_code == 303
    again = cast.lead.post(API, json={}).json()["job_id"]
    with reading(cast.engine) as session:
        job = session.scalars(select(Job).where(Job.task == "recovery")).one()
        assert job.id == again and TASKS["recovery"].words.doing == "Measuring remedies"
        assert job.arguments == {"costs": [{"right": beta, "given": alpha, "cost": 20.0}]}
    assert cast.lead.get(API).json()["job_id"] == again
    assert f"/jobs/{again}" in cast.lead.get(HERE).text
    assert cast.lead.post(f"{HERE}/stop", data={"job": again}).status_code == 303
    with reading(cast.engine) as session:
        assert session.get_one(Job, again).state is JobState.CANCELLED


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"right": 1, "given": 1, "cost": "2"}, "two different labels"),
        ({"right": 1, "given": 0, "cost": "2"}, "two different labels"),
        ({"right": 0, "given": 1, "cost": "many"}, "is not a number"),
        ({"right": 0, "given": 1, "cost": "-1"}, "is not between 0 and"),
        ({"right": 0, "given": 1, "cost": "nan"}, "is not between 0 and"),
    ],
)
def test_a_cost_that_makes_no_sense_is_refused(cast: Cast, row: dict[str, Any], words: str) -> None:
    labels = seed(cast).labels
    form = row | {name: labels[row[name]] for name in ("right", "given")}
    if row["right"] == 1 and row["given"] == 0:
        form["given"] = 0  # nothing was chosen
    reply = cast.lead.post(HERE, data=form)
    assert reply.status_code in (400, 422)
    assert words in reply.text


@pytest.mark.usefixtures("few")
def test_costs_that_were_said_decide_and_come_back_in_the_form(
    cast: Cast, reviewed: Seeded
) -> None:
    alpha, beta = reviewed.labels
    costs = [Cost(beta, alpha, 20.0)]
    assert measure_project(cast.engine, cast.project.id, blobs=store(cast), costs=costs)
    report = cast.lead.get(API).json()["report"]
    gain = next(one["gain"] for one in report["remedies"] if one["remedy"] == "relabel")
    assert gain["value"] > 1, "cost saved an example, not points"
    page = cast.lead.get(HERE).text
    assert 'value="20"' in page and "Cost saved" in page


def test_nobody_but_the_lead_reads_it(cast: Cast) -> None:
    for who in (cast.reviewer, cast.stranger):
        assert who.get(HERE).status_code == 404 and who.get(API).status_code == 404
