"""The guideline of a project: all its rules to read, and each to write."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel

from app.actions.guidelines import read_again, write_guideline
from app.actions.turn import Caller
from app.datasets.display_names import name_on_screen, shown_names
from app.datasets.guidelines import (
    Subject,
    current_rules,
    labels_for_rule,
    labels_in,
    versions_of,
)
from app.datasets.labels import labels_of
from app.datasets.markdown import Block, blocks
from app.datasets.reference_examples import ReferenceShown, references_of
from app.db.tables.datasets import Label
from app.db.tables.guidelines import Guideline
from app.db.words import Role
from app.errors import Failure
from app.insights.label_counts import count_overturned
from app.insights.questions import ruling_note
from app.review.books.cases import names_of
from app.review.books.may import leads
from app.web.asker import Here
from app.web.failures import status_of
from app.web.forms import FormInput, nothing_kept_if_refused
from app.web.notices import done
from app.web.pages.one_label import rule_url
from app.web.payloads import Id
from app.web.render import render
from app.web.who import Acting, Looking, at, at_page

router = APIRouter()

MOST_CHANGES = 2_000  # lines compared of a rule: more take long, and nobody reads them


class AboutForm(FormInput):
    """Which rule: of the project, a label, or two of them."""

    label: Id | None = None
    other: Id | None = None

    @property
    def labels(self) -> Subject:
        return tuple(sorted(one for one in (self.label, self.other) if one is not None))


class RuleQuery(BaseModel):
    """Which rule; `case`: with the note of that ruling below what stands."""

    label: Id | None = None
    other: Id | None = None
    case: Id | None = None


class RuleForm(AboutForm):
    text: str = ""
    base: int = 0


class ReadAgainForm(AboutForm):
    version: int
    expected: int


@dataclass(frozen=True, slots=True)
class Shown:
    """A rule as it is read."""

    title: str
    labels: list[Label]
    description: str
    version: int
    blocks: list[Block]
    references: list[ReferenceShown]
    url: str


@dataclass(frozen=True, slots=True)
class GuidelinesPage:
    slug: str
    rules: list[Shown]
    labels: list[tuple[str, str]]
    may_write: bool


@dataclass(frozen=True, slots=True)
class Version:
    rule: Guideline
    who: str
    changes: list[tuple[str, str]]  # same, added or removed; the line


@dataclass(frozen=True, slots=True)
class RulePage:
    slug: str
    labels: list[Label]
    url: str
    text: str
    base: int
    rule: Guideline | None
    blocks: list[Block]
    versions: list[Version]
    may_overturn: int
    may_write: bool
    from_note: bool = False
    problem: Failure | None = None

    @property
    def title(self) -> str:
        return _title(self.labels)


def _title(labels: list[Label]) -> str:
    return " and ".join(map(name_on_screen, labels)) or "The whole project"


@router.get("/p/{slug}/guidelines")
def guidelines(request: Request, slug: str, caller: Looking) -> Response:
    """For everybody who takes part: what the labels mean."""
    here = at_page(request, caller, slug)
    session, project = caller.session, here.project
    labels = {one.id: one for one in labels_of(session, project.id)}
    rules = {labels_in(rule): rule for rule in current_rules(session, project.id)}
    page = GuidelinesPage(
        project.slug,
        list(_shown(project.slug, labels, rules, references_of(session, project.id))),
        [(str(one), name) for one, name in shown_names(labels.values()).items()],
        leads(here.member) and not project.archived,
    )
    return render(request, "guidelines/guidelines.html", page, at=here)


def _shown(
    slug: str,
    labels: dict[int, Label],
    rules: dict[Subject, Guideline],
    references: list[ReferenceShown],
) -> Iterator[Shown]:
    """The project's own rule, then label by label, then the pairs; those that say something."""
    pairs = [one for one in rules if len(one) == 2 and labels.keys() >= set(one)]
    for subject in [(), *((one,) for one in labels), *pairs]:
        rule, named = rules.get(subject), [labels[one] for one in subject]
        described = named[0].description if len(named) == 1 else ""
        shown = [one for one in references if (one["label"],) == subject]
        if (rule is not None and rule.text) or described or shown:
            yield Shown(
                _title(named),
                named,
                described,
                rule.version if rule is not None else 0,
                blocks(rule.text) if rule is not None else [],
                shown,
                rule_url(slug, subject),
            )


