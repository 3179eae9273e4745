"""What a reviewer may look at again once a batch is done, and change where that is still open."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from pydantic import Field
from sqlalchemy import Row as SqlRow
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.membership import Member
from app.actions.answering import answer
from app.datasets.current_labels import current_label, standing_label
from app.datasets.display_names import shown_names
from app.datasets.labels import labels_of
from app.datatypes.data_type import ShownContent
from app.datatypes.shown import content_of
from app.db.tables.datasets import Example
from app.db.tables.review import Batch, Decision
from app.db.words import Mode, Verdict
from app.errors import NotFound
from app.review.answering.look_again import Look, look_again
from app.web.notices import done
from app.web.pages.answering import AnswerForm, Answering, submission
from app.web.pages.queue import seconds_in_words
from app.web.payloads import LARGEST_ID, PathId
from app.web.render import render
from app.web.who import Acting, Looking, at_batch

router = APIRouter()


class ChangeForm(AnswerForm):
    """A new answer in the place of the own one with the number `seq`."""

    seq: Annotated[int, Field(ge=1, le=LARGEST_ID)]


@dataclass(frozen=True, slots=True)
class Row:
    """One example with the own answer, and why it is listed."""

    seq: int
    key: str
    content: ShownContent
    given: str
    said: str
    settled: str
    took: str
    quality: float | None
    difficulty: float | None
    form: Answering | None


@dataclass(frozen=True, slots=True)
class AgainPage:
    batch: Batch
    known: int
    as_settled: int
    rows: tuple[Row, ...]


def _said(look: Look, names: dict[int, str]) -> str:
    if look.verdict is Verdict.REMOVE:
        return "Removed"
    label = look.label_id if look.verdict is Verdict.RELABEL else look.given_label_id
    return names.get(label or 0, "a retired label")


def _again_page(session: Session, batch: Batch, person_id: int) -> AgainPage:
    seen = look_again(session, batch, person_id)
    names = shown_names(labels_of(session, batch.project_id))
    ids = [look.example_id for look in seen.looks]
    examples = {one.id: one for one in session.scalars(select(Example).where(Example.id.in_(ids)))}
    labels = [(str(label), name) for label, name in names.items()]
    blind = batch.mode is Mode.BLIND
    rows = tuple(
        Row(
            seq=look.seq,
            key=examples[look.example_id].key,
            content=content_of(look.example_id, examples[look.example_id].content),
            given="" if blind else names.get(look.given_label_id or 0, "Came without a label"),
            said=_said(look, names),
            settled=names.get(look.settled_label_id or 0, ""),
            took=seconds_in_words(look.seconds),
            quality=None if blind else look.quality,
            difficulty=None if blind else look.difficulty,
            form=Answering([], labels) if look.may_change else None,
        )
        for look in seen.looks
    )
    return AgainPage(batch, seen.known, seen.as_settled, rows)


@router.get("/review/{batch_id}/again")
def again(request: Request, batch_id: PathId, caller: Looking) -> Response:
    """Missed known answers and the longest looks, each with its own answer."""
    batch, member = at_batch(caller, batch_id)
    page = _again_page(caller.session, batch, member.person_id)
    return render(request, "review/again.html", page)


@router.post("/review/{batch_id}/again")
def change_answer(
    batch_id: PathId, form: Annotated[ChangeForm, Form()], caller: Acting
) -> Response:
    """Put a new answer in the place of an own one."""
    _, member = at_batch(caller, batch_id)
    mine = _own_answer(caller.session, member, batch_id, form.seq)
    answered = submission(form, mine.example_id, mine.given_label_id)
    answer(caller, replace(answered, supersedes=form.seq))
    return done(f"/review/{batch_id}/again", "answer_changed")


def _own_answer(
    session: Session, member: Member, batch_id: int, seq: int
) -> SqlRow[int, int | None]:
    mine = session.execute(
        select(Decision.example_id, current_label(standing_label()).label("given_label_id"))
        .join(Example, Example.id == Decision.example_id)
        .where(
            Decision.project_id == member.project_id,
            Decision.batch_id == batch_id,
            Decision.person_id == member.person_id,
            Decision.seq == seq,
        )
    ).one_or_none()
    if mine is None:
        raise NotFound()
    return mine
