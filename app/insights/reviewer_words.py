"""Agreement and reviewers, in the words that pages, programs and the command line share."""

from __future__ import annotations

from typing import NamedTuple

from app.agreement.by_items import FEWEST_SHARED
from app.audit.reviewers.report import Coefficient, Limits, OfReviewer, Pulled, Report
from app.noise.limits import FEWEST
from app.shares import whole_percent

NOT_YET = "Not enough data yet"
DIFFERS = "Errs clearly more than the others: talk about the guideline"
GOOD, FAIR = 0.8, 2 / 3
"""From where Krippendorff (2004) calls agreement reliable, and fit for tentative conclusions."""


class Told(NamedTuple):
    """A number and what belongs to it; without a number the note says why there is none."""

    value: str
    note: str = ""

    @property
    def words(self) -> str:
        if not self.value or not self.note:
            return self.value or self.note
        return f"{self.value} ({self.note})"


def range_words(limits: Limits) -> str:
    return f"95% interval {whole_percent(limits.low)} to {whole_percent(limits.high)}"


def coefficient_words(found: Limits) -> str:
    return f"{found.value:.2f} (95% interval {found.low:.2f} to {found.high:.2f})"


def agreed_words(agreement: Coefficient) -> str:
    """The number with its interval, or why there is none."""
    if agreement.found is not None:
        return coefficient_words(agreement.found)
    if agreement.shared < FEWEST_SHARED:
        return f"{NOT_YET}: {agreement.shared:,} of {FEWEST_SHARED} shared examples"
    return "All answers gave one label: agreement cannot be told"


def headline(alpha: Coefficient, who: str = "reviewers") -> str:
    """What the agreement means; empty where there is no number."""
    found = alpha.found
    if found is None:
        return ""
    if found.value >= GOOD:
        sure, words = found.low >= GOOD, f"{who} agree well"
    elif found.value >= FAIR:
        sure, words = found.low >= FAIR and found.high < GOOD, f"{who} agree fairly"
    else:
        sure, words = found.high < FAIR, f"{who} agree too little: talk about the guideline"
    return f"{words[0].upper()}{words[1:]}." if sure else f"Probably {words}."


def few(answers: int) -> Told:
    return Told("", f"{NOT_YET}: {answers:,} of {FEWEST}")


def share_told(share: Limits) -> Told:
    return Told(whole_percent(share.value), range_words(share))


def right_told(found: OfReviewer) -> Told:
    """How often an answer is right whose right outcome others settled."""
    if found.right is None:
        return few(found.measured)
    value, note = share_told(found.right)
    return Told(value, f"{note}, of {found.measured:,}")


def known_told(found: OfReviewer) -> Told:
    if found.known_right is None:
        return few(found.known)
    return Told(f"{found.known_right:,} of {found.known:,}")


def overturned_told(found: OfReviewer) -> Told:
    if found.overturned is None:
        return few(found.changes)
    return Told(f"{found.overturned:,} of {found.changes:,}")


def seconds_told(found: OfReviewer) -> Told:
    if found.median_seconds is None:
        return few(found.answers)
    return Told(f"{found.median_seconds:.1f} s")


def _points(share: float) -> str:
    rounded = round(100 * share)
    return f"\N{MINUS SIGN}{-rounded}" if rounded < 0 else f"{rounded}"


def pulled_told(pulled: Pulled) -> Told:
    """How much less labels are changed that are shown, in points of a hundred."""
    return _points_told(pulled.effect, f"{pulled.blind:,} blind and {pulled.shown:,} shown")


def first_told(pulled: Pulled) -> Told:
    """The same of answers that were given before the label was shown."""
    kinds = f"{pulled.first:,} decided first and {pulled.shown:,} shown"
    return _points_told(pulled.first_effect, kinds)


def given_up_told(pulled: Pulled) -> Told:
    """How many first answers gave way to the given label, once that was shown."""
    share = pulled.given_up
    return share_told(share) if share is not None else few(pulled.differed)


def _points_told(effect: Limits | None, few_reads: str) -> Told:
    if effect is None:
        return Told("", f"{NOT_YET}: {few_reads}, of {FEWEST} each")
    between = f"{_points(effect.low)} to {_points(effect.high)}"
    return Told(f"{_points(effect.value)} points", f"95% interval {between}")


def pulled_meaning(pulled: Pulled) -> str:
    """Whether a label in sight holds changes back; empty where too few reads tell."""
    effect = pulled.effect
    if effect is None:
        return ""
    if effect.low > 0:
        return "A label that is shown is changed less often: read more of them blind."
    if effect.high < 0:
        return "A label that is shown is changed more often than one that is not."
    return "No difference is seen between blind reads and those that saw the label."


def lines(report: Report) -> list[str]:
    """What is said of all of them together."""
    told = [f"Agreement (Krippendorff's alpha): {agreed_words(report.alpha)}."]
    if meaning := headline(report.alpha):
        told.append(meaning)
    told.append(f"Labels in sight, against blind reads: {pulled_told(report.pulled).words}.")
    if meaning := pulled_meaning(report.pulled):
        told.append(meaning)
    return told + first_lines(report.pulled)


def first_lines(pulled: Pulled) -> list[str]:
    """Where people decide first: what the label in sight does to their answers."""
    if not pulled.decided_first:
        return []
    return [
        f"Labels in sight, against first answers: {first_told(pulled).words}.",
        "First answers that gave way to the given label once it was shown: "
        f"{given_up_told(pulled).words}.",
    ]


def line_of(name: str, found: OfReviewer) -> str:
    """One reviewer in a line."""
    words = (
        f"{name}: {found.answers:,} {'answer' if found.answers == 1 else 'answers'}, median "
        f"{seconds_told(found).words}; right {right_told(found).words}; known answers "
        f"{known_told(found).words}; changes overturned {overturned_told(found).words}"
    )
    return f"{words}. {DIFFERS}." if found.differs else f"{words}."
