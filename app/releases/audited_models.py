"""Models in a release's manifest: which is better on right labels, and which ones ranked."""

from __future__ import annotations

from app.audit.models.audits import Audit, last_audit
from app.audit.models.report import AuditReport
from app.datasets.pushed_models import called
from app.db.tables.ranking import ScoringRun
from app.insights.model_words import headline, pair_words
from app.releases.manifest_parts import (
    About,
    AuditedModel,
    AuditedPair,
    RankedWith,
    TestAuditSaid,
)
from app.releases.snapshot import Snapshot


def with_test_audit(about: About, look: Snapshot) -> About:
    """What the manifest says, with the last report of the newest audit, if it is not newer."""
    audit = last_audit(look.session, look.project.id)
    if audit is None or not audit.row.report or (audit.row.up_to_seq or 0) > look.up_to:
        return about
    return {**about, "test_audit": _said(audit, AuditReport.read(audit.row.report))}


def with_ranking_models(about: About, look: Snapshot) -> About:
    """What the manifest says, with the pushed models that took part in its scoring run."""
    run = look.session.get(ScoringRun, about["scoring_run"]) if about["scoring_run"] else None
    used = run.settings.get("models_used", []) if run is not None else []
    if not used:
        return about
    said: list[RankedWith] = [
        {"name": one["name"], "version": one["version"], "sha256": one["sha256"]} for one in used
    ]
    return {**about, "ranked_with": said}


def _said(audit: Audit, report: AuditReport) -> TestAuditSaid:
    names = {model.id: called(model) for model in audit.models}
    places = {model.id: place for place, model in enumerate(audit.models)}
    scores = {one.model: one for one in report.models}
    models: list[AuditedModel] = [
        {
            "name": model.name,
            "version": model.version,
            "sha256": model.sha256,
            "given": float(scores[model.id].given),
            "corrected": scores[model.id].corrected.estimate,
            "low": float(scores[model.id].corrected.low),
            "high": float(scores[model.id].corrected.high),
        }
        for model in audit.models
    ]
    pairs: list[AuditedPair] = [
        {
            "first": places[one.first],
            "second": places[one.second],
            "differ": one.differ,
            "reads": one.reads,
            "estimate": one.corrected.estimate,
            "low": float(one.corrected.low),
            "high": float(one.corrected.high),
            "exact": one.corrected.exact,
            "words": pair_words(one, names),
        }
        for one in report.pairs
    ]
    return {
        "number": audit.row.number,
        "split": audit.row.split,
        "up_to": audit.row.up_to_seq or 0,
        "examples": report.size - report.gone,
        "differ": report.differ,
        "decided": report.decided,
        "models": models,
        "pairs": pairs,
        "words": headline(report, names),
    }
