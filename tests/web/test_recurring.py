"""Batches that make themselves every day, week or month."""

from __future__ import annotations

import re
import threading
from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select, update

from app.actions.making_due import make_due_batch
from app.db.engine import reading, writing
from app.db.tables.planned import RecurringBatch
from app.db.tables.review import Batch, BatchPerson
from app.errors import Failure
from app.review.batches.recurring import due_recurring
from app.worker import look_round
from tests.web.cast import Actor, Cast, sign_in_actor
from tests.web.console import command
from tests.web.seeded import Seeded, seed
from tests.web.test_batch_rules import FORM, members
from tests.web.test_views import log_of, saved

HERE = "/p/support-intents/batches"
API = "/api/v1/projects/support-intents/recurring"


@pytest.fixture
def seeded(cast: Cast) -> Seeded:
    return seed(cast, count=20)  # the clock stands on Monday 4 May 2026, noon


def added(cast: Cast, **plan: Any) -> Any:
    reply = cast.lead.post(API, json={"every": "week", "size": 3, "audit_share": 0, **plan})
    assert reply.status_code == 201, reply.text
    return reply.json()


def step(cast: Cast, **much: float) -> datetime:
    """Time goes by; the lead signs in again, for no session lasts that long."""
    cast.step(**much)
    cast.lead.close()
    cast.lead = sign_in_actor(cast.app, cast.engine, cast.lead.person, now=cast.now)
    return cast.now


def due(cast: Cast) -> list[bool]:
    """What a worker does now."""
    with reading(cast.engine) as session:
        ids = due_recurring(session, now=cast.now)
    return [make_due_batch(cast.engine, one, now=cast.now) for one in ids]


def listed(cast: Cast) -> list[dict[str, Any]]:
    every: list[dict[str, Any]] = cast.lead.get(API).json()["recurring"]
    return every


def batches(cast: Cast) -> list[tuple[int, str, int]]:
    with reading(cast.engine) as session:
        rows = session.execute(select(Batch.number, Batch.name, Batch.size).order_by(Batch.number))
        return [tuple(row) for row in rows]  # type: ignore[misc]  # as it was selected


def page_of(cast: Cast, path: str = HERE) -> str:
    text = re.sub(r"<[^>]*>", " ", cast.lead.get(path).text)
    return " ".join(unescape(text).split())


def test_top_three_every_monday(cast: Cast, seeded: Seeded) -> None:
    sent = cast.lead.post(
        f"{HERE}/new",
        data=FORM
        | {"size": "3", "name": "Top 3", "repeat": "week", "weekday": "0", "at": "09:30",
           "due_days": "4", "audit_share": "0"},
    )  # fmt: skip
    assert sent.headers["location"] == f"{HERE}?done=recurring_added", sent.text
    assert batches(cast) == [], "the first is made when its time comes"
    (one,) = listed(cast)
    assert (one["words"], one["next_at"]) == ("every Monday at 09:30 UTC", "2026-05-11T09:30:00Z")
    step(cast, days=6)
    assert due(cast) == []
    step(cast, hours=21, minutes=30)
    assert due(cast) == [True]
    assert batches(cast) == [(1, "Top 3, week of 11 May 2026", 3)]
    assert members(cast) == seeded.examples[:3]
    assert due(cast) == [], "once a week"
    with reading(cast.engine) as session:
        batch = session.scalars(select(Batch)).one()
        assert batch.due_at is not None and batch.due_at.isoformat() == "2026-05-15T23:59:59+00:00"
        assert batch.created_by == cast.lead.person.id
    step(cast, days=7)
    assert due(cast) == [True]
    assert [name for _, name, _ in batches(cast)][1] == "Top 3, week of 18 May 2026"
    assert members(cast, 2) == seeded.examples[3:6], "what waits in an open batch is not taken"
    text = page_of(cast)
    assert "every Monday at 09:30 UTC" in text and "25 May 2026" in text
    assert "Top 3, week of 18 May 2026" in text
    assert "Relabel Made batch 2, as it does again and again: Top 3, week of 18 May" in log_of(cast)
    assert "Lead Had a batch made again and again: Top 3" in log_of(cast)


