"""Who takes part and as what: invited, given another role, removed, locked out, made admin."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from app.accounts import membership, people
from app.accounts.activity import Act, ActivityKind, record
from app.accounts.adding import Addable, add_member, addable
from app.accounts.links import Grant, end_lost_links, make_link, withdraw
from app.accounts.membership import (
    Member,
    check_may_give,
    join,
    out_of_reach,
    person_in,
    remove_member,
    require_admin,
    role_of,
)
from app.accounts.people import Newcomer, Who, check_email, create_person, make_admin, person_by_id
from app.accounts.turn import Turn
from app.actions.activity import note
from app.actions.turn import Caller, turn_by_slug
from app.datasets.projects import project_named
from app.db.log import lock_project
from app.db.tables.accounts import Person
from app.db.words import LinkKind, Role, WhyEnded
from app.errors import Conflict, Forbidden, NotFound
from app.review.books.leaving import give_up, reads_in


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link that is shown this once."""

    kind: LinkKind
    raw: str
    for_whom: str

    @property
    def path(self) -> str:
        return f"/{self.kind.value}/{self.raw}"


def invite(caller: Caller, slug: str, role: Role, email: str = "") -> NewLink:
    """A link by which somebody takes part in a project."""
    with turn_by_slug(caller, slug, Role.LEAD) as turn:
        check_may_give(turn.member, role)
        address = _address(email)
        by = turn.member.person_id
        grant = Grant(project_id=turn.project_id, role=role, email=address, created_by=by)
        raw = make_link(turn.session, LinkKind.INVITE, grant, now=turn.now)
        note(turn, ActivityKind.INVITED, role=role.value)
    return NewLink(LinkKind.INVITE, raw, address or "")


def those_addable(caller: Caller, member: Member) -> list[Addable]:
    """Whom the caller may add by name; a token of one project knows nobody outside it."""
    if caller.who.only_project is not None:
        return []
    return addable(caller.session, member)


def add_by_name(caller: Caller, slug: str, person_id: int, role: Role) -> None:
    """Somebody of this site takes part in a project at once, without an invitation."""
    with turn_by_slug(caller, slug, Role.LEAD) as turn:
        if caller.who.only_project is not None:
            raise NotFound()
        add_member(turn.session, turn.member, person_id, role, now=turn.now)
        note(turn, ActivityKind.MEMBER_ADDED, person=person_id, role=role.value)


def invite_member(caller: Caller, email: str = "") -> NewLink:
    """A link by which somebody gets an account, without a project; admins only."""
    require_admin(caller.who)
    address = _address(email)
    grant = Grant(email=address, created_by=caller.who.id)
    raw = make_link(caller.session, LinkKind.INVITE, grant, now=caller.now)
    note(caller, ActivityKind.INVITED)
    return NewLink(LinkKind.INVITE, raw, address or "")


def _address(email: str) -> str | None:
    return check_email(email) if email.strip() else None


def withdraw_invitation(caller: Caller, slug: str, link_id: int) -> None:
    with turn_by_slug(caller, slug, Role.LEAD) as turn:
        withdraw(turn.session, turn.project_id, link_id, now=turn.now)
        note(turn, ActivityKind.INVITE_WITHDRAWN)


def change_role(caller: Caller, slug: str, person_id: int, role: Role) -> None:
    """Say what somebody may do here; what they may not read any more goes to others at once."""
    with turn_by_slug(caller, slug, Role.LEAD) as turn:
        before = membership.change_role(turn.session, turn.member, person_id, role)
        links = _end_lost_links(turn, person_id)
        detail = {"person": person_id, "from": before.value, "to": role.value}
        note(turn, ActivityKind.ROLE_CHANGED, **detail, links=links)
        give_up(turn.lock, person_id, why=WhyEnded.ROLE, now=turn.now)


def remove(caller: Caller, slug: str, person_id: int) -> None:
    """End somebody's part in a project: the answers stay, what they hold goes to others at once."""
    with turn_by_slug(caller, slug, Role.LEAD) as turn:
        remove_member(turn.session, turn.member, person_id, now=turn.now)
        links = _end_lost_links(turn, person_id)
        note(turn, ActivityKind.MEMBER_REMOVED, person=person_id, links=links)
        give_up(turn.lock, person_id, why=WhyEnded.LEFT, now=turn.now)


def _end_lost_links(by: Turn | Caller, person_id: int) -> int:
    """What somebody gave goes with their right to give it; how many links that were."""
    ended = end_lost_links(by.session, person_id, now=by.now)
    actor = by.member.person_id if isinstance(by, Turn) else by.who.id
    for link in ended:
        if link.kind is LinkKind.INVITE:
            act = Act(ActivityKind.INVITE_WITHDRAWN, actor, link.project_id)
            record(by.session, act, now=by.now)
    return len(ended)


def disable_account(caller: Caller, person_id: int) -> None:
    """Close an account; what its person holds, in whatever project, goes to others at once."""
    with _standing(caller, person_id, "closed", why=WhyEnded.CLOSED) as person:
        people.disable(caller.session, person, now=caller.now)


def enable_account(caller: Caller, person_id: int) -> None:
    with _standing(caller, person_id, "open") as person:
        people.enable(person)


