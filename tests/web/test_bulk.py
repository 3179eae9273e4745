"""A group gets another label with one act, at every door, once a blind sample has proved it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select, update

from app.db.engine import reading, writing
from app.db.tables.accounts import Activity
from app.db.tables.audit import AuditEpoch, AuditKey, BulkFix, Serve
from app.db.tables.datasets import DataImport, Example, Label, Project
from app.db.tables.jobs import Job
from app.db.tables.review import Batch, BatchMember, Disagreement, ReadDue
from app.db.words import BulkState, Mode, Status, Stream
from app.ranking.load import load
from tests.web.cast import Actor, Cast
from tests.web.console import command
from tests.web.seeded import Seeded, answer, claim, open_batch, seed
from tests.web.test_erasing import bring

HERE = "/p/support-intents"
API = "/api/v1/projects/support-intents"
NAME = "Support intents"
ROWS = 120


@pytest.fixture
def filled(cast: Cast) -> Seeded:
    """60 examples came as alpha and 60 as beta; every answer is final."""
    seeded = seed(cast, count=ROWS)
    with writing(cast.engine) as session:
        session.execute(update(Project).values(confirmations=1))
    return seeded


@dataclass(frozen=True)
class Door:
    """A way to begin, apply and undo a bulk fix of what came as alpha."""

    begin: Callable[[Cast, Seeded], None]
    act: Callable[[Cast, str], str]


def _begin_by_page(cast: Cast, seeded: Seeded) -> None:
    alpha, beta = seeded.labels
    at = f"{HERE}/insights/bulk/new?given={alpha}"
    page = cast.lead.get(at)
    assert page.status_code == 200, page.text
    assert f"given: {'alpha'}" in page.text
    form = {"from_label": alpha, "to_label": beta, "floor": "0.9", "failures": "1"}
    reply = cast.lead.post(at, data=form)
    assert reply.status_code == 303, reply.text
    assert reply.headers["location"].startswith(f"{HERE}/insights/bulk/1?")


def _by_page(cast: Cast, act: str) -> str:
    reply = cast.lead.post(f"{HERE}/insights/bulk/1/{act}")
    assert reply.status_code == 303, reply.text
    return cast.lead.get(f"{HERE}/insights/bulk/1").text


def _begin_by_api(cast: Cast, seeded: Seeded) -> None:
    begun(cast, seeded)


def _by_api(cast: Cast, act: str) -> str:
    reply = cast.lead.post(f"{API}/bulk/1/{act}")
    assert reply.status_code == 200, reply.text
    assert reply.json()["changed"] > 0
    words: str = one(cast)["words"]
    return words


def _begin_by_command(cast: Cast, seeded: Seeded) -> None:
    said = command(cast, "bulk", "start", NAME, "--from", "alpha", "--to", "beta")
    assert "of 60 examples, read blind" in said


def _by_command(cast: Cast, act: str) -> str:
    command(cast, "bulk", act, NAME, "1")
    return command(cast, "bulk", "list", NAME)


DOORS = {
    "page": Door(_begin_by_page, _by_page),
    "api": Door(_begin_by_api, _by_api),
    "command": Door(_begin_by_command, _by_command),
}


def begun(cast: Cast, seeded: Seeded, **more: Any) -> dict[str, Any]:
    alpha, beta = seeded.labels
    payload = {"from_label": alpha, "to_label": beta, **more}
    reply = cast.lead.post(f"{API}/bulk?given={alpha}", json=payload)
    assert reply.status_code == 201, reply.text
    said: dict[str, Any] = reply.json()
    return said


def one(cast: Cast, number: int = 1) -> dict[str, Any]:
    reply = cast.lead.get(f"{API}/bulk/{number}")
    assert reply.status_code == 200, reply.text
    said: dict[str, Any] = reply.json()
    return said


def row_of(cast: Cast, number: int = 1) -> BulkFix:
    with reading(cast.engine) as session:
        return session.scalars(select(BulkFix).where(BulkFix.number == number)).one()


def example(cast: Cast, example_id: int) -> Example:
    with reading(cast.engine) as session:
        return session.get_one(Example, example_id)


def read_sample(
    cast: Cast, who: Actor, said: Callable[[int], int], *, number: int = 1, most: int = 1_000
) -> list[int]:
    """Whatever the batch hands out is answered with a label of one's own."""
    came: list[int] = []
    while len(came) < most and (cards := claim(who, row_of(cast, number).batch_id, 1)):
        for card in cards:
            assert card["mode"] == "blind"
            assert "given" not in card
            answer(who, card["lease"], "relabel", label=said(card["example"]))
            came.append(card["example"])
    return came


