"""What another's answer, an old role or an old key may not do: found by attack at the API."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from sqlalchemy import select

from app.db.engine import reading, writing
from app.db.tables.datasets import Example, Project, Source
from app.db.tables.review import Decision, Lease, ReadDue
from app.db.words import Due, ReadReason, Role, Status
from app.review.books.forgotten import forgotten, misled, misread
from tests.web.cast import Actor, Cast
from tests.web.seeded import answer, claim, open_batch, seed

HERE = "/p/support-intents"


def decide(who: Actor, **body: Any) -> Any:
    return who.post("/api/v1/decisions", json={"key": str(uuid.uuid4()), **body})


def rule(who: Actor, example: int, label: int) -> Any:
    form = {"how": "ruling", "key": str(uuid.uuid4()), "answer": f"label:{label}"}
    return who.post(f"{HERE}/examples/{example}/decide", data=form)


def last_seq(cast: Cast) -> int:
    with reading(cast.engine) as session:
        return session.scalars(select(Decision.seq).order_by(Decision.seq.desc())).first() or 0


def status_of(cast: Cast, example: int) -> Status:
    with reading(cast.engine) as session:
        return session.get_one(Example, example).status


def whole(cast: Cast) -> None:
    with reading(cast.engine) as session:
        looked = [look(session, cast.project.id) for look in (forgotten, misread, misled)]
    assert looked == [[], [], []]


def test_a_lease_takes_no_other_answers_place(cast: Cast) -> None:
    labels = seed(cast).labels
    card = claim(cast.reviewer, open_batch(cast, size=2, audit_share=0))[0]
    assert rule(cast.lead, card["example"], labels[1]).status_code == 303
    for seq in (last_seq(cast), last_seq(cast) + 1, 2**53 - 1):
        said = decide(cast.reviewer, lease=card["lease"], verdict="confirm", supersedes=seq)
        assert (said.status_code, said.json()["code"]) == (422, "invalid")
    assert status_of(cast, card["example"]) is Status.RELABELED


def test_who_leads_no_more_changes_no_ruling_and_brings_none_back(cast: Cast) -> None:
    seeded = seed(cast)
    example = seeded.examples[0]
    assert rule(cast.lead, example, seeded.labels[1]).status_code == 303
    seq = last_seq(cast)
    role = {"role": Role.LEAD.value}
    cast.admin.post(f"{HERE}/people/{cast.expert.person.id}/role", data=role)
    cast.admin.post(f"{HERE}/people/{cast.lead.person.id}/role", data={"role": Role.REVIEWER.value})
    said = decide(cast.lead, example=example, supersedes=seq, verdict="confirm")
    assert said.status_code == 403
    assert status_of(cast, example) is Status.RELABELED


def test_an_answer_of_whoever_gave_the_label_is_not_brought_back(cast: Cast) -> None:
    labels = seed(cast).labels
    card = claim(cast.reviewer, open_batch(cast, size=1, audit_share=0))[0]
    said = answer(cast.reviewer, card["lease"], "relabel", label=labels[1])
    undo = {"key": str(uuid.uuid4()), "example": card["example"], "seq": said["seq"]}
    assert cast.reviewer.post("/api/v1/undo", json=undo).status_code == 200
    with writing(cast.engine) as session:
        made = Source(
            project_id=cast.project.id,
            origin="own",
            name="own",
            person_id=cast.reviewer.person.id,
        )
        session.add(made)
        session.flush()
        session.get_one(Example, card["example"]).source_id = made.id
    redo = undo | {"key": str(uuid.uuid4())}
    assert cast.reviewer.post("/api/v1/redo", json=redo).status_code == 403
    change = {"example": card["example"], "supersedes": said["seq"], "verdict": "confirm"}
    assert decide(cast.reviewer, **change).status_code in (403, 409)
    assert status_of(cast, card["example"]) is Status.UNREVIEWED


def test_the_holder_who_rules_or_answers_directly_holds_it_no_more(cast: Cast) -> None:
    labels = seed(cast).labels
    first, second = claim(cast.lead, open_batch(cast, size=2, audit_share=0), 2)
    assert rule(cast.lead, first["example"], labels[1]).status_code == 303
    form = {"how": "answer", "key": str(uuid.uuid4()), "answer": "confirm"}
    cast.lead.post(f"{HERE}/examples/{second['example']}/decide", data=form)
    assert status_of(cast, second["example"]) is Status.CONFIRMED
    with reading(cast.engine) as session:
        assert session.scalars(select(Lease).where(Lease.ended_at.is_(None))).all() == []
    whole(cast)


def test_when_the_last_reader_answers_beside_the_history_a_lead_is_asked(cast: Cast) -> None:
    labels = seed(cast).labels
    with writing(cast.engine) as session:
        session.get_one(Project, cast.project.id).confirmations = 2
    for who in (cast.expert,):
        cast.admin.post(f"{HERE}/people/{who.person.id}/remove")
    card = claim(cast.reviewer, open_batch(cast, size=1, audit_share=0))[0]
    answer(cast.reviewer, card["lease"], "relabel", label=labels[1])
    form = {"how": "answer", "key": str(uuid.uuid4()), "answer": "confirm"}
    cast.lead.post(f"{HERE}/examples/{card['example']}/decide", data=form)
    whole(cast)


def test_who_saw_the_evidence_decides_first_no_second_time(cast: Cast) -> None:
    labels = seed(cast).labels
    batch = open_batch(cast, size=1, audit_share=0, mode="decide_first")
    card = claim(cast.reviewer, batch)[0]
    show = {"lease": card["lease"], "verdict": "relabel", "label": labels[1]}
    assert cast.reviewer.post("/api/v1/reveal", json=show).status_code == 200
    skip = {"key": str(uuid.uuid4()), "lease": card["lease"]}
    assert cast.reviewer.post("/api/v1/leases/skip", json=skip).status_code == 200
    again = claim(cast.reviewer, batch)[0]
    assert (again["example"], again["first"]["label"]) == (card["example"], labels[1])
    assert decide(cast.reviewer, lease=again["lease"], verdict="confirm").status_code == 200
    with reading(cast.engine) as session:
        assert session.scalars(select(Decision)).one().first_answer == {
            "verdict": "relabel",
            "label": labels[1],
            "reason": None,
        }


def test_what_was_given_back_shows_no_evidence(cast: Cast) -> None:
    labels = seed(cast).labels
    batch = open_batch(cast, size=1, audit_share=0, mode="decide_first")
    card = claim(cast.reviewer, batch)[0]
    back = {"leases": [card["lease"]]}
    assert cast.reviewer.post("/api/v1/leases/give-back", json=back).status_code == 200
    show = {"lease": card["lease"], "verdict": "relabel", "label": labels[1]}
    said = cast.reviewer.post("/api/v1/reveal", json=show)
    assert (said.status_code, said.json()["code"]) == (409, "lease_lost")


def test_opened_anew_an_example_has_a_first_read_and_a_second(cast: Cast) -> None:
    seed(cast)
    batch = open_batch(cast, size=1, audit_share=0, reads=2)
    card = claim(cast.reviewer, batch)[0]
    answer(cast.reviewer, card["lease"])
    url = f"/api/v1/projects/support-intents/examples/{card['example']}/reopen"
    assert cast.lead.post(url, json={"key": str(uuid.uuid4())}).status_code == 200
    again = claim(cast.expert, batch)[0]
    answer(cast.expert, again["lease"])
    with reading(cast.engine) as session:
        reasons = list(session.scalars(select(Decision.read_reason).order_by(Decision.seq)))
        open_reads = select(ReadDue.reason).where(ReadDue.done_at.is_(None))
        # One in thirty is read again at random, whatever it was.
        owed = list(session.scalars(open_reads.where(ReadDue.reason != Due.RECHECK)))
    assert reasons == [ReadReason.FIRST, ReadReason.FIRST]
    assert owed == [Due.COIN]


def test_the_same_key_undoes_nothing_in_another_batch(cast: Cast) -> None:
    seed(cast)
    one, other = open_batch(cast, size=1, audit_share=0), open_batch(cast, size=1, audit_share=0)
    for batch in (one, other):
        answer(cast.reviewer, claim(cast.reviewer, batch)[0]["lease"])
    key = str(uuid.uuid4())
    first = cast.reviewer.post("/api/v1/undo", json={"key": key, "batch": one})
    second = cast.reviewer.post("/api/v1/undo", json={"key": key, "batch": other})
    assert (first.status_code, second.status_code) == (200, 409)


@pytest.mark.parametrize("said", ["confirm", "skip", "refer"])
def test_what_is_taken_back_by_its_number_is_of_the_example_and_batch_that_are_named(
    cast: Cast, said: str
) -> None:
    """Every part of a request that names something has to fit, or nothing is changed."""
    seed(cast)
    one, other = open_batch(cast, size=2, audit_share=0), open_batch(cast, size=1, audit_share=0)
    first, second = claim(cast.reviewer, one, want=2)
    if said == "confirm":
        seq = answer(cast.reviewer, first["lease"])["seq"]
    else:
        act = {"key": str(uuid.uuid4()), "lease": first["lease"]}
        seq = cast.reviewer.post(f"/api/v1/leases/{said}", json=act).json()["seq"]

    def take_back(path: str = "undo", **named: int) -> tuple[int, int | None]:
        asked = {"key": str(uuid.uuid4()), "seq": seq, **named}
        reply = cast.reviewer.post(f"/api/v1/{path}", json=asked)
        return reply.status_code, reply.json().get("example_id")

    assert take_back(example=second["example"]) == (404, None)
    assert take_back(batch=other) == (404, None)
    assert take_back(example=first["example"]) == (200, first["example"])
    if said == "confirm":
        assert take_back("redo", example=second["example"]) == (404, None)
        assert take_back("redo", example=first["example"]) == (200, first["example"])
        assert take_back(batch=one) == (200, first["example"])


def test_the_key_of_an_answer_makes_no_ruling(cast: Cast) -> None:
    seeded = seed(cast)
    example, key = seeded.examples[0], str(uuid.uuid4())
    form = {"key": key, "answer": f"label:{seeded.labels[1]}"}
    url = f"{HERE}/examples/{example}/decide"
    assert cast.lead.post(url, data={"how": "answer", **form}).status_code == 303
    assert cast.lead.post(url, data={"how": "ruling", **form}).status_code == 409


def test_an_undone_answer_comes_back_to_who_put_other_examples_aside(cast: Cast) -> None:
    """What is said of one example takes no other's skips or labels for its own."""
    seeded = seed(cast)
    batch = open_batch(cast, size=12, audit_share=0)
    cards = claim(cast.reviewer, batch, 8)
    for card in cards[:3]:
        body = {"key": str(uuid.uuid4()), "lease": card["lease"]}
        assert cast.reviewer.post("/api/v1/leases/skip", json=body).status_code == 200
    with writing(cast.engine) as session:
        me = cast.reviewer.person.id
        source = Source(project_id=cast.project.id, origin="own", name="own", person_id=me)
        session.add(source)
        session.flush()
        session.get_one(Example, cards[0]["example"]).source_id = source.id
    answer(cast.reviewer, cards[4]["lease"], "relabel", label=seeded.labels[1])
    undone = cast.reviewer.post("/api/v1/undo", json={"key": str(uuid.uuid4()), "batch": batch})
    assert undone.status_code == 200, undone.text
    assert undone.json()["example"]["example"] == cards[4]["example"]
    assert undone.json()["example"]["lease"] not in {card["lease"] for card in cards}
