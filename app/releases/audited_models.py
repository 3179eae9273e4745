"""The test-set audit in a release's manifest: which of some models is better on right labels."""

from __future__ import annotations

from app.audit.models.audits import Audit, last_audit
from app.audit.models.report import AuditReport
from app.datasets.pushed_models import called
from app.insights.model_words import headline, pair_words
from app.releases.manifest_parts import About, AuditedModel, AuditedPair, TestAuditSaid
from app.releases.snapshot import Snapshot


def with_test_audit(about: About, look: Snapshot) -> About:
    """What the manifest says, with the last report of the newest audit, if it is not newer."""
    audit = last_audit(look.session, look.project.id)
    if audit is None or not audit.row.report or (audit.row.up_to_seq or 0) > look.up_to:
        return about
    return {**about, "test_audit": _said(audit, AuditReport.read(audit.row.report))}


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
