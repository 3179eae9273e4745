"""The scoring task: load, learn, score, store, and serve the new ranking in one moment."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.datasets.blobs import BlobStore
from app.db.engine import database_now, reading, writing
from app.db.tables.ranking import (
    MODEL_ARRAY,
    Changed,
    RunCounts,
    RunFindings,
    RunSettings,
    ScoringRun,
)
from app.db.types import JsonObject
from app.failpoints import reach
from app.jobs.courtesy import give_way
from app.jobs.task import AskedBy, AtWork
from app.jobs.under_way import ask_once
from app.ranking.annotators import annotators_found
from app.ranking.asked_models import TakingPart, taking_part
from app.ranking.better import Encoding, encoded_here, plan_encoding, the_better_one
from app.ranking.changes import compared, what_changed
from app.ranking.cluster import pool_at
from app.ranking.evidence import Evidence, Means, gather
from app.ranking.findings import findings_of
from app.ranking.load import Dataset, load
from app.ranking.model_views import read_models, with_models
from app.ranking.runs import DEFAULT_EPS, SCORE, ScoreArguments
from app.ranking.scores import CHUNK, Scored, rows, score
from app.ranking.store import Described, add_scores, begin, forget_chunk, publish, runs_to_forget
from app.ranking.uploads import Uploads, read_uploads, uploads_of

MeasuredEps = Callable[[Session, int], float | None]
"""How unreliable one review is in a project, or None while too few reads tell."""

_LONGEST_PAUSE = 0.25  # seconds
_LIBRARIES = ("relabel", "numpy", "scipy", "scikit-learn", "faiss-cpu")

NOTHING_TO_COMPARE = {
    "one_given_label": "E401 Every example has the same label: there is nothing to compare it "
    "with. Reviewing works; the order is that of the file.",
    "no_given_labels": "E401 No example has a label yet: there is nothing to learn from. "
    "Reviewing works; the order is that of the file.",
}


def unmeasured(session: Session, project_id: int) -> float | None:
    """Nobody's reads are known."""
    return None


@dataclass(frozen=True)
class _Inputs:
    data: Dataset
    uploads: Uploads
    blobs: BlobStore
    eps: float
    encoding: Encoding
    models: list[TakingPart]


@dataclass(frozen=True)
class _Outcome:
    """What a run will say of itself once it is served."""

    scored: int
    artefacts: dict[str, str]
    notes: list[str]
    message: str = ""
    more: RunCounts = field(default_factory=RunCounts)  # signals, and what changed
    findings: RunFindings = field(default_factory=RunFindings)


def score_project(
    at: AtWork, arguments: ScoreArguments, *, measured_eps: MeasuredEps = unmeasured
) -> JsonObject:
    """Score every visible example; the old ranking is served until the last moment."""
    engine, job, progress = at.engine, at.job, at.progress
    blobs = BlobStore(at.settings.blob_directory)
    with writing(engine) as session:
        run = begin(session, job, arguments, now=database_now(session))
    progress("reading examples", 0, 1)
    with reading(engine) as session:
        data = load(session, at.project_id)
        uploads = read_uploads(data, uploads_of(session, at.project_id), blobs)
        eps = _eps(session, run, measured_eps)
        encoding = plan_encoding(session, at, data, uploads, arguments)
        asked = arguments.settings.get("models", [])
        models = taking_part(session, at.project_id, asked)
    progress("reading examples", 1, 1)
    given = _Inputs(data, uploads, blobs, eps, encoding, models)
    outcome = _score(at, run, given)
    described = _described(run, given, outcome)
    progress("opening the new ranking", 0, 1)
    with writing(engine) as session:
        publish(session, job, run.id, described, now=database_now(session))
        if encoding.later and outcome.scored:
            better, now = the_better_one(arguments), database_now(session)
            asked_by = AskedBy(run.project_id, run.created_by)
            ask_once(session, SCORE, better, asked_by=asked_by, now=now)
    _forget_old(engine, at.project_id, blobs)
    return {"run": run.id, **_counts(data, outcome)}


def _counts(data: Dataset, outcome: _Outcome) -> RunCounts:
    return {
        "examples": len(data),
        "scored": outcome.scored,
        "not_estimable": len(data) - outcome.scored,
        "notes": outcome.notes,
    }


def _described(run: ScoringRun, given: _Inputs, outcome: _Outcome) -> Described:
    counts = _counts(given.data, outcome)
    counts["labels"] = _label_counts(given.data)
    counts.update(outcome.more)
    settings: RunSettings = {**run.settings, "eps": given.eps}
    if "models" in outcome.more:
        settings["models_used"] = [one.said for one in given.models]
    return Described(
        counts=counts,
        findings=outcome.findings,
        artefacts=outcome.artefacts,
        versions=_versions(),
        settings=settings,
        log_seq=given.data.log_seq,
        message=outcome.message,
    )


def _label_counts(data: Dataset) -> list[tuple[int, int]]:
    """Labels and how many examples carry them, for lists that put the frequent first."""
    counts = np.bincount(data.standing[data.standing >= 0], minlength=len(data.label_ids))
    return [(label, int(n)) for label, n in zip(data.label_ids, counts, strict=True) if n]