def _page(caller: Caller, here: Here, subject: Subject) -> RulePage:
    session, project = caller.session, here.project
    labels = labels_for_rule(session, project.id, subject)
    versions = versions_of(session, project.id, subject)
    rule = next(iter(versions), None)
    text = rule.text if rule is not None else ("" if subject else project.guideline)
    overturns = count_overturned(session, project.id, subject, before=rule.revision) if rule else 0
    return RulePage(
        slug=project.slug,
        labels=labels,
        url=rule_url(project.slug, subject),
        text=text,
        base=rule.version if rule is not None else 0,
        rule=rule,
        blocks=blocks(text),
        versions=_versions(caller, versions),
        may_overturn=overturns,
        may_write=not project.archived and all(one.retired_at is None for one in labels),
    )


def _versions(caller: Caller, versions: list[Guideline]) -> list[Version]:
    people = names_of(caller.session, {one.person_id for one in versions if one.person_id})
    older = [*(one.text for one in versions[1:]), ""]
    return [
        Version(one, people.get(one.person_id or 0, ""), _changes(before, one.text))
        for one, before in zip(versions, older, strict=False)
    ]


def _changes(before: str, after: str) -> list[tuple[str, str]]:
    """Line by line; of a line that is the same, as much as stands beside a change."""
    old, new = before.splitlines(), after.splitlines()
    if len(old) + len(new) > MOST_CHANGES:
        return [("added", line) for line in new[:MOST_CHANGES]]
    signs = {"+": "added", "-": "removed", " ": "same"}
    lines = difflib.unified_diff(old, new, n=2, lineterm="")
    return [(signs[one[0]], one[1:]) for one in list(lines)[2:] if one[0] in signs]


@router.get("/p/{slug}/guidelines/rule")
def rule_page(
    request: Request,
    slug: str,
    caller: Looking,
    asked: Annotated[RuleQuery, Query()],
) -> Response:
    """One rule with its versions, and what was answered before the last."""
    here = at_page(request, caller, slug, Role.LEAD)
    page = _page(caller, here, AboutForm(label=asked.label, other=asked.other).labels)
    words = ruling_note(caller.session, here.project.id, asked.case) if asked.case else ""
    if words:
        page = replace(page, text=f"{page.text}\n\n{words}".strip(), from_note=True)
    return render(request, "guidelines/rule.html", page, at=here)


def _again(
    request: Request, caller: Caller, slug: str, form: RuleForm | ReadAgainForm, problem: Failure
) -> Response:
    here = at(caller, slug, Role.LEAD)
    page = replace(_page(caller, here, form.labels), problem=problem)
    if isinstance(form, RuleForm):
        page = replace(page, text=form.text)
    return render(request, "guidelines/rule.html", page, at=here, status=status_of(problem))


@router.post("/p/{slug}/guidelines/rule")
def save_rule(
    request: Request, slug: str, form: Annotated[RuleForm, Form()], caller: Acting
) -> Response:
    try:
        with nothing_kept_if_refused(caller.session):
            write_guideline(caller, slug, form.labels, form.text, base=form.base)
    except Failure as problem:
        return _again(request, caller, slug, form, problem)
    return _onward(slug, form, "guideline_written")


@router.post("/p/{slug}/guidelines/read-again")
def ask_again(
    request: Request, slug: str, form: Annotated[ReadAgainForm, Form()], caller: Acting
) -> Response:
    try:
        with nothing_kept_if_refused(caller.session):
            read_again(caller, slug, form.labels, version=form.version, expected=form.expected)
    except Failure as problem:
        return _again(request, caller, slug, form, problem)
    return _onward(slug, form, "read_again")


def _onward(slug: str, form: AboutForm, notice: str) -> Response:
    path, _, query = rule_url(slug, form.labels).partition("?")
    return done(path, notice, query)
