"""An example or a person is erased: the page that says what goes, and asks which one is meant."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from app.accounts.people import is_erased
from app.actions.erasing import Erasure, erase_example, what_goes
from app.actions.erasing_people import erase_person, person_in_question
from app.actions.turn import Caller
from app.db.tables.accounts import Person
from app.db.words import Role, Status
from app.errors import Failure, Invalid
from app.web.asker import Here
from app.web.failures import status_of
from app.web.forms import FormInput
from app.web.notices import done
from app.web.payloads import PathId
from app.web.render import render
from app.web.who import Acting, Looking, at, at_page

router = APIRouter()
ERASE = "/p/{slug}/examples/{example_id}/erase"
ERASE_PERSON = "/admin/members/{person_id}/erase"


class EraseForm(FormInput):
    confirm: str = ""


@dataclass(frozen=True, slots=True)
class ErasePage:
    slug: str
    goes: Erasure
    problem: Failure | None = None

    @property
    def url(self) -> str:
        return f"/p/{self.slug}/examples/{self.goes.example.id}"


def _page(caller: Caller, here: Here, example_id: int) -> ErasePage:
    return ErasePage(here.project.slug, what_goes(caller.session, here.project.id, example_id))


@router.get(ERASE)
def erasing(request: Request, slug: str, example_id: PathId, caller: Looking) -> Response:
    here = at_page(request, caller, slug, Role.LEAD)
    page = _page(caller, here, example_id)
    if page.goes.example.status is Status.ERASED:
        return done(page.url, "example_erased")
    return render(request, "examples/erase.html", page, at=here)


@router.post(ERASE)
def erase(
    request: Request,
    slug: str,
    example_id: PathId,
    form: Annotated[EraseForm, Form()],
    caller: Acting,
) -> Response:
    here = at(caller, slug, Role.LEAD)
    try:
        erase_example(caller, slug, example_id, form.confirm)
    except Invalid as problem:
        page = replace(_page(caller, here, example_id), problem=problem)
        status = status_of(problem)
        return render(request, "examples/erase.html", page, at=here, status=status)
    return done(f"/p/{here.project.slug}/examples/{example_id}", "example_erased")


@dataclass(frozen=True, slots=True)
class ErasePersonPage:
    person: Person
    problem: Failure | None = None


@router.get(ERASE_PERSON)
def erasing_person(request: Request, person_id: PathId, caller: Looking) -> Response:
    person = person_in_question(caller, person_id)
    if is_erased(person):
        return done("/admin/members", "person_erased")
    return render(request, "people/erase.html", ErasePersonPage(person))


@router.post(ERASE_PERSON)
def erase_member(
    request: Request, person_id: PathId, form: Annotated[EraseForm, Form()], caller: Acting
) -> Response:
    try:
        erase_person(caller, person_id, form.confirm)
    except Invalid as problem:
        page = ErasePersonPage(person_in_question(caller, person_id), problem)
        return render(request, "people/erase.html", page, status=status_of(problem))
    return done("/admin/members", "person_erased")
