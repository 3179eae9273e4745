"""A suspicious group is called a slice once fresh examples confirmed it, at every door."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from sqlalchemy import func, select, update

from app.actions.estimating import estimate_project
from app.actions.probing import carry_on
from app.actions.studying import study_project
from app.audit.outcomes import epoch_serves
from app.audit.study.probes import going_on
from app.db.engine import reading, writing
from app.db.tables.audit import AuditEpoch, Estimate, Probe, Serve, Study
from app.db.tables.datasets import Example, Project
from app.db.tables.review import Batch, BatchMember
from app.db.words import BatchState, Mode, Reason, Status, Stream
from app.errors import Conflict
from app.noise.probe import FIRST, IN_ALL
from app.ranking.store import _reorder
from app.worker import look_round
from tests.web.cast import Actor, Cast
from tests.web.console import command
from tests.web.seeded import Seeded, answer, claim, open_batch, rows_of, seed
from tests.web.test_noise import API, HERE, decide, mark

SITE = "site is 7"
ROWS = 800


def is_bad(row: int) -> bool:
    """Three of four labels of site 7 are wrong, and a few others."""
    return (row % 10 == 3 and row % 40 != 3) or row in (8, 21, 92, 400)


@pytest.fixture
def grouped(cast: Cast) -> Seeded:
    """800 examples, 80 of site 7; half of all are decided, and the noise was looked at."""
    seeded = seed(cast, count=ROWS)
    mark(cast, seeded, "site", lambda row: "7" if row % 10 == 3 else str(row % 3))
    decide(cast, seeded, {row for row in range(ROWS) if is_bad(row)}, count=ROWS // 2)
    with writing(cast.engine) as session:
        session.execute(update(Project).values(confirmations=1))
    assert study_project(cast.engine, cast.project.id)
    return seeded


def noise(cast: Cast) -> dict[str, Any]:
    reply = cast.lead.get(f"{API}/noise")
    assert reply.status_code == 200, reply.text
    said: dict[str, Any] = reply.json()
    return said


def begin(cast: Cast) -> dict[str, Any]:
    reply = cast.lead.post(f"{API}/noise/probe")
    assert reply.status_code == 201, reply.text
    begun: dict[str, Any] = reply.json()
    return begun


def slices_page(cast: Cast) -> str:
    reply = cast.lead.get(f"{HERE}/insights/slices")
    assert reply.status_code == 200, reply.text
    return reply.text


def batch_id(cast: Cast, number: int) -> int:
    with reading(cast.engine) as session:
        return session.scalars(select(Batch.id).where(Batch.number == number)).one()


def probe_row(cast: Cast, words: str = SITE) -> Probe:
    with reading(cast.engine) as session:
        return session.scalars(
            select(Probe).where(Probe.words == words).order_by(Probe.id.desc())
        ).first()  # type: ignore[return-value]


def probed(cast: Cast, words: str = SITE) -> dict[str, Any]:
    found: list[dict[str, Any]] = [one for one in noise(cast)["probes"] if one["words"] == words]
    return found[0]


def read_all(cast: Cast, seeded: Seeded, batch: int, who: Actor | None = None) -> list[int]:
    """Answer truly until the desk has no more; which examples came, in their order."""
    who, came = who or cast.reviewer, []
    while cards := claim(who, batch, 8):
        for card in cards:
            assert "given" not in card, "a probe is read blind"
            row = seeded.examples.index(card["example"])
            with reading(cast.engine) as session:
                given = session.get_one(Example, card["example"]).given_label_id
            alpha, beta = seeded.labels
            other = beta if given == alpha else alpha
            right = other if is_bad(row) else given
            answer(who, card["lease"], "relabel", label=right)
            came.append(card["example"])
    return came


def settle(cast: Cast, example_ids: list[int], status: Status, **more: Any) -> None:
    """Decided at another desk: so many examples end like this."""
    with writing(cast.engine) as session:
        for one in example_ids:
            example = session.get_one(Example, one)
            example.status = status
            example.final_label_id = more.get("label", example.given_label_id)
            example.removed_reason = more.get("reason")


def other_label(cast: Cast, seeded: Seeded, example_id: int) -> int:
    with reading(cast.engine) as session:
        given = session.get_one(Example, example_id).given_label_id
    return next(label for label in seeded.labels if label != given)


def make_wrong(cast: Cast, seeded: Seeded, example_ids: list[int]) -> None:
    for one in example_ids:
        settle(cast, [one], Status.RELABELED, label=other_label(cast, seeded, one))


# From the button to the slice


def test_a_group_is_a_slice_once_fresh_examples_confirm_it(cast: Cast, grouped: Seeded) -> None:
    before = slices_page(cast)
    assert "Probe these groups" in before
    assert 'chip-remove">Slice' not in before
    begun = begin(cast)
    batch = batch_id(cast, begun["batch"])
    row = probe_row(cast)
    assert len(row.example_ids) == IN_ALL
    site7 = {one for place, one in enumerate(grouped.examples) if place % 10 == 3}
    assert set(row.example_ids) <= site7
    with reading(cast.engine) as session:
        assert row.size == session.scalar(
            select(func.count()).where(Example.id.in_(site7), Example.status == Status.UNREVIEWED)
        )
        members = set(session.scalars(select(BatchMember.example_id)))
        drawn = {one for probe in session.scalars(select(Probe)) for one in probe.example_ids[:5]}
        made = session.get_one(Batch, batch)
        assert (made.mode, made.audit_share, made.size) == (Mode.BLIND, 0, len(drawn))
    assert members == drawn
    assert len(drawn) == begun["size"]
    assert f"under way: 0 of {len(drawn)} fresh examples decided" in slices_page(cast), (
        "nothing is decided"
    )
    came = read_all(cast, grouped, batch)
    assert set(came[: len(drawn)]) == drawn
    assert set(row.example_ids) <= set(came), "some of its first were wrong: all are asked"
    with reading(cast.engine) as session:
        streams = session.scalars(select(Serve.stream).where(Serve.example_id.in_(came)))
        assert set(streams) == {Stream.PROBE}
    wrong = sum(is_bad(grouped.examples.index(one)) for one in row.example_ids)
    said = probed(cast)
    assert (said["state"], said["wrong"], said["decided"]) == ("confirmed", wrong, IN_ALL)
    page = slices_page(cast)
    assert 'chip-remove">Slice' in page
    assert f"wrong in {wrong} of {IN_ALL} fresh checks" in page
    assert f"Slice: {SITE}: wrong in {wrong} of {IN_ALL} fresh checks" in command(
        cast, "noise", "Support intents"
    )


def test_what_is_left_of_a_slice_becomes_a_batch(cast: Cast, grouped: Seeded) -> None:
    read_all(cast, grouped, batch_id(cast, begin(cast)["batch"]))
    said = probed(cast)
    with reading(cast.engine) as session:
        left = {
            one.id
            for place, one in enumerate(rows_of(session, grouped.examples))
            if place % 10 == 3 and one.status is Status.UNREVIEWED
        }
    assert set(said["to_review"]) == left
    assert f"Review {len(left)}" in slices_page(cast)
    reply = cast.lead.post(f"{HERE}/insights/slices/confirmed/{said['id']}/batch")
    assert reply.status_code == 303, reply.text
    with reading(cast.engine) as session:
        batch = session.scalars(select(Batch).order_by(Batch.id.desc())).first()
        assert batch is not None
        assert batch.name == f"Slice: {SITE}"
        members = select(BatchMember.example_id).where(BatchMember.batch_id == batch.id)
        assert set(session.scalars(members)) == left
    assert probed(cast)["to_review"] == []
    assert f"Review {len(left)}" not in slices_page(cast)


def test_the_price_is_told_before_and_held(cast: Cast, grouped: Seeded) -> None:
    page = slices_page(cast)
    begun = begin(cast)
    assert f"about {begun['least']} to {begun['most']} answers" in page
    answers = len(read_all(cast, grouped, batch_id(cast, begun["batch"])))
    assert begun["size"] <= answers <= IN_ALL * begun["groups"]


def test_the_page_and_the_command_probe_as_the_api_does(cast: Cast, grouped: Seeded) -> None:
    said = command(cast, "noise", "Support intents", "--probe")
    row = probe_row(cast)
    assert "read blind" in said
    assert row.joined == 5
    with writing(cast.engine) as session:
        session.execute(update(Batch).values(state=BatchState.CLOSED))
    reply = cast.lead.post(f"{HERE}/insights/slices/probe")
    assert reply.status_code == 303, reply.text
    again = probe_row(cast)
    assert (again.round, again.joined) == (2, 5)
    assert reply.headers["location"].partition("?")[0] == f"{HERE}/batches/2"
    with pytest.raises(Conflict, match="under way in batch 2"):
        command(cast, "noise", "Support intents", "--probe")


# Groups that are no slices


def test_a_group_none_of_whose_first_five_is_wrong_is_given_up(cast: Cast, grouped: Seeded) -> None:
    batch = batch_id(cast, begin(cast)["batch"])
    first = probe_row(cast).example_ids[:5]
    settle(cast, first, Status.CONFIRMED)
    assert not going_on_here(cast, batch)
    said = probed(cast)
    assert (said["state"], said["wrong"], said["decided"], said["asked"]) == (
        "not confirmed", 0, 5, 5,
    )  # fmt: skip
    page = slices_page(cast)
    assert "wrong in 0 of 5 fresh checks" in page
    assert 'chip-remove">Slice' not in page


def going_on_here(cast: Cast, batch: int) -> bool:
    """Whether this group is asked on, by what the worker finds."""
    with reading(cast.engine) as session:
        due = (cast.project.id, batch) in going_on(session)
    if due:
        carry_on(cast.engine, cast.project.id, batch)
    return due


def test_probed_groups_change_the_kind_of_noise(cast: Cast, grouped: Seeded) -> None:
    assert noise(cast)["report"]["kind"] == "structured", "by the test alone"
    begin(cast)
    with reading(cast.engine) as session:
        rows = session.scalars(select(Probe)).all()
    for row in rows:
        settle(cast, row.example_ids[:5], Status.CONFIRMED)
    said = noise(cast)
    assert {one["state"] for one in said["probes"]} == {"not confirmed"}
    assert said["report"]["kind"] != "structured", "fresh examples know better"
    assert study_project(cast.engine, cast.project.id)
    with reading(cast.engine) as session:
        kept = session.get_one(Study, cast.project.id).report
    if {one["words"] for one in kept["groups"] if one["p"] <= 0.05} <= {row.words for row in rows}:
        assert kept["kind"] != "structured"


def test_groups_of_one_round_share_what_chance_may_bring(cast: Cast, grouped: Seeded) -> None:
    """With twelve of them, 7 wrong of 20 confirm; with one, 5 would."""
    with writing(cast.engine) as session:
        study = session.get_one(Study, cast.project.id)
        first = study.report["groups"][0]
        open_ids = set(
            session.scalars(select(Example.id).where(Example.status == Status.UNREVIEWED))
        )
        others = sorted(open_ids - set(first["to_ask"]))
        more = [
            first | {"words": f"group {n}", "p": 1.0, "to_ask": others[20 * n : 20 * n + 20]}
            for n in range(11)
        ]
        study.report = study.report | {"groups": [first, *more]}
    assert "about 65 to 105 answers: fresh examples of 12 groups" in slices_page(cast)
    assert begin(cast)["size"] == 60
    row = probe_row(cast)
    make_wrong(cast, grouped, row.example_ids[:1])
    settle(cast, row.example_ids[1:5], Status.CONFIRMED)
    look_round(cast.engine)
    assert probed(cast)["asked"] == IN_ALL, "the worker lets the next join, whoever is at a desk"
    assert not going_on_here(cast, row.batch_id)
    make_wrong(cast, grouped, row.example_ids[5:9])
    assert (probed(cast)["wrong"], probed(cast)["state"]) == (5, "asking")
    make_wrong(cast, grouped, row.example_ids[9:10])
    assert (probed(cast)["wrong"], probed(cast)["state"]) == (6, "asking")
    make_wrong(cast, grouped, row.example_ids[10:11])
    assert (probed(cast)["wrong"], probed(cast)["state"]) == (7, "confirmed")
    with reading(cast.engine) as session:
        assert set(session.scalars(select(Probe.round))) == {1}
        joined = session.scalars(select(Probe.joined).where(Probe.words != SITE)).all()
    assert joined == [FIRST] * 11
    assert "11 of 75 fresh examples decided" in slices_page(cast)


def test_a_slice_must_exceed_twice_what_random_checks_find(cast: Cast, grouped: Seeded) -> None:
    with writing(cast.engine) as session:
        study = session.get_one(Study, cast.project.id)
        study.report = study.report | {"checks": 50, "checks_wrong": 10}
    begin(cast)
    row = probe_row(cast)
    assert row.limit_share == pytest.approx(0.4)
    make_wrong(cast, grouped, row.example_ids[:2])
    settle(cast, row.example_ids[2:5], Status.CONFIRMED)
    assert "wrong in 2 of 5 fresh checks (overall 20%)" in slices_page(cast)
    assert going_on_here(cast, row.batch_id)
    make_wrong(cast, grouped, row.example_ids[5:13])
    assert (probed(cast)["wrong"], probed(cast)["state"]) == (10, "asking")
    settle(cast, row.example_ids[13:], Status.CONFIRMED)
    assert probed(cast)["state"] == "not confirmed", "10 of 20 may be chance at 40%"


# Whatever becomes of its examples


def test_what_was_decided_elsewhere_counts(cast: Cast, grouped: Seeded) -> None:
    """At another desk, on the example's page: the first five are decided, and the next join."""
    batch = batch_id(cast, begin(cast)["batch"])
    row = probe_row(cast)
    make_wrong(cast, grouped, row.example_ids[:2])
    settle(cast, row.example_ids[2:4], Status.CONFIRMED)
    assert not going_on_here(cast, batch), "one of five is open"
    assert (probed(cast)["state"], probed(cast)["decided"]) == ("asking", 4)
    settle(cast, row.example_ids[4:5], Status.CONFIRMED)
    settle(cast, row.example_ids[5:6], Status.CONFIRMED)  # before it was asked for
    assert going_on_here(cast, batch)
    with reading(cast.engine) as session:
        members = set(
            session.scalars(select(BatchMember.example_id).where(BatchMember.batch_id == batch))
        )
    assert set(row.example_ids[6:]) <= members
    assert row.example_ids[5] not in members
    said = probed(cast)
    assert (said["decided"], said["asked"], said["wrong"]) == (6, IN_ALL, 2)
    make_wrong(cast, grouped, row.example_ids[6:])
    assert probed(cast)["state"] == "confirmed"


