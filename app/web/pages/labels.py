"""The labels of a project: all of them, and one more."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from app.actions.labels import add_label
from app.actions.turn import Caller
from app.datasets.display_names import shown_names
from app.datasets.labels import NewLabel, labels_of
from app.db.tables.datasets import Label, Project
from app.db.words import Role
from app.errors import Failure
from app.insights.label_counts import LabelCounts, label_counts
from app.web.failures import status_of
from app.web.forms import FormInput, nothing_kept_if_refused
from app.web.notices import done
from app.web.render import render
from app.web.who import Acting, Looking, at, at_page

router = APIRouter()

LABELS = "/p/{slug}/labels"


def words_of(text: str) -> list[str]:
    return [word for one in text.replace("\n", ",").split(",") if (word := one.strip())]


class LabelForm(FormInput):
    name: str = ""
    description: str = ""
    synonyms: str = ""

    @property
    def label(self) -> NewLabel:
        synonyms = tuple(words_of(self.synonyms))
        return NewLabel(self.name, description=self.description, synonyms=synonyms)


@dataclass(frozen=True, slots=True)
class LabelsPage:
    project: Project
    labels: list[Label]
    retired: list[Label]
    counts: LabelCounts
    names: dict[int, str]
    name: str = ""
    description: str = ""
    synonyms: str = ""
    problem: Failure | None = None


def _labels(caller: Caller, project: Project) -> LabelsPage:
    every = labels_of(caller.session, project.id, retired=True)
    return LabelsPage(
        project,
        [label for label in every if label.retired_at is None],
        [label for label in every if label.retired_at is not None],
        label_counts(caller.session, project.id),
        shown_names(every),
    )


@router.get(LABELS)
def labels(request: Request, slug: str, caller: Looking) -> Response:
    here = at_page(request, caller, slug, Role.LEAD)
    return render(request, "labels/labels.html", _labels(caller, here.project), at=here)


@router.post(LABELS)
def new_label(
    request: Request, slug: str, form: Annotated[LabelForm, Form()], caller: Acting
) -> Response:
    try:
        with nothing_kept_if_refused(caller.session):
            add_label(caller, slug, form.label)
    except Failure as problem:
        here = at(caller, slug, Role.LEAD)
        typed = form.model_dump(include={"name", "description", "synonyms"})
        page = replace(_labels(caller, here.project), **typed, problem=problem)
        return render(request, "labels/labels.html", page, at=here, status=status_of(problem))
    return done(f"/p/{slug}/labels", "label_added")
