"""One case under Disagreements as a page: readers without names until it is settled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.datasets.display_names import shown_names
from app.datasets.labels import labels_of
from app.datatypes.data_type import ShownContent
from app.datatypes.shown import PRIVATE, content_of, excerpt_of
from app.db.tables.ranking import Score
from app.db.words import REASON_TEXT, Question, Status, Verdict
from app.insights.event_words import READ_WORDS
from app.insights.questions import (
    CaseInFull,
    QuestionRow,
    case_in_full,
    labels_in_doubt,
    question_rows,
)
from app.labels import mapped
from app.review.books.cases import Case, Which, count_open, names_of
from app.review.books.fold import Answer
from app.review.books.may import is_own_label
from app.review.books.questions import QUESTION_TEXT
from app.review.books.rulings import ruling_on
from app.shares import whole_percent
from app.web.asker import Here
from app.web.pages.answering import Answering, answering
from app.web.pages.believed import Believed, believed
from app.web.pages.earlier_rulings import Labels, LastRuling, OnPair, on_pair, own_last_ruling
from app.web.pages.one_label import rule_url

BESIDE = 20  # cases listed beside the one that is open


@dataclass(frozen=True, slots=True)
class Listed:
    """One case in the list."""

    url: str
    kind: Question
    text: str
    image: str
    said: str
    key: str
    why: str  # it stands where it stands
    note: str
    here: bool = False


@dataclass(frozen=True, slots=True)
class ReaderAnswer:
    reader: str
    said: str
    kind: str
    how: str
    note: str


@dataclass(frozen=True, slots=True)
class CasePage:
    slug: str
    url: str
    back: str
    query: str
    total: int
    kind: Question
    words: str
    full: CaseInFull
    content: ShownContent
    given: str
    final: str
    answers: list[ReaderAnswer]
    believed: Believed | None
    form: Answering
    cases: list[Listed]
    settled_by: str
    may_leave: bool
    may_ask: bool
    may_reopen: bool
    rule_url: str  # of the labels it is between
    may_rule: bool  # nobody judges a label they gave
    may_take_back: bool
    pair: OnPair | None
    last: LastRuling | None

    @property
    def private(self) -> bool:
        return self.kind is Question.PRIVATE


def said_words(answer: Answer, names: Mapping[int, str], given: int | None) -> str:
    """What an answer says, as a label or a reason to remove."""
    if answer.verdict is Verdict.REMOVE:
        return f"Remove: {REASON_TEXT[answer.reason]}" if answer.reason else "Remove"
    label = given if answer.verdict is Verdict.CONFIRM else next(iter(answer.labels), None)
    return names.get(label or 0, "No label")


def kind_query(kind: Question | None) -> str:
    return "?" + urlencode({"kind": kind.value}) if kind else ""


def _why(row: QuestionRow) -> str:
    """Why a case is not further down."""
    if row.random_check:
        return "random check: the estimate waits for it"
    return "" if row.quality is None else f"label quality {whole_percent(row.quality)}"


def listed(row: QuestionRow, slug: str, names: Mapping[int, str], kind: Question | None) -> Listed:
    said = dict.fromkeys(said_words(answer, names, row.given_label_id) for answer in row.answers)
    private = row.kind is Question.PRIVATE
    excerpt = PRIVATE if private else excerpt_of(content_of(row.example_id, row.content))
    return Listed(
        url=f"/p/{slug}/disagreements/{row.id}{kind_query(kind)}",
        kind=row.kind,
        text=excerpt.text,
        image=excerpt.picture,
        said=", ".join(said) or QUESTION_TEXT[row.kind],
        key=row.key,
        why=_why(row),
        note="" if private else row.note,
    )


def _answers(
    full: CaseInFull, labels: Labels, people: Mapping[int, str]
) -> tuple[list[ReaderAnswer], list[tuple[int, str]]]:
    """The answers without names until the case is settled, and the labels they name."""
    shown, named = [], []
    for place, one in enumerate(full.case.answers, start=1):
        reader = people.get(int(one.person), f"Reader {place}")
        if one.adjudicates:
            reader += ", ruling"
        how = "ruling" if one.adjudicates else READ_WORDS[one.read_reason.value]
        said = said_words(one, labels.names, full.case.given_label_id)
        shown.append(
            ReaderAnswer(reader, said, one.verdict.value, how, full.notes.get(one.seq, ""))
        )
        named += [(label, f"Reader {place}") for label in mapped(one.labels, labels.now)]
        if one.verdict is Verdict.CONFIRM and full.case.given_label_id is not None:
            named.append((full.case.given_label_id, f"Reader {place}"))
    return shown, named


def _suggestions(session: Session, here: Here, example_id: int) -> Sequence[Sequence[float]]:
    found = session.scalar(
        select(Score.suggestions).where(
            Score.run_id == here.project.run_id, Score.example_id == example_id
        )
    )
    return found or []


def rule_of_case(slug: str, about: Case, now: Mapping[int, int]) -> str:
    """Where the rule for the labels of a case is written, with the note of its ruling in it."""
    url = rule_url(slug, tuple(sorted(labels_in_doubt(about, now))))
    return url + ("&" if "?" in url else "?") + urlencode({"case": about.id})


def case_page(
    session: Session, here: Here, case_id: int, kind: Question | None, *, ruled: bool
) -> CasePage:
    """`ruled`: the asker comes from a ruling, which can be taken back here."""
    slug, project_id = here.project.slug, here.project.id
    full = case_in_full(session, project_id, case_id)
    found = full.case
    every = labels_of(session, project_id, retired=True)
    labels = Labels.of(every)
    names = labels.names
    settled = full.settled_at is not None
    wanted = {int(one.person) for one in found.answers} | {full.settled_by or 0}
    people = names_of(session, wanted) if settled else {}
    answers, named = _answers(full, labels, people)
    said = [label for label, _ in named]
    if found.given_label_id is not None:
        said.append(found.given_label_id)
    suggestions = _suggestions(session, here, found.example_id)
    said += [int(label) for label, _ in suggestions[:2]]  # the pair, where nobody answered
    usable = shown_names(one for one in every if one.retired_at is None)
    rows = question_rows(session, project_id, Which(kind), limit=BESIDE)
    counts = count_open(session, project_id)
    leaving = found.kind in (Question.NOT_CONFIRMED, Question.DIFFERS) and not settled
    return CasePage(
        slug,
        url=f"/p/{slug}/disagreements/{case_id}",
        back=f"/p/{slug}/disagreements{kind_query(kind)}",
        query=kind_query(kind),
        total=sum(counts.values()),
        kind=found.kind,
        words=QUESTION_TEXT[found.kind],
        full=full,
        content=content_of(found.example_id, found.content),
        given=names.get(found.given_label_id or 0, ""),
        final=names.get(found.final_label_id or 0, ""),
        answers=answers,
        believed=believed(
            session, project_id, found.example_id, answers=found.answers, names=names
        ),
        form=answering(usable, found.given_label_id, named, suggestions),
        cases=[_marked(listed(row, slug, names, kind), here=row.id == case_id) for row in rows],
        settled_by=people.get(full.settled_by or 0, ""),
        may_leave=leaving,
        may_ask=found.status is Status.DISAGREEMENT and not settled,
        may_reopen=leaving,
        rule_url=rule_of_case(slug, found, labels.now),
        may_rule=not is_own_label(session, found.example_id, here.member.person_id),
        may_take_back=full.settled_by == here.member.person_id
        and ruling_on(session, case_id) is not None,
        pair=on_pair(session, here, found.example_id, named=said, labels=labels),
        last=own_last_ruling(session, here, labels) if ruled else None,
    )


def _marked(row: Listed, *, here: bool) -> Listed:
    return replace(row, here=here)
