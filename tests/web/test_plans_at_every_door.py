"""What a plan of a batch may be called and name: the same by page, program and command line."""

from __future__ import annotations

from typing import Any

import pytest

from app.db.engine import writing
from app.errors import Failure
from tests.web.cast import Cast, put_label, stage
from tests.web.cast import NewLabel as Named
from tests.web.console import command
from tests.web.seeded import Seeded, seed
from tests.web.test_batch_rules import FORM
from tests.web.test_recurring import API as RECURRING
from tests.web.test_recurring import HERE, batches, listed
from tests.web.test_views import API as SAVED
from tests.web.test_views import BATCHES, VIEWS
from tests.web.test_views import listed as views

SLUG = "support-intents"


@pytest.fixture
def seeded(cast: Cast) -> Seeded:
    return seed(cast, count=20)


def asked(cast: Cast, **plan: Any) -> list[tuple[int, str]]:
    """What each door for programs answers: its status and what it says."""
    doors = {
        BATCHES: plan,
        f"{BATCHES}/preview": {key: one for key, one in plan.items() if key != "name"},
        RECURRING: {"every": "day", **plan},
    }
    replies = [cast.lead.post(path, json=body) for path, body in doors.items()]
    return [(one.status_code, one.json().get("detail", "")) for one in replies]


@pytest.mark.parametrize("name", ["two\nlines", "x" * 201, "a\x07bell", "\u200b"])
def test_the_name_of_a_batch_is_one_line_at_every_door(
    cast: Cast, seeded: Seeded, name: str
) -> None:
    assert {code for code, _ in asked(cast, name=name)} == {422, 200}, "a preview has no name"
    for repeat in ("never", "week"):
        sent = cast.lead.post(f"{HERE}/new", data=FORM | {"name": name, "repeat": repeat})
        assert sent.status_code == 422 and "at most 200 characters in one line" in sent.text
    with pytest.raises(Failure, match="200 characters in one line"):
        command(cast, "recurring", "add", SLUG, "--name", name)
    assert (batches(cast), listed(cast)) == ([], [])


def test_a_name_of_two_hundred_letters_fits(cast: Cast, seeded: Seeded) -> None:
    name = "ß" * 200
    assert cast.lead.post(BATCHES, json={"name": f" {name} ", "size": 3}).status_code == 422
    assert cast.lead.post(BATCHES, json={"name": name, "size": 3}).json()["name"] == name


def test_a_plan_names_no_label_of_another_project(cast: Cast, seeded: Seeded) -> None:
    alpha = seeded.labels[0]
    with writing(cast.engine) as session:
        other = stage(session, cast.lead.person, "Other", now=cast.now)
        theirs = put_label(session, other.id, Named("Their label"), now=cast.now).id
    said = (404, "There is no such label in this project.")
    for label in (theirs, 10**12):
        assert asked(cast, by="label", label=label) == [said] * 3
        assert asked(cast, by="pair", label=alpha, suggested=label) == [said] * 3
        sent = cast.lead.post(f"{HERE}/new", data=FORM | {"by": "label", "label": str(label)})
        assert sent.status_code == 404 and "Their label" not in sent.text
    assert [code for code, _ in asked(cast, by="priority", label=theirs, size=3)] == [201, 200, 201]
    assert [one["rule"] for one in listed(cast)] == ["By priority"], "its rule asks for no label"


@pytest.mark.parametrize("rule", ["probe", "bulk_check", "practice", "split_audit", "test_audit"])
def test_no_door_repeats_what_another_act_makes(cast: Cast, seeded: Seeded, rule: str) -> None:
    with pytest.raises(Failure, match=f"no batch rule called '{rule}'") as refused:
        command(cast, "recurring", "add", SLUG, "--rule", rule)
    assert rule not in refused.value.next_step
    assert cast.lead.post(RECURRING, json={"every": "day", "by": rule}).status_code == 422
    assert (
        cast.lead.post(f"{HERE}/new", data=FORM | {"by": rule, "repeat": "day"}).status_code == 422
    )
    assert listed(cast) == []


@pytest.mark.parametrize("filter", ["status=pending&status=confirmed", "q=&q=x", "split=a&split=a"])
def test_a_filter_that_is_set_twice_is_refused_wherever_it_is_sent(
    cast: Cast, seeded: Seeded, filter: str
) -> None:
    refused = (422, f"The filter '{filter[: filter.index('=')]}' is set twice.")
    assert asked(cast, by="filter", filter=filter) == [refused] * 3
    reply = cast.lead.post(SAVED, json={"name": "Twice", "filter": filter})
    assert (reply.status_code, reply.json()["code"]) == (422, "repeated_filter")
    assert cast.lead.post(VIEWS, data={"name": "Twice", "filter": filter}).status_code == 422
    assert views(cast) == []


def test_the_command_line_drops_nothing_that_was_said(cast: Cast, seeded: Seeded) -> None:
    assert cast.lead.post(SAVED, json={"name": "Low", "filter": "quality=0.5"}).status_code == 201
    for said in (["--label", "beta"], ["--view", "Low"], ["--rule", "label", "--label", "alpha"]):
        command(cast, "recurring", "add", SLUG, *said)
    rules = ["Given label: beta", "View: Low", "Given label: alpha"]
    assert [one["rule"] for one in listed(cast)] == rules
    for said, option in (
        (["--rule", "priority", "--label", "beta"], "--label"),
        (["--rule", "audit", "--view", "Low"], "--view"),
        (["--label", "beta", "--view", "Low"], "--label"),
    ):
        with pytest.raises(Failure, match=f"has no use for {option}"):
            command(cast, "recurring", "add", SLUG, *said)
    assert len(listed(cast)) == 3


@pytest.mark.parametrize("day", ["00015", "0", "32", "9" * 5_000, "²", "1.0"])
def test_a_day_is_what_was_typed_or_none(cast: Cast, seeded: Seeded, day: str) -> None:
    with pytest.raises(Failure, match="is not one of the days"):
        command(cast, "recurring", "add", SLUG, "--every", "month", "--on", day)


@pytest.mark.parametrize("at", ["08:30:59", "08:30:00.5", "08:30Z", "24:00"])
def test_a_time_of_the_day_has_no_seconds_that_would_be_dropped(
    cast: Cast, seeded: Seeded, at: str
) -> None:
    reply = cast.lead.post(RECURRING, json={"every": "day", "at": at})
    assert reply.status_code == 422 and "not a time of the day" in reply.json()["detail"]
    sent = cast.lead.post(f"{HERE}/new", data=FORM | {"repeat": "day", "at": at})
    assert sent.status_code == 422 and "not a time of the day" in sent.text
    with pytest.raises(Failure, match="not a time of the day"):
        command(cast, "recurring", "add", SLUG, "--at", at)