def test_an_example_waits_in_both_batches_and_is_read_once(cast: Cast, grouped: Seeded) -> None:
    """A group is asked at random, though its worst examples wait in a batch already."""
    open_batch(cast, by="priority", size=400, audit_share=0)
    begun = begin(cast)
    first = set(probe_row(cast).example_ids[:5])
    with reading(cast.engine) as session:
        waiting = select(BatchMember.example_id, func.count()).where(
            BatchMember.waiting, BatchMember.example_id.in_(first)
        )
        rows = dict(session.execute(waiting.group_by(BatchMember.example_id)).all())
    assert rows == dict.fromkeys(first, 2)
    read_all(cast, grouped, batch_id(cast, begun["batch"]))
    with reading(cast.engine) as session:
        served = select(Serve.example_id, func.count()).where(Serve.example_id.in_(first))
        assert dict(session.execute(served.group_by(Serve.example_id)).all()) == dict.fromkeys(
            first, 1
        )
        assert not session.scalars(
            select(BatchMember).where(BatchMember.waiting, BatchMember.example_id.in_(first))
        ).all()


def test_erased_and_duplicate_examples_are_not_wrong(cast: Cast, grouped: Seeded) -> None:
    begin(cast)
    five = probe_row(cast).example_ids[:5]
    settle(cast, five[:2], Status.ERASED)
    settle(cast, five[2:4], Status.REMOVED, reason=Reason.DUPLICATE)
    settle(cast, five[4:], Status.REMOVED, reason=Reason.NO_LABEL)
    said = probed(cast)
    assert (said["decided"], said["wrong"], said["state"]) == (5, 1, "asking")


