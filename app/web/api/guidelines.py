"""The guideline of a project, for programs: rules for all of it, for labels and pairs of them."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.actions.guidelines import read_again, write_guideline
from app.datasets.guidelines import current_rules, labels_in
from app.db.tables.guidelines import Guideline
from app.web.payloads import Id, Payload
from app.web.who import Acting, Looking, at

router = APIRouter()

GUIDELINES = "/api/v1/projects/{slug}/guidelines"


class RuleShown(BaseModel):
    """`labels`: none for the project, one, or the two of a pair. The text is plain Markdown.

    Answers whose `guideline_revision` is this `revision` or later saw this version.
    """

    labels: list[int]
    version: int
    revision: int
    text: str
    at: datetime


class GuidelinesShown(BaseModel):
    revision: int
    rules: list[RuleShown]


class RulePayload(Payload):
    """`base`: the version that the text was written from; another one is not overwritten."""

    labels: list[Id] = Field(default_factory=list, max_length=2)
    text: str
    base: int | None = None


class RewrittenShown(RuleShown):
    """`may_overturn`: examples that were decided by an older version."""

    may_overturn: int


class ReadAgainPayload(Payload):
    """`expected`: how many examples the asker was told of."""

    labels: list[Id] = Field(default_factory=list, max_length=2)
    version: int
    expected: int | None = None


class ReadAgainShown(BaseModel):
    opened: int
    left: int


def _rule(rule: Guideline) -> RuleShown:
    return RuleShown(
        labels=list(labels_in(rule)),
        version=rule.version,
        revision=rule.revision,
        text=rule.text,
        at=rule.at,
    )


@router.get(GUIDELINES)
def read_guidelines(slug: str, caller: Looking) -> GuidelinesShown:
    """The last version of every rule."""
    project = at(caller, slug).project
    rules = current_rules(caller.session, project.id)
    return GuidelinesShown(
        revision=project.guideline_revision, rules=[_rule(rule) for rule in rules]
    )


@router.post(GUIDELINES, status_code=201)
def post_guideline(slug: str, payload: RulePayload, caller: Acting) -> RewrittenShown:
    """Write the next version of a rule; reviewers at work are told of it."""
    done = write_guideline(caller, slug, payload.labels, payload.text, base=payload.base)
    return RewrittenShown(**_rule(done.rule).model_dump(), may_overturn=done.may_overturn)


@router.post(GUIDELINES + "/read-again")
def post_read_again(slug: str, payload: ReadAgainPayload, caller: Acting) -> ReadAgainShown:
    """Open those again that were decided by an older version; the estimate begins anew."""
    again = read_again(
        caller, slug, payload.labels, version=payload.version, expected=payload.expected
    )
    return ReadAgainShown(opened=again.opened, left=again.left)