def proved(cast: Cast, seeded: Seeded, number: int = 1) -> BulkFix:
    read_sample(cast, cast.reviewer, lambda _: seeded.labels[1], number=number)
    return row_of(cast, number)


def left_of(row: BulkFix) -> list[int]:
    return [one for one in row.example_ids if one not in row.sampled]


# From the start to the undoing


@pytest.mark.parametrize("door", DOORS)
def test_a_group_gets_its_label_and_gives_it_back(cast: Cast, filled: Seeded, door: str) -> None:
    alpha, beta = filled.labels
    DOORS[door].begin(cast, filled)
    row = row_of(cast)
    assert sorted(row.example_ids) == sorted(filled.examples[::2]), "all that came as alpha"
    assert (row.floor, row.failures, len(row.sampled)) == (0.9, 1, row.checks)
    assert row.checks < 46, "the group has an end"
    came = read_sample(cast, cast.reviewer, lambda _: beta)
    assert set(came) == set(row.sampled)
    assert one(cast)["state"] == "ready"
    assert one(cast)["words"].startswith(f"{row.checks} of {row.checks} fit. At least 9"), one(
        cast
    )["words"]
    left = left_of(row)
    assert f"{len(left)} labels changed" in DOORS[door].act(cast, "apply")
    assert {example(cast, id_).bulk_label_id for id_ in left} == {beta}
    assert {example(cast, id_).status for id_ in left} == {Status.UNREVIEWED}
    assert desk(cast, left[0]) == beta
    assert one(cast)["changed"] == len(left)
    assert "earlier label again" in DOORS[door].act(cast, "undo")
    assert {example(cast, id_).bulk_label_id for id_ in left} == {None}
    assert desk(cast, left[1]) == alpha
    with reading(cast.engine) as session:
        kinds = session.scalars(select(Activity.kind).order_by(Activity.id))
        assert [kind for kind in kinds if kind.startswith("bulk")] == [
            "bulk_started",
            "bulk_applied",
            "bulk_undone",
        ]


def desk(cast: Cast, example_id: int) -> int:
    """The label that the desk shows of an example."""
    batch = open_batch(cast, by="hand", example_ids=(example_id,), size=1)
    given: int = card_of(cast, batch, example_id)["given"]
    return given


def card_of(cast: Cast, batch: int, example_id: int) -> dict[str, Any]:
    """Re-checks that a coin asked for come first."""
    return next(one for one in claim(cast.second, batch, 8) if one["example"] == example_id)


def test_the_sample_is_blind_of_its_own_stream_and_says_nothing(cast: Cast, filled: Seeded) -> None:
    begun(cast, filled)
    row = proved(cast, filled)
    with reading(cast.engine) as session:
        batch = session.get_one(Batch, row.batch_id)
        assert (batch.mode, batch.audit_share) == (Mode.BLIND, 0)
        assert "beta" not in batch.name
        streams = session.scalars(select(Serve.stream).where(Serve.example_id.in_(row.sampled)))
        assert set(streams) == {Stream.BULK_CHECK}


def test_a_new_estimate_and_a_new_ranking_begin(cast: Cast, filled: Seeded) -> None:
    begun(cast, filled)
    row = proved(cast, filled)
    cast.lead.post(f"{API}/bulk/1/apply")
    _, beta = filled.labels
    left = left_of(row)
    with reading(cast.engine) as session:
        project = session.get_one(Project, cast.project.id)
        epoch = session.get_one(AuditEpoch, project.epoch_id)
        assert (epoch.reason, epoch.pool_size) == ("bulk fix", ROWS - row.checks)
        opened = select(AuditKey.label_at_open).where(
            AuditKey.epoch_id == epoch.id, AuditKey.example_id.in_(left)
        )
        assert set(session.scalars(opened)) == {beta}
        assert session.scalars(select(Job.task).where(Job.task == "score")).one() == "score"
        data = load(session, cast.project.id)
        place = {int(one): nth for nth, one in enumerate(data.example_ids)}
        column = data.label_ids.index(beta)
        assert {int(data.standing[place[one]]) for one in left} == {column}