def give_admin(caller: Caller, person_id: int) -> None:
    with _standing(caller, person_id, "admin") as person:
        make_admin(caller.session, person, True)


def take_admin(caller: Caller, person_id: int) -> None:
    """No longer admin: reads they held as lead of every project go to others at once."""
    with _standing(caller, person_id, "plain", why=WhyEnded.ROLE) as person:
        make_admin(caller.session, person, False)


@contextmanager
def _standing(
    caller: Caller, person_id: int, standing: str, *, why: WhyEnded | None = None
) -> Iterator[Person]:
    """An admin changes an account: links that hold no longer end with what it could do.

    Where `why` is named, reads are given up in every project.

    The projects are locked before the account is touched and in the order of their ids, as every
    act locks its project first: two that lock in different orders would wait for each other.
    """
    require_admin(caller.who)
    session = caller.session
    person = person_by_id(session, person_id)
    projects: Sequence[int] = reads_in(session, person_id) if why is not None else ()
    locks = [lock_project(session, project_id) for project_id in projects]
    yield person
    links = _end_lost_links(caller, person_id)
    note(caller, ActivityKind.STANDING_CHANGED, person=person_id, standing=standing, links=links)
    session.flush()
    for lock in locks:
        if why is not None:
            give_up(lock, person_id, why=why, now=caller.now)
        lock.save()


def reset_link(caller: Caller, slug: str, person_id: int) -> NewLink:
    """A link that sets a new password, for a member whose account opens nothing beyond."""
    with turn_by_slug(caller, slug, Role.LEAD) as turn:
        person = person_in(turn.session, turn.project_id, person_id)
        if person.id in out_of_reach(turn.session, turn.member):
            raise Forbidden(
                "This person also works where you are not lead.",
                next_step="Ask an admin for the link.",
                code="reset_not_yours",
            )
        return _reset(turn.session, person, turn.member, now=turn.now)


def reset_link_of_member(caller: Caller, person_id: int) -> NewLink:
    """The same for anybody with an account; admins only."""
    require_admin(caller.who)
    person = person_by_id(caller.session, person_id)
    return _reset(caller.session, person, caller.who, now=caller.now)


@dataclass(frozen=True, slots=True)
class Added:
    """Who was added; `link` for an account that is new, `before` for one that took part already."""

    name: str
    link: NewLink | None
    project: str | None = None
    role: Role | None = None
    before: Role | None = None


def add_from_console(
    session: Session, newcomer: Newcomer, named: str | None, role: Role, *, now: datetime
) -> Added:
    """Somebody takes part in a project, or has an account alone; one that is there is taken.

    Whoever has the console owns the data.
    """
    person = people.person_by_email(session, newcomer.email)
    new = person is None
    if person is None:
        person = create_person(session, newcomer, now=now)
    else:
        _check_addable(person, newcomer, named)
    added = Added(person.name, None)
    if named is not None:
        project = project_named(session, named)
        lock = lock_project(session, project.id)
        before = role_of(session, project.id, person.id)
        join(session, project.id, person.id, role, now=now)
        lock.save()
        now_is = role_of(session, project.id, person.id)
        added = Added(person.name, None, project.name, now_is, before)
    return replace(added, link=_reset(session, person, None, now=now)) if new else added


def _check_addable(person: Person, newcomer: Newcomer, named: str | None) -> None:
    """An account that is there may join a project; nothing else about it is changed."""
    if named is None:
        raise Conflict(
            f"{person.name} has an account with {person.email} already.",
            next_step="Say --project to let them take part in one, or make a new password with "
            "relabel people reset.",
            code="email_taken",
        )
    if person.disabled_at is not None:
        raise Conflict(
            f"The account of {person.name} is closed.",
            next_step="An admin opens it again under Members; then add it to the project.",
            code="account_closed",
        )
    if newcomer.admin and not person.is_admin:
        raise Conflict(
            f"{person.name} has an account, and is no admin.",
            next_step="Leave --admin out; an admin makes another one under Members.",
            code="email_taken",
        )


def reset_from_console(session: Session, email: str, *, now: datetime) -> NewLink:
    person = people.person_by_email(session, email)
    if person is None:
        raise NotFound(
            f"Nobody has an account with {email}.",
            next_step="Check the spelling, or add the person with relabel people add.",
        )
    return _reset(session, person, None, now=now)


def _reset(session: Session, person: Person, by: Member | Who | None, *, now: datetime) -> NewLink:
    """By a lead in a project, by an admin, or (nobody) from the console."""
    if person.disabled_at is not None:
        raise Conflict(
            f"The account of {person.name} is closed.",
            next_step="An admin opens it again under Members; then make the link.",
            code="account_closed",
        )
    made_by, project_id = None, None
    if isinstance(by, Member):
        made_by, project_id = by.person_id, by.project_id
    elif by is not None:
        made_by = by.id
    grant = Grant(person_id=person.id, project_id=project_id, created_by=made_by)
    raw = make_link(session, LinkKind.RESET, grant, now=now)
    act = Act(ActivityKind.RESET_LINK_MADE, made_by, project_id, {"person": person.id})
    record(session, act, now=now)
    return NewLink(LinkKind.RESET, raw, person.name)
