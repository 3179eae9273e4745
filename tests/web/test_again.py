"""Looking again: own results at the end of a batch, and changing what is still open."""

from __future__ import annotations

import re
import uuid

from httpx import Response

from app.db.engine import reading
from app.db.tables.review import Decision, Lease
from app.review.books.forgotten import misled
from tests.web.cast import Actor, Cast
from tests.web.seeded import answer, claim, open_batch, seed


def answered(cast: Cast, who: Actor, batch: int, *, slow: int, of: int = 10) -> int:
    """Answer some, one of them after a long look; that one's example."""
    example = 0
    for turn in range(of):
        card = claim(who, batch)[0]
        cast.step(seconds=50 if turn == slow else 4)
        example = card["example"] if turn == slow else example
        answer(who, card["lease"])
    return example


def test_a_long_look_is_listed_and_can_be_changed(cast: Cast) -> None:
    seeded = seed(cast)
    batch = open_batch(cast, size=12, audit_share=0)
    example = answered(cast, cast.reviewer, batch, slow=5)
    assert "Look again at 1" in cast.reviewer.get(f"/review/{batch}/done").text
    page = cast.reviewer.get(f"/review/{batch}/again")
    assert page.status_code == 200
    seq = re.search(r'name="seq" value="(\d+)"', page.text)
    key = re.search(r'name="key" value="(\w+)"', page.text)
    assert seq and key
    with reading(cast.engine) as session:
        given = session.query(Decision).filter(Decision.example_id == example).one()
        assert given.seq == int(seq[1])
    form = {"seq": seq[1], "key": key[1], "answer": "label", "label": str(seeded.labels[1])}
    reply = cast.reviewer.post(f"/review/{batch}/again", data=form)
    assert reply.status_code == 303
    with reading(cast.engine) as session:
        stored = session.query(Decision).filter(Decision.example_id == example).all()
    assert [one.supersedes for one in stored] == [None, int(seq[1])]


def test_a_changed_answer_is_taken_back_from_the_newest_on(cast: Cast) -> None:
    """Taken back below the newer one, its giver held an example that their own answer decides."""
    seeded = seed(cast)
    batch = open_batch(cast, size=1, audit_share=0)
    (card,) = claim(cast.reviewer, batch)
    seqs = [answer(cast.reviewer, card["lease"], "relabel", label=seeded.labels[1])["seq"]]
    about = {"example": card["example"], "supersedes": seqs[0]}
    changed = cast.reviewer.post(
        "/api/v1/decisions", json={"key": str(uuid.uuid4()), "verdict": "confirm", **about}
    )
    assert changed.status_code == 200, changed.text
    seqs.append(changed.json()["seq"])

    def undone(seq: int) -> Response:
        said = {"key": str(uuid.uuid4()), "batch": batch, "seq": seq}
        return cast.reviewer.post("/api/v1/undo", json=said)

    below = undone(seqs[0])
    assert (below.status_code, below.json()["detail"]) == (409, "You changed that answer since.")
    assert live(cast) == 0
    assert [undone(seq).status_code for seq in reversed(seqs)] == [200, 200]
    assert live(cast) == 1
    with reading(cast.engine) as session:
        assert misled(session, cast.project.id) == []


def live(cast: Cast) -> int:
    """How many examples are in somebody's hands."""
    with reading(cast.engine) as session:
        return session.query(Lease).filter(Lease.ended_at.is_(None)).count()


def test_nobody_changes_the_answer_of_another(cast: Cast) -> None:
    seed(cast)
    batch = open_batch(cast, size=12, audit_share=0)
    example = answered(cast, cast.reviewer, batch, slow=2)
    with reading(cast.engine) as session:
        seq = session.query(Decision).filter(Decision.example_id == example).one().seq
    form = {"seq": str(seq), "key": "a" * 12, "answer": "confirm"}
    assert cast.second.post(f"/review/{batch}/again", data=form).status_code == 404


def test_without_anything_to_see_it_says_so(cast: Cast) -> None:
    seed(cast)
    batch = open_batch(cast, size=12, audit_share=0)
    assert "Nothing to look at again." in cast.reviewer.get(f"/review/{batch}/again").text
    assert "Look again" not in cast.reviewer.get(f"/review/{batch}/done").text


def test_readers_are_told_that_there_are_known_answers(cast: Cast) -> None:
    seed(cast)
    batch = open_batch(cast, size=12, audit_share=0, known_share=10)
    plain = open_batch(cast, size=12, audit_share=0)
    told = "Some examples have a known answer."
    assert told in cast.reviewer.get("/").text
    assert told in cast.reviewer.get(f"/review/{batch}").text
    assert told not in cast.reviewer.get(f"/review/{plain}").text


def test_a_lead_chooses_the_share_of_known_answers(cast: Cast) -> None:
    seed(cast)
    page = f"/p/{cast.project.slug}/batches/new"
    reply = cast.lead.post(page, data={"by": "priority", "size": "5", "known_share": "10"})
    assert reply.status_code == 303, reply.text
    refused = cast.lead.post(page, data={"by": "priority", "size": "5", "known_share": "90"})
    assert "The share of known answers is 0 to 20%." in refused.text