def test_confirming_confirms_the_new_label(cast: Cast, filled: Seeded) -> None:
    begun(cast, filled)
    row = proved(cast, filled)
    cast.lead.post(f"{API}/bulk/1/apply")
    alpha, beta = filled.labels
    chosen = left_of(row)[0]
    batch = open_batch(cast, by="hand", example_ids=(chosen,), size=1)
    shown = cast.lead.get(f"{HERE}/examples?given={alpha}&status=unreviewed").text
    assert "<bdi>alpha</bdi> → <bdi>beta</bdi>" in shown
    listed = cast.lead.get(f"{API}/examples?given={alpha}&status=unreviewed").json()
    assert {(row["given"], row["bulk"]) for row in listed["examples"]} == {(alpha, beta)}
    answer(cast.second, card_of(cast, batch, chosen)["lease"])
    now = example(cast, chosen)
    assert (now.given_label_id, now.final_label_id, now.status) == (alpha, beta, Status.RELABELED)
    told = cast.lead.get(f"{HERE}/examples/{chosen}").text
    assert "changed as a group in bulk fix 1" in told
    assert "or that of a bulk fix" in cast.lead.get(f"{HERE}/releases").text


def test_a_spot_check_asks_about_the_label_that_stands(cast: Cast, filled: Seeded) -> None:
    """What came as alpha and is beta now is checked as beta, and right as beta."""
    begun(cast, filled)
    row = proved(cast, filled)
    cast.lead.post(f"{API}/bulk/1/apply")
    _, beta = filled.labels
    plan = {"by": "spot_check", "size": ROWS}
    made = cast.lead.post(f"{API}/batches", json=plan)
    assert made.status_code == 201, made.text
    batch = made.json()["id"]
    whole = ROWS - len(row.sampled)
    while cards := claim(cast.second, batch, 8):
        for card in cards:
            answer(cast.second, card["lease"], "relabel", label=beta)
    checks = cast.lead.get(f"/api/v1/batches/{batch}").json()["checks"]
    assert [(one["id"], one["drawn"], one["wrong"]) for one in checks] == [(beta, whole, 0)]


# What is refused


def test_not_before_the_checks_are_decided(cast: Cast, filled: Seeded) -> None:
    begun(cast, filled)
    reply = cast.lead.post(f"{API}/bulk/1/apply")
    assert (reply.status_code, reply.json()["code"]) == (409, "bulk_state")
    assert "Change the labels" not in cast.lead.get(f"{HERE}/insights/bulk/1").text


def test_refused_when_too_many_do_not_fit(cast: Cast, filled: Seeded) -> None:
    alpha, beta = filled.labels
    begun(cast, filled)
    bad = set(row_of(cast).sampled[:2])
    said = lambda id_: alpha if id_ in bad else beta  # noqa: E731
    read_sample(cast, cast.reviewer, said)
    assert one(cast)["state"] == "checking", "a second reader has not read those yet"
    assert set(read_sample(cast, cast.second, said)) >= bad, "beside re-checks by chance"
    fix = one(cast)
    assert (fix["state"], fix["failed"], fix["open"]) == ("refused", 2, 0)
    reply = cast.lead.post(f"{API}/bulk/1/apply")
    assert (reply.status_code, reply.json()["code"]) == (409, "bulk_state")
    assert "not right often enough" in reply.text
    assert "2 of " in cast.lead.get(f"{HERE}/insights/bulk/1").text


