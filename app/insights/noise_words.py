"""What a study of the noise says, in the words of screens and programs."""

from __future__ import annotations

from dataclasses import dataclass

from app.audit.study.report import Group, Report
from app.datasets.roles import ROLES
from app.noise.kinds import KINDS, Kind
from app.shares import percent

TITLES = {
    Kind.STRUCTURED: "Wrong labels come in groups",
    Kind.CLASS_DEPENDENT: "Mostly confusion between labels",
    Kind.RANDOM: "Wrong labels are scattered",
    Kind.NO_PATTERN: "No pattern found",
}

SURE = 0.05  # what chance brings at most in one of twenty projects


@dataclass(frozen=True, slots=True)
class Told:
    """`reach` says what would have shown, and so what the verdict does not rule out."""

    title: str
    meaning: str
    advice: str
    reach: str
    basis: str

    @property
    def lines(self) -> list[str]:
        return [self.title, self.meaning, self.advice, self.reach, self.basis]


def told(report: Report) -> Told:
    record = KINDS[Kind(report.kind)]
    return Told(TITLES[record.kind], record.meaning, record.advice, _reach(report), _basis(report))


def _basis(report: Report) -> str:
    return (
        f"From {report.answers:,} decided examples, {report.wrong:,} of them with a wrong label; "
        f"{report.checks:,} were random checks. {report.groups_tried:,} groups were compared, at "
        "equal label quality and given label."
    )


def _reach(report: Report) -> str:
    if report.detectable is None:
        return "So far even a group of a fifth of the data might not have shown."
    return (
        f"A group of {percent(report.detectable)} of the data with most labels wrong would "
        "probably (about 8 in 10) have shown."
    )


def is_sure(group: Group) -> bool:
    """More than chance brings among all groups that were looked at."""
    return group.p <= SURE


def group_words(group: Group) -> str:
    """Wrong ones against what quality and label explain; only what was reviewed is counted."""
    return (
        f"{group.wrong:,} of {group.answers:,} reviewed were wrong, {group.expected:.1f} expected "
        "at this quality and these labels"
    )


def origin_lines(report: Report) -> list[str]:
    """What differs from the others by how the label came about, as far as checks can tell."""
    return [
        f"{ROLES[one.role].words} “{one.value}”: {one.wrong:,} of {one.checks:,} random checks "
        f"wrong ({percent(one.low)} to {percent(one.high)}), which differs from the others."
        for one in report.origins
        if one.named and one.differs
    ]
