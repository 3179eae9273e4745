"""The labels of a project, for programs."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from app.actions.labels import (
    add_label,
    add_reference,
    change_label,
    remove_reference,
    restore_label,
    retire_label,
    retire_unused,
    split_label,
)
from app.datasets.labels import NewLabel, label_of, labels_of
from app.datasets.reference_examples import references_of
from app.db.tables.datasets import Label
from app.db.words import Belongs, Role
from app.insights.label_counts import label_counts, touched_by_merge
from app.web.label_words import BeforePayload
from app.web.payloads import Chosen, Id, PathId, Payload
from app.web.who import Acting, Looking, at

router = APIRouter()

LABELS = "/api/v1/projects/{slug}/labels"
ONE = LABELS + "/{label_id}"


class LabelShown(BaseModel):
    """`name` is what files say; `display` what a lead calls it on screens, empty where the same."""

    id: int
    name: str
    display: str
    code: str
    description: str
    synonyms: list[str]
    key: str
    retired: bool
    replaced_by: int | None


class CountsShown(BaseModel):
    given: int
    final: int
    not_reviewed: int


class TouchedShown(BaseModel):
    """What a merge would change: what carries the label, and the reads of it that are open."""

    examples: int
    decided: int
    answers: int
    open_reads: int


class ReferenceLine(BaseModel):
    """A decided example that shows what belongs (`include`) or does not (`exclude`)."""

    label: int
    example: int
    key: str
    belongs: Belongs
    text: str


class LabelInFull(LabelShown):
    counts: CountsShown
    merge_touches: TouchedShown
    references: list[ReferenceLine]


class LabelPayload(Payload):
    name: str
    code: str = ""
    description: str = ""
    synonyms: list[str] = Field(default_factory=list)


class ChangePayload(BeforePayload):
    before: BeforePayload | None = None


class MergePayload(Payload):
    into: Id


class SplitPayload(Payload):
    name: str
    description: str = ""
    examples: list[Id] = Field(min_length=1, max_length=1_000)


class SplitShown(BaseModel):
    """`left`: examples that are read, or waiting, elsewhere already."""

    label: LabelShown
    batch: int
    examples: int
    left: int


class ReferencePayload(Payload):
    belongs: Chosen[Belongs]


class ReferencesShown(BaseModel):
    references: list[ReferenceLine]


def _label(label: Label) -> LabelShown:
    return LabelShown(
        id=label.id,
        name=label.name,
        display=label.display,
        code=label.code,
        description=label.description,
        synonyms=label.synonyms,
        key=label.key,
        retired=label.retired_at is not None,
        replaced_by=label.replaced_by,
    )


def _lines(session: Session, project_id: int, label_id: int) -> list[ReferenceLine]:
    return [
        ReferenceLine.model_validate(one) for one in references_of(session, project_id, label_id)
    ]


@router.get(LABELS)
def read_labels(slug: str, caller: Looking) -> list[LabelShown]:
    project = at(caller, slug).project
    return [_label(label) for label in labels_of(caller.session, project.id, retired=True)]


@router.post(LABELS, status_code=201)
def post_label(slug: str, payload: LabelPayload, caller: Acting) -> LabelShown:
    new = NewLabel(payload.name, payload.code, payload.description, tuple(payload.synonyms))
    return _label(add_label(caller, slug, new))


@router.get(ONE)
def read_label(slug: str, label_id: PathId, caller: Looking) -> LabelInFull:
    """One label with its counts, its reference examples and what a merge would change."""
    session, project_id = caller.session, at(caller, slug, Role.LEAD).project.id
    label, counts = label_of(session, project_id, label_id), label_counts(session, project_id)
    touched = touched_by_merge(session, project_id, label_id)
    return LabelInFull(
        **_label(label).model_dump(),
        counts=CountsShown(
            given=counts.given[label_id],
            final=counts.final[label_id],
            not_reviewed=counts.unread[label_id],
        ),
        merge_touches=TouchedShown.model_validate(touched, from_attributes=True),
        references=_lines(session, project_id, label_id),
    )


@router.patch(ONE)
def patch_label(slug: str, label_id: PathId, payload: ChangePayload, caller: Acting) -> LabelShown:
    """Change what is named; with `before`, only what nobody else changed since."""
    before = payload.before.change if payload.before is not None else None
    return _label(change_label(caller, slug, label_id, payload.change, before))


@router.post(ONE + "/merge")
def post_merge(slug: str, label_id: PathId, payload: MergePayload, caller: Acting) -> LabelShown:
    """Retire the label into another one: all that carries it counts as that one from now on."""
    retire_label(caller, slug, label_id, replaced_by=payload.into)
    return _label(caller.session.get_one(Label, label_id))


@router.post(ONE + "/retire")
def post_retire(slug: str, label_id: PathId, caller: Acting) -> LabelShown:
    """Take a label out of use that no example and no answer carries."""
    retire_unused(caller, slug, label_id)
    return _label(caller.session.get_one(Label, label_id))


@router.post(ONE + "/restore")
def post_restore(slug: str, label_id: PathId, caller: Acting) -> LabelShown:
    """Bring a retired label back; an estimate that began since begins anew."""
    return _label(restore_label(caller, slug, label_id))


@router.post(ONE + "/split", status_code=201)
def post_split(slug: str, label_id: PathId, payload: SplitPayload, caller: Acting) -> SplitShown:
    """Add a label for some of this one's examples, and a batch that asks which have it."""
    new = NewLabel(payload.name, description=payload.description)
    split = split_label(caller, slug, label_id, new, payload.examples)
    return SplitShown(
        label=_label(split.label),
        batch=split.batch.number,
        examples=split.batch.size,
        left=split.left,
    )


def _references(caller: Acting, slug: str, label_id: int) -> ReferencesShown:
    project_id = at(caller, slug).project.id
    return ReferencesShown(references=_lines(caller.session, project_id, label_id))


@router.put(ONE + "/references/{example_id}")
def put_reference(
    slug: str, label_id: PathId, example_id: PathId, payload: ReferencePayload, caller: Acting
) -> ReferencesShown:
    """Name a decided example that shows what belongs under the label, or what does not."""
    add_reference(caller, slug, label_id, example_id, payload.belongs)
    return _references(caller, slug, label_id)


@router.delete(ONE + "/references/{example_id}")
def delete_reference(
    slug: str, label_id: PathId, example_id: PathId, caller: Acting
) -> ReferencesShown:
    """Take a reference example out; the example itself stays as it is."""
    remove_reference(caller, slug, label_id, example_id)
    return _references(caller, slug, label_id)
