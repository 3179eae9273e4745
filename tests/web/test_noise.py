"""What kind of noise it is: found from what was decided, the same at every door."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest
from sqlalchemy import select, update

from app.actions.studying import start_due_studies, study_project
from app.db.engine import reading, writing
from app.db.tables.datasets import DataImport, Example, Project, Source
from app.db.tables.jobs import Job
from app.db.tables.review import Batch, BatchMember
from app.db.words import ImportState, Status
from tests.web.cast import Cast
from tests.web.console import command
from tests.web.seeded import Seeded, answer, claim, open_batch, rows_of, seed

HERE = "/p/support-intents"
API = "/api/v1/projects/support-intents"


def decide(cast: Cast, seeded: Seeded, wrong: set[int], *, count: int) -> None:
    """So many are decided, in no order of quality; the named rows had the other label."""
    rows = random.Random(5).sample(range(len(seeded.examples)), count)
    alpha, beta = seeded.labels
    with writing(cast.engine) as session:
        chosen = rows_of(session, [seeded.examples[row] for row in rows])
        for row, example in zip(rows, chosen, strict=True):
            given = example.given_label_id
            example.final_label_id = (beta if given == alpha else alpha) if row in wrong else given
            example.status = Status.RELABELED if row in wrong else Status.CONFIRMED
        session.execute(update(Project).values(log_seq=Project.log_seq + count))


def mark(cast: Cast, seeded: Seeded, name: str, value: Any) -> None:
    """A column of the file."""
    with writing(cast.engine) as session:
        for row, example in enumerate(rows_of(session, seeded.examples)):
            example.columns = {name: value(row)}


@pytest.fixture
def grouped(cast: Cast) -> Seeded:
    """400 examples; those of site 7 (every tenth) are nearly all wrong, few others are."""
    seeded = seed(cast, count=400)
    mark(cast, seeded, "site", lambda row: "7" if row % 10 == 3 else str(row % 3))
    wrong = {row for row in range(400) if row % 10 == 3 and row % 40 != 3} | {8, 21, 92}
    decide(cast, seeded, wrong, count=300)
    return seeded


def noise(cast: Cast) -> dict[str, Any]:
    assert study_project(cast.engine, cast.project.id)
    reply = cast.lead.get(f"{API}/noise")
    assert reply.status_code == 200, reply.text
    said: dict[str, Any] = reply.json()
    return said


def test_a_group_that_is_mostly_wrong_is_found_and_named(cast: Cast, grouped: Seeded) -> None:
    report = noise(cast)["report"]
    assert (report["kind"], report["answers"]) == ("structured", 300)
    first = report["groups"][0]
    assert first["words"] == "site is 7"
    assert first["p"] <= 0.05
    assert first["wrong"] > 5 * first["expected"]
    with reading(cast.engine) as session:
        left = [
            example.id
            for row, example in enumerate(rows_of(session, grouped.examples))
            if row % 10 == 3 and example.status is Status.UNREVIEWED
        ]
    assert first["undecided"] == len(left)
    assert set(first["to_review"]) == set(left)
    page = cast.lead.get(f"{HERE}/insights/slices").text
    assert "site is 7" in page
    assert f"{first['wrong']} of {first['answers']} reviewed were wrong" in page
    assert 'chip-remove">More than chance' in page
    said = command(cast, "noise", "Support intents")
    assert f"site is 7: {first['wrong']} of {first['answers']} reviewed were wrong" in said


def test_a_batch_of_the_group_holds_its_examples(cast: Cast, grouped: Seeded) -> None:
    group = noise(cast)["report"]["groups"][0]
    at = f"{HERE}/insights/slices/1/batch"
    moved = cast.lead.post(at, data={"words": "site is 8"})
    assert moved.status_code == 409, "the list changed since it was shown"
    reply = cast.lead.post(at, data={"words": group["words"]})
    assert reply.status_code == 303, reply.text
    with reading(cast.engine) as session:
        batch = session.scalars(select(Batch)).one()
        members = session.scalars(
            select(BatchMember.example_id).where(BatchMember.batch_id == batch.id)
        )
        assert set(members) == set(group["to_review"])
        assert batch.name == "Group: site is 7"


def test_the_overview_names_the_kind_and_the_label_with_most_left(
    cast: Cast, grouped: Seeded
) -> None:
    report = noise(cast)["report"]
    most = max(report["labels"], key=lambda one: one["left"])
    page = cast.lead.get(HERE).text
    assert "Wrong labels come in groups" in page
    assert "More than chance: <bdi>site is 7</bdi>" in page
    assert f"examples?given={most['label']}&amp;status=unreviewed" in page
    assert f"{most['found']} found, {most['undecided']} open" in page


def test_scattered_errors_are_no_group(cast: Cast) -> None:
    seeded = seed(cast, count=400)
    mark(cast, seeded, "site", lambda row: str(row % 4))
    decide(cast, seeded, set(random.Random(1).sample(range(400), 24)), count=300)
    report = noise(cast)["report"]
    assert report["kind"] in ("random", "no pattern found")
    assert all(group["p"] > 0.05 for group in report["groups"])
    page = cast.lead.get(f"{HERE}/insights/slices").text
    assert 'chip-remove">More than chance' not in page


def test_pairs_count_what_was_found(cast: Cast, grouped: Seeded) -> None:
    report = noise(cast)["report"]
    with reading(cast.engine) as session:
        changed = session.execute(
            select(Example.given_label_id, Example.final_label_id).where(
                Example.status == Status.RELABELED
            )
        ).all()
    for pair in report["pairs"]:
        assert pair["found"] == changed.count((pair["given"], pair["right"]))
        assert pair["low"] <= pair["left"] <= pair["high"]
    assert sum(pair["found"] for pair in report["pairs"]) == len(changed)
    page = cast.lead.get(f"{HERE}/insights/noise").text
    pair = report["pairs"][0]
    assert f"examples?given={pair['given']}&amp;suggested={pair['right']}" in page
    assert "Wrong labels come in groups" in page


def test_sources_are_compared_by_random_checks_and_named_from_twenty(cast: Cast) -> None:
    seeded = seed(cast, count=300)
    with writing(cast.engine) as session:
        made = [
            Source(project_id=cast.project.id, origin=name, name=name)
            for name in ("Agency A", "Agency B", "Trainee")
        ]
        session.add_all(made)
        session.flush()
        ids = [source.id for source in made]
        for row, example in enumerate(rows_of(session, seeded.examples)):
            place = 2 if row % 30 == 0 else row % 2
            example.source_id = ids[place]
    batch = open_batch(cast, size=200, by="audit")
    with writing(cast.engine) as session:
        session.execute(update(Project).values(confirmations=1))
    done = 0
    while done < 200:
        for card in claim(cast.reviewer, batch, 8):
            row = seeded.examples.index(card["example"])
            wrong = row % 2 == 1 and row % 30 and row % 4 == 1
            said = {"verdict": "remove", "reason": "no_label"} if wrong else {}
            answer(cast.reviewer, card["lease"], **said)
            done += 1
    sources = {one["source"]: one for one in noise(cast)["report"]["sources"]}
    assert sum(one["checks"] for one in sources.values()) == 200
    bad, good, few = sources[ids[1]], sources[ids[0]], sources[ids[2]]
    assert (good["wrong"], bad["differs"], few["named"]) == (0, True, False)
    assert bad["wrong"] > 30
    page = cast.lead.get(f"{HERE}/insights/sources").text
    assert f"{bad['wrong']} of {bad['checks']} random checks" in page
    assert "Agency B" in page
    told = re.sub("<option.*?</option>", "", page, flags=re.DOTALL)  # whom one may have checked
    assert "Trainee" in page and "Trainee" not in told, "under 20 checks nothing is told of anybody"


def test_wrong_labels_are_told_by_guideline_month_and_batch(cast: Cast) -> None:
    seeded = seed(cast, count=300)
    roles = {"guideline": "rules read", "labeled": "when", "delivery": "lot"}
    with writing(cast.engine) as session:
        for row, example in enumerate(rows_of(session, seeded.examples)):
            old = row % 2 == 0
            example.columns = {
                "rules read": "v1 <b>" if old else "v2",
                "when": f"2024-{1 + row % 4:02}-1{row % 9}",
                "lot": "7" if row % 30 == 0 else "8",
            }
        for one in session.scalars(select(DataImport)):
            one.report = {**one.report, "roles": {**one.report.get("roles", {}), **roles}}
        session.execute(update(Project).values(confirmations=1))
    batch = open_batch(cast, size=200, by="audit")
    done = 0
    while done < 200:
        for card in claim(cast.reviewer, batch, 8):
            wrong = seeded.examples.index(card["example"]) % 6 == 0
            said = {"verdict": "remove", "reason": "no_label"} if wrong else {}
            answer(cast.reviewer, card["lease"], **said)
            done += 1
    told = noise(cast)
    rows = {(one["role"], one["value"]): one for one in told["report"]["origins"]}
    old, new = rows["guideline", "v1 <b>"], rows["guideline", "v2"]
    assert old["checks"] + new["checks"] == 200
    assert (new["wrong"], old["differs"]) == (0, True)
    assert 20 < old["wrong"] < old["checks"]
    months = [value for role, value in rows if role == "labeled"]
    assert sorted(months) == ["April 2024", "February 2024", "January 2024", "March 2024"]
    assert not rows["delivery", "7"]["named"]
    line = next(one for one in told["origins"] if "v1 <b>" in one)
    assert f"{old['wrong']} of {old['checks']} random checks wrong" in line
    page = cast.lead.get(f"{HERE}/insights/sources").text
    assert f"{old['wrong']} of {old['checks']} random checks; differs from the others" in page
    assert "v1 &lt;b&gt;" in page
    assert "v1 <b>" not in page
    assert "too few to tell" in page
    assert line in command(cast, "noise", "support-intents")


def test_too_little_says_so(cast: Cast) -> None:
    seeded = seed(cast, count=60)
    decide(cast, seeded, {1, 2}, count=40)
    assert not study_project(cast.engine, cast.project.id)
    said = cast.lead.get(f"{API}/noise").json()
    assert (said["report"], said["words"]) == (None, [])
    assert "Not enough decided yet." in cast.lead.get(f"{HERE}/insights/noise").text
    assert "it takes a scored project" in command(cast, "noise", "Support intents")


def test_a_lead_asks_and_the_same_asked_twice_is_one_job(cast: Cast, grouped: Seeded) -> None:
    jobs = [cast.lead.post(f"{API}/noise").json()["job_id"] for _ in range(2)]
    assert jobs[0] == jobs[1]
    assert cast.lead.post(f"{HERE}/insights/look").status_code == 303
    assert "Looking for patterns" in cast.lead.get(f"{HERE}/insights/noise").text
    for who in (cast.reviewer, cast.stranger):
        assert who.post(f"{API}/noise").status_code in (403, 404)
        assert who.get(f"{API}/noise").status_code in (403, 404)


def test_it_is_looked_again_by_itself_after_a_hundred_answers(cast: Cast, grouped: Seeded) -> None:
    with writing(cast.engine) as session:
        assert start_due_studies(session, now=cast.now) == [cast.project.id]
    with writing(cast.engine) as session:
        assert start_due_studies(session, now=cast.now) == [], "it is asked for already"
        session.execute(update(Job).values(state="done"))
    noise(cast)
    with writing(cast.engine) as session:
        assert start_due_studies(session, now=cast.now) == []
        session.execute(update(Project).values(log_seq=Project.log_seq + 100))
    with writing(cast.engine) as session:
        assert start_due_studies(session, now=cast.now) == [cast.project.id]


def test_before_the_first_ranking_there_is_nothing_to_look_at(cast: Cast) -> None:
    seed(cast, count=30, scored=False)
    reply = cast.lead.post(f"{API}/noise")
    assert reply.status_code == 409
    assert reply.json()["detail"] == "The examples are not ranked yet."


def test_rows_of_an_import_that_runs_are_not_among_what_is_left(
    cast: Cast, grouped: Seeded
) -> None:
    before = {one["label"]: one["undecided"] for one in noise(cast)["report"]["labels"]}
    assert sum(before.values()) == 100
    with writing(cast.engine) as session:
        running = DataImport(
            project_id=cast.project.id, state=ImportState.IMPORTING, file_name="more.csv",
            sha256="f" * 64, size=1, mapping_hash="f", created_at=cast.now,
        )  # fmt: skip
        session.add(running)
        session.flush()
        session.add(
            Example(
                project_id=cast.project.id, import_id=running.id, row=1, key="more", content={},
                columns={}, content_hash="f" * 64, given_label_id=grouped.labels[0],
            )
        )  # fmt: skip
    after = {one["label"]: one["undecided"] for one in noise(cast)["report"]["labels"]}
    assert after == before
