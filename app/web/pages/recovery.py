"""Recovery advice: which remedy works on this data, measured on labels people checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from pydantic import Field
from sqlalchemy.orm import Session

from app.actions.jobs import steps_of
from app.actions.recovering import measure_again
from app.actions.scoring import cancel_job
from app.audit.recovery.asking import (
    CHECKS_OFFERED,
    Kept,
    checked_so_far,
    last_recovery,
    missing,
    recovery_job,
)
from app.audit.recovery.report import Cost, Report
from app.audit.recovery.words import KIND_WORDS, NOT_A_FORECAST, Told, told
from app.datasets.display_names import shown_names
from app.datasets.labels import labels_of
from app.datasets.sources import source_names
from app.db.tables.datasets import Project
from app.db.tables.jobs import Job
from app.db.words import Role
from app.errors import Invalid
from app.ranking.runs import vectors_kept
from app.training.kinds import NoiseKind
from app.training.material import FEWEST_CHECKED
from app.training.remedies.registry import REMEDIES
from app.web.charts.line import Line
from app.web.forms import FormInput
from app.web.notices import done
from app.web.pages.recovery_charts import (
    CurveRow,
    RemedyRow,
    curve_rows,
    noise_chart,
    remedy_rows,
    review_chart,
)
from app.web.payloads import LARGEST_ID
from app.web.render import render
from app.web.who import Acting, Looking, at_page

router = APIRouter()

COST_ROWS = 3
"""Empty rows of the form beside those that were said."""

FormLabel = Annotated[int, Field(ge=0, le=LARGEST_ID)]


class CostForm(FormInput):
    """Rows of the form of costs; one without a cost says nothing."""

    right: list[FormLabel] = Field(default_factory=list, max_length=200)
    given: list[FormLabel] = Field(default_factory=list, max_length=200)
    cost: list[str] = Field(default_factory=list, max_length=200)

    def costs(self) -> list[Cost]:
        if not len(self.right) == len(self.given) == len(self.cost):
            raise Invalid("A row of costs is not complete.", next_step="Fill in all three parts.")
        rows = zip(self.right, self.given, self.cost, strict=True)
        return [Cost(right, given, _number(cost)) for right, given, cost in rows if cost.strip()]


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise Invalid(
            f"The cost {text[:40]!r} is not a number.", next_step="Write a number, such as 20."
        ) from None


class StopForm(FormInput):
    job: Annotated[int, Field(ge=1, le=LARGEST_ID)]


@dataclass(frozen=True, slots=True)
class RecoveryPage:
    """`report` is none while nothing was measured."""

    project: Project
    kept: Kept | None
    job: Job | None
    steps: dict[int, str]
    checked: int
    vectors: bool
    names: dict[int, str]
    sources: dict[int, str]
    fewest: int = FEWEST_CHECKED
    checks_offered: int = CHECKS_OFFERED
    not_a_forecast: str = NOT_A_FORECAST

    @property
    def here(self) -> str:
        return f"/p/{self.project.slug}"

    @property
    def report(self) -> Report | None:
        return self.kept.report if self.kept is not None else None

    @property
    def missing(self) -> int:
        return missing(self.checked)

    @property
    def told(self) -> Told | None:
        return told(self.report, self.sources) if self.report is not None else None

    @property
    def rows(self) -> list[RemedyRow]:
        return remedy_rows(self._there)

    @property
    def tried(self) -> list[tuple[str, str]]:
        """Every remedy and what is trained with it."""
        return [(one.words, one.trained) for one in REMEDIES.values()]

    @property
    def added(self) -> str:
        """How noise was added."""
        return KIND_WORDS[NoiseKind(self._there.kind)]

    @property
    def review(self) -> Line:
        return review_chart(self._there)

    @property
    def noise(self) -> Line:
        return noise_chart(self._there)

    @property
    def review_rows(self) -> list[CurveRow]:
        return curve_rows(self._there.review)

    @property
    def noise_rows(self) -> list[CurveRow]:
        return curve_rows(self._there.noise)

    @property
    def choices(self) -> list[tuple[int, str]]:
        return [(0, "–"), *self.names.items()]

    @property
    def cost_rows(self) -> Sequence[tuple[int, int, str]]:
        """Those that were said and are still labels, and some to fill in."""
        said = self.report.costs if self.report is not None else []
        rows = [
            (one.right, one.given, f"{one.cost:g}")
            for one in said
            if one.right in self.names and one.given in self.names
        ]
        return [*rows, *[(0, 0, "")] * COST_ROWS]

    @property
    def _there(self) -> Report:
        assert self.report is not None, "asked for where there is one"
        return self.report


def _page(session: Session, project: Project) -> RecoveryPage:
    job = recovery_job(session, project.id)
    return RecoveryPage(
        project,
        last_recovery(session, project),
        job,
        steps_of(session, [job]),
        checked_so_far(session, project),
        vectors_kept(session, project),
        shown_names(labels_of(session, project.id)),
        source_names(session, project.id),
    )


@router.get("/p/{slug}/recovery")
def recovery(request: Request, slug: str, caller: Looking) -> Response:
    here = at_page(request, caller.session, slug, Role.LEAD)
    page = _page(caller.session, here.project)
    return render(request, "recovery/recovery.html", page, at=here)


@router.post("/p/{slug}/recovery")
def measure(slug: str, form: Annotated[CostForm, Form()], caller: Acting) -> Response:
    """Have the remedies measured; nothing in the data is changed."""
    measure_again(caller, slug, form.costs())
    return done(f"/p/{slug}/recovery", "measuring")


@router.post("/p/{slug}/recovery/stop")
def stop(slug: str, form: Annotated[StopForm, Form()], caller: Acting) -> Response:
    cancel_job(caller, slug, form.job)
    return done(f"/p/{slug}/recovery", "measuring_stopped")
