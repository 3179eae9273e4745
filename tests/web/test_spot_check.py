"""A spot check: so many of every label, at random and blind; the same at every door."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from app.audit.outcomes import epoch_serves
from app.db.engine import reading, writing
from app.db.tables.audit import AuditEpoch, Estimate, Serve
from app.db.tables.datasets import Example, Label, Project
from app.db.tables.review import Batch, BatchMember
from app.db.words import BatchState, Mode, Reason, Status, Stream
from app.noise.limits import wilson
from app.review.batches import each
from app.review.batches.members import members
from app.review.batches.picking import Pool
from app.review.batches.plan import BatchPlan
from app.shares import percent
from tests.web.cast import Cast
from tests.web.seeded import answer, claim, open_batch, rows_of, seed
from tests.web.test_estimate import estimate_due, one_reader
from tests.web.test_work import later, text

HERE = "/p/support-intents"
API = "/api/v1/projects/support-intents"


def drawn(cast: Cast, number: int) -> dict[int, list[int]]:
    """The members of a batch by their given label."""
    with reading(cast.engine) as session:
        rows = session.execute(
            select(Example.given_label_id, Example.id)
            .join(BatchMember, BatchMember.example_id == Example.id)
            .join(Batch, Batch.id == BatchMember.batch_id)
            .where(Batch.number == number)
        )
        found: dict[int, list[int]] = {}
        for label, example in rows:
            found.setdefault(label, []).append(example)
        return found


def begin(cast: Cast, size: int) -> dict[str, Any]:
    reply = cast.lead.post(f"{API}/batches", json={"by": "spot_check", "size": size})
    assert reply.status_code == 201, reply.text
    made: dict[str, Any] = reply.json()
    return made


def read_all(cast: Cast, batch: int, wrong: set[int]) -> list[int]:
    came = []
    while cards := claim(cast.reviewer, batch, 8):
        for card in cards:
            removed = {"verdict": "remove", "reason": "no_label"}
            answer(cast.reviewer, card["lease"], **(removed if card["example"] in wrong else {}))
            came.append(card["example"])
    return came


def test_every_label_gives_as_many_drawn_at_random(cast: Cast) -> None:
    seeded = seed(cast, count=400)
    made = begin(cast, 12)
    assert (made["size"], made["mode"], made["audit_share"]) == (24, "blind", 0)
    members = drawn(cast, made["number"])
    assert {label: len(some) for label, some in members.items()} == dict.fromkeys(seeded.labels, 12)
    again = begin(cast, 12)
    assert drawn(cast, again["number"]) != members, "another draw"
    rows = sorted(seeded.examples.index(one) for some in members.values() for one in some)
    assert rows[0] < 120 and rows[-1] > 280, "from the whole file, not from its top"
    gaps = {second - first for first, second in pairwise(rows)}
    assert len(gaps) > 6, "in no pattern"


def test_the_form_offers_it_and_says_what_it_would_bring(cast: Cast) -> None:
    seeded = seed(cast, count=41)
    with writing(cast.engine) as session:
        late = Label(project_id=cast.project.id, name="gamma", position=3, synonyms=[])
        session.add(late)
        session.flush()
        some = seeded.examples[:3]
        session.execute(update(Example).where(Example.id.in_(some)).values(given_label_id=late.id))
    page = cast.lead.get(f"{HERE}/batches/new?by=spot_check&size=10").text
    assert re.search(r'value="spot_check"[^>]* checked', page)
    words = "23 examples: 10 of each of 3 labels. 1 has fewer left and gives what it has."
    assert words in page
    asked = {"by": "spot_check", "size": 10}
    assert cast.lead.post(f"{API}/batches/preview", json=asked).json()["words"] == words
    form = {"by": "spot_check", "size": "10"}
    made = cast.lead.post(f"{HERE}/batches/new", data=form)
    assert made.status_code == 303, made.text
    members = drawn(cast, 1)
    assert sorted(len(one) for one in members.values()) == [3, 10, 10]
    shown = text(cast.lead.get(f"{HERE}/batches/1").text)
    assert "1 label had fewer than 10 examples left and gave what it had." in shown
    assert "were asked for" not in shown


def test_a_number_out_of_range_is_refused(cast: Cast) -> None:
    seed(cast, count=30)
    reply = cast.lead.post(f"{API}/batches", json={"by": "spot_check", "size": 1_001})
    assert reply.status_code == 422
    assert reply.json()["detail"] == "A check takes 1 to 1,000 examples of each."
    for who in (cast.reviewer, cast.stranger):
        sent = who.post(f"{API}/batches", json={"by": "spot_check", "size": 2})
        assert sent.status_code in (403, 404)


def test_its_result_is_told_label_by_label_and_a_few_tell_no_share(cast: Cast) -> None:
    one_reader(cast)
    seeded = seed(cast, count=400)
    alpha, beta = seeded.labels
    made = begin(cast, 25)
    members = drawn(cast, made["number"])
    wrong = set(members[beta][:4])
    shown = cast.lead.get(f"{HERE}/batches/1").text
    assert "nothing decided yet" in shown
    came = read_all(cast, made["id"], wrong)
    assert set(came) == {one for some in members.values() for one in some}
    told = {
        one["id"]: one for one in cast.lead.get(f"/api/v1/batches/{made['id']}").json()["checks"]
    }
    low, high = wilson(4, 25)
    assert told[beta] == {
        "id": beta, "name": "beta", "drawn": 25, "decided": 25, "wrong": 4, "low": low,
        "high": high,
    }  # fmt: skip
    assert (told[alpha]["wrong"], told[alpha]["low"]) == (0, 0.0)
    words = f"16%, between {percent(low)} and {percent(high)}"
    for page in (f"{HERE}/batches/1", f"{HERE}/insights/noise"):
        assert words in text(cast.lead.get(page).text), page
    few = begin(cast, 5)
    read_all(cast, few["id"], set())
    checks = cast.lead.get(f"/api/v1/batches/{few['id']}").json()["checks"]
    assert all(one["low"] is None and one["decided"] == 5 for one in checks)
    assert "not enough for a share: under 20 decided" in cast.lead.get(f"{HERE}/batches/2").text


def test_it_is_no_random_check_and_leaves_the_pool(cast: Cast) -> None:
    one_reader(cast)
    seed(cast, count=200)
    made = begin(cast, 20)
    came = read_all(cast, made["id"], set())
    with reading(cast.engine) as session:
        project = session.get_one(Project, cast.project.id)
        assert project.unserved == 200 - len(came)
        streams = session.scalars(select(Serve.stream)).all()
        assert set(streams) == {Stream.SPOT_CHECK}
        serves = epoch_serves(session, session.get_one(AuditEpoch, project.epoch_id))
        assert not serves.drawn.any() and not serves.queue.any()
        assert session.scalars(select(Batch.mode)).one() is Mode.BLIND
    estimate_due(cast)
    with reading(cast.engine) as session:
        assert session.scalars(select(Estimate.draws)).one() == 0


def test_who_was_handed_out_elsewhere_still_counts_and_nobody_takes_the_place(cast: Cast) -> None:
    """The queue takes what looks worst: without those the check would find too little."""
    one_reader(cast)
    seeded = seed(cast, count=60)
    queue = open_batch(cast, size=60, audit_share=0)
    made = begin(cast, 30)
    assert made["size"] == 60, "what waits in another batch is drawn too"
    first = {card["example"] for card in claim(cast.reviewer, queue, 8)}
    later_ones = read_all(cast, queue, first)
    assert first <= set(later_ones)
    with reading(cast.engine) as session:
        members = session.scalars(
            select(BatchMember.example_id).where(BatchMember.batch_id == made["id"])
        ).all()
    assert set(members) == set(seeded.examples) and len(members) == 60
    checks = cast.lead.get(f"/api/v1/batches/{made['id']}").json()["checks"]
    assert sum(one["decided"] for one in checks) == len(later_ones)
    assert sum(one["wrong"] for one in checks) == 8


def test_what_was_removed_for_another_reason_or_erased_is_not_wrong(cast: Cast) -> None:
    seeded = seed(cast, count=60)
    made = begin(cast, 20)
    alpha = seeded.labels[0]
    some = drawn(cast, made["number"])[alpha]
    with writing(cast.engine) as session:
        for example, status, reason in (
            (some[0], Status.REMOVED, Reason.DUPLICATE),
            (some[1], Status.REMOVED, Reason.SEVERAL_LABELS),
            (some[2], Status.ERASED, None),
        ):
            values = {"status": status, "removed_reason": reason}
            session.execute(update(Example).where(Example.id == example).values(**values))
    [told] = [
        one
        for one in cast.lead.get(f"/api/v1/batches/{made['id']}").json()["checks"]
        if one["id"] == alpha
    ]
    assert (told["decided"], told["wrong"]) == (3, 1)


def test_with_77_labels_the_clean_ones_are_folded(cast: Cast) -> None:
    seeded = seed(cast, count=400)
    with writing(cast.engine) as session:
        rows = [
            {"project_id": cast.project.id, "name": f"{'a label with a long name ' * 3}{nth}",
             "position": nth, "synonyms": []}
            for nth in range(10, 85)
        ]  # fmt: skip
        session.execute(insert(Label), rows)
        labels = session.scalars(select(Label.id).order_by(Label.id)).all()
        for nth, example in enumerate(rows_of(session, seeded.examples)):
            example.given_label_id = labels[nth % 77]
    made = begin(cast, 3)
    assert made["size"] == 231
    members = drawn(cast, made["number"])
    assert len(members) == 77 and {len(one) for one in members.values()} == {3}
    with writing(cast.engine) as session:
        for label in labels[:2]:
            session.get_one(Example, members[label][0]).status = Status.REMOVED
            session.get_one(Example, members[label][0]).removed_reason = Reason.NO_LABEL
    page = cast.lead.get(f"{HERE}/batches/1").text
    assert "75 labels with nothing wrong so far" in page
    card = page.split('aria-label="What it found"')[1].split("</section>")[0]
    open_part, folded = card.split("<details")
    assert (open_part.count("&amp;given="), folded.count("&amp;given=")) == (2, 75)


def test_a_release_is_offered_a_check_once_the_last_audit_is_old(cast: Cast) -> None:
    one_reader(cast)
    seed(cast, count=400)
    offer = f"{HERE}/batches/new?by=spot_check&amp;size=10"
    page = cast.lead.get(f"{HERE}/releases").text
    assert offer in page and "never audited" in page
    read_all(cast, open_batch(cast, size=120, by="audit"), set())
    assert offer not in cast.lead.get(f"{HERE}/releases").text
    later(cast, 23)
    page = cast.lead.get(f"{HERE}/releases").text
    assert offer in page and "last audited 3 weeks ago" in page
    with writing(cast.engine) as session:
        session.execute(update(Project).values(unserved=0))
        session.execute(update(Batch).values(state=BatchState.CLOSED))
    assert offer not in cast.lead.get(f"{HERE}/releases").text, "nothing is left to draw from"


@pytest.mark.parametrize("part", [1 / 64, 1 / 4, 1.0])
def test_where_it_looks_first_changes_nothing(
    cast: Cast, part: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed(cast, count=300)
    monkeypatch.setattr(each, "PART", part)
    with reading(cast.engine) as session:
        plan = BatchPlan(by="spot_check", size=7)
        drawn = members(session, Pool(cast.project.id, None, seed=12_345), plan)
        rows = session.execute(select(Example.id, Example.given_label_id)).all()

    def place(example: int) -> int:
        moved = (example * 48_271 + 12_345) % (2**31 - 1)
        return (moved * moved + 12_345) % (2**31 - 1)

    first: dict[int, list[int]] = {}
    for example, label in sorted(rows, key=lambda row: -place(row[0])):
        first.setdefault(label, []).append(example)
    chosen = [one for some in first.values() for one in some[:7]]
    assert [one.example_id for one in drawn] == sorted(chosen, key=lambda one: -place(one))
