"""Who takes part in a project, and what a role lets them do."""

from __future__ import annotations

import pytest

from app.accounts.membership import (
    change_role,
    join,
    member_of,
    projects_of,
    remove_member,
    require,
)
from app.accounts.people import Newcomer, Who, create_person, disable
from app.datasets.projects import ProjectPlan, create_project
from app.db.words import DataType, Role
from app.errors import Conflict, NotFound
from tests.conftest import NOON


@pytest.fixture
def project(session):
    return create_project(session, ProjectPlan("P", DataType.TEXT, confirmations=1), now=NOON)


def person(session, name: str, *, admin: bool = False):
    return create_person(session, Newcomer(name, f"{name}@example.org", admin=admin), now=NOON)


def test_who_takes_no_part_does_not_find_the_project(session, project):
    stranger = person(session, "stranger")
    with pytest.raises(NotFound):
        member_of(session, stranger, project.id)
    with pytest.raises(NotFound):
        member_of(session, stranger, project.id + 1)
    assert projects_of(session, stranger) == []


def test_an_admin_acts_as_lead_in_every_project(session, project):
    admin = person(session, "admin", admin=True)
    member = member_of(session, admin, project.id)
    assert member.role is Role.LEAD
    assert require(member, Role.LEAD) is member
    with pytest.raises(NotFound):
        member_of(session, admin, project.id + 1)


def test_a_role_opens_what_is_for_it_and_hides_the_rest(session, project):
    reviewer = person(session, "reviewer")
    join(session, project.id, reviewer.id, Role.REVIEWER, now=NOON)
    member = member_of(session, reviewer, project.id)
    require(member, Role.REVIEWER, Role.EXPERT)
    with pytest.raises(NotFound):
        require(member, Role.LEAD)


def test_joining_again_never_lowers_a_role(session, project):
    lead = person(session, "lead")
    join(session, project.id, lead.id, Role.LEAD, now=NOON)
    join(session, project.id, lead.id, Role.REVIEWER, now=NOON)
    assert member_of(session, lead, project.id).role is Role.LEAD


def test_who_was_removed_comes_back_with_the_new_role_only(session, project):
    lead, other = person(session, "lead"), person(session, "other")
    join(session, project.id, lead.id, Role.LEAD, now=NOON)
    join(session, project.id, other.id, Role.LEAD, now=NOON)
    member = member_of(session, lead, project.id)
    remove_member(session, member, other.id, now=NOON)
    with pytest.raises(NotFound):
        member_of(session, other, project.id)
    join(session, project.id, other.id, Role.REVIEWER, now=NOON)
    assert member_of(session, other, project.id).role is Role.REVIEWER


def test_a_closed_account_has_no_part_even_in_a_request_that_came_in_before(session, project):
    lead = person(session, "lead", admin=True)
    person(session, "other", admin=True)
    who = Who(lead.id, lead.pseudonym, lead.name, lead.email, True)
    disable(session, lead, now=NOON)
    with pytest.raises(NotFound):
        member_of(session, who, project.id)


def test_the_last_lead_stays(session, project):
    lead = person(session, "lead")
    join(session, project.id, lead.id, Role.LEAD, now=NOON)
    member = member_of(session, lead, project.id)
    with pytest.raises(Conflict):
        change_role(session, member, lead.id, Role.REVIEWER)
    with pytest.raises(Conflict):
        remove_member(session, member, lead.id, now=NOON)


def test_a_tokens_scope_hides_every_other_project(session, project):
    lead = person(session, "lead", admin=True)
    other = create_project(session, ProjectPlan("Q", DataType.TEXT, confirmations=1), now=NOON)
    scoped = Who(lead.id, lead.pseudonym, lead.name, lead.email, True, only_project=project.id)
    assert member_of(session, scoped, project.id).leads
    assert [found.id for found, _ in projects_of(session, scoped)] == [project.id]
    with pytest.raises(NotFound):
        member_of(session, scoped, other.id)
