"""Identical examples that came with different labels, for programs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from app.actions.duplicates import review_duplicates
from app.db.words import Role
from app.insights.duplicates import Group, duplicates
from app.web.who import Acting, Looking, at

router = APIRouter(prefix="/api/v1/projects/{slug}/duplicates")

Cursor = Annotated[str, Query(max_length=80)]


class LabelOfGroup(BaseModel):
    """`example`: one of those that came with it."""

    label: int
    name: str
    examples: int
    sources: list[str]
    example: int


class GroupShown(BaseModel):
    """Examples of exactly the same content; `unread`: so many of them nobody has answered."""

    examples: int
    unread: int
    labels: list[LabelOfGroup]


class DuplicatesShown(BaseModel):
    """A page of the groups with different labels, the largest first; `cursor` asks for the next.

    `near` and `leakage`: how many examples the ranking in use found nearly the same as one of
    another label, and the same or nearly the same in another split; null where it cannot say.
    """

    groups: int
    examples: int
    rows: list[GroupShown]
    cursor: str
    run: int | None
    near: int | None
    leakage: int | None


class BatchMade(BaseModel):
    id: int
    number: int
    size: int


@router.get("")
def read_duplicates(slug: str, caller: Looking, cursor: Cursor = "") -> DuplicatesShown:
    """Groups of identical content with different labels: how large, which labels, who gave them."""
    found = duplicates(caller.session, at(caller, slug, Role.LEAD).project, cursor=cursor)
    return DuplicatesShown(
        groups=found.groups,
        examples=found.examples,
        rows=[_group(group) for group in found.rows],
        cursor=found.following,
        run=found.run,
        near=found.near.fired,
        leakage=found.leakage.fired,
    )


@router.post("/review", status_code=201)
def post_review(slug: str, caller: Acting) -> BatchMade:
    """Have one example of each group read: its answer goes to the others of the group too."""
    batch = review_duplicates(caller, slug)
    return BatchMade(id=batch.id, number=batch.number, size=batch.size)


def _group(group: Group) -> GroupShown:
    return GroupShown(
        examples=group.examples,
        unread=group.unread,
        labels=[
            LabelOfGroup(
                label=one.label,
                name=one.name.came,
                examples=one.examples,
                sources=list(one.sources),
                example=one.example,
            )
            for one in group.labels
        ],
    )
