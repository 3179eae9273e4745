"""How far a batch is: what is told of it, and which answers count."""

from __future__ import annotations

import re

import pytest

from app.db.words import Mode
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
