"""A label was merged into another: what desk, list and evidence say of examples that carry it."""

from __future__ import annotations

import re

from sqlalchemy import update

from app.accounts.membership import Member
from app.db.engine import reading, writing
from app.db.tables.ranking import Score
from app.db.tables.review import Batch
from app.db.words import Mode, Role
from app.review.books.progress import batch_numbers
from tests.steps import retire
from tests.web.cast import Cast
from tests.web.seeded import Seeded, answer, claim, open_batch, seed

HERE = "/p/support-intents/examples"


def merged(cast: Cast) -> Seeded:
    """Alpha, which every second example came with, became beta; the model gave alpha 0.8."""
    filled = seed(cast)
    alpha, beta = filled.labels
    near = [[filled.examples[0], 0.9]]
    with writing(cast.engine) as session:
        session.execute(update(Score).values(neighbours=near))
        retire(session, lead(cast), alpha, replaced_by=beta, now=cast.now)
    return filled


def lead(cast: Cast) -> Member:
    part = cast.lead.person
    return Member(part.id, part.pseudonym, part.name, False, cast.project.id, Role.LEAD)


def test_the_desk_sends_what_stands_for_the_label_now(cast: Cast) -> None:
    filled = merged(cast)
    beta = filled.labels[1]
    batch = open_batch(cast, size=2, audit_share=0)
    card = claim(cast.reviewer, batch, 1)[0]
    assert card["given"] == beta
    assert [label for label, _ in card["options"]] == [beta]
    assert round(card["options"][0][1], 6) == 1.0
    assert ["label", filled.labels[0]] not in card["why"]
    assert [(one["label"], one["relabeled"]) for one in card["neighbours"]] == [(beta, False)]


def test_the_first_answer_agrees_with_a_label_that_was_merged(cast: Cast) -> None:
    filled = merged(cast)
    batch = open_batch(cast, size=2, audit_share=0, mode=Mode.DECIDE_FIRST)
    lease = claim(cast.reviewer, batch, 1)[0]["lease"]
    said = {"lease": lease, "verdict": "relabel", "label": filled.labels[1]}
    reply = cast.reviewer.post("/api/v1/reveal", json=said)
    assert reply.status_code == 200, reply.text
    assert reply.json()["agrees"] and reply.json()["suggested"] == filled.labels[1]


def test_naming_the_label_that_stands_now_is_no_change(cast: Cast) -> None:
    filled = merged(cast)
    batch = open_batch(cast, size=30, audit_share=0)
    card = claim(cast.reviewer, batch, 1)[0]
    assert answer(cast.reviewer, card["lease"], "relabel", label=filled.labels[1])
    with reading(cast.engine) as session:
        told = batch_numbers(session, session.get_one(Batch, batch), cast.reviewer.person.id)
    assert (told["confirmed"], told["relabeled"]) == (1, 0)


def test_the_list_counts_and_filters_by_what_stands_now(cast: Cast) -> None:
    filled = merged(cast)
    for label in filled.labels:
        page = cast.lead.get(f"{HERE}?given={label}").text
        assert re.search(r"\b30\b", page), "all of them"
    found = cast.lead.get(f"/api/v1/projects/support-intents/examples?given={filled.labels[1]}")
    assert len(found.json()["examples"]) == 30
    suggested = cast.lead.get(
        f"/api/v1/projects/support-intents/examples?suggested={filled.labels[1]}"
    )
    assert len(suggested.json()["examples"]) == 30
