"""One example for leads: its content, its scores, its whole history, and what can be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from pydantic import Field
from sqlalchemy import Row, literal, select
from sqlalchemy.orm import Session

from app.actions.answering import answer
from app.actions.rulings import reopen, rule
from app.datasets.current_labels import label_now
from app.datasets.display_names import shown_names
from app.datasets.labels import labels_of, replacements
from app.datasets.reference_examples import SETTLED
from app.datasets.visible import visible_imports
from app.datatypes.data_type import ShownContent
from app.datatypes.shown import content_of
from app.db.tables.datasets import Example, Label, Source
from app.db.words import Belongs, ReadReason, Reason, Role, Status
from app.errors import NotFound
from app.insights.history import Moment, history
from app.insights.questions import standing_answers
from app.labels import current
from app.ranking.signal_names import SIGNAL_WORDS, names_of
from app.review.books.erased import erased_on
from app.review.books.may import is_first_answer
from app.review.serving.cards import (
    Evidence,
    beside,
    card_query,
    evidence,
)
from app.review.serving.together import answered_together
from app.review.serving.why import spelled
from app.shares import whole_percent
from app.web.asker import Here
from app.web.forms import FormInput
from app.web.notices import done
from app.web.pages.answering import AnswerForm, Answering, answering, submission
from app.web.pages.believed import Believed, believed
from app.web.payloads import PathId
from app.web.render import render
from app.web.who import Acting, Looking, at, at_page

router = APIRouter()


class DecideForm(AnswerForm):
    how: Literal["answer", "ruling"] = "answer"


class ReopenForm(FormInput):
    key: str = Field(min_length=1, max_length=64)


@dataclass(frozen=True, slots=True)
class Near:
    url: str
    text: str
    image: str
    label: str
    relabeled: bool
    similarity: str


@dataclass(frozen=True, slots=True)
class ExamplePage:
    slug: str
    example: Example
    content: ShownContent
    private: bool
    given: str
    bulk: str
    final: str
    source: str
    quality: float | None
    difficulty: float | None
    options: list[tuple[str, float, str]]
    why: list[tuple[str, str]]
    signals: list[tuple[str, str]]  # address of the others, words
    near: list[Near]
    believed: Believed | None
    history: list[Moment]
    form: Answering
    together: str  # what a first answer goes to beside it
    fresh: bool
    two_readers: bool
    erased_at: datetime | None
    references: list[tuple[str, str, str]]  # address of a label, what it shows of it, words

    @property
    def erased(self) -> bool:
        return self.example.status is Status.ERASED

    @property
    def url(self) -> str:
        return f"/p/{self.slug}/examples/{self.example.id}"


def example_of(session: Session, project_id: int, example_id: int) -> Example:
    found = session.scalar(
        select(Example).where(
            Example.id == example_id,
            Example.project_id == project_id,
            Example.import_id.in_(visible_imports(project_id)),
        )
    )
    if found is None:
        raise NotFound()
    return found


def _fresh(session: Session, here: Here, example_id: int) -> bool:
    """Whether a direct answer of who looks counts as its first read."""
    first = is_first_answer(literal(here.member.person_id))
    return bool(session.scalar(select(first).where(Example.id == example_id)))


def _together(session: Session, here: Here, row: Row[Any]) -> str:
    """What a direct first answer goes to beside this example."""
    if not row.has_copies:
        return ""
    told = answered_together(session, here.member, row, ReadReason.FIRST)
    return told["words"] if told is not None else ""


def _near(shown: Evidence, slug: str, names: dict[int, str]) -> list[Near]:
    return [
        Near(
            f"/p/{slug}/examples/{one['example']}",
            one.get("text", ""),
            one.get("url", ""),
            names.get(one.get("label") or 0, ""),
            bool(one.get("relabeled")),
            f"{one['similarity']:.2f}",
        )
        for one in shown["neighbours"]
    ]


def _page(session: Session, here: Here, example_id: int) -> ExamplePage:
    example = example_of(session, here.project.id, example_id)
    every = labels_of(session, here.project.id, retired=True)
    names = shown_names(every)
    row = session.execute(card_query(here.project.run_id).where(Example.id == example_id)).one()
    shown = evidence(row, beside(session, [row]), rule="by its lead", bare=False)
    options = shown["options"]
    usable = shown_names(label for label in every if label.retired_at is None)
    source = session.get(Source, example.source_id) if example.source_id else None
    fresh = _fresh(session, here, example_id)
    return ExamplePage(
        slug=here.project.slug,
        example=example,
        content=content_of(example_id, example.content),
        private=example.removed_reason is Reason.PRIVATE,
        given=names.get(example.given_label_id or 0, ""),
        bulk=names.get(example.bulk_label_id or 0, ""),
        final=names.get(example.final_label_id or 0, ""),
        source=source.name if source else "",
        quality=row.quality,
        difficulty=row.difficulty,
        options=[
            (names.get(label, "a retired label"), chance, whole_percent(chance))
            for label, chance in options
        ],
        why=spelled(shown["why"], names) if options else [],
        signals=[
            (f"/p/{here.project.slug}/examples?signal={name}", SIGNAL_WORDS[name])
            for name in names_of(row.signals)
        ],
        near=_near(shown, here.project.slug, names),
        believed=believed(
            session,
            here.project.id,
            example_id,
            answers=standing_answers(session, [example_id]).get(example_id, []),
            names=names,
        ),
        history=history(session, example, names, viewer=here.member.person_id),
        form=answering(usable, row.given, [], options),
        fresh=fresh,
        together=_together(session, here, row) if fresh else "",
        two_readers=here.project.confirmations > 1,
        erased_at=erased_on(session, example_id),
        references=[] if here.project.archived else _references(here, example, every, names),
    )


def _references(
    here: Here, example: Example, every: Sequence[Label], names: Mapping[int, str]
) -> list[tuple[str, str, str]]:
    """What a decided example can show: what its label is, and what the one it came with is not."""
    if example.status not in SETTLED:
        return []
    now = replacements(every)
    final, given = (
        None if one is None else current(one, now)
        for one in (example.final_label_id, example.given_label_id)
    )
    shows = [(final, Belongs.INCLUDE, "belongs to")]
    if given != final:
        shows.append((given, Belongs.EXCLUDE, "does not belong to"))
    return [
        (f"/p/{here.project.slug}/labels/{label}/references", belongs, f"{words} {names[label]}")
        for label, belongs, words in shows
        if label is not None
    ]


@router.get("/p/{slug}/examples/{example_id}")
def example(request: Request, slug: str, example_id: PathId, caller: Looking) -> Response:
    here = at_page(request, caller, slug, Role.LEAD)
    page = _page(caller.session, here, example_id)
    return render(request, "examples/example.html", page, at=here)


@router.post("/p/{slug}/examples/{example_id}/decide")
def decide(
    slug: str, example_id: PathId, form: Annotated[DecideForm, Form()], caller: Acting
) -> Response:
    """A lead's own answer, which counts like anybody's, or a ruling, which is final."""
    here = at(caller, slug, Role.LEAD)
    about = example_of(caller.session, here.project.id, example_id)
    given = label_now(caller.session, about.bulk_label_id or about.given_label_id)
    said = submission(form, example_id, given)
    url = f"/p/{here.project.slug}/examples/{example_id}"
    if form.how == "ruling":
        rule(caller, here.project.id, said)
        return done(url, "ruled")
    recorded = answer(caller, said).recorded
    late = recorded is not None and recorded.outcome == "late"
    return done(url, "answered_late" if late else "answered")


@router.post("/p/{slug}/examples/{example_id}/reopen")
def reopen_example(
    slug: str, example_id: PathId, form: Annotated[ReopenForm, Form()], caller: Acting
) -> Response:
    here = at(caller, slug, Role.LEAD)
    reopen(caller, here.project.id, example_id, key=form.key)
    return done(f"/p/{here.project.slug}/examples/{example_id}", "reopened")