def test_a_pending_change_waits_for_its_second_reader(cast: Cast, grouped: Seeded) -> None:
    with writing(cast.engine) as session:
        session.execute(update(Project).values(confirmations=2))
    batch = batch_id(cast, begin(cast)["batch"])
    row = probe_row(cast)
    first = read_all(cast, grouped, batch)
    bad = [one for one in row.example_ids[:5] if is_bad(grouped.examples.index(one))]
    assert bad
    said = probed(cast)
    assert (said["decided"], said["wrong"], said["state"]) == (5 - len(bad), 0, "asking")
    assert said["asked"] == 5
    second = read_all(cast, grouped, batch, cast.second)
    assert set(bad) <= set(second)
    assert len(first) < len(second), "with its first five decided, the next of the group came"
    good = [one for one in row.example_ids[5:] if not is_bad(grouped.examples.index(one))]
    assert (probed(cast)["asked"], probed(cast)["decided"]) == (IN_ALL, 5 + len(good))


def test_an_undone_answer_is_counted_no_more(cast: Cast, grouped: Seeded) -> None:
    batch = batch_id(cast, begin(cast)["batch"])
    read_all(cast, grouped, batch)
    before = probed(cast)
    body = {"key": str(uuid.uuid4()), "batch": batch}
    undone = cast.reviewer.post("/api/v1/undo", json=body)
    assert undone.status_code == 200, undone.text
    example = undone.json()["example"]["example"]
    with reading(cast.engine) as session:
        mine = [one for one in session.scalars(select(Probe)) if example in one.example_ids]
    for one in mine:
        said = probed(cast, one.words)
        assert said["decided"] == said["asked"] - 1
    read_all(cast, grouped, batch)
    assert probed(cast) == before