def test_one_slip_that_a_second_reader_and_a_lead_mend_counts_as_right(
    cast: Cast, filled: Seeded
) -> None:
    alpha, beta = filled.labels
    begun(cast, filled, failures=0)
    row = row_of(cast)
    slip = row.sampled[0]
    read_sample(cast, cast.reviewer, lambda id_: alpha if id_ == slip else beta)
    assert slip in read_sample(cast, cast.second, lambda _: beta)
    assert (one(cast)["state"], one(cast)["open"]) == ("checking", 1), "two readers differ"
    with reading(cast.engine) as session:
        case = session.scalars(select(Disagreement.id)).one()
    ruled = cast.lead.post(
        f"{API}/disagreements/{case}/settle",
        json={"key": str(uuid.uuid4()), "verdict": "relabel", "label": beta},
    )
    assert ruled.status_code in (200, 201), ruled.text
    assert (one(cast)["state"], one(cast)["right"]) == ("ready", row.checks)


def test_with_one_reader_a_doubtful_answer_counts_at_once(cast: Cast, filled: Seeded) -> None:
    alpha, _ = filled.labels
    for who in (cast.second, cast.expert, cast.reviewer):
        cast.admin.post(f"{HERE}/people/{who.person.id}/remove")
    cast.admin.post(f"{HERE}/people/{cast.reviewer.person.id}/remove")
    begun(cast, filled)
    read_sample(cast, cast.lead, lambda _: alpha, most=2)
    with reading(cast.engine) as session:
        assert session.scalars(select(ReadDue)).all() == []
    assert (one(cast)["state"], one(cast)["failed"]) == ("refused", 2)
    page = cast.lead.get(f"{HERE}/insights/bulk/new?given={alpha}").text
    assert "Only one person reads here" in page


def test_two_leads_at_once(cast: Cast, filled: Seeded) -> None:
    alpha, beta = filled.labels
    begun(cast, filled)
    reply = cast.admin.post(
        f"{API}/bulk?given={alpha}", json={"from_label": alpha, "to_label": beta}
    )
    assert (reply.status_code, reply.json()["code"]) == (409, "bulk_under_way")
    proved(cast, filled)
    assert cast.lead.post(f"{API}/bulk/1/apply").status_code == 200
    assert cast.admin.post(f"{API}/bulk/1/apply").json()["code"] == "bulk_state"
    assert cast.lead.post(f"{API}/bulk/1/undo").status_code == 200
    assert cast.admin.post(f"{API}/bulk/1/undo").json()["code"] == "bulk_state"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"floor": 0.85}, 422),
        ({"failures": 4}, 422),
        ({"to_label": 999_999}, 422),
        ({"same": True}, 422),
    ],
)
def test_what_makes_no_sense_is_refused(
    cast: Cast, filled: Seeded, body: dict[str, Any], status: int
) -> None:
    alpha, beta = filled.labels
    sent = {"from_label": alpha, "to_label": beta, **body}
    if sent.pop("same", False):
        sent["to_label"] = alpha
    assert cast.lead.post(f"{API}/bulk", json=sent).status_code == status


def test_a_small_group_is_reviewed_whole(cast: Cast, filled: Seeded) -> None:
    alpha, beta = filled.labels
    few = f"given={alpha}&quality=0.4"
    body = {"from_label": alpha, "to_label": beta}
    reply = cast.lead.post(f"{API}/bulk?{few}", json=body)
    assert (reply.status_code, reply.json()["code"]) == (409, "group_small")
    page = cast.lead.get(f"{HERE}/insights/bulk/new?{few}").text
    ids = re.findall(r'name="example" value="(\d+)"', page)
    assert f"Make a batch of {len(ids)}" in page
    form = {"by": "hand", "step": "create", "example": ids}
    assert cast.lead.post(f"{HERE}/batches/new", data=form).status_code == 303
    with reading(cast.engine) as session:
        members = session.scalars(select(BatchMember.example_id))
        assert set(members) == {int(one) for one in ids}


def test_given_up_its_batch_is_closed_and_another_may_begin(cast: Cast, filled: Seeded) -> None:
    begun(cast, filled)
    assert cast.lead.post(f"{HERE}/insights/bulk/1/give-up").status_code == 303
    assert one(cast)["state"] == BulkState.GIVEN_UP
    assert cast.lead.post(f"{API}/bulk/1/give-up").json()["code"] == "bulk_state"
    assert begun(cast, filled)["number"] == 2


