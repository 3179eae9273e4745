"""One label of a project: changed, merged, split, with the examples that show what it means."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from pydantic import ValidationError

from app.actions.labels import (
    add_reference,
    change_label,
    remove_reference,
    restore_label,
    retire_label,
    retire_unused,
    split_label,
)
from app.actions.turn import Caller
from app.datasets.display_names import shown_names
from app.datasets.guidelines import current_rules, labels_in
from app.datasets.label_changes import LabelChange
from app.datasets.labels import NewLabel, label_of, labels_of
from app.datasets.reference_examples import ReferenceShown, references_of
from app.db.tables.datasets import Label
from app.db.words import Belongs, Role
from app.errors import Failure, Invalid
from app.insights.by_key import examples_by_key
from app.insights.label_counts import Touched, label_counts, touched_by_merge
from app.web.asker import Here
from app.web.failures import status_of
from app.web.forms import FormInput, nothing_kept_if_refused
from app.web.label_words import BeforePayload
from app.web.notices import done
from app.web.pages.labels import LABELS, words_of
from app.web.payloads import Id, PathId
from app.web.render import render
from app.web.who import Acting, Looking, at, at_page

router = APIRouter()

ONE = LABELS + "/{label_id}"


class ChangeForm(FormInput):
    """`before`: what the page showed, so that nothing is overwritten unseen."""

    display: str = ""
    description: str = ""
    synonyms: str = ""
    key: str = ""
    before: str = ""

    @property
    def change(self) -> LabelChange:
        return LabelChange(self.display, self.description, words_of(self.synonyms), self.key)


class MergeForm(FormInput):
    into: Id


class SplitForm(FormInput):
    name: str = ""
    description: str = ""
    examples: str = ""


class ReferenceForm(FormInput):
    """By its id in the file."""

    example: str = ""
    belongs: Belongs = Belongs.INCLUDE
    act: Literal["add", "take_out"] = "add"


@dataclass(frozen=True, slots=True)
class PairRule:
    """A rule of this label and another one."""

    other: Label
    version: int
    url: str


@dataclass(frozen=True, slots=True)
class LabelPage:
    slug: str
    label: Label
    shown: LabelChange
    before: str
    replaced_by: Label | None
    given: int
    final: int
    unread: int
    touched: Touched
    others: list[tuple[str, str]]
    references: list[ReferenceShown]
    rule: int  # the version of its own rule, 0 where it has none
    pairs: list[PairRule]
    may_change: bool
    split: SplitForm
    problem: Failure | None = None

    @property
    def url(self) -> str:
        return f"/p/{self.slug}/labels/{self.label.id}"

    @property
    def rule_url(self) -> str:
        return f"/p/{self.slug}/guidelines/rule?label={self.label.id}"

    @property
    def carried(self) -> bool:
        return bool(self.touched.examples or self.touched.answers)


def _page(caller: Caller, here: Here, label_id: int) -> LabelPage:
    session, project = caller.session, here.project
    label, counts = label_of(session, project.id, label_id), label_counts(session, project.id)
    usable = {one.id: one for one in labels_of(session, project.id) if one.id != label_id}
    rules = [rule for rule in current_rules(session, project.id) if label_id in labels_in(rule)]
    shown = LabelChange.of(label)
    return LabelPage(
        slug=project.slug,
        label=label,
        shown=shown,
        before=json.dumps(shown.said()),
        replaced_by=session.get(Label, label.current_id) if label.current_id else None,
        given=counts.given[label_id],
        final=counts.final[label_id],
        unread=counts.unread[label_id],
        touched=touched_by_merge(session, project.id, label_id),
        others=[(str(one), name) for one, name in shown_names(usable.values()).items()],
        references=references_of(session, project.id, label_id),
        rule=next((rule.version for rule in rules if len(labels_in(rule)) == 1), 0),
        pairs=[
            PairRule(usable[other], rule.version, rule_url(project.slug, labels_in(rule)))
            for rule in rules
            for other in labels_in(rule)
            if other in usable
        ],
        may_change=label.retired_at is None and not project.archived,
        split=SplitForm(),
    )


def rule_url(slug: str, labels: tuple[int, ...]) -> str:
    named = "&".join(f"{name}={one}" for name, one in zip(("label", "other"), labels, strict=False))
    return f"/p/{slug}/guidelines/rule" + (f"?{named}" if named else "")


@router.get(ONE)
def one_label(request: Request, slug: str, label_id: PathId, caller: Looking) -> Response:
    here = at_page(request, caller, slug, Role.LEAD)
    return render(request, "labels/label.html", _page(caller, here, label_id), at=here)


@dataclass(frozen=True, slots=True)
class _Sent:
    """A form of a label's page: where it was, and what it said, to be shown again."""

    request: Request
    caller: Caller
    slug: str
    label_id: int
    change: LabelChange | None = None
    split: SplitForm | None = None

    def acted(self, notice: str, act: Callable[[], str | None]) -> Response:
        """Do it and go on to a page; or show the page once more, with what was typed."""
        try:
            with nothing_kept_if_refused(self.caller.session):
                onward = act()
        except Failure as problem:
            here = at(self.caller, self.slug, Role.LEAD)
            page = _page(self.caller, here, self.label_id)
            page = replace(
                page,
                shown=self.change or page.shown,
                split=self.split or page.split,
                problem=problem,
            )
            status = status_of(problem)
            return render(self.request, "labels/label.html", page, at=here, status=status)
        return done(onward or f"/p/{self.slug}/labels/{self.label_id}", notice)


