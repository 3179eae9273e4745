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
from app.datasets.labels import labels_of
from app.datatypes.registry import TYPES
from app.db.tables.datasets import Project
from app.db.words import Role, Status
from app.errors import Failure
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
    seen = overview(session, project, viewer=caller.who.id)
    health = health_of(session, project, viewer_of(caller))
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
    return {label.id: label.name for label in labels_of(session, project.id)}


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


def next_step(here: str, seen: Overview) -> NextStep:
    """The one thing to do now."""
    if seen.step is Step.REVIEW and seen.unread is not None:
        row = seen.unread
        left = row.batch.size - row.done
        return NextStep(
            f"Review batch {row.batch.number}",
            f"{left:,} of {row.batch.size:,} examples wait for their first read.",
            "Open the desk",
            f"/review/{row.batch.id}",
        )
    waiting = seen.jobs[0].task if seen.jobs else ""
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
            f"Review the next {min(NEXT_BATCH, seen.total):,} by priority",
            "A batch hands them to your reviewers, with random checks among them.",
            "Make a batch",
            f"{here}/batches/new?size={min(NEXT_BATCH, seen.total)}",
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
