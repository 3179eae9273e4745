"""Who gave the labels before import, and which member that is; for programs."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.actions.own_labels import link_source
from app.actions.source_checks import LEAST, MOST, check_source
from app.actions.turn import Caller
from app.audit.acceptance import SourceChecked, source_checks
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


class CheckPayload(Payload):
    """At most so many per cent of the source's labels may be wrong, to be accepted."""

    at_most_percent: float = Field(default=5.0, ge=LEAST, le=MOST)


class SourceCheckShown(BaseModel):
    """`checks` random examples of a source, of which `failures` may be wrong.

    `state` is asking, accepted, not accepted, or not finished (its batch was closed, or so
    many of its checks were erased that the rest prove nothing). Counts of wrong ones are null under
    20 decided. `most_wrong_percent`: at most so many are wrong, 95 % sure, of the `size` labels
    that nobody had reviewed; once all checks are decided.
    """

    source: int
    name: str
    batch: int
    at_most_percent: float
    checks: int
    failures: int
    size: int
    decided: int
    wrong: int | None
    state: str
    most_wrong_percent: float | None


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


@router.get("/checks")
def read_checks(slug: str, caller: Looking) -> list[SourceCheckShown]:
    """Whose labels were checked for acceptance, the newest first."""
    project_id = at(caller, slug, Role.LEAD).project.id
    return [_check_shown(one) for one in source_checks(caller.session, project_id)]


@router.post("/{source_id}/check", status_code=201)
def post_check(
    slug: str, source_id: PathId, payload: CheckPayload, caller: Acting
) -> SourceCheckShown:
    """Have random examples of a source read blind; its labels are accepted if few are wrong."""
    batch = check_source(caller, slug, source_id, payload.at_most_percent)
    mine = source_checks(caller.session, batch.project_id, source_id=source_id)
    return _check_shown(mine[0])


def _check_shown(one: SourceChecked) -> SourceCheckShown:
    most = one.most_wrong
    return SourceCheckShown(
        source=one.row.source_id,
        name=one.source,
        batch=one.batch,
        at_most_percent=one.row.limit_bp / 100,
        checks=one.row.checks,
        failures=one.row.failures,
        size=one.row.size,
        decided=one.decided,
        wrong=one.wrong if one.told else None,
        state=one.state.value,
        most_wrong_percent=None if most is None else 100 * most,
    )


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
