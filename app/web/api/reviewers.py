"""How far reviewers agree, and how right each is, for programs; the same as on the page."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel

from app.actions.comparing_reviewers import compare_again
from app.actions.practising import practise
from app.audit.reviewers.asking import Kept, comparison_job, last_comparison
from app.audit.reviewers.report import Coefficient, ConfusedPair, Limits, Pulled
from app.db.words import Role
from app.insights.reviewer_words import DIFFERS, lines
from app.insights.reviewers import Reviewer, reviewers_of
from app.web.payloads import PathId, Payload
from app.web.who import Acting, Looking, at

router = APIRouter()


class ReviewerShown(BaseModel):
    """A reviewer, by `person` and `pseudonym`; `left`: takes part no more.

    `right` is of the `measured` reads whose right outcome others settled, drawn towards what all
    have in common; `pulled.effect` the share of labels changed when blind less that when shown,
    `pulled.first_effect` the same of answers given before the label was shown, and
    `pulled.given_up` the share of those that gave way to it.
    What has no 20 answers behind it is null. `words` says so if they err clearly more than others.
    """

    person: int
    name: str
    pseudonym: str
    left: bool
    answers: int
    median_seconds: float | None
    measured: int
    right: Limits | None
    known: int
    known_right: int | None
    changes: int
    overturned: int | None
    pulled: Pulled | None
    words: str


class ReviewersShown(BaseModel):
    """As of `as_of_seq` of the log; `new` events came since. Null where nobody has looked yet.

    Agreement is of examples that several read whatever was answered: it takes 50. `pairs` are
    labels that readers take for one another. Labels are named by their ids, 0 for removed.
    """

    comparing: bool
    made_at: datetime | None
    as_of_seq: int | None
    new: int
    words: list[str]
    alpha: Coefficient | None
    fleiss: Coefficient | None
    pairs: list[ConfusedPair]
    pulled: Pulled | None
    reviewers: list[ReviewerShown]


class PracticePayload(Payload):
    """So many known answers, 1 to 100."""

    size: int = 20


class PracticeShown(BaseModel):
    """`batch` is the number of the batch; `size` may be less than was asked for."""

    batch: int
    size: int


class ComparisonShown(BaseModel):
    job_id: int


def _reviewer(one: Reviewer) -> ReviewerShown:
    found = one.found
    return ReviewerShown(
        person=one.person,
        name=one.name,
        pseudonym=one.pseudonym,
        left=one.left,
        answers=found.answers,
        median_seconds=found.median_seconds,
        measured=found.measured,
        right=found.right,
        known=found.known,
        known_right=found.known_right,
        changes=found.changes,
        overturned=found.overturned,
        pulled=found.pulled if found.pulled.tells else None,
        words=f"{DIFFERS}." if found.differs else "",
    )


def _shown(kept: Kept | None, people: list[Reviewer], *, comparing: bool) -> ReviewersShown:
    report = kept.report if kept is not None else None
    return ReviewersShown(
        comparing=comparing,
        made_at=kept.made_at if kept else None,
        as_of_seq=kept.up_to_seq if kept else None,
        new=kept.new if kept else 0,
        words=lines(report) if report else [],
        alpha=report.alpha if report else None,
        fleiss=report.fleiss if report else None,
        pairs=report.pairs if report else [],
        pulled=report.pulled if report else None,
        reviewers=[_reviewer(one) for one in people],
    )


@router.get("/api/v1/projects/{slug}/reviewers")
def read_reviewers(slug: str, caller: Looking) -> ReviewersShown:
    """What was found last of agreement and of each reviewer; for leads."""
    project = at(caller, slug, Role.LEAD).project
    kept = last_comparison(caller.session, project)
    comparing = comparison_job(caller.session, project.id) is not None
    people = reviewers_of(caller.session, project.id, kept)
    return _shown(kept, people, comparing=comparing)


@router.post("/api/v1/projects/{slug}/reviewers", status_code=202)
def compare_the_reviewers(slug: str, caller: Acting) -> ComparisonShown:
    """Compare reviewers now; asked again while it runs, it is the same job."""
    return ComparisonShown(job_id=compare_again(caller, slug).id)


@router.post("/api/v1/projects/{slug}/reviewers/{person_id}/practice", status_code=201)
def practise_known_answers(
    slug: str, person_id: PathId, payload: PracticePayload, caller: Acting
) -> PracticeShown:
    """A batch of known answers for one person, read blind; at its end they see how they did."""
    batch = practise(caller, slug, person_id, payload.size)
    return PracticeShown(batch=batch.number, size=batch.size)