def _before(form: ChangeForm) -> LabelChange | None:
    """What the page showed; without it, whatever stands is overwritten."""
    if not form.before:
        return None
    try:
        return BeforePayload.model_validate_json(form.before).change
    except ValidationError:
        raise Invalid("The form is not whole.", next_step="Load the page again.") from None


@router.post(ONE)
def save_label(
    request: Request,
    slug: str,
    label_id: PathId,
    form: Annotated[ChangeForm, Form()],
    caller: Acting,
) -> Response:
    sent = _Sent(request, caller, slug, label_id, change=form.change)

    def act() -> None:
        change_label(caller, slug, label_id, form.change, _before(form))

    return sent.acted("label_changed", act)


def _nowhere(_: object) -> None:
    """The page itself is where it goes on."""


@router.post(ONE + "/merge")
def merge(
    request: Request,
    slug: str,
    label_id: PathId,
    form: Annotated[MergeForm, Form()],
    caller: Acting,
) -> Response:
    sent = _Sent(request, caller, slug, label_id)
    return sent.acted(
        "label_merged", lambda: retire_label(caller, slug, label_id, replaced_by=form.into)
    )


@router.post(ONE + "/retire")
def retire(request: Request, slug: str, label_id: PathId, caller: Acting) -> Response:
    sent = _Sent(request, caller, slug, label_id)
    return sent.acted("label_retired", lambda: retire_unused(caller, slug, label_id))


@router.post(ONE + "/restore")
def restore(request: Request, slug: str, label_id: PathId, caller: Acting) -> Response:
    sent = _Sent(request, caller, slug, label_id)
    return sent.acted("label_restored", lambda: _nowhere(restore_label(caller, slug, label_id)))


@router.post(ONE + "/split")
def split(
    request: Request,
    slug: str,
    label_id: PathId,
    form: Annotated[SplitForm, Form()],
    caller: Acting,
) -> Response:
    def act() -> str:
        here = at(caller, slug, Role.LEAD)
        examples = examples_by_key(caller.session, here.project.id, form.examples.splitlines())
        new = NewLabel(form.name, description=form.description)
        made = split_label(caller, slug, label_id, new, examples)
        return f"/p/{slug}/batches/{made.batch.number}"

    return _Sent(request, caller, slug, label_id, split=form).acted("label_split", act)


@router.post(ONE + "/references")
def references(
    request: Request,
    slug: str,
    label_id: PathId,
    form: Annotated[ReferenceForm, Form()],
    caller: Acting,
) -> Response:
    sent = _Sent(request, caller, slug, label_id)
    return sent.acted("reference_changed", lambda: _refer(caller, slug, label_id, form))


def _refer(caller: Caller, slug: str, label_id: int, form: ReferenceForm) -> None:
    here = at(caller, slug, Role.LEAD)
    (example,) = examples_by_key(caller.session, here.project.id, [form.example])
    if form.act == "add":
        add_reference(caller, slug, label_id, example, form.belongs)
    else:
        remove_reference(caller, slug, label_id, example)
