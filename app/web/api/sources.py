"""Who gave the labels before import, and which member that is; for programs."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from app.actions.own_labels import link_source
from app.actions.turn import Caller
from app.datasets.sources import sources_of
from app.db.words import Role
from app.errors import NotFound
from app.web.payloads import Id, PathId, Payload
from app.web.who import Acting, Looking, at

router = APIRouter(prefix="/api/v1/projects/{slug}/sources")


class SourceShown(BaseModel):
    """`person`: the member who gave these labels, and is not given them to judge."""

    id: int
    type: str
    name: str
    examples: int
    person: int | None


class GiverPayload(Payload):
    person: Id


@router.get("")
def read_sources(slug: str, caller: Looking) -> list[SourceShown]:
    """Who gave the labels before import, by name, with how many examples came from each."""
    project_id = at(caller, slug, Role.LEAD).project.id
    return [
        SourceShown(
            id=row.id, type=row.type, name=row.name, examples=row.examples, person=row.person_id
        )
        for row in sources_of(caller.session, project_id)
    ]


@router.put("/{source_id}/person")
def put_person(slug: str, source_id: PathId, payload: GiverPayload, caller: Acting) -> SourceShown:
    """These labels are this member's: what they hold of them goes to others at once."""
    link_source(caller, slug, source_id, payload.person)
    return _one(caller, slug, source_id)


@router.delete("/{source_id}/person")
def delete_person(slug: str, source_id: PathId, caller: Acting) -> SourceShown:
    """These labels are no member's."""
    link_source(caller, slug, source_id, None)
    return _one(caller, slug, source_id)


def _one(caller: Caller, slug: str, source_id: int) -> SourceShown:
    shown = next((one for one in read_sources(slug, caller) if one.id == source_id), None)
    if shown is None:
        raise NotFound()
    return shown
