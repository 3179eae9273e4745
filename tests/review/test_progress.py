"""How far a batch is: what is told of it, and which answers count."""

from __future__ import annotations

import re
from typing import Any

import pytest

from app.db.engine import reading, writing
from app.db.words import BatchState, Mode, Role, Verdict
from app.insights.batches import batch_rows
from app.review.books.progress import people_in_batch, progress, queue_of
from tests.review.conftest import World
from tests.steps import redo, undo
from tests.web.cast import Cast
from tests.web.seeded import answer, claim, open_batch, seed

AGREED = re.compile(r"\bconfirmed\b|\brelabeled\b")


@pytest.mark.parametrize("mode", list(Mode))
def test_a_blind_batch_does_not_tell_how_often_an_answer_agreed(cast: Cast, mode: Mode) -> None:
    labels = seed(cast).labels
    batch = open_batch(cast, size=10, audit_share=0, mode=mode)
    for verdict, more in (("relabel", {"label": labels[0]}), ("remove", {"reason": "duplicate"})):
        answer(cast.reviewer, claim(cast.reviewer, batch)[0]["lease"], verdict, **more)
    claimed = cast.reviewer.post(f"/api/v1/batches/{batch}/claim", json={"want": 1})
    page = cast.reviewer.get(f"/review/{batch}").text
    start = re.search(r'data-part="start">(.*?)</script>', page, re.DOTALL)
    assert start is not None
    hidden = mode is Mode.BLIND
    progress = claimed.json()["progress"]
    assert (progress["done"], progress["size"], progress["removed"]) == (2, 10, 1)
    assert "seconds_left" in progress
    for sent in (claimed.text, start[1]):
        assert bool(AGREED.search(sent)) is not hidden
    if hidden:
        assert not AGREED.search(page)


def counts(world: World, who: Any, batch: Any) -> dict[str, Any]:
    """What each page counts as done in a batch that `who` alone answers."""
    with reading(world.engine) as session:
        (queued,) = queue_of(session, who.person_id, [world.project_id])
        (listed,) = batch_rows(session, world.project_id, tuple(BatchState))
        return {
            "queue": queued.done,
            "desk": progress(session, batch, who.person_id).own,
            "batches": (listed.done, listed.changed),
            "people": [(one.answers, one.changes) for one in people_in_batch(session, batch)],
        }


def test_an_answer_that_is_undone_is_nowhere_counted_as_done(world: World) -> None:
    lea, ann = world.person("lea", Role.LEAD), world.person("ann")
    batch = world.batch(lea, size=5, audit_share=0)
    one, two = world.claim(ann, batch, want=2).cards
    world.answer(ann, one["lease"])
    other = world.answer(ann, two["lease"], Verdict.REMOVE)
    both = {"queue": 2, "desk": 2, "batches": (2, 1), "people": [(2, 1)]}
    first = {"queue": 1, "desk": 1, "batches": (1, 0), "people": [(1, 0)]}
    assert counts(world, ann, batch) == both
    with writing(world.engine) as session:
        undo(session, ann, key="u", batch_id=batch.id, now=world.now, rng=world.rng)
    assert counts(world, ann, batch) == first
    with writing(world.engine) as session:
        redo(session, ann, key="r", seq=other.seq, now=world.now)
    assert counts(world, ann, batch) == both


def test_an_answer_in_place_of_an_earlier_one_counts_once(world: World) -> None:
    lea, ann = world.person("lea", Role.LEAD), world.person("ann")
    batch = world.batch(lea, size=5, audit_share=0)
    first = world.answer(ann, world.claim(ann, batch, want=1).cards[0]["lease"], Verdict.REMOVE)
    world.answer(ann, None, supersedes=first.seq)
    one = {"queue": 1, "desk": 1, "batches": (1, 0), "people": [(1, 0)]}
    assert counts(world, ann, batch) == one
    with writing(world.engine) as session:
        undo(session, ann, key="u", batch_id=batch.id, now=world.now, rng=world.rng)
    assert counts(world, ann, batch) == one | {"batches": (1, 1), "people": [(1, 1)]}