# What others do meanwhile


def test_nobody_confirms_a_label_that_they_never_saw(cast: Cast, filled: Seeded) -> None:
    alpha, beta = filled.labels
    begun(cast, filled)
    row = proved(cast, filled)
    first, second = left_of(row)[:2]
    batch = open_batch(cast, by="hand", example_ids=(first, second), size=2)
    cards = {card["example"]: card for card in claim(cast.second, batch, 8)}
    assert cards[first]["given"] == alpha
    assert cast.lead.post(f"{API}/bulk/1/apply").status_code == 200
    body = {"key": str(uuid.uuid4()), "lease": cards[first]["lease"], "verdict": "confirm"}
    late = cast.second.post("/api/v1/decisions", json=body)
    assert late.status_code == 409, late.text
    assert "changed with its whole group" in late.text
    named = answer(cast.second, cards[second]["lease"], "relabel", label=alpha)
    assert named["outcome"] == "stored"
    assert example(cast, second).final_label_id == alpha
    again = card_of(cast, batch, first)
    assert again["given"] == beta
    answer(cast.second, again["lease"])
    assert example(cast, first).final_label_id == beta


def test_a_grid_of_the_old_label_has_them_no_more(cast: Cast, filled: Seeded) -> None:
    alpha, beta = filled.labels
    begun(cast, filled)
    row = proved(cast, filled)
    grid = open_batch(cast, by="label", given_label_id=alpha, size=5)
    assert cast.lead.post(f"{API}/bulk/1/apply").status_code == 200
    assert not {card["example"] for card in claim(cast.second, grid, 8)} & set(left_of(row))
    new = open_batch(cast, by="label", given_label_id=beta, size=ROWS)
    with reading(cast.engine) as session:
        members = set(
            session.scalars(select(BatchMember.example_id).where(BatchMember.batch_id == new))
        )
    assert set(left_of(row)) <= members


def test_undone_and_done_again_and_back(cast: Cast, filled: Seeded) -> None:
    """From beta, where a first fix led, on to alpha again: that is the label it came with."""
    alpha, beta = filled.labels
    begun(cast, filled)
    row = proved(cast, filled)
    cast.lead.post(f"{API}/bulk/1/apply")
    body = {"from_label": beta, "to_label": alpha, "failures": 0}
    reply = cast.lead.post(f"{API}/bulk", json=body)
    assert reply.status_code == 201, reply.text
    read_sample(cast, cast.reviewer, lambda _: alpha, number=2)
    assert one(cast, 2)["state"] == "ready"
    assert cast.lead.post(f"{API}/bulk/2/apply").status_code == 200
    back = [id_ for id_ in left_of(row) if id_ not in row_of(cast, 2).sampled]
    assert {example(cast, id_).bulk_label_id for id_ in back} == {None}
    lost = cast.lead.post(f"{API}/bulk/1/undo")
    assert (lost.status_code, lost.json()["code"]) == (409, "bulk_empty")
    assert cast.lead.post(f"{API}/bulk/2/undo").status_code == 200
    assert {example(cast, id_).bulk_label_id for id_ in back} == {beta}


def test_an_answer_taken_back_after_the_undoing_is_undone_too(cast: Cast, filled: Seeded) -> None:
    alpha, beta = filled.labels
    begun(cast, filled)
    row = proved(cast, filled)
    cast.lead.post(f"{API}/bulk/1/apply")
    chosen = left_of(row)[0]
    batch = open_batch(cast, by="hand", example_ids=(chosen,), size=1)
    answer(cast.second, card_of(cast, batch, chosen)["lease"])
    assert cast.lead.post(f"{API}/bulk/1/undo").json()["left"] == 1
    assert "Undo these too" not in cast.lead.get(f"{HERE}/insights/bulk/1").text
    taken = cast.second.post("/api/v1/undo", json={"key": str(uuid.uuid4()), "batch": batch})
    assert taken.status_code == 200, taken.text
    assert example(cast, chosen).bulk_label_id == beta
    assert "Undo these too" in cast.lead.get(f"{HERE}/insights/bulk/1").text
    again = cast.lead.post(f"{API}/bulk/1/undo")
    assert (again.status_code, again.json()["changed"]) == (200, 1), again.text
    assert example(cast, chosen).bulk_label_id is None
    assert card_of(cast, batch, chosen)["given"] == alpha
    assert cast.lead.post(f"{API}/bulk/1/undo").json()["code"] == "bulk_state"


