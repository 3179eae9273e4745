"""The people of a project: who takes part, as what, and who is invited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response
from pydantic import Field

from app.accounts.adding import Addable
from app.accounts.links import open_invites
from app.accounts.membership import EVERY_ROLE, members_of, out_of_reach
from app.actions import people
from app.actions.own_labels import say_own_labels
from app.actions.turn import Caller
from app.datasets.sources import SourceRow, sources_of
from app.db.tables.accounts import AccessLink
from app.db.words import LinkKind, Role
from app.web.asker import Here
from app.web.forms import FormInput, full_url
from app.web.notices import done
from app.web.payloads import LARGEST_ID, Id, PathId
from app.web.render import render
from app.web.who import Acting, Looking, at, at_page

router = APIRouter()
HERE = "/p/{slug}/people"
NAMED = 3  # sources named in the row of a member
LONG = 40  # letters of each
Of = Annotated[int | None, Query(ge=1, le=LARGEST_ID)]


class InviteForm(FormInput):
    role: Role = Role.REVIEWER
    email: str = ""


class AddForm(FormInput):
    person: Id
    role: Role = Role.REVIEWER


class RoleForm(FormInput):
    role: Role


class PersonForm(FormInput):
    pass


class LabelsForm(FormInput):
    """The sources a member is; all others are not theirs."""

    source: list[Id] = Field(default_factory=list, max_length=1_000)


@dataclass(frozen=True, slots=True)
class PersonRow:
    id: int
    name: str
    email: str
    pseudonym: str
    role: Role
    joined_at: datetime
    is_me: bool
    may_reset: bool
    gave: list[str]  # names of the sources they are

    @property
    def gave_words(self) -> str:
        """The first few by name, and how many more."""
        more = len(self.gave) - NAMED
        named = (
            name if len(name) <= LONG else name[: LONG - 1] + "…" for name in self.gave[:NAMED]
        )
        return ", ".join(named) + (f" and {more:,} more" if more > 0 else "")


@dataclass(frozen=True, slots=True)
class SourceChoice:
    """One source in the form of a member; `whose` names another member it is linked to."""

    id: int
    name: str
    examples: int
    chosen: bool
    whose: str


@dataclass(frozen=True, slots=True)
class Giver:
    """The member whose labels are asked about."""

    id: int
    name: str
    sources: list[SourceChoice]


@dataclass(frozen=True, slots=True)
class ShownLink:
    """A new link as its page shows it, this once."""

    url: str
    for_whom: str
    kind: LinkKind

    @classmethod
    def of(cls, request: Request, link: people.NewLink) -> ShownLink:
        return cls(full_url(request, link.path), link.for_whom, link.kind)


@dataclass(frozen=True, slots=True)
class PeoplePage:
    slug: str
    people: list[PersonRow]
    invites: list[AccessLink]
    roles: tuple[Role, ...]
    has_sources: bool
    giver: Giver | None
    others: list[Addable]  # whom the asker may add by name
    new_link: ShownLink | None = None


def _page(
    caller: Caller, here: Here, new_link: ShownLink | None, of: int | None = None
) -> PeoplePage:
    hidden = out_of_reach(caller.session, here.member)
    sources = sources_of(caller.session, here.project.id)
    rows = [
        PersonRow(
            person.id,
            person.name,
            person.email,
            person.pseudonym,
            role,
            joined_at,
            person.id == here.member.person_id,
            person.id not in hidden and person.disabled_at is None,
            [source.name for source in sources if source.person_id == person.id],
        )
        for person, role, joined_at in members_of(caller.session, here.project.id)
    ]
    invites = open_invites(caller.session, here.project.id, now=caller.now)
    giver = _giver(rows, sources, of)
    others = people.those_addable(caller, here.member)
    return PeoplePage(
        here.project.slug, rows, invites, EVERY_ROLE, bool(sources), giver, others, new_link
    )


def _giver(rows: list[PersonRow], sources: list[SourceRow], of: int | None) -> Giver | None:
    """The sources to choose from for one member: their own first, then by name."""
    names = {row.id: row.name for row in rows}
    if of not in names or not sources:
        return None
    choices = [
        SourceChoice(
            source.id,
            source.name,
            source.examples,
            source.person_id == of,
            "" if source.person_id == of else names.get(source.person_id or 0, ""),
        )
        for source in sources
    ]
    return Giver(of, names[of], sorted(choices, key=lambda one: not one.chosen))


def _shown(
    request: Request, caller: Caller, here: Here, link: people.NewLink | None = None
) -> Response:
    new_link = None if link is None else ShownLink.of(request, link)
    return render(request, "people/people.html", _page(caller, here, new_link), at=here)


@router.get(HERE)
def people_page(request: Request, slug: str, caller: Looking, of: Of = None) -> Response:
    """`of`: the member whose labels are asked about."""
    here = at_page(request, caller, slug, Role.LEAD)
    return render(request, "people/people.html", _page(caller, here, None, of), at=here)


@router.post(HERE + "/add")
def add(slug: str, form: Annotated[AddForm, Form()], caller: Acting) -> Response:
    people.add_by_name(caller, slug, form.person, form.role)
    return done(f"/p/{slug}/people", "member_added")


@router.post(HERE + "/invites")
def invite(
    request: Request, slug: str, form: Annotated[InviteForm, Form()], caller: Acting
) -> Response:
    link = people.invite(caller, slug, form.role, form.email)
    return _shown(request, caller, at(caller, slug, Role.LEAD), link)


@router.post(HERE + "/invites/{link_id}/withdraw")
def withdraw_invite(
    slug: str, link_id: PathId, form: Annotated[PersonForm, Form()], caller: Acting
) -> Response:
    people.withdraw_invitation(caller, slug, link_id)
    return done(f"/p/{slug}/people", "invite_withdrawn")


@router.post(HERE + "/{person_id}/role")
def give_role(
    slug: str, person_id: PathId, form: Annotated[RoleForm, Form()], caller: Acting
) -> Response:
    people.change_role(caller, slug, person_id, form.role)
    return done(f"/p/{slug}/people", "role_changed")


@router.post(HERE + "/{person_id}/labels")
def say_labels(
    slug: str, person_id: PathId, form: Annotated[LabelsForm, Form()], caller: Acting
) -> Response:
    """Say which labels a member gave: they judge none of them from then on."""
    say_own_labels(caller, slug, person_id, form.source)
    return done(f"/p/{slug}/people", "own_labels_said")


@router.post(HERE + "/{person_id}/remove")
def remove(
    slug: str, person_id: PathId, form: Annotated[PersonForm, Form()], caller: Acting
) -> Response:
    people.remove(caller, slug, person_id)
    return done(f"/p/{slug}/people", "member_removed")


@router.post(HERE + "/{person_id}/reset")
def reset_link(
    request: Request,
    slug: str,
    person_id: PathId,
    form: Annotated[PersonForm, Form()],
    caller: Acting,
) -> Response:
    link = people.reset_link(caller, slug, person_id)
    return _shown(request, caller, at(caller, slug, Role.LEAD), link)