def test_what_was_missed_is_made_once(cast: Cast, seeded: Seeded) -> None:
    added(cast, every="day", at="08:00", name="Daily")
    step(cast, days=10)
    assert due(cast) == [True]
    assert [name for _, name, _ in batches(cast)] == ["Daily, 14 May 2026"]
    (one,) = listed(cast)
    assert (one["made_for"], one["next_at"], one["last_batch"]) == (
        "2026-05-14T08:00:00Z", "2026-05-15T08:00:00Z", 1,
    )  # fmt: skip


def test_two_workers_at_once_make_one(cast: Cast, seeded: Seeded) -> None:
    one = added(cast, every="day")["id"]
    now = step(cast, days=1)
    made: list[bool] = []
    both = [
        threading.Thread(target=lambda: made.append(make_due_batch(cast.engine, one, now=now)))
        for _ in range(3)
    ]
    for worker in both:
        worker.start()
    for worker in both:
        worker.join()
    assert sorted(made) == [False, False, True]
    assert len(batches(cast)) == 1


class Killed(BaseException):
    """As if the process were gone."""


def test_a_worker_that_is_killed_before_it_is_stored_has_made_nothing(
    cast: Cast, seeded: Seeded, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = added(cast, every="day")["id"]
    now = step(cast, days=1)

    def die(place: str) -> None:
        raise Killed(place)

    with monkeypatch.context() as armed:
        armed.setattr("app.actions.making_due.reach", die)
        with pytest.raises(Killed):
            make_due_batch(cast.engine, one, now=now)
    assert batches(cast) == [] and listed(cast)[0]["made_for"] is None
    assert due(cast) == [True]
    assert len(batches(cast)) == 1


def test_a_rule_that_finds_nothing_makes_no_empty_batch_and_says_so(
    cast: Cast, seeded: Seeded
) -> None:
    added(cast, size=15, name="All")
    step(cast, days=7)
    due(cast)
    added(cast, size=100, every="day", name="Rest")
    for _ in range(2):
        step(cast, days=1)
        due(cast)
    assert [size for _, _, size in batches(cast)] == [15, 5]
    note = listed(cast)[1]["note"]
    assert note == "Wednesday 13 May 2026: nothing to review"
    assert note in page_of(cast)
    assert listed(cast)[1]["last_batch"] == 2


def test_who_left_is_dropped_with_a_note_and_never_becomes_everyone(
    cast: Cast, seeded: Seeded
) -> None:
    one, two = cast.reviewer.person, cast.second.person
    added(cast, every="day", name="Pair", people=[one.id, two.id])
    remove(cast, one.id)
    step(cast, days=1)
    assert due(cast) == [True]
    note = listed(cast)[0]["note"]
    assert note == "Tuesday 5 May 2026: without Reviewer, who left the project"
    assert listed(cast)[0]["people"] == [two.id]
    with reading(cast.engine) as session:
        assert list(session.scalars(select(BatchPerson.person_id))) == [two.id]
    remove(cast, two.id)
    for _ in range(2):
        step(cast, days=1)
        assert due(cast) == [True]
    assert len(batches(cast)) == 1
    told = "nobody it is for takes part any more, so nothing was made"
    assert told in listed(cast)[0]["note"] and told in page_of(cast)
    log = log_of(cast)
    assert log.count("Made no batch, since nobody it is for takes part any more: Pair") == 1


def remove(cast: Cast, person: int) -> None:
    sent = cast.lead.post(f"/p/support-intents/people/{person}/remove")
    assert sent.status_code == 303, sent.text


def test_nothing_is_made_while_the_project_is_archived(cast: Cast, seeded: Seeded) -> None:
    one = added(cast, every="day")["id"]
    cast.lead.patch("/api/v1/projects/support-intents", json={"archived": True})
    now = step(cast, days=3)
    assert due(cast) == [] and not make_due_batch(cast.engine, one, now=now)
    assert cast.lead.patch(f"{API}/{one}", json={"paused": True}).status_code == 409
    cast.lead.patch("/api/v1/projects/support-intents", json={"archived": False})
    assert due(cast) == [True]
    assert len(batches(cast)) == 1


def test_pause_resume_and_delete_at_every_door(cast: Cast, seeded: Seeded) -> None:
    one = added(cast, every="day", name="Daily")["id"]
    at = f"{HERE}/recurring/{one}"
    sent = cast.lead.post(f"{at}/state", data={"paused": "true"})
    assert sent.headers["location"] == f"{HERE}?done=recurring_paused"
    step(cast, days=3)
    assert due(cast) == [] and "Paused" in page_of(cast)
    told = cast.lead.patch(f"{API}/{one}", json={"paused": False}).json()
    assert (told["paused"], told["next_at"]) == (False, "2026-05-08T08:00:00Z")
    assert due(cast) == [], "what came due while it was paused is not made"
    step(cast, days=1)
    assert due(cast) == [True]
    assert cast.lead.post(f"{at}/delete").headers["location"] == f"{HERE}?done=recurring_deleted"
    assert listed(cast) == [] and len(batches(cast)) == 1
    assert cast.lead.delete(f"{API}/{one}").status_code == 404
    for words in ("Paused", "Resumed", "Ended"):
        assert f"Lead {words} a recurring batch: Daily" in log_of(cast)


def test_a_form_shows_what_is_kept_and_changes_it(cast: Cast, seeded: Seeded) -> None:
    beta, reader = seeded.labels[1], cast.reviewer.person.id
    one = added(
        cast, by="label", label=beta, size=7, every="month", day=31, at="23:15", mode="blind",
        reads=2, people=[reader], name="<i>Näme</i>", due_days=9,
    )["id"]  # fmt: skip
    at = f"{HERE}/recurring/{one}"
    form = cast.lead.get(at).text
    assert "&lt;i&gt;Näme&lt;/i&gt;" in form and f'action="{at}"' in form
    for kept in (
        'value="31"',
        'value="23:15"',
        'value="9"',
        '<option value="month" selected>',
        f'<option value="{beta}" selected>',
        f'name="person" value="{reader}" checked',
    ):
        assert kept in form, kept  # fmt: skip
    sent = cast.lead.post(
        at, data=FORM | {"size": "4", "repeat": "day", "at": "06:00", "name": "Other"}
    )
    assert sent.headers["location"] == f"{HERE}?done=recurring_changed", sent.text
    (kept,) = listed(cast)
    assert (kept["name"], kept["by"], kept["size"], kept["words"], kept["people"]) == (
        "Other", "priority", 4, "every day at 06:00 UTC", [],
    )  # fmt: skip
    assert kept["next_at"] == "2026-05-05T06:00:00Z" and kept["due_days"] is None
    refused = cast.lead.post(at, data=FORM | {"repeat": "never"})
    assert refused.status_code == 422 and "cannot repeat every" in refused.text
    counted = cast.lead.post(at, data=FORM | {"repeat": "day", "step": "preview"})
    assert counted.status_code == 200 and "Only 20 examples fit" in counted.text


def test_another_time_makes_no_second_batch_in_one_week(cast: Cast, seeded: Seeded) -> None:
    one = added(cast, every="week", day=1, name="Weekly")["id"]
    step(cast, days=1)
    assert due(cast) == [True]
    sent = cast.lead.post(
        f"{HERE}/recurring/{one}", data=FORM | {"repeat": "week", "weekday": "4", "name": "Weekly"}
    )
    assert sent.status_code == 303
    assert listed(cast)[0]["next_at"] == "2026-05-15T08:00:00Z", "Friday of the week after"


@pytest.mark.parametrize(
    ("plan", "status", "words"),
    [
        ({"by": "hand", "examples": [1]}, 422, "cannot be picked again"),
        ({"by": "view", "view": 99}, 404, "There is no such view any more."),
        ({"by": "grid"}, 422, "A grid shows one label."),
        ({"every": "week", "day": 7}, 422, "Day 7 is not one of 0 to 6."),
        ({"every": "month", "day": 0}, 422, "Day 0 is not one of 1 to 31."),
        ({"at": "25:00"}, 422, "The time is not a time of the day."),
        ({"people": [6]}, 422, "Somebody named here does not take part"),
        ({"due_days": 366}, 422, ""),
        ({"every": "year"}, 422, ""),
    ],
)
def test_what_cannot_repeat_is_refused_in_words(
    cast: Cast, seeded: Seeded, plan: dict[str, Any], status: int, words: str
) -> None:
    reply = cast.lead.post(API, json={"every": "week"} | plan)
    assert reply.status_code == status and words in reply.json()["detail"], reply.text
    assert listed(cast) == []


def test_a_view_is_looked_up_anew_each_time_until_it_is_deleted(cast: Cast, seeded: Seeded) -> None:
    view = saved(cast, "Low", "quality=0.25")["id"]
    added(cast, by="view", view=view, every="day", size=2)
    step(cast, days=1)
    due(cast)
    assert batches(cast) == [(1, "Low (quality < 0.25), 2 of them, 5 May 2026", 2)]
    assert listed(cast)[0]["rule"] == "View: Low"
    cast.lead.delete(f"/api/v1/projects/support-intents/views/{view}")
    step(cast, days=1)
    due(cast)
    assert len(batches(cast)) == 1
    (one,) = listed(cast)
    assert one["note"] == (
        "Wednesday 6 May 2026: There is no such view any more. Choose another one."
    )
    assert one["rule"] == "View: a view that was deleted"
    assert cast.lead.get(f"{HERE}/recurring/{one['id']}").status_code == 200


def test_a_merged_label_is_followed(cast: Cast, seeded: Seeded) -> None:
    alpha, beta = seeded.labels
    added(cast, by="label", label=beta, every="day", size=100)
    cast.lead.post(f"/api/v1/projects/support-intents/labels/{beta}/merge", json={"into": alpha})
    step(cast, days=1)
    due(cast)
    assert [size for _, _, size in batches(cast)] == [20]


def test_the_worker_makes_what_is_due(cast: Cast, seeded: Seeded) -> None:
    added(cast, every="month", name="Monthly")
    with writing(cast.engine) as session:  # the worker reads the machine's clock
        session.execute(update(RecurringBatch).values(next_at=datetime(2020, 1, 1, tzinfo=UTC)))
    look_round(cast.engine)
    look_round(cast.engine)
    ((_, name, _),) = batches(cast)
    assert name.startswith("Monthly, ")


def test_every_batch_that_draws_at_random_draws_anew(cast: Cast, seeded: Seeded) -> None:
    added(cast, by="spot_check", size=2, every="day")
    for _ in range(2):
        step(cast, days=1)
        due(cast)
    assert [size for _, _, size in batches(cast)] == [4, 4]
    with reading(cast.engine) as session:
        seeds = [rule["seed"] for rule in session.scalars(select(Batch.rule))]
    assert len(set(seeds)) == 2


def test_the_command_line_adds_lists_pauses_and_deletes(cast: Cast, seeded: Seeded) -> None:
    told = command(cast, "recurring", "add", "support-intents", "--size", "3", "--on", "fri",
                   "--at", "07:05", "--name", "Top 3")  # fmt: skip
    one = listed(cast)[0]["id"]
    assert told.startswith(f"{one} Top 3: every Friday at 07:05 UTC; next ")
    assert command(cast, "recurring", "list", "support-intents") == told
    command(cast, "recurring", "pause", "support-intents", str(one))
    assert "; paused." in command(cast, "recurring", "list", "support-intents")
    assert "goes on: next" in command(cast, "recurring", "resume", "support-intents", str(one))
    command(cast, "recurring", "delete", "support-intents", str(one))
    assert command(cast, "recurring", "list", "support-intents") == (
        "No batch is made again and again yet.\n"
    )
    saved(cast, "Low ones", "quality=0.25")
    told = command(cast, "recurring", "add", "support-intents", "--view", "low ONES",
                   "--every", "month")  # fmt: skip
    assert "View: Low ones, 100: every month on day 1 at 08:00 UTC" in told
    with pytest.raises(Failure, match="is not one of the days"):
        command(cast, "recurring", "add", "support-intents", "--on", "someday")


def test_who_is_no_lead_sees_none(cast: Cast, seeded: Seeded) -> None:
    one = added(cast)["id"]
    others: list[Actor] = [cast.reviewer, cast.expert, cast.stranger]
    for other in others:
        assert other.get(API).status_code == 404
        assert other.get(f"{HERE}/recurring/{one}").status_code == 404
        assert other.post(f"{HERE}/recurring/{one}/delete").status_code == 404
    assert len(listed(cast)) == 1