def test_undoing_leaves_what_a_later_fix_gave(cast: Cast, filled: Seeded) -> None:
    """There, back, and there again: what stands then is of the third."""
    alpha, beta = filled.labels
    begun(cast, filled, floor=0.8, failures=0)
    proved(cast, filled)
    cast.lead.post(f"{API}/bulk/1/apply")
    for number, (came, to) in ((2, (beta, alpha)), (3, (alpha, beta))):
        body = {"from_label": came, "to_label": to, "floor": 0.8, "failures": 0}
        reply = cast.lead.post(f"{API}/bulk", json=body)
        assert reply.status_code == 201, reply.text
        read_sample(cast, cast.reviewer, lambda _, to=to: to, number=number)  # type: ignore[misc]
        assert cast.lead.post(f"{API}/bulk/{number}/apply").status_code == 200
    both = set(row_of(cast, 1).changed) & set(row_of(cast, 3).changed)
    assert both
    refused = cast.lead.post(f"{API}/bulk/1/undo")
    assert (refused.status_code, refused.json()["code"]) == (409, "bulk_empty")
    assert {example(cast, one).bulk_label_id for one in both} == {beta}
    assert cast.lead.post(f"{API}/bulk/3/undo").status_code == 200
    assert {example(cast, one).bulk_label_id for one in both} == {None}


def test_an_import_withdrawn_meanwhile_speaks_against_no_group(cast: Cast) -> None:
    row = "{at}{n},text {n} of {at},{label}"
    for at in ("a", "b"):
        lines = [row.format(at=at, n=n, label="beta" if n % 5 == 0 else "alpha") for n in range(60)]
        bring(cast, "\n".join(["id,text,label", *lines]).encode(), name=f"{at}.csv")
    with reading(cast.engine) as session:
        labels = {label.name: label.id for label in session.scalars(select(Label))}
        last = session.scalars(select(DataImport.id).order_by(DataImport.id.desc())).first()
    body = {"from_label": labels["alpha"], "to_label": labels["beta"]}
    begun = cast.lead.post(f"{API}/bulk", json=body)
    assert begun.status_code == 201, begun.text
    assert cast.lead.post(f"{API}/imports/{last}/withdraw", json={}).status_code == 200
    fix = one(cast)
    assert (fix["state"], fix["failed"], fix["open"]) == ("given_up", 0, fix["checks"])
    assert cast.lead.post(f"{API}/bulk/1/apply").json()["code"] == "bulk_state"


# The pages


def test_the_plan_says_what_it_takes_and_what_it_promises(cast: Cast, filled: Seeded) -> None:
    alpha, beta = filled.labels
    page = cast.lead.get(f"{HERE}/insights/bulk/new?given={alpha}&to_label={beta}").text
    said = begun(cast, filled)
    assert f"{said['checks']} of the 60 examples are drawn at random" in page
    assert "at least 90% of the group is right (95% sure)" in page
    assert f"Ask for {said['checks']} checks" in page
    assert "alpha (60)" in page
    listed = cast.lead.get(f"{HERE}/insights/bulk").text
    assert "given: alpha" in listed and 'chip-warn">Checking' in listed
    empty = cast.lead.get(f"{HERE}/insights/bulk/new?given={alpha}&status=removed").text
    assert "waits for a first reader" in empty


def test_a_list_of_examples_of_one_label_leads_there(cast: Cast, filled: Seeded) -> None:
    alpha, beta = filled.labels
    page = cast.lead.get(f"{HERE}/examples?given={alpha}&suggested={beta}").text
    assert f"/insights/bulk/new?given={alpha}&amp;suggested={beta}" in page
    assert "/insights/bulk/new" not in cast.lead.get(f"{HERE}/examples").text
