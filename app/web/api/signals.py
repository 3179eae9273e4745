"""What the ranking in use and each of its signals find in a project, for programs."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel

from app.db.words import Role
from app.insights.findings import Findings, findings
from app.insights.signals import ENOUGH, Found, SignalsFound, State, signals_found
from app.ranking.signal_names import SIGNAL_MEANINGS, SIGNAL_WORDS, Signal
from app.web.who import Looking, at

router = APIRouter()


class WorthShown(BaseModel):
    """Of decided examples: fired on, labels changed, found by no other; bounds of the share."""

    fired: int
    changed: int
    only: int
    low: float
    high: float


class FoundShown(BaseModel):
    """Under `needed` decided examples `signals` is empty."""

    decided: int
    needed: int
    changed: int
    unfound: int
    signals: dict[Signal, WorthShown]


class SignalShown(BaseModel):
    """`fired` on how many of all examples; null where it is not applicable, `why` says why.

    `examples` are a few of them, by id.
    """

    name: Signal
    words: str
    meaning: str
    fired: int | None
    why: str
    examples: list[int]


class QualityShown(BaseModel):
    """Labels of a quality from `low` to below `high`; of `otherwise` the model reads another."""

    low: float
    high: float
    labels: int
    otherwise: int


class PairShown(BaseModel):
    """Examples that came with one label, of which the model favors another; both by id."""

    given: int
    given_name: str
    suggested: int
    suggested_name: str
    examples: int


class FindingsShown(BaseModel):
    """Of labels nobody had reviewed at `scored_at`, what the model says: no estimate of errors.

    `pairs` are the most frequent ones of `pairs_in_all`.
    """

    scored_at: datetime
    labels: int
    otherwise: int
    quality: list[QualityShown]
    pairs: list[PairShown]
    pairs_in_all: int


class SignalsShown(BaseModel):
    state: State
    run: int | None
    findings: FindingsShown | None
    signals: list[SignalShown]
    every: FoundShown
    random: FoundShown


def _decided(decisions: Found) -> FoundShown:
    worths = decisions.signals if decisions.enough else {}
    return FoundShown(
        decided=decisions.decided,
        needed=ENOUGH,
        changed=decisions.changed,
        unfound=decisions.unfound,
        signals={
            Signal(name): WorthShown.model_validate(worth, from_attributes=True)
            for name, worth in worths.items()
        },
    )


@router.get("/api/v1/projects/{slug}/signals")
def read_signals(caller: Looking, slug: str) -> SignalsShown:
    """What the served ranking found, how often each signal fired, what decisions say of it."""
    project = at(caller, slug, Role.LEAD).project
    known = findings(caller.session, project)
    return _shown(signals_found(caller.session, project), known)


def _findings(known: Findings) -> FindingsShown:
    return FindingsShown(
        scored_at=known.scored_at,
        labels=known.labels,
        otherwise=known.otherwise,
        quality=[
            QualityShown.model_validate(step, from_attributes=True) for step in known.qualities
        ],
        pairs=[
            PairShown(
                given=pair.given_id,
                given_name=pair.given.came,
                suggested=pair.favoured_id,
                suggested_name=pair.favoured.came,
                examples=pair.examples,
            )
            for pair in known.pairs
        ],
        pairs_in_all=known.pairs_in_all,
    )


def _shown(signals: SignalsFound, known: Findings | None) -> SignalsShown:
    return SignalsShown(
        state=signals.state,
        run=signals.run,
        findings=_findings(known) if known else None,
        signals=[
            SignalShown(
                name=Signal(name),
                words=SIGNAL_WORDS[name],
                meaning=SIGNAL_MEANINGS[name],
                fired=fired,
                why=signals.absent.get(name, ""),
                examples=known.samples.get(name, []) if known else [],
            )
            for name, fired in signals.fired.items()
        ],
        every=_decided(signals.every),
        random=_decided(signals.random),
    )