def test_closed_before_its_end_it_is_not_finished_and_can_begin_again(
    cast: Cast, grouped: Seeded
) -> None:
    begun = begin(cast)
    refused = cast.lead.post(f"{API}/noise/probe")
    assert refused.status_code == 409
    assert refused.json()["code"] == "probe_under_way"
    batch = batch_id(cast, begun["batch"])
    closed = cast.lead.patch(f"/api/v1/batches/{batch}", json={"state": "closed"})
    assert closed.status_code == 200, closed.text
    assert probed(cast)["state"] == "not finished"
    page = slices_page(cast)
    assert "Not finished" in page
    assert "Probe these groups" in page
    make_wrong(cast, grouped, probe_row(cast).example_ids[:2])
    settle(cast, probe_row(cast).example_ids[2:5], Status.CONFIRMED)
    assert not going_on_here(cast, batch), "nobody is asked in a closed batch"
    assert probed(cast)["state"] == "not finished"
    old = set(probe_row(cast).example_ids[:5])
    again = begin(cast)
    assert again["batch"] != begun["batch"]
    assert not old & set(probe_row(cast).example_ids), "only what nobody answered is asked"


def test_a_slice_stays_though_a_later_study_lists_other_groups(cast: Cast, grouped: Seeded) -> None:
    read_all(cast, grouped, batch_id(cast, begin(cast)["batch"]))
    with writing(cast.engine) as session:
        study = session.get_one(Study, cast.project.id)
        study.report = study.report | {"groups": [], "slice_p": 1.0, "class_p": 1.0}
    page = slices_page(cast)
    assert SITE in page
    assert "No other group stands out." in page
    assert noise(cast)["report"]["kind"] == "structured"
    refused = cast.lead.post(f"{API}/noise/probe")
    assert refused.json()["code"] == "nothing_to_probe"


