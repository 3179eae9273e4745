"""Audits of splits in a release's manifest: how many labels of a split are wrong."""

from __future__ import annotations

from app.audit.splits.audits import split_audits
from app.audit.splits.report import SplitReport
from app.db.tables.models import SplitAudit
from app.insights.split_audits import left_words
from app.releases.manifest_parts import About, SplitAuditSaid
from app.releases.snapshot import Snapshot


def with_split_audits(about: About, look: Snapshot) -> About:
    """What the manifest says, with the last report of each split, if it is not newer."""
    audits = [
        _said(one, SplitReport.read(one.report))
        for one in split_audits(look.session, look.project.id)
        if one.report and (one.up_to_seq or 0) <= look.up_to
    ]
    return {**about, "split_audits": audits} if audits else about


def _said(audit: SplitAudit, report: SplitReport) -> SplitAuditSaid:
    return {
        "number": audit.number,
        "split": audit.split,
        "up_to": audit.up_to_seq or 0,
        "labels": report.size,
        "found": report.wrong_so_far,
        "draws": report.draws,
        "low": report.low,
        "high": report.high,
        "words": left_words(report, audit.split),
    }
