"""How far the annotators of a file agree, as the served ranking found it: nothing is counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.reviewers.report import Coefficient, Limits
from app.datasets.visible import visible_imports
from app.db.tables.datasets import Example, Project
from app.db.tables.ranking import AnnotatorsFound, ScoringRun
from app.db.words import Status
from app.insights.reviewer_words import agreed_words, few, headline, share_told

LISTED = 8
BY_METHOD = {
    "crowdlab": "by CROWDLAB, from all votes and the model",
    "majority": "by majority",
    "one vote": "by the one vote",
}


@dataclass(frozen=True, slots=True)
class Annotator:
    name: str
    answers: int
    share: str
    note: str


@dataclass(frozen=True, slots=True)
class Annotators:
    """`agreed` and `meaning` say how far they agree, `consensus` what the votes make of labels.

    `listed` are examples whose consensus is another label, by id and key, the surest first.
    """

    agreed: str
    meaning: str
    consensus: str
    examples: int
    otherwise: int
    listed: list[tuple[int, str]]
    people: list[Annotator]

    @property
    def lines(self) -> list[str]:
        said = f"Annotators' agreement (Krippendorff's alpha): {self.agreed}."
        return [line for line in (said, self.meaning, self.consensus) if line]


def annotators(session: Session, project: Project, names: Mapping[int, str]) -> Annotators | None:
    """None where no example was labeled by several, or the ranking is older than this."""
    findings = session.scalar(select(ScoringRun.findings).where(ScoringRun.id == project.run_id))
    found = findings.get("annotators") if findings else None
    if not found:
        return None
    alpha = Limits(*found["alpha"]) if found["alpha"] else None
    agreement = Coefficient(alpha, found["examples"])
    keys = _keys(session, project.id, found["listed"][:LISTED])
    return Annotators(
        agreed_words(agreement),
        headline(agreement, "annotators"),
        _consensus_words(found),
        found["examples"],
        found["otherwise"],
        [(one, keys[one]) for one in found["listed"] if one in keys],
        _people(found, names),
    )


def _keys(session: Session, project_id: int, ids: list[int]) -> dict[int, str]:
    """What examples are called, in no order."""
    query = select(Example.id, Example.key).where(
        Example.id.in_(ids),
        Example.project_id == project_id,
        Example.import_id.in_(visible_imports(project_id)),
        Example.status != Status.ERASED,
    )
    return dict(session.execute(query).all())


def _consensus_words(found: AnnotatorsFound) -> str:
    how = BY_METHOD.get(found["method"], found["method"])
    many = found["otherwise"]
    return (
        f"Consensus ({how}): {many:,} of {found['examples']:,} examples that several labeled "
        f"{'has' if many == 1 else 'have'} another label than the one they came with."
    )


def _people(found: AnnotatorsFound, names: Mapping[int, str]) -> list[Annotator]:
    """By name; whose label no example kept is called by a number."""
    told = []
    for nth, one in enumerate(found["annotators"], start=1):
        name = names.get(one["source"] or 0, f"Annotator {nth}")
        share = share_told(Limits(*one["share"])) if one["share"] else few(one["answers"])
        told.append(Annotator(name, one["answers"], *share))
    return sorted(told, key=lambda one: (one.name.casefold(), one.answers))
