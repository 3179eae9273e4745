"""What the page of a batch says while it is read: found, pace, by whom, second reads owed."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from sqlalchemy import update

from app.db.engine import writing
from app.db.tables.review import Batch
from app.db.words import Mode
from tests.web.cast import Cast
from tests.web.seeded import answer, claim, given_label, open_batch, seed

HERE = "/p/support-intents/batches"


def read(cast: Cast, batch: int, count: int, *, changes: int = 0, seconds: float = 9.0) -> None:
    """So many answers of the reviewer, the first of them changes."""
    left = count
    while left > 0:
        for card in claim(cast.reviewer, batch, 1):
            change: dict[str, Any] = {}
            if changes > 0:
                change = {"verdict": "relabel", "label": other_label(cast, card["example"])}
                changes -= 1
            cast.at["now"] += timedelta(seconds=seconds)
            answer(cast.reviewer, card["lease"], **change)
            left -= 1


def other_label(cast: Cast, example: int) -> int:
    return 3 - given_label(cast, example)


def page_of(cast: Cast, number: int = 1) -> str:
    return " ".join(unescape(cast.lead.get(f"{HERE}/{number}").text).split())


def in_full(cast: Cast, batch: int) -> Any:
    return cast.lead.get(f"/api/v1/batches/{batch}").json()


def test_a_batch_of_under_twenty_answers_tells_no_pace_and_no_share(cast: Cast) -> None:
    seed(cast)
    batch = open_batch(cast, size=24, audit_share=0)
    read(cast, batch, 19)
    page = page_of(cast)
    assert "under 20 reads" in page
    assert "at this pace" not in page
    told = in_full(cast, batch)
    assert (told["hits"], told["seconds_left"], told["second_reads_owed"]) == (None, None, 0)


def test_a_batch_tells_what_it_found_with_its_interval_and_how_long_it_takes(cast: Cast) -> None:
    seed(cast, count=60)
    batch = open_batch(cast, size=60, audit_share=0)
    read(cast, batch, 20, changes=5, seconds=90.0)
    page = page_of(cast)
    assert "25% (95% 11% to 47%)" in page  # Wilson, 5 of 20
    assert "About 60 minutes at this pace, for one person." in page
    assert "Progress by person" in page and '<td class="number">20</td>' in page
    told = in_full(cast, batch)
    assert told["seconds_left"] == 40 * 90
    assert told["hits"]["share"] == pytest.approx(0.25)
    assert told["hits"]["low"] == pytest.approx(0.1119, abs=1e-3)
    assert told["second_reads_owed"] == 5
    assert "5 second reads are owed: they stay available." in page
    closed = cast.lead.post(f"{HERE}/1/state", data={"state": "closed"})
    assert closed.status_code == 303
    page = page_of(cast)
    assert "5 second reads are owed: they stay available." in page
    assert "at this pace" not in page  # nothing more is read in it


def test_a_blind_batch_tells_its_share_only_when_all_are_read(cast: Cast) -> None:
    seed(cast)
    batch = open_batch(cast, size=24, audit_share=0, mode=Mode.BLIND)
    read(cast, batch, 20, changes=2)
    assert "told when all are read" in page_of(cast)
    assert in_full(cast, batch)["hits"] is None
    read(cast, batch, 4)
    assert "8% (95%" in page_of(cast)


def test_counts_never_pass_the_end_of_a_batch_that_shrank(cast: Cast) -> None:
    seed(cast)
    batch = open_batch(cast, size=24, audit_share=0)
    read(cast, batch, 22)
    with writing(cast.engine) as session:
        session.execute(update(Batch).where(Batch.id == batch).values(size=20))
    told = in_full(cast, batch)
    assert (told["done"], told["size"], told["seconds_left"]) == (20, 20, None)
    assert told["hits"]["share"] == 0.0 and told["hits"]["high"] < 0.2