def test_what_a_probe_judged_is_not_probed_again(cast: Cast, grouped: Seeded) -> None:
    """Else a group that chance brought would be confirmed some day."""
    begun = begin(cast)
    read_all(cast, grouped, batch_id(cast, begun["batch"]))
    assert "Probe these groups" not in slices_page(cast)
    assert cast.lead.post(f"{API}/noise/probe").json()["code"] == "nothing_to_probe"


def test_without_a_study_there_is_nothing_to_probe(cast: Cast) -> None:
    seed(cast, count=30)
    refused = cast.lead.post(f"{API}/noise/probe")
    assert (refused.status_code, refused.json()["code"]) == (409, "no_study")
    assert "Probe these groups" not in slices_page(cast)


# Who may, and what it must not touch


def test_only_leads_probe(cast: Cast, grouped: Seeded) -> None:
    for who in (cast.reviewer, cast.expert, cast.stranger):
        assert who.post(f"{API}/noise/probe").status_code in (403, 404)
        assert who.post(f"{HERE}/insights/slices/probe").status_code in (403, 404)
    by_name = {"by": "probe", "example_ids": grouped.examples[:5]}
    made = cast.lead.post(f"{API}/batches", json=by_name)
    assert made.status_code == 422, "its examples are drawn, not named"


