"""Labels of a source are accepted, or not, by a plan of random checks; the same at every door."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.audit.outcomes import epoch_serves
from app.db.engine import reading, writing
from app.db.tables.audit import AuditEpoch, Serve, SourceCheck
from app.db.tables.datasets import Example, Project, Source
from app.db.tables.review import Batch, BatchMember
from app.db.words import Mode, Stream
from app.noise.acceptance import Checked, lower_limit, plan
from app.shares import percent
from tests.web.cast import Cast
from tests.web.seeded import Seeded, answer, claim, rows_of, seed, statements
from tests.web.test_estimate import one_reader
from tests.web.test_spot_check import read_all
from tests.web.test_work import text

HERE = "/p/support-intents"
API = "/api/v1/projects/support-intents"


@pytest.fixture
def sourced(cast: Cast) -> tuple[Seeded, list[int]]:
    """600 examples of a model, 300 of a vendor, 25 of a trainee."""
    one_reader(cast)
    seeded = seed(cast, count=925)
    names = ("model 4o, prompt 3", "Vendor B", "Trainee")
    with writing(cast.engine) as session:
        made = [Source(project_id=cast.project.id, origin=one, name=one) for one in names]
        session.add_all(made)
        session.flush()
        ids = [one.id for one in made]
        for row, example in enumerate(rows_of(session, seeded.examples)):
            place = 2 if row < 25 else int(row % 3 == 0)
            example.source_id = ids[place]
    return seeded, ids


def begin(cast: Cast, source: int, at_most: float = 5) -> dict[str, Any]:
    reply = cast.lead.post(f"{API}/sources/{source}/check", json={"at_most_percent": at_most})
    assert reply.status_code == 201, reply.text
    begun: dict[str, Any] = reply.json()
    return begun


def batch_of(cast: Cast, number: int) -> Batch:
    with reading(cast.engine) as session:
        return session.scalars(select(Batch).where(Batch.number == number)).one()


def members(cast: Cast, number: int) -> list[int]:
    with reading(cast.engine) as session:
        query = select(BatchMember.example_id).join(Batch, Batch.id == BatchMember.batch_id)
        return list(session.scalars(query.where(Batch.number == number)))


def checks(cast: Cast) -> list[dict[str, Any]]:
    reply = cast.lead.get(f"{API}/sources/checks")
    assert reply.status_code == 200, reply.text
    said: list[dict[str, Any]] = reply.json()
    return said


def test_few_wrong_labels_are_accepted_with_their_bound(
    cast: Cast, sourced: tuple[Seeded, list[int]]
) -> None:
    _, (model, *_) = sourced
    page = text(cast.lead.get(f"{HERE}/insights/sources").text)
    assert "93 checks, at most 1 wrong" in page and "At most 5% wrong" in page
    begun = begin(cast, model)
    size = begun["size"]
    asked = plan(0.95, size=size)
    assert (begun["checks"], begun["failures"]) == (asked.checks, 1)
    assert (begun["state"], begun["decided"], begun["wrong"]) == ("asking", 0, None)
    batch = batch_of(cast, begun["batch"])
    assert (batch.mode, batch.size) == (Mode.BLIND, asked.checks)
    drawn = members(cast, begun["batch"])
    with reading(cast.engine) as session:
        sources = session.scalars(select(Example.source_id).where(Example.id.in_(drawn)))
        assert set(sources) == {model}
    read_all(cast, batch.id, {drawn[0]})
    [said] = checks(cast)
    most = 1 - lower_limit(Checked(asked.checks, 1, size))
    assert (said["state"], said["wrong"], said["decided"]) == ("accepted", 1, asked.checks)
    assert said["most_wrong_percent"] == pytest.approx(100 * most)
    page = text(cast.lead.get(f"{HERE}/insights/sources").text)
    assert "Accepted" in page
    assert f"at most {percent(most)} of {size:,} labels are wrong (95% sure)" in page


def test_more_wrong_ones_than_the_plan_allows_are_not_accepted(
    cast: Cast, sourced: tuple[Seeded, list[int]]
) -> None:
    _, (model, *_) = sourced
    form = {"source_id": str(model), "at_most_percent": "10"}
    sent = cast.lead.post(f"{HERE}/insights/sources/check", data=form)
    assert sent.status_code == 303, sent.text
    assert sent.headers["location"].startswith(f"{HERE}/batches/1")
    drawn = members(cast, 1)
    batch = batch_of(cast, 1)
    cards = claim(cast.reviewer, batch.id, 8)
    assert {card["example"] for card in cards} <= set(drawn)
    read_all(cast, batch.id, set(drawn[:4]))
    [said] = checks(cast)
    assert (said["state"], said["wrong"]) == ("not accepted", 4)
    assert "Not accepted" in cast.lead.get(f"{HERE}/insights/sources").text
    again = cast.lead.post(f"{API}/sources/{model}/check", json={"at_most_percent": 5})
    assert (again.status_code, again.json()["code"]) == (409, "not_accepted")
    assert begin(cast, model, 20)["state"] == "asking", "a milder limit may be asked for"


def test_of_a_few_checks_nothing_is_said_of_anybody(
    cast: Cast, sourced: tuple[Seeded, list[int]]
) -> None:
    _, (_, vendor, _) = sourced
    begun = begin(cast, vendor)
    batch = batch_of(cast, begun["batch"])
    for card in claim(cast.reviewer, batch.id, 5):
        answer(cast.reviewer, card["lease"], "remove", reason="no_label")
    [said] = checks(cast)
    assert (said["decided"], said["wrong"], said["state"]) == (5, None, "asking")
    page = text(cast.lead.get(f"{HERE}/insights/sources").text)
    assert f"5 of {begun['checks']} decided" in page and "5 wrong" not in page


def test_a_batch_that_is_closed_before_the_end_judges_nothing(
    cast: Cast, sourced: tuple[Seeded, list[int]]
) -> None:
    _, (model, *_) = sourced
    begun = begin(cast, model)
    busy = cast.lead.post(f"{API}/sources/{model}/check", json={})
    assert (busy.status_code, busy.json()["code"]) == (409, "check_under_way")
    cast.lead.post(f"{HERE}/batches/{begun['batch']}/state", data={"state": "closed"})
    assert checks(cast)[0]["state"] == "not finished"
    assert begin(cast, model)["state"] == "asking"


def test_a_small_source_is_reviewed_whole(cast: Cast, sourced: tuple[Seeded, list[int]]) -> None:
    _, (_, _, trainee) = sourced
    begun = begin(cast, trainee)
    assert (begun["checks"], begun["size"], begun["failures"]) == (25, 25, 1)
    read_all(cast, batch_of(cast, begun["batch"]).id, set())
    [said] = checks(cast)
    assert (said["state"], said["most_wrong_percent"]) == ("accepted", 0.0)
    empty = cast.lead.post(f"{API}/sources/{trainee}/check", json={})
    assert (empty.status_code, empty.json()["code"]) == (409, "nothing_fits")


def test_a_hundred_of_every_source_compares_them(
    cast: Cast, sourced: tuple[Seeded, list[int]]
) -> None:
    _, (model, vendor, trainee) = sourced
    page = cast.lead.get(f"{HERE}/batches/new?by=source_check&size=100").text
    assert "225 examples: 100 of each of 3 sources." in page
    made = cast.lead.post(f"{API}/batches", json={"by": "source_check", "size": 19}).json()
    assert made["size"] == 57
    drawn = members(cast, made["number"])
    with reading(cast.engine) as session:
        rows = session.execute(select(Example.id, Example.source_id).where(Example.id.in_(drawn)))
        of = dict(rows.all())
    wrong = {one for one in drawn if of[one] == vendor}
    read_all(cast, made["id"], wrong)
    told = cast.lead.get(f"/api/v1/batches/{made['id']}").json()["checks"]
    assert [(one["decided"], one["wrong"]) for one in told] == [(19, 19), (19, 0), (19, 0)]
    assert {one["name"] for one in told} == {"A source with few checks"}
    more = cast.lead.post(f"{API}/batches", json={"by": "source_check", "size": 20}).json()
    read_all(cast, more["id"], set())
    told = cast.lead.get(f"/api/v1/batches/{more['id']}").json()["checks"]
    names = {one["id"]: one["name"] for one in told}
    assert (names[model], names[vendor]) == ("model 4o, prompt 3", "Vendor B")
    assert names[trainee] == "A source with few checks"
    page = text(cast.lead.get(f"{HERE}/insights/sources").text)
    assert "Vendor B" in page and "0 wrong among 46 decided" in page


def test_its_reads_are_no_random_checks(cast: Cast, sourced: tuple[Seeded, list[int]]) -> None:
    _, (model, *_) = sourced
    batch = batch_of(cast, begin(cast, model, 10)["batch"])
    came = read_all(cast, batch.id, set())
    with reading(cast.engine) as session:
        project = session.get_one(Project, cast.project.id)
        assert set(session.scalars(select(Serve.stream))) == {Stream.SOURCE_CHECK}
        serves = epoch_serves(session, session.get_one(AuditEpoch, project.epoch_id))
        assert len(serves) == len(came) and not serves.drawn.any() and not serves.queue.any()


def test_what_cannot_be_asked_is_refused(cast: Cast, sourced: tuple[Seeded, list[int]]) -> None:
    _, (model, *_) = sourced
    for at_most in (0, 0.5, 50):
        form = {"source_id": str(model), "at_most_percent": str(at_most)}
        assert cast.lead.post(f"{HERE}/insights/sources/check", data=form).status_code == 422
    unknown = cast.lead.post(f"{API}/sources/999999/check", json={})
    assert unknown.status_code == 404
    for who in (cast.reviewer, cast.stranger):
        assert who.post(f"{API}/sources/{model}/check", json={}).status_code in (403, 404)
        assert who.get(f"{API}/sources/checks").status_code in (403, 404)
    with reading(cast.engine) as session:
        assert session.scalars(select(SourceCheck.id)).all() == []


def erase(cast: Cast, examples: list[int]) -> None:
    for one in examples:
        with reading(cast.engine) as session:
            key = session.get_one(Example, one).key
        reply = cast.lead.post(f"{API}/examples/{one}/erase", json={"confirm": key})
        assert reply.status_code == 200, reply.text


@pytest.mark.parametrize("before", [True, False])
def test_a_check_that_was_erased_ends_the_plan_and_proves_nothing(
    cast: Cast, sourced: tuple[Seeded, list[int]], before: bool
) -> None:
    """It has no source any more: the plan waited for it for ever, or was not accepted any more."""
    _, (model, *_) = sourced
    begun = begin(cast, model)
    drawn = members(cast, begun["batch"])
    if before:
        erase(cast, drawn[:1])
    read_all(cast, batch_of(cast, begun["batch"]).id, set())
    if not before:
        erase(cast, drawn[:1])
    [said] = checks(cast)
    most = 1 - lower_limit(Checked(begun["checks"], 1, begun["size"]))
    assert (said["state"], said["wrong"], said["decided"]) == ("accepted", 0, begun["checks"])
    assert said["most_wrong_percent"] == pytest.approx(100 * most)
    erase(cast, drawn[1:2])
    assert checks(cast)[0]["state"] == "not finished", "two are not shown to be right"
    assert begin(cast, model)["state"] == "asking"


def test_wrong_ones_that_were_erased_are_no_proof(
    cast: Cast, sourced: tuple[Seeded, list[int]]
) -> None:
    _, (model, *_) = sourced
    begun = begin(cast, model, 10)
    drawn = members(cast, begun["batch"])
    read_all(cast, batch_of(cast, begun["batch"]).id, set(drawn[:4]))
    assert checks(cast)[0]["state"] == "not accepted"
    erase(cast, drawn[:4])
    assert checks(cast)[0]["state"] == "not finished"


def test_the_last_example_of_a_source_that_was_checked_can_be_erased(
    cast: Cast, sourced: tuple[Seeded, list[int]]
) -> None:
    _, (_, vendor, _) = sourced
    begin(cast, vendor, 10)
    with writing(cast.engine) as session:
        mine = session.scalars(select(Example).where(Example.source_id == vendor)).all()
        for one in mine[1:]:
            one.source_id = None  # as erasing leaves them
        last = mine[0].id
    erase(cast, [last])
    assert checks(cast)[0]["name"] == f"former annotator {vendor}"


def test_any_number_of_plans_is_read_in_the_same_statements(
    cast: Cast, sourced: tuple[Seeded, list[int]]
) -> None:
    _, sources = sourced
    begin(cast, sources[0], at_most=10)
    with statements(cast.engine) as one:
        assert len(checks(cast)) == 1
    begin(cast, sources[1], at_most=10)
    with statements(cast.engine) as two:
        assert len(checks(cast)) == 2
    assert len(one) == len(two)
