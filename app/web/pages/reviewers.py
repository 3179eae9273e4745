"""How far reviewers agree, how right each of them is, and one person's own answers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.actions.comparing_reviewers import compare_again
from app.actions.practising import LEAST, MOST, practise
from app.audit.reviewers.asking import Kept, comparison_job, last_comparison
from app.audit.reviewers.report import OfReviewer
from app.db.tables.datasets import Project
from app.db.words import Role
from app.errors import NotFound
from app.insights.reviewer_words import (
    DIFFERS,
    agreed_words,
    few,
    first_lines,
    first_told,
    given_up_told,
    headline,
    known_told,
    overturned_told,
    pulled_meaning,
    pulled_told,
    right_told,
    seconds_told,
)
from app.insights.reviewers import (
    LabelNames,
    Otherwise,
    Reviewer,
    ended_otherwise,
    keys_of,
    reviewers_of,
)
from app.noise.limits import FEWEST
from app.web.asker import Here
from app.web.charts.heatmap import Cell, Heatmap
from app.web.charts.line import Curve, Line
from app.web.charts.numbers import Axis, Unit
from app.web.forms import FormInput
from app.web.notices import done
from app.web.payloads import PathId
from app.web.render import render
from app.web.who import Acting, Looking, at_page

router = APIRouter()
PAIRS, EXAMPLES = 12, 3  # shown of them


class Number(NamedTuple):
    """What is told under a name; without a value the note says why there is none."""

    name: str
    value: str
    note: str


@dataclass(frozen=True, slots=True)
class Row:
    """One reviewer in the table."""

    one: Reviewer
    url: str

    @property
    def answers(self) -> int:
        return self.one.found.answers

    @property
    def differs(self) -> str:
        return DIFFERS if self.one.found.differs else ""

    @property
    def cells(self) -> list[Number]:
        """All numbers but that of answers."""
        found = self.one.found
        return [
            Number("Median time", *seconds_told(found)),
            Number("Right", *right_told(found)),
            Number("Known answers right", *known_told(found)),
            Number("Changes overturned", *overturned_told(found)),
            Number("Blind against shown", *pulled_told(found.pulled)),
        ]

    @property
    def first_answers(self) -> list[Number]:
        """What labels in sight do to answers that came before them; of who has decided first."""
        pulled = self.one.found.pulled
        if not pulled.decided_first:
            return []
        return [
            Number("First answers against shown", *first_told(pulled)),
            Number("First answers given up", *given_up_told(pulled)),
        ]


@dataclass(frozen=True, slots=True)
class PairRow:
    one: str
    other: str
    both: int
    either: int
    examples: list[tuple[str, str]]  # address, key


@dataclass(frozen=True, slots=True)
class ReviewersPage:
    project: Project
    kept: Kept | None
    comparing: bool
    rows: list[Row]
    pairs: list[PairRow]

    @property
    def here(self) -> str:
        return f"/p/{self.project.slug}/reviewers"

    @property
    def agreed(self) -> str:
        return agreed_words(self.kept.report.alpha) if self.kept is not None else ""

    @property
    def meaning(self) -> str:
        return headline(self.kept.report.alpha) if self.kept is not None else ""

    @property
    def coefficients(self) -> list[tuple[str, str, int]]:
        """Fleiss and Cohen, with the examples they are of."""
        if self.kept is None:
            return []
        report, names = self.kept.report, {row.one.person: row.one.name for row in self.rows}
        told = [("Fleiss, examples read twice", report.fleiss)]
        told += [
            (f"Cohen, {names.get(one.one, '')} and {names.get(one.other, '')}", one.kappa)
            for one in report.cohen
        ]
        return [(words, agreed_words(found), found.shared) for words, found in told]

    @property
    def pulled_said(self) -> list[str]:
        if self.kept is None:
            return []
        pulled = self.kept.report.pulled
        told = [one for one in (pulled_told(pulled).words, pulled_meaning(pulled)) if one]
        return told + first_lines(pulled)


@dataclass(frozen=True, slots=True)
class ReviewerPage:
    """`own`: it is the person who looks. `leads`: who looks may open examples."""

    project: Project
    row: Row
    kept: Kept | None
    own: bool
    leads: bool
    otherwise: list[Otherwise]
    names: LabelNames

    @property
    def here(self) -> str:
        return f"/p/{self.project.slug}"

    @property
    def may_practise(self) -> bool:
        return self.leads and not self.row.one.left and self.project.archived_at is None

    @property
    def practice_limits(self) -> tuple[int, int]:
        return LEAST, MOST

    @property
    def found(self) -> OfReviewer:
        return self.row.one.found

    @property
    def too_few(self) -> str:
        """Why nothing is told of answers against final labels; empty where enough are final."""
        return few(self.found.ended).note if self.found.ended < FEWEST else ""

    @property
    def confused(self) -> Heatmap:
        """What was said against what the example became, in labels that stand now."""
        counts: Counter[tuple[str, str]] = Counter()
        for one in self.found.swapped:
            if self.names.now(one.said) != self.names.now(one.final):
                counts[self.names[one.said], self.names[one.final]] += one.count
        said = {name for pair in counts for name in pair}
        names = tuple(name for name in dict.fromkeys(self.names.names.values()) if name in said)
        names += tuple(sorted(said - set(names)))
        place = {name: nth for nth, name in enumerate(names)}
        cells = tuple(Cell(place[one], place[other], n) for (one, other), n in counts.items())
        title, unit = "Answers against final labels", "answers that ended otherwise"
        return Heatmap(title, "said", "final label", unit, names, cells)

    @property
    def speed(self) -> Line:
        return Line(
            "Seconds an answer",
            Axis("answers given"),
            Axis("median seconds", Unit.PLAIN),
            Curve(
                "Median seconds", tuple((float(nth), seconds) for nth, seconds in self.found.speed)
            ),
        )


def _rows(session: Session, project: Project, kept: Kept | None) -> list[Row]:
    here = f"/p/{project.slug}/reviewers"
    people = reviewers_of(session, project.id, kept)
    return [Row(one, f"{here}/{one.person}") for one in people]


def _pairs(session: Session, project: Project, kept: Kept | None, viewer: int) -> list[PairRow]:
    pairs = kept.report.pairs[:PAIRS] if kept is not None else []
    names = LabelNames.of(session, project.id)
    ids = [example for pair in pairs for example in pair.examples]
    keys = keys_of(session, project.id, ids, viewer=viewer)
    return [
        PairRow(
            names[pair.one],
            names[pair.other],
            pair.both,
            pair.either,
            [
                (f"/p/{project.slug}/examples/{example}", keys[example])
                for example in pair.examples
                if example in keys
            ][:EXAMPLES],
        )
        for pair in pairs
        if names.now(pair.one) != names.now(pair.other)
    ]


@router.get("/p/{slug}/reviewers")
def reviewers(request: Request, slug: str, caller: Looking) -> Response:
    here = at_page(request, caller.session, slug, Role.LEAD)
    session, project = caller.session, here.project
    kept = last_comparison(session, project)
    page = ReviewersPage(
        project,
        kept,
        comparison_job(session, project.id) is not None,
        _rows(session, project, kept),
        _pairs(session, project, kept, here.member.person_id),
    )
    return render(request, "reviewers/reviewers.html", page, at=here)


@router.post("/p/{slug}/reviewers/compare")
def compare(slug: str, caller: Acting) -> Response:
    """Compare the reviewers now."""
    compare_again(caller, slug)
    return done(f"/p/{slug}/reviewers", "comparing")


class PracticeForm(FormInput):
    size: int = 20


@router.post("/p/{slug}/reviewers/{person_id}/practice")
def practice(
    slug: str, person_id: PathId, form: Annotated[PracticeForm, Form()], caller: Acting
) -> Response:
    """A batch of known answers for one person."""
    batch = practise(caller, slug, person_id, form.size)
    return done(f"/p/{slug}/batches/{batch.number}", "batch_created")


@router.get("/p/{slug}/reviewers/{person_id}")
def reviewer(request: Request, slug: str, person_id: PathId, caller: Looking) -> Response:
    """One person, for leads and for themselves; nobody else may know that there is anything."""
    here = at_page(request, caller.session, slug)
    if not here.member.leads and person_id != here.member.person_id:
        raise NotFound()
    return render(request, "reviewers/reviewer.html", _of(caller.session, here, person_id), at=here)


def _of(session: Session, here: Here, person_id: int) -> ReviewerPage:
    project, viewer = here.project, here.member.person_id
    kept = last_comparison(session, project)
    row = next((one for one in _rows(session, project, kept) if one.one.person == person_id), None)
    if row is None:
        raise NotFound()
    names = LabelNames.of(session, project.id)
    answers = row.one.found.otherwise
    otherwise = ended_otherwise(session, project.id, answers, names, viewer=viewer)
    own, leads = person_id == viewer, here.member.leads
    return ReviewerPage(project, row, kept, own, leads, otherwise, names)
