"""What a reader's changes in a batch were good for: told at its end, with the examples."""

from __future__ import annotations

import re

import orjson

from app.db.words import Mode
from app.insights.planted import sidecar
from tests.web.cast import Cast
from tests.web.seeded import answer, claim, open_batch, seed


def test_changes_wait_and_then_stand_with_their_examples(cast: Cast) -> None:
    labels = seed(cast).labels
    batch = open_batch(cast, size=3, audit_share=0)
    cards = claim(cast.reviewer, batch, 3)
    first, second, third = cards
    other = next(one for one in labels if one != first["given"])
    answer(cast.reviewer, first["lease"], "relabel", label=other)
    answer(cast.reviewer, second["lease"], "remove", reason="duplicate")
    answer(cast.reviewer, third["lease"], "confirm")
    page = cast.reviewer.get(f"/review/{batch}/done").text
    assert "2 are not settled yet." in page
    changed = page[page.index("Your changes") :]
    assert first["content"]["text"] in changed and second["content"]["text"] in changed
    assert third["content"]["text"] not in changed, "it was not changed"
    for card in claim(cast.second, batch, 2):
        if card["example"] == first["example"]:
            answer(cast.second, card["lease"], "relabel", label=other)
        else:
            answer(cast.second, card["lease"], "relabel", label=second["given"])
    page = cast.reviewer.get(f"/review/{batch}/done").text
    assert "1 stands. 1 was settled otherwise." in page
    assert "agreed</span>" in page and re.search("settled as (alpha|beta)</span>", page)


def test_planted_errors_that_were_found_are_told(cast: Cast) -> None:
    labels = seed(cast).labels
    batch = open_batch(cast, size=2, audit_share=0)
    (card, _) = claim(cast.reviewer, batch, 2)
    right = next(one for one in labels if one != card["given"])
    name = {labels[0]: "alpha", labels[1]: "beta"}[right]
    path = sidecar(cast.app.state.settings.data, cast.project.id)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(orjson.dumps({"kind": "x", "rate": 0.1, "truth": {card["key"]: name}}))
    answer(cast.reviewer, card["lease"], "relabel", label=right)
    page = cast.reviewer.get(f"/review/{batch}/done").text
    assert "1 of them is a label that was replaced on purpose" in page


def test_a_blind_batch_does_not_tell(cast: Cast) -> None:
    labels = seed(cast).labels
    batch = open_batch(cast, size=2, audit_share=0, mode=Mode.BLIND)
    (card, _) = claim(cast.reviewer, batch, 2)
    answer(cast.reviewer, card["lease"], "relabel", label=labels[0])
    assert "Your changes" not in cast.reviewer.get(f"/review/{batch}/done").text


def test_the_page_says_so_while_examples_of_the_batch_wait(cast: Cast) -> None:
    seed(cast)
    batch = open_batch(cast, size=3, audit_share=0)
    for card in claim(cast.reviewer, batch, 2):
        answer(cast.reviewer, card["lease"], "confirm")
    page = cast.reviewer.get(f"/review/{batch}/done").text
    assert "Batch 1 is not done yet" in page and "1 example waits for somebody" in page
    (card,) = claim(cast.second, batch)
    assert "Nothing left in this batch." in cast.reviewer.get(f"/review/{batch}/done").text
    answer(cast.second, card["lease"], "confirm")
    assert "Batch 1 is done" in cast.reviewer.get(f"/review/{batch}/done").text
