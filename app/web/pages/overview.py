"""A project at a glance: counts that can be listed, and one next step."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.actions.jobs import steps_of
from app.actions.projects import ProjectChange, change_project
from app.actions.tasks.registry import TASKS
from app.actions.turn import Caller
from app.audit.study.asking import last_study
from app.datasets.display_names import shown_names
from app.datasets.labels import labels_of
from app.datatypes.registry import TYPES
from app.db.tables.datasets import Project
from app.db.words import Role, Status
from app.errors import Failure
from app.insights.batches import BatchRow
from app.insights.forecast import ahead
from app.insights.health import health_of
from app.insights.overview import Overview, Step, overview
from app.insights.planted import PlantedErrors, planted_errors
from app.review.books.questions import QUESTION_TEXT
from app.web.asker import Here
from app.web.failures import status_of
from app.web.forms import FormInput, nothing_kept_if_refused
from app.web.notices import done
from app.web.pages.found_card import FoundCard, found_card
from app.web.pages.health_card import HealthCard, health_card
from app.web.pages.noise_card import NoiseCard, noise_card
from app.web.render import render
from app.web.who import Acting, Looking, at, at_page, viewer_of

router = APIRouter()

NEXT_BATCH = 300
NEXT_AUDIT = 200
LISTED = 6  # open batches shown here
TASK_WORDS = {name: task.words.doing for name, task in TASKS.items()}


@dataclass(frozen=True, slots=True)
class NextStep:
    title: str
    words: str
    button: str
    url: str


@dataclass(frozen=True, slots=True)
class Question:
    words: str
    count: int
    url: str


@dataclass(frozen=True, slots=True)
class OverviewPage:
    project: Project
    seen: Overview
    health: HealthCard | None  # none before the first estimate is told
    found: FoundCard | None  # none before anything was handed out
    noise: NoiseCard | None  # none while too little is decided
    step: NextStep
    questions: list[Question]
    planted: PlantedErrors | None
    statuses: list[tuple[str, str, int]]
    for_admin: int  # cases that no lead may judge, told to admins alone
    steps: dict[int, str]  # by the job's id: its step, or what it waits for
    listed: int = LISTED

    @property
    def here(self) -> str:
        return f"/p/{self.project.slug}"

    @property
    def data(self) -> str:
        return TYPES[self.project.data_type].words

    @property
    def tasks(self) -> dict[str, str]:
        return TASK_WORDS


STATUSES = (
    (Status.UNREVIEWED, "Not reviewed"),
    (Status.PENDING, "Pending a second reader"),
    (Status.DISAGREEMENT, "In disagreement"),
    (Status.CONFIRMED, "Confirmed"),
    (Status.RELABELED, "Relabeled"),
    (Status.REMOVED, "Removed"),
    (Status.ERASED, "Erased"),
)


@router.get("/p/{slug}")
def project_overview(request: Request, slug: str, caller: Looking) -> Response:
    here = at_page(request, caller.session, slug, Role.LEAD)
    return _shown(request, caller, here, None)


class TargetForm(FormInput):
    target_percent: float
    prove: bool


@router.post("/p/{slug}/target")
def choose_target(
    request: Request, slug: str, form: Annotated[TargetForm, Form()], caller: Acting
) -> Response:
    """What may stay wrong, and whether that is to be proven."""
    change = ProjectChange(target_percent=form.target_percent, prove=form.prove)
    try:
        with nothing_kept_if_refused(caller.session):
            project = change_project(caller, slug, change)
    except Failure as problem:
        here = at(caller, slug, Role.LEAD)
        return _shown(request, caller, here, Refused(form.target_percent, problem))
    return done(f"/p/{project.slug}", "target_chosen" if form.prove else "target_dropped")


@dataclass(frozen=True, slots=True)
class Refused:
    """A target that cannot be, as it was typed."""

    typed: float
    problem: Failure


def _shown(request: Request, caller: Caller, here: Here, refused: Refused | None) -> Response:
    project, session = here.project, caller.session
    health = health_of(session, project, viewer_of(caller))
    seen = overview(session, project, viewer_of(caller), health=health)
    card = health_card(health)
    if card is not None and refused is not None:
        card = replace(card, target=refused.typed, problem=refused.problem)
    page = OverviewPage(
        project,
        seen,
        card,
        found_card(health, ahead(session, project, health) if health is not None else ()),
        noise_card(last_study(session, project), _names(session, project), f"/p/{project.slug}"),
        next_step(f"/p/{project.slug}", seen),
        _questions(project, seen),
        planted_errors(session, project.id, data=request.app.state.settings.data),
        _statuses(seen),
        seen.for_admin if here.member.is_admin else 0,
        steps_of(session, seen.jobs),
    )
    status = status_of(refused.problem) if refused else 200
    return render(request, "overview/overview.html", page, at=here, status=status)


def _names(session: Session, project: Project) -> dict[int, str]:
    return shown_names(labels_of(session, project.id))


def _questions(project: Project, seen: Overview) -> list[Question]:
    url = f"/p/{project.slug}/disagreements?kind="
    return [
        Question(QUESTION_TEXT[kind], count, url + kind.value)
        for kind, count in seen.questions.items()
    ]


def _statuses(seen: Overview) -> list[tuple[str, str, int]]:
    """Erased examples are only mentioned where there are any."""
    return [
        (status.value, words, seen.statuses.get(status, 0))
        for status, words in STATUSES
        if seen.statuses.get(status) or status is not Status.ERASED
    ]


def _counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def review_step(here: str, seen: Overview, row: BatchRow) -> NextStep:
    """Read on in a batch; or, where nobody who opens its desk gets anything, whom it waits for."""
    batch, where = row.batch, seen.where_unread
    see = ("See the batch", f"{here}/batches/{batch.number}")
    if where is None or where.for_anyone or not (where.held or where.referred):
        return NextStep(
            f"Review batch {batch.number}",
            f"{batch.size - row.done:,} of {batch.size:,} examples wait for their first read.",
            "Open the desk",
            f"/review/{batch.id}",
        )
    if not where.referred:
        return NextStep(
            f"Batch {batch.number} is nearly read",
            f"{_counted(where.held, 'example is', 'examples are')} with reviewers now. "
            "Nothing else of it waits.",
            *see,
        )
    waits = _counted(where.referred, "example waits", "examples wait")
    if seen.has_expert:
        return NextStep(
            f"{waits} for an expert",
            f"Nothing else of batch {batch.number} is left. Experts find them in their queue.",
            *see,
        )
    return NextStep(
        f"{waits} for a lead",
        f"Nothing else of batch {batch.number} is left, and nobody here is an expert. "
        "Leads read what is sent to one.",
        "Read them",
        f"/review/reads/{here.removeprefix('/p/')}",
    )


def next_step(here: str, seen: Overview) -> NextStep:
    """The one thing to do now."""
    if seen.step is Step.REVIEW and seen.unread is not None:
        return review_step(here, seen, seen.unread)
    waiting = seen.jobs[0].task if seen.jobs else ""
    unserved = seen.audit.unserved if seen.audit is not None else seen.total
    fresh = min(NEXT_BATCH, unserved if seen.ever_batched else seen.total)
    checks = min(NEXT_AUDIT, unserved)
    wait_at = "/import" if waiting.startswith("import") else "/scoring"
    return {
        Step.IMPORT: NextStep(
            "Import data",
            "A file with one example a row: CSV, JSON lines or Parquet; images as a ZIP.",
            "Import data",
            f"{here}/import",
        ),
        Step.WAIT: NextStep(
            f"{TASK_WORDS.get(waiting, 'Work')} is under way",
            "You can close this page. It goes on.",
            "Watch it",
            here + wait_at,
        ),
        Step.SCORE: NextStep(
            "Score the examples",
            "Scoring puts the labels that most likely need changing first.",
            "Score",
            f"{here}/scoring",
        ),
        Step.BATCH: NextStep(
            f"Review the next {fresh:,} by priority",
            "By the random checks more wrong labels are left than your target allows."
            if seen.more
            else "A batch hands them to your reviewers, with random checks among them.",
            "Make a batch",
            f"{here}/batches/new?size={fresh}",
        ),
        Step.AUDIT: NextStep(
            "Audit again" if seen.last_audit.at else "Audit at random",
            f"This project was {seen.last_audit.words}. {checks:,} random examples, read blind, "
            "tell how many wrong labels are left.",
            "Make an audit batch",
            f"{here}/batches/new?by=audit&size={checks}",
        ),
        Step.SETTLE: NextStep(
            f"Settle {seen.disagreements:,} disagreements",
            "They wait for a lead. Nothing else closes them.",
            "Settle them",
            f"{here}/disagreements",
        ),
    }.get(
        seen.step,
        NextStep(
            "Make a release",
            "No batch has anything left to read. Freeze what is decided, or make another batch.",
            "Make a release",
            f"{here}/releases",
        ),
    )
