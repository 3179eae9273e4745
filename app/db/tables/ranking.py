"""Scoring runs and their scores; a ranking is served from one complete run."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.types import BigId, Table, UtcDateTime, Word, identity
from app.db.words import RunState

MODEL_ARRAY = "uploaded_model_"
"""How a run names the array of a pushed model among its artefacts, with a number behind."""


class ScoringSettings(TypedDict, total=False):
    """What a scoring is asked to use. `eps_measured`: reads that are known may correct `eps`.

    `models`: ids of pushed models that are averaged in; without the key, none.
    """

    eps: float
    eps_measured: bool
    seed: int
    models: list[int]


class ModelUsed(TypedDict):
    """A pushed model as it was when it took part; `sha256` is of the file that was pushed."""

    id: int
    name: str
    version: str
    sha256: str


class RunSettings(ScoringSettings, total=False):
    """What a run was made with; `refit`: nobody asked for it, new decisions did.

    `encoders`: it followed another run, to put an encoder's order in its place. `models_used` are
    those of the `models` asked for that were still there.
    """

    job: int
    refit: bool
    encoders: bool
    models_used: list[ModelUsed]


class Changed(TypedDict):
    """Against the run served before: answers learnt from, and how many of the top are new."""

    run: int
    answers: int
    of: int
    new: int


class TriedView(TypedDict):
    """A view that had to show its worth: nats of the labels at hand without and with it."""

    name: str
    without: float
    with_it: float
    enters: bool


class MadeOf(TypedDict):
    """What the probabilities were made of; `left_out`: labels the second fit did without."""

    averaged: list[str]
    tried: list[TriedView]
    left_out: int


class AveragedModel(TypedDict):
    """A pushed model that took part: what the labels at hand cost before it did, and after, in
    nats, on the examples that it predicts; none where no label is at hand."""

    name: str
    examples: int
    without: float | None
    with_it: float | None


class RunCounts(TypedDict, total=False):
    """What a run says of itself: `labels` are pairs of label id and how many examples carry it.

    A signal that cannot speak has no number, and a reason in `signals_absent`.
    """

    examples: int
    scored: int
    not_estimable: int
    notes: list[str]
    labels: list[tuple[int, int]]
    signals: dict[str, int | None]
    signals_absent: dict[str, str]
    changed: Changed | None
    made_of: MadeOf
    models: list[AveragedModel]


class OfAnnotator(TypedDict):
    """`source` is the id of the source so called, null where no example came with its label.

    `right` of `answers` are those that the majority of the others said; `share` with its limits is
    null under 20.
    """

    source: int | None
    answers: int
    right: int
    share: tuple[float, float, float] | None


class AnnotatorsFound(TypedDict):
    """Of examples that several labeled before they came here.

    `alpha` with its limits is null under 50 of them. `otherwise`: how many have a consensus that
    is another label than the one they came with; `listed` are those where it is surest.
    """

    examples: int
    alpha: tuple[float, float, float] | None
    method: str
    otherwise: int
    listed: list[int]
    annotators: list[OfAnnotator]


class FieldRanges(TypedDict):
    """Between which numbers most values of a column lie: of all rows, and by label id."""

    every: tuple[float, float]
    of: list[tuple[int, float, float]]


class RunFindings(TypedDict, total=False):
    """Of the labels that nobody had reviewed when the run was made, and that it could judge.

    `otherwise`: of how many the model favours another label; `qualities`: the same two counts in
    equal steps of the label quality from 0 to 1; `pairs`: given label, favoured label, examples,
    the most frequent first; `samples`: a few examples of each signal;
    `annotators`: of all examples that several labeled.
    """

    labels: int
    otherwise: int
    doubt: float  # one minus the label quality, summed over them
    qualities: list[tuple[int, int]]
    pairs: list[tuple[int, int, int]]
    pairs_in_all: int
    samples: dict[str, list[int]]
    annotators: AnnotatorsFound | None
    ranges: dict[str, FieldRanges]  # by the name of a column of numbers


Suggestion = tuple[int, float]
"""Label id and probability; JSON gives a list of the two."""

Neighbour = tuple[int, float]
"""Example id and similarity; JSON gives a list of the two."""


class Facts(TypedDict, total=False):
    """What the desk's sentence is made of; label ids, shares, and counts of examples and labels."""

    difficulty: float
    difficulty_share: float
    top: int
    p_top: float
    not_estimable: bool
    p_given: float
    neighbours_used: int
    neighbours_top: tuple[int, int]  # label id, votes
    same_content: tuple[int, int]  # examples, different labels
    nearly_same: tuple[int, int]
    unusual: list[str]
    picture: list[str]
    splits: list[str]
    split_content: str


class ScoringRun(Table):
    __tablename__ = "scoring_run"

    id: Mapped[int] = identity()
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    number: Mapped[int] = mapped_column()
    state: Mapped[RunState] = mapped_column(Word(RunState))
    method: Mapped[str] = mapped_column(String(40), default="vpv")
    settings: Mapped[RunSettings] = mapped_column(JSON, default=dict)
    seed: Mapped[int] = mapped_column(BigId)
    versions: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    artefacts: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)  # name -> SHA-256
    counts: Mapped[RunCounts] = mapped_column(JSON, default=dict)
    findings: Mapped[RunFindings] = mapped_column(
        JSON, default=dict, server_default="{}", deferred=True
    )
    log_seq: Mapped[int] = mapped_column(BigId, default=0)
    message: Mapped[str] = mapped_column(Text, default="")
    created_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


_FINITE = "abs({0}) < 1e300"


class Score(Table):
    __tablename__ = "score"
    __table_args__ = (
        Index("ix_score_priority", "run_id", "priority", "example_id"),
        Index("ix_score_quality", "run_id", "quality", "example_id"),
        Index("ix_score_signals", "run_id", "example_id", "signals"),
        *(
            CheckConstraint(_FINITE.format(name), name=f"finite_{name}")
            for name in ("priority", "quality", "difficulty", "p_given")
        ),
    )

    run_id: Mapped[int] = mapped_column(ForeignKey("scoring_run.id"), primary_key=True)
    example_id: Mapped[int] = mapped_column(ForeignKey("example.id"), primary_key=True)
    priority: Mapped[float | None] = mapped_column()  # null: cannot be scored, listed apart
    quality: Mapped[float | None] = mapped_column()
    difficulty: Mapped[float | None] = mapped_column()  # nats
    p_given: Mapped[float | None] = mapped_column()
    suggested_id: Mapped[int | None] = mapped_column(ForeignKey("label.id"))
    suggestions: Mapped[list[Suggestion]] = mapped_column(JSON, default=list)  # up to 9
    neighbours: Mapped[list[Neighbour]] = mapped_column(JSON, default=list)  # up to 6
    facts: Mapped[Facts] = mapped_column(JSON, default=dict)
    signals: Mapped[int] = mapped_column(
        BigId, default=0, server_default="0"
    )  # fired: one bit each