def test_an_archived_project_is_not_probed(cast: Cast, grouped: Seeded) -> None:
    batch = batch_id(cast, begin(cast)["batch"])
    make_wrong(cast, grouped, probe_row(cast).example_ids[:2])
    settle(cast, probe_row(cast).example_ids[2:5], Status.CONFIRMED)
    with writing(cast.engine) as session:
        session.execute(update(Project).values(archived_at=cast.now))
    assert not going_on_here(cast, batch)
    assert cast.lead.post(f"{API}/noise/probe").status_code == 409
    assert "5 of 5 fresh examples decided" in slices_page(cast)


def test_probes_are_not_random_checks_and_leave_the_pool(cast: Cast, grouped: Seeded) -> None:
    batch = batch_id(cast, begin(cast)["batch"])
    with reading(cast.engine) as session:
        before = session.get_one(Project, cast.project.id).unserved
    came = read_all(cast, grouped, batch)
    with reading(cast.engine) as session:
        project = session.get_one(Project, cast.project.id)
        assert before - project.unserved == len(came)
        serves = epoch_serves(session, session.get_one(AuditEpoch, project.epoch_id))
    assert len(serves.drawn) == len(came)
    assert not serves.drawn.any()
    wrong = sum(is_bad(grouped.examples.index(one)) for one in came)
    assert int((serves.outcome == 1).sum()) == wrong
    assert noise(cast)["report"]["checks"] == 0
    estimate_project(cast.engine, cast.project.id)
    with reading(cast.engine) as session:
        told = session.scalars(select(Estimate)).one()
    assert (told.draws, told.middle, told.serves, told.found) == (0, None, len(came), wrong)
    truth = sum(is_bad(row) for row in range(ROWS))
    assert told.low <= truth - wrong <= told.high, "all that was not served may be wrong"
    assert told.high == told.unserved


def test_probes_do_not_belong_to_what_the_tests_compare(cast: Cast, grouped: Seeded) -> None:
    """They were picked by what they share, not by quality or chance."""
    groups = {one["words"]: one for one in noise(cast)["report"]["groups"]}
    read_all(cast, grouped, batch_id(cast, begin(cast)["batch"]))
    assert study_project(cast.engine, cast.project.id)
    after = noise(cast)["report"]
    again = next(one for one in after["groups"] if one["words"] == SITE)
    assert (again["answers"], again["wrong"]) == (groups[SITE]["answers"], groups[SITE]["wrong"])
    assert after["answers"] > 400, "but they are decided, and counted as found"


def test_a_new_ranking_moves_no_member_of_a_probe(cast: Cast, grouped: Seeded) -> None:
    open_batch(cast, by="priority", size=20, audit_share=0)
    batch = batch_id(cast, begin(cast)["batch"])

    def order() -> list[int]:
        with reading(cast.engine) as session:
            members = select(BatchMember.example_id).where(BatchMember.batch_id == batch)
            return list(session.scalars(members.order_by(BatchMember.priority.desc())))

    before = order()
    with writing(cast.engine) as session:
        _reorder(session, cast.project.id, grouped.run_id)
    assert order() == before
    by_quality = sorted(before, key=grouped.examples.index)
    assert before != by_quality, "mixed: neither by group nor by quality"
