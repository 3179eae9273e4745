"""Scoring runs: what was run, when, with what; start one, stop one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import Field
from sqlalchemy.orm import Session

from app.actions.jobs import steps_of
from app.actions.scoring import cancel_job, rank_anew
from app.datasets.pushed_models import called, models_of
from app.db.tables.jobs import Job
from app.db.tables.models import Model
from app.db.tables.ranking import ScoringRun
from app.db.words import ArrayState, DataType, Role
from app.insights.signals import ENOUGH, SignalsFound, signals_found
from app.ranking.asked_models import MOST_ASKED
from app.ranking.encoders.encoder import Encoder
from app.ranking.encoders.registry import encoder_for, how_to_gain
from app.ranking.made_of import in_words
from app.ranking.runs import (
    ScoringRequest,
    follows_a_ranking,
    method_words,
    methods_offered,
    runs_of,
    scoring_job,
)
from app.ranking.signal_names import SIGNAL_WORDS
from app.web.asker import Here
from app.web.forms import FormInput
from app.web.pages.arrays import ArraysCard, arrays_card
from app.web.pages.scoring_findings import FindingsCard, SignalsCard, findings_cards
from app.web.payloads import Id
from app.web.render import render
from app.web.sessions import Reading
from app.web.who import Acting, Asking, at_page

_LONGER = 1.6
"""A ranking with an encoder takes so many times longer than the one before, encoding apart."""

router = APIRouter()


class ScoringForm(FormInput):
    method: str = "vpv"
    eps: float | Literal[""] = ""
    models: list[Id] = Field(default_factory=list, max_length=MOST_ASKED)


class StopForm(FormInput):
    job: int


@dataclass(frozen=True, slots=True)
class ScoringPage:
    slug: str
    current: int | None
    runs: list[ScoringRun]
    job: Job | None
    steps: dict[int, str]
    methods: list[tuple[str, str]]
    words: dict[str, str]
    eps: str
    refit_after: int
    findings: FindingsCard | None
    bars: SignalsCard
    signals: SignalsFound
    signal_words: dict[str, str]
    enough: int
    arrays: ArraysCard
    models: list[Model]
    data_type: DataType

    @property
    def current_message(self) -> str:
        """What the run in use says of itself, such as why there was nothing to compare."""
        return next((run.message for run in self.runs if run.id == self.current), "")

    @property
    def better_follows(self) -> str:
        """The encoder that the run at work ranks better with, after one that is served."""
        encoder = encoder_for(self.data_type)
        follows = self.job is not None and follows_a_ranking(self.job)
        if encoder is None or not follows:
            return ""
        served = next((one for one in self.runs if one.id == self.current), None)
        minutes = minutes_to_better(encoder, served)
        return f"{encoder.words}, in about {minutes} {'minute' if minutes == 1 else 'minutes'}"

    @property
    def models_offered(self) -> list[Model]:
        """Those with probabilities: they can be averaged in."""
        return [one for one in self.models if one.probabilities]

    @property
    def labels_only(self) -> list[str]:
        """Models that cannot take part: they said labels alone."""
        return [called(one) for one in self.models if not one.probabilities]

    @property
    def models_in_use(self) -> frozenset[int]:
        """Which took part in the run that is served: asked for again unless they are unticked."""
        served = next((one for one in self.runs if one.id == self.current), None)
        return frozenset(served.settings.get("models", [])) if served else frozenset()

    def name(self, model: Model) -> str:
        return called(model)

    @property
    def to_gain(self) -> str:
        """What could be installed to rank better."""
        return how_to_gain(self.data_type)

    def made_of(self, run: ScoringRun) -> list[str]:
        """What the run was made of, where its models were trained here or pushed ones took part."""
        return in_words(run.counts)


def minutes_to_better(encoder: Encoder, served: ScoringRun | None) -> int:
    """About how long a run with the encoder takes, from what is served now."""
    if served is None:
        return 1
    took = (served.finished_at or served.started_at) - served.started_at
    encoding = served.counts.get("examples", 0) * encoder.milliseconds / 1000
    return max(1, math.ceil((_LONGER * took.total_seconds() + encoding) / 60))


def _page(session: Session, here: Here) -> ScoringPage:
    project, words = here.project, method_words()
    job = scoring_job(session, project.id)
    signals = signals_found(session, project)
    return ScoringPage(
        project.slug,
        project.run_id,
        runs_of(session, project.id),
        job,
        steps_of(session, [job]),
        [(name, words[name]) for name in methods_offered(session, project.id)],
        words,
        "",
        project.refit_after,
        *findings_cards(session, project, signals),
        signals,
        SIGNAL_WORDS,
        ENOUGH,
        arrays_card(session, project.id),
        [one for one in models_of(session, project.id) if one.state is ArrayState.READY],
        project.data_type,
    )


@router.get("/p/{slug}/scoring")
def scoring(request: Request, slug: str, asker: Asking, session: Reading) -> Response:
    here = at_page(request, session, slug, Role.LEAD)
    return render(request, "scoring/scoring.html", _page(session, here), at=here)


@router.post("/p/{slug}/scoring")
def start(caller: Acting, slug: str, form: Annotated[ScoringForm, Form()]) -> Response:
    eps = None if form.eps == "" else form.eps
    rank_anew(caller, slug, ScoringRequest(form.method, eps, models=tuple(form.models)))
    return RedirectResponse(f"/p/{slug}/scoring", 303)


@router.post("/p/{slug}/scoring/stop")
def stop(caller: Acting, slug: str, form: Annotated[StopForm, Form()]) -> Response:
    cancel_job(caller, slug, form.job)
    return RedirectResponse(f"/p/{slug}/scoring", 303)
