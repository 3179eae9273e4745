"""The test-set audit: which of some models is better on right labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import Field
from sqlalchemy.orm import Session

from app.actions.jobs import steps_of
from app.actions.model_audits import (
    AuditAsked,
    close_test_audit,
    compare_again,
    open_test_audit,
    read_more,
)
from app.actions.models import push_model, take_out_model
from app.actions.storage import Storage, gone_if_refused
from app.audit.models.audits import FEWEST_MODELS, READS_OFFERED
from app.audit.splits.audits import DRAWS_OFFERED
from app.datasets.pushed_models import LONGEST_SPLIT, called, checks_of, models_of, splits_of
from app.db.tables.datasets import Project
from app.db.tables.jobs import Job
from app.db.tables.models import Model
from app.db.words import ArrayState, Role
from app.errors import NotFound
from app.insights.model_audits import Earlier, Standing, earlier, standing
from app.insights.split_audits import SplitStanding, standings
from app.ranking.asked_models import runs_by_model, runs_in_words
from app.web.bodies import takes_upload
from app.web.forms import FormInput
from app.web.notices import done
from app.web.pages.arrays import STATE_WORDS
from app.web.pages.model_scores import Found
from app.web.payloads import Id, PathId
from app.web.render import render
from app.web.uploads import Blobs, PredictionsFile
from app.web.who import Acting, Looking, Sending, at, at_page

router = APIRouter()

MOST_WATCHED = 5
"""Checks whose progress is shown at once."""


@dataclass(frozen=True, slots=True)
class AuditPage:
    project: Project
    models: list[Model]
    splits: list[str]
    told: Standing | None
    jobs: list[Job]
    steps: dict[int, str]
    earlier: list[Earlier]
    split_audits: list[SplitStanding]
    runs: dict[int, list[int]]  # model -> the numbers of the runs that it was averaged into

    def ranked(self, model: Model) -> str:
        """The runs that it was averaged into, in words."""
        return runs_in_words(self.runs.get(model.id, []))

    @property
    def split_names(self) -> list[tuple[str, str]]:
        return [(one, one) for one in self.splits]

    def draws(self, told: SplitStanding) -> int:
        """How many more random reads of a split are asked for with one press."""
        return min(DRAWS_OFFERED, told.progress.unread)

    @property
    def here(self) -> str:
        return f"/p/{self.project.slug}"

    @property
    def ready(self) -> list[Model]:
        return [one for one in self.models if one.state is ArrayState.READY]

    @property
    def enough(self) -> bool:
        return len(self.ready) >= FEWEST_MODELS

    @property
    def choices(self) -> list[tuple[str, str]]:
        return [("", "Every example"), *((one, one) for one in self.splits)]

    @property
    def usual_split(self) -> str:
        """The split that every model was pushed for, or one that is called test."""
        told = {one.split for one in self.ready}
        if len(told) == 1 and (split := told.pop()) in self.splits:
            return split
        return "test" if "test" in self.splits else ""

    @property
    def compared(self) -> frozenset[int]:
        return frozenset(one.id for one in self.told.audit.models) if self.told else frozenset()

    def name(self, model: Model) -> str:
        return called(model)

    def state(self, model: Model) -> tuple[str, str]:
        return STATE_WORDS[model.state]

    @property
    def split(self) -> str:
        split = self.told.audit.split if self.told else ""
        return f"Split {split}" if split else "Every example"

    @property
    def reads(self) -> int:
        """How many more are asked for with one press."""
        told = self.told
        return min(READS_OFFERED, told.progress.unread) if told and told.audit.is_open else 0

    @property
    def found(self) -> Found | None:
        """What the worker told last."""
        told = self.told
        return Found(told.report, told.names) if told and told.report else None


def _page(session: Session, project: Project) -> AuditPage:
    models, told = models_of(session, project.id), standing(session, project.id)
    waiting = [one for one in models if one.state is ArrayState.CHECKING]
    checks = checks_of(session, project.id)
    found = [checks.get(one.id) for one in waiting[:MOST_WATCHED]]
    audits = standings(session, project.id, log_seq=project.log_seq)
    found += [told.job if told else None, *(one.job for one in audits)]
    jobs = [one for one in found if one is not None]
    splits = splits_of(session, project.id)
    return AuditPage(
        project,
        models,
        splits,
        told,
        jobs,
        steps_of(session, jobs),
        earlier(session, project.id, before=told.audit.row.number) if told else [],
        audits,
        runs_by_model(session, project.id),
    )


@router.get("/p/{slug}/test-audit")
def test_audit(request: Request, slug: str, caller: Looking) -> Response:
    here = at_page(request, caller.session, slug, Role.LEAD)
    page = _page(caller.session, here.project)
    return render(request, "models/test_audit.html", page, at=here)


@dataclass(frozen=True, slots=True)
class KeptPage:
    """The report of one audit, as it was told last."""

    project: Project
    told: Standing

    @property
    def here(self) -> str:
        return f"/p/{self.project.slug}"

    @property
    def found(self) -> Found | None:
        return Found(self.told.report, self.told.names) if self.told.report else None

    @property
    def split(self) -> str:
        split = self.told.audit.split
        return f"Split {split}" if split else "Every example"


@router.get("/p/{slug}/test-audit/{number}")
def kept_report(request: Request, slug: str, number: PathId, caller: Looking) -> Response:
    """The kept report of an audit, by its number."""
    here = at_page(request, caller.session, slug, Role.LEAD)
    told = standing(caller.session, here.project.id, number)
    if told is None:
        raise NotFound()
    page = KeptPage(here.project, told)
    return render(request, "models/kept_audit.html", page, at=here)


class OpenForm(FormInput):
    models: list[Id] = Field(default_factory=list, max_length=100)
    split: str = Field(default="", max_length=LONGEST_SPLIT)


class ReadForm(FormInput):
    count: int = READS_OFFERED


@router.post("/p/{slug}/test-audit")
def begin(slug: str, form: Annotated[OpenForm, Form()], caller: Acting) -> Response:
    """Open an audit of the chosen models."""
    open_test_audit(caller, slug, AuditAsked(tuple(form.models), form.split))
    return done(f"/p/{slug}/test-audit", "test_audit_opened")


@router.post("/p/{slug}/test-audit/read")
def read_on(slug: str, form: Annotated[ReadForm, Form()], caller: Acting) -> Response:
    """Make a blind batch of the next examples that nobody has read."""
    batch = read_more(caller, slug, form.count)
    return done(f"/p/{slug}/batches/{batch.number}", "batch_created")


@router.post("/p/{slug}/test-audit/again")
def again(slug: str, caller: Acting) -> Response:
    compare_again(caller, slug)
    return done(f"/p/{slug}/test-audit", "comparing_models")


@router.post("/p/{slug}/test-audit/close")
def close(slug: str, caller: Acting) -> Response:
    close_test_audit(caller, slug)
    return done(f"/p/{slug}/test-audit", "test_audit_closed")


@router.post(takes_upload("/p/{slug}/test-audit/models"))
def push(slug: str, errand: Sending, sent: PredictionsFile, blobs: Blobs) -> Response:
    """Send what a model predicts, to be checked and compared."""
    with errand.looking() as caller:
        at(caller, slug, Role.LEAD)
    stored = sent.keep(blobs)
    refused = gone_if_refused(Storage(errand.engine, blobs), stored.file.sha256)
    with refused, errand.acting() as caller:
        push_model(caller, slug, stored, blobs)
    return RedirectResponse(f"/p/{slug}/test-audit#models", 303)


@router.post("/p/{slug}/test-audit/models/{model_id}/remove")
def remove(slug: str, model_id: PathId, caller: Acting, blobs: Blobs) -> Response:
    """Forget a model that no audit compares."""
    if take_out_model(caller, slug, model_id, blobs).runs:
        return done(f"/p/{slug}/test-audit", "ranking_model_out")
    return RedirectResponse(f"/p/{slug}/test-audit#models", 303)
