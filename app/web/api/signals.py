"""What each detection signal finds in a project, for programs."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from app.db.words import Role
from app.insights.signals import ENOUGH, Found, SignalsFound, State, signals_found
from app.ranking.signal_names import SIGNAL_WORDS, Signal
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
    """`fired` on how many of all examples; null where it is not applicable, `why` says why."""

    name: Signal
    words: str
    fired: int | None
    why: str


class SignalsShown(BaseModel):
    state: State
    run: int | None
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
    """On how much each signal of the served ranking fired, and what decisions say of it."""
    return _shown(signals_found(caller.session, at(caller, slug, Role.LEAD).project))


def _shown(signals: SignalsFound) -> SignalsShown:
    return SignalsShown(
        state=signals.state,
        run=signals.run,
        signals=[
            SignalShown(
                name=Signal(name),
                words=SIGNAL_WORDS[name],
                fired=fired,
                why=signals.absent.get(name, ""),
            )
            for name, fired in signals.fired.items()
        ],
        every=_decided(signals.every),
        random=_decided(signals.random),
    )
