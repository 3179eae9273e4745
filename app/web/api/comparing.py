"""Two releases compared, for programs."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel

from app.db.words import Role
from app.releases.differences import RowChange, Summary
from app.web.two_releases import Pair, TwoReleases, WantedRows
from app.web.who import Looking, at

router = APIRouter()
COMPARE = "/api/v1/projects/{slug}/releases/{number}/compare"


class FlowShown(BaseModel):
    """How many labels went from one to another; null: no label."""

    before: str | None
    after: str | None
    count: int


class DifferenceShown(BaseModel):
    example_id: int
    key: str
    change: RowChange
    before: str | None
    after: str | None
    why: str


class ComparedShown(BaseModel):
    """`rows` are the first 100 of those that were asked for, `matching` says how many there are."""

    older: int
    newer: int
    words: str
    relabeled: int
    added: int
    removed: int
    flows: list[FlowShown]
    matching: int
    rows: list[DifferenceShown]


def _shown(two: TwoReleases, told: Summary) -> ComparedShown:
    return ComparedShown(
        older=two.older.number,
        newer=two.newer.number,
        words=told.words,
        relabeled=told.counts[RowChange.RELABELED],
        added=told.counts[RowChange.ADDED],
        removed=told.counts[RowChange.REMOVED],
        flows=[FlowShown.model_validate(one, from_attributes=True) for one in told.flows],
        matching=told.wanted,
        rows=[DifferenceShown.model_validate(one, from_attributes=True) for one in told.rows],
    )


@router.get(COMPARE)
def read_comparison(slug: str, caller: Looking, wanted: WantedRows, asked: Pair) -> ComparedShown:
    """What is another in one release than in the other, which is the one before by default."""
    project = at(caller, slug, Role.LEAD).project
    two = TwoReleases.of(caller.session, project, *asked)
    return _shown(two, two.summary(wanted))


@router.get(COMPARE + ".csv")
def read_comparison_as_csv(slug: str, caller: Looking, asked: Pair) -> Response:
    """Every difference: id, change, label before and after, why."""
    project = at(caller, slug, Role.LEAD).project
    return TwoReleases.of(caller.session, project, *asked).as_csv()
