"""The people of a project, and adding one who has an account here; for programs."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from app.accounts.membership import members_of
from app.actions.people import add_by_name, those_addable
from app.actions.turn import Caller
from app.db.words import Role
from app.web.payloads import Chosen, Id, Payload
from app.web.who import Acting, Looking, at

router = APIRouter(prefix="/api/v1/projects/{slug}/people")


class MemberShown(BaseModel):
    id: int
    name: str
    role: Role


class AddableShown(BaseModel):
    id: int
    name: str


class PeopleShown(BaseModel):
    """`addable`: who has an account here and may be added by you, by name."""

    members: list[MemberShown]
    addable: list[AddableShown]


class AddPayload(Payload):
    person: Id
    role: Chosen[Role] = Role.REVIEWER


def _people(caller: Caller, slug: str) -> PeopleShown:
    here = at(caller, slug, Role.LEAD)
    return PeopleShown(
        members=[
            MemberShown(id=part.person.id, name=part.person.name, role=part.role)
            for part in members_of(caller.session, here.project.id)
        ],
        addable=[
            AddableShown(id=one.id, name=one.name) for one in those_addable(caller, here.member)
        ],
    )


@router.get("")
def read_people(slug: str, caller: Looking) -> PeopleShown:
    """Who takes part, and whom you may add: as admin everybody, as lead those you work with."""
    return _people(caller, slug)


@router.post("", status_code=201)
def post_person(slug: str, payload: AddPayload, caller: Acting) -> PeopleShown:
    """Somebody who has an account here takes part at once, without an invitation."""
    add_by_name(caller, slug, payload.person, payload.role)
    return _people(caller, slug)
