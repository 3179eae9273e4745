"""What a reviewer does on the grid: claim tiles, answer a page of them, take one back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.actions.answering import Wanted
from app.actions.turn import Caller, turn_at_batch
from app.db.words import BatchState
from app.review.answering.grid import (
    GridNumbers,
    GridPage,
    PageDone,
    answer_page,
    grid_numbers,
    grid_of,
    hand_out_tiles,
    last_page_key,
    take_back,
)
from app.review.serving.cards import Card
from app.review.serving.hand_out import HandedOut


@dataclass(frozen=True, slots=True)
class TilesDone:
    """What became of a page, and the tiles that take its place."""

    handed: HandedOut
    page: PageDone
    numbers: GridNumbers | None = None


def claim_tiles(caller: Caller, batch_id: int, wanted: Wanted) -> TilesDone:
    """Tiles of a grid batch for one of its readers; own ones first, whose reply was lost."""
    with turn_at_batch(caller, batch_id) as turn:
        batch = grid_of(turn.session, turn.member, batch_id)
        handed = hand_out_tiles(turn, batch, want=wanted.examples, in_hand=wanted.in_hand)
        numbers = grid_numbers(turn.session, batch, turn.member.person_id)
        return TilesDone(handed, PageDone(), numbers)


def answer_tiles(caller: Caller, page: GridPage, wanted: Wanted) -> TilesDone:
    """Confirm a page but for its marked tiles, and hand out what is missing."""
    with turn_at_batch(caller, page.batch_id) as turn:
        batch = grid_of(turn.session, turn.member, page.batch_id)
        done = answer_page(turn, page)
        if not wanted.examples or batch.state is not BatchState.OPEN:
            return TilesDone(HandedOut(state=batch.state.value), done)
        handed = hand_out_tiles(turn, batch, want=wanted.examples, in_hand=wanted.in_hand)
        return TilesDone(handed, done)


def take_back_page(caller: Caller, batch_id: int, *, page_key: str, key: str) -> Sequence[Card]:
    """Undo the answers of a page; its tiles come back to their reader."""
    with turn_at_batch(caller, batch_id) as turn:
        return take_back(turn, key=key, page_key=page_key, batch_id=batch_id)


def take_back_last(caller: Caller, batch_id: int, *, key: str) -> Sequence[Card]:
    """Undo the answers of the page this reader gave last, if there is one."""
    with turn_at_batch(caller, batch_id) as turn:
        last = last_page_key(turn.session, batch_id, turn.member.person_id)
        if last is None:
            return ()
        return take_back(turn, key=key, page_key=last, batch_id=batch_id)