def _eps(session: Session, run: ScoringRun, measured: MeasuredEps) -> float:
    """As asked for, or what was measured of this project's reviewers."""
    known = measured(session, run.project_id) if run.settings.get("eps_measured") else None
    return run.settings.get("eps", DEFAULT_EPS) if known is None else known


def _score(at: AtWork, run: ScoringRun, given: _Inputs) -> _Outcome:
    engine, data = at.engine, given.data
    reason = _nothing_to_compare(data, given.uploads)
    if reason:
        return _Outcome(scored=0, artefacts={}, notes=[], message=NOTHING_TO_COMPARE[reason])
    threads = at.settings.threads
    with pool_at(at.settings.dask, workers=threads) as pool:
        means = Means(run.seed, at.progress, pool, threads, at.settings.second_fit)
        evidence, scored, kept, findings = _computed(at, run, given, means)
    top = compared(run.settings)
    with reading(engine) as session:
        changed = what_changed(session, data, scored.priority, top=top)
    for nth, chunk in enumerate(rows(data, evidence, scored, run_id=run.id)):
        at.progress("storing scores", nth * CHUNK, len(data))
        begun = time.perf_counter()
        with writing(engine) as session:
            add_scores(session, at.job, chunk)
        reach("score.chunk")
        _leave_the_lock(begun)
    own = _keep_arrays(given.blobs, data, evidence)
    return _Outcome(
        scored=int(np.isfinite(scored.priority).sum()),
        artefacts=given.uploads.artefacts | _arrays_of(given.models) | own | kept,
        notes=[*evidence.notes, *given.encoding.notes],
        more=_more(evidence, scored, changed),
        findings=findings,
    )


def _more(evidence: Evidence, scored: Scored, changed: Changed | None) -> RunCounts:
    more: RunCounts = {**scored.told, "changed": changed}
    if evidence.made_of is not None:
        more["made_of"] = evidence.made_of
    if evidence.models:
        more["models"] = evidence.models
    return more


def _arrays_of(models: list[TakingPart]) -> dict[str, str]:
    """The arrays of models, so that a run can be made again; a run does not own them."""
    return {f"{MODEL_ARRAY}{nth}": one.array for nth, one in enumerate(models, start=1)}


def _leave_the_lock(begun: float) -> None:
    """Write half of the time at most: SQLite queues nobody, so that one who writes without a
    pause takes its lock again before any that wait for it are awake."""
    time.sleep(min(_LONGEST_PAUSE, time.perf_counter() - begun))


class _Computed(NamedTuple):
    """`kept` are vectors that were kept, by their blobs."""

    evidence: Evidence
    scored: Scored
    kept: dict[str, str]
    findings: RunFindings


def _computed(at: AtWork, run: ScoringRun, given: _Inputs, means: Means) -> _Computed:
    """All that is computed, in a thread that gives way; it touches no database."""

    def compute() -> _Computed:
        data = given.data
        here = encoded_here(at, data, given.blobs, given.encoding)
        evidence = gather(data, given.uploads, given.blobs, means, here.encoded)
        evidence = with_models(evidence, data, read_models(data, given.models, given.blobs))
        scored = score(data, evidence, means, method=method, eps=given.eps)
        findings = findings_of(data, evidence, scored)
        findings["annotators"] = annotators_found(data, evidence, seed=means.seed)
        return _Computed(evidence, scored, here.artefacts, findings)

    method = run.method
    with ThreadPoolExecutor(1, "compute", give_way) as behind:
        return behind.submit(compute).result()


def _nothing_to_compare(data: Dataset, uploads: Uploads) -> str:
    present = np.unique(data.standing[data.standing >= 0])
    if len(present) == 0:
        return "no_given_labels"
    if len(present) == 1 and (uploads.pred_probs is None or len(data.label_ids) == 1):
        return "one_given_label"
    return ""


def _keep_arrays(blobs: BlobStore, data: Dataset, evidence: Evidence) -> dict[str, str]:
    """Arrays by their hash, with the examples their rows stand for."""
    return {
        "pred_probs": blobs.put(_npy(evidence.pred_probs)),
        "embeddings": blobs.put(_npy(evidence.embeddings)),
        "example_ids": blobs.put(_npy(data.example_ids)),
    }


def _npy(array: NDArray[np.generic]) -> bytes:
    file = io.BytesIO()
    np.save(file, np.ascontiguousarray(array), allow_pickle=False)
    return file.getvalue()


def _versions() -> dict[str, str]:
    return {name: version(name) for name in _LIBRARIES if name != "relabel"} | {
        "relabel": _own_version()
    }


def _own_version() -> str:
    try:
        return version("relabel")
    except PackageNotFoundError:  # run from a checkout that is not installed
        return "unreleased"


def _forget_old(engine: Engine, project_id: int, blobs: BlobStore) -> None:
    """Old scores go in small steps, so that no reviewer waits for them."""
    with reading(engine) as session:
        run_ids, arrays = runs_to_forget(session, project_id)
    while True:
        begun = time.perf_counter()
        with writing(engine) as session:
            if forget_chunk(session, run_ids, size=CHUNK) == 0:
                break
        _leave_the_lock(begun)
    for name in arrays:
        blobs.remove(name)
