"""Sessions, links and tries, as functions on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts.links import Grant, first_run_token, make_link, use_link
from app.accounts.people import Newcomer, create_person, disable, person_by_id
from app.accounts.sessions import (
    WrongPassword,
    begin_signin,
    note_failure,
    session_person,
)
from app.actions.account import Attempt, sign_in
from app.db.engine import reading, writing
from app.db.tables.accounts import LoginSession
from app.db.words import LinkKind, Role
from app.errors import Conflict, NotFound, TooMany
from tests.conftest import NOON

PASSWORD = "four plain purple otters"


def ann(session, *, password: str | None = None):
    return create_person(session, Newcomer("Ann", "ann@example.org", password=password), now=NOON)


def test_signing_in_opens_a_session_that_its_token_finds(engine):
    with writing(engine) as session:
        person = ann(session, password=PASSWORD)
    raw = sign_in(engine, Attempt(" ANN@example.org", PASSWORD, "10.0.0.1"), now=NOON)
    with reading(engine) as session:
        opened = session.scalars(select(LoginSession)).one()
        live = session_person(session, raw, now=NOON)
        assert live is not None
        assert (live.session_id, live.who.id) == (opened.id, person.id)
        assert session_person(session, raw + "x", now=NOON) is None
        assert raw.encode() not in opened.token_hash
    with pytest.raises(WrongPassword):
        sign_in(engine, Attempt("ann@example.org", "something else", "10.0.0.1"), now=NOON)


def test_a_closed_account_has_no_session(engine):
    with writing(engine) as session:
        person = ann(session, password=PASSWORD)
    attempt = Attempt("ann@example.org", PASSWORD, "")
    raw = sign_in(engine, attempt, now=NOON)
    with writing(engine) as session:
        disable(session, person_by_id(session, person.id), now=NOON)
        assert session_person(session, raw, now=NOON) is None
    with pytest.raises(WrongPassword):
        sign_in(engine, attempt, now=NOON)


def test_failures_outlive_the_process(engine):
    """They are rows: another process counts on where this one stopped."""
    for _ in range(5):
        with writing(engine) as session:
            tried = begin_signin(session, "ann@example.org", address="10.0.0.1", now=NOON)
            note_failure(session, tried, now=NOON)
    engine.dispose()
    with reading(engine) as session:
        with pytest.raises(TooMany) as refused:
            begin_signin(session, "Ann@Example.org", address="10.9.9.9", now=NOON)
        assert 0 < refused.value.retry_after <= 900
        begin_signin(
            session, "ann@example.org", address="10.9.9.9", now=NOON + timedelta(minutes=16)
        )


def test_addresses_of_one_ipv6_network_count_together(engine):
    with writing(engine) as session:
        for number in range(20):
            tried = begin_signin(
                session, f"n{number}", address=f"2001:db8::{number + 1:x}", now=NOON
            )
            note_failure(session, tried, now=NOON)
    with reading(engine) as session:
        with pytest.raises(TooMany):
            begin_signin(session, "other", address="2001:db8::ffff", now=NOON)
        begin_signin(session, "other", address="2001:db8:0:1::1", now=NOON)


@pytest.mark.parametrize("twin", ["ann@example.org", "Ann@Example.ORG", "Ａnn@example.org"])
def test_addresses_that_look_alike_are_one(session, twin: str):
    ann(session)
    with pytest.raises(Conflict):
        create_person(session, Newcomer("Ann", twin), now=NOON)


def test_of_two_who_use_a_link_at_once_one_gets_it(engine):
    with writing(engine) as session:
        grant = Grant(role=Role.REVIEWER)
        raw = make_link(session, LinkKind.INVITE, grant, now=NOON)

    def use(number: int) -> bool:
        try:
            with writing(engine) as session:
                use_link(session, LinkKind.INVITE, raw, now=NOON)
        except NotFound:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(use, range(8))) == 1


def test_a_link_is_of_one_kind_only(session):
    raw = make_link(session, LinkKind.INVITE, now=NOON)
    for kind in (LinkKind.RESET, LinkKind.SETUP, LinkKind.SIGNIN):
        with pytest.raises(NotFound):
            use_link(session, kind, raw, now=NOON)


def test_there_is_a_first_run_only_while_nobody_has_an_account(session):
    assert first_run_token(session, now=NOON)
    ann(session)
    assert first_run_token(session, now=NOON) is None
