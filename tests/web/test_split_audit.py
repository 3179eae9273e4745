"""How many labels of one split are wrong: opened, read and told, the same at every door."""

from __future__ import annotations

import random
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from app.audit.splits.asking import due_split_audits
from app.audit.splits.audits import split_audit
from app.audit.splits.telling import split_serves
from app.db.engine import reading, writing
from app.db.log import lock_project
from app.db.tables.audit import Serve
from app.db.tables.datasets import Example
from app.db.tables.models import SplitAuditKey
from app.db.tables.review import Batch
from app.db.words import Mode, Stream
from app.errors import Conflict
from app.releases.verify import verify
from tests.review.conftest import World
from tests.steps import open_epoch
from tests.web.cast import Cast
from tests.web.console import command
from tests.web.seeded import Seeded, open_batch, seed
from tests.web.test_audit_page import manifest
from tests.web.test_estimate import one_reader
from tests.web.test_models import work
from tests.web.test_releases import filled
from tests.web.test_releases import work as releasing
from tests.web.test_test_audit import answered, begin, other, put_model, read
from tests.web.test_work import text as words_of

__all__ = ["filled", "releasing"]

HERE = "/p/support-intents"
API = "/api/v1/projects/support-intents"
COUNT, TEST = 60, range(20, 60)

pytestmark = pytest.mark.usefixtures("no_rechecks")


@pytest.fixture
def seeded(cast: Cast) -> Seeded:
    """Labels alpha and beta in turn; the last forty are the split "test"."""
    one_reader(cast)
    world = seed(cast, count=COUNT)
    put_split(cast, [world.examples[place] for place in TEST])
    return world


def put_split(cast: Cast, examples: list[int], name: str = "test") -> None:
    with writing(cast.engine) as session:
        inside = Example.id.in_(examples)
        session.execute(update(Example).where(inside).values(split=name))


def opened(cast: Cast, split: str = "test") -> dict[str, Any]:
    reply = cast.lead.post(f"{API}/split-audits", json={"split": split})
    assert reply.status_code == 201, reply.text
    shown: dict[str, Any] = reply.json()
    return shown


def drawn(cast: Cast, count: int, split: str = "test") -> int:
    """The id of a batch of so many random reads."""
    body = {"split": split, "count": count}
    reply = cast.lead.post(f"{API}/split-audits/read", json=body)
    assert reply.status_code == 201, reply.text
    with reading(cast.engine) as session:
        query = select(Batch.id).where(Batch.number == reply.json()["batch"])
        return session.scalars(query).one()


def told(cast: Cast, split: str = "test") -> dict[str, Any]:
    """As the audit stands once the worker has told it."""
    reply = cast.lead.post(f"{API}/split-audits/again", json={"split": split})
    assert reply.status_code == 202, reply.text
    work(cast)
    shown: dict[str, Any] = cast.lead.get(f"{API}/split-audits").json()[0]
    return shown


def keys(cast: Cast) -> list[int]:
    with reading(cast.engine) as session:
        key = SplitAuditKey
        return list(session.scalars(select(key.example_id).order_by(key.place)))


def wrong_ones(seeded: Seeded, places: range) -> Callable[[int], dict[str, Any]]:
    """Answers that change the labels at these places, and confirm all others."""
    wrong = {seeded.examples[place] for place in places}
    return lambda one: other(seeded, one) if one in wrong else {}


def test_its_pool_is_the_split_in_a_random_order_read_blind(cast: Cast, seeded: Seeded) -> None:
    shown = opened(cast)
    assert (shown["pool"], shown["running"], shown["drawn"], shown["unread"]) == (40, True, 0, 40)
    order = keys(cast)
    assert set(order) == {seeded.examples[place] for place in TEST} and order != sorted(order)
    batch = drawn(cast, 10)
    came = answered(cast, batch, lambda _: {})
    assert sorted(came) == sorted(order[:10])
    with reading(cast.engine) as session:
        assert session.get_one(Batch, batch).mode is Mode.BLIND
        assert set(session.scalars(select(Serve.stream))) == {Stream.SPLIT_AUDIT}
    assert sorted(answered(cast, drawn(cast, 5), lambda _: {})) == sorted(order[10:15])


def test_all_of_a_split_read_is_exact_and_the_rest_of_the_project_is_not_asked(
    cast: Cast, seeded: Seeded
) -> None:
    opened(cast)
    first = told(cast)["left"]
    assert (first["size"], first["draws"], first["low"], first["high"]) == (40, 0, 0, 40)
    says = wrong_ones(seeded, range(10, 27))  # seven of them are in the split
    answered(cast, drawn(cast, 15), says)
    part = told(cast)
    left = part["left"]  # what of the seven came in the first fifteen is left to chance
    assert left["draws"] == 15 and left["found"] <= 7 and left["low"] <= left["high"] <= 25
    assert f"{left['low']} to {left['high']} of the 40 labels of split test" in part["words"]
    answered(cast, drawn(cast, 40), says)
    left = told(cast)["left"]
    assert (left["found"], left["low"], left["high"]) == (7, 0, 0)
    page = words_of(unescape(cast.lead.get(f"{HERE}/test-audit").text))
    assert "None are wrong and still there, of the 40 labels of split test" in page
    assert "7 more were found and set right or removed." in page


def test_what_leaves_by_another_way_is_read_and_not_drawn(cast: Cast, seeded: Seeded) -> None:
    """The queue, and reads because models differ: each counts where it was drawn."""
    opened(cast)
    large = put_model(cast, seeded, "Large", ())
    small = put_model(cast, seeded, "Small", range(30, 36))
    begin(cast, [large, small], split="test")
    batch = drawn(cast, 8)
    order = keys(cast)
    answered(cast, read(cast, 6), lambda _: {})
    queue = answered(cast, open_batch(cast, size=30), lambda _: {}, most=30)
    came = answered(cast, batch, lambda _: {})
    with reading(cast.engine) as session:
        audit = split_audit(session, cast.project.id, "test")
        assert audit is not None
        serves = split_serves(session, audit)
    differ = {seeded.examples[place] for place in range(30, 36)}
    inside = {*order[:8], *differ, *(one for one in queue if one in set(order))}
    assert len(serves) == len(inside)
    assert serves.drawn.tolist() == [True] * 8 + [False] * (len(inside) - 8), "drawn first"
    assert {*came} <= {*order[:8]}
    assert cast.lead.get(f"{API}/test-audit").json()["decided"] == 6


def test_a_draw_is_the_first_of_the_order_that_is_left(cast: Cast, seeded: Seeded) -> None:
    opened(cast)
    batch = open_batch(cast, size=40, audit_share=0)  # a coin might draw others of the split
    queue = set(answered(cast, batch, lambda _: {}, most=40))
    left = [one for one in keys(cast) if one not in queue]
    assert answered(cast, drawn(cast, 5), lambda _: {}) and len(left) == 20
    with reading(cast.engine) as session:
        key = SplitAuditKey
        found = session.scalars(select(key.example_id).where(key.drawn_at.is_not(None)))
        assert set(found) == set(left[:5])


def test_draws_of_a_batch_that_was_closed_stay_draws_and_come_first(
    cast: Cast, seeded: Seeded
) -> None:
    opened(cast)
    batch, order = drawn(cast, 6), keys(cast)
    answered(cast, batch, lambda _: {}, most=2)
    shown = cast.lead.patch(f"/api/v1/batches/{batch}", json={"state": "closed"})
    assert shown.status_code == 200, shown.text
    assert told(cast)["left"]["open_draws"] == 4
    assert sorted(answered(cast, drawn(cast, 5), lambda _: {})) == sorted(order[2:7])
    left = told(cast)["left"]
    assert (left["draws"], left["open_draws"]) == (7, 0)


def test_what_was_decided_before_is_counted_beside_the_pool(cast: Cast, seeded: Seeded) -> None:
    says = wrong_ones(seeded, range(COUNT))
    before = answered(cast, open_batch(cast, size=30), says, most=30)
    inside = [one for one in before if seeded.examples.index(one) in TEST]
    shown = opened(cast)
    assert shown["pool"] == 40 - len(inside)
    left = told(cast)["left"]
    assert (left["size"], left["found"], left["high"]) == (40, len(inside), 40 - len(inside))
    assert inside


def test_removed_and_erased_examples_are_not_wrong(cast: Cast, seeded: Seeded) -> None:
    opened(cast)
    batch, order = drawn(cast, 4), keys(cast)
    bodies = {
        order[0]: {"verdict": "remove", "reason": "duplicate"},
        order[1]: {"verdict": "remove", "reason": "no_label"},
    }
    answered(cast, batch, lambda one: bodies.get(one, {}))
    with reading(cast.engine) as session:
        key = session.get_one(Example, order[5]).key
    url = f"{API}/examples/{order[5]}/erase"
    assert cast.lead.post(url, json={"confirm": key}).status_code == 200
    left = told(cast)["left"]
    assert (left["draws"], left["found"]) == (4, 1)
    assert left["high"] <= 35


def test_it_ends_when_the_running_estimate_begins_anew(cast: Cast, seeded: Seeded) -> None:
    opened(cast)
    answered(cast, drawn(cast, 10), lambda _: {})
    before = told(cast)
    with writing(cast.engine) as session:
        assert len(due_split_audits(session, now=cast.now)) == 0
        open_epoch(session, cast.project.id, reason="bulk", now=cast.now, rng=random.Random(4))
    [shown] = cast.lead.get(f"{API}/split-audits").json()
    assert (shown["running"], shown["left"]) == (False, before["left"])
    reply = cast.lead.post(f"{API}/split-audits/read", json={"split": "test", "count": 5})
    assert reply.status_code == 409 and "began anew" in reply.text
    assert "ended: the running estimate began anew" in cast.lead.get(f"{HERE}/test-audit").text
    assert opened(cast)["pool"] == 30


def test_the_database_keeps_its_order(cast: Cast, seeded: Seeded) -> None:
    opened(cast)
    drawn(cast, 3)
    for change in (
        "UPDATE split_audit_key SET place = place + 100",
        "UPDATE split_audit_key SET drawn_at = 99 WHERE drawn_at IS NOT NULL",
        "DELETE FROM split_audit_key",
    ):
        stays = pytest.raises(DBAPIError, match="the keys of a split's audit stay")
        with stays, writing(cast.engine) as session:
            session.execute(text(change))


def test_what_cannot_be_audited_is_refused_in_words(cast: Cast, seeded: Seeded) -> None:
    reply = cast.lead.post(f"{API}/split-audits", json={"split": "dev"})
    assert reply.status_code == 422 and "No example is in the split 'dev'" in reply.text
    reply = cast.lead.post(f"{API}/split-audits/read", json={"split": "test", "count": 5})
    assert reply.status_code == 409 and "No audit of split 'test' is open." in reply.text
    assert cast.lead.post(f"{HERE}/test-audit/splits", data={}).status_code == 422


def test_page_and_command_open_read_count_and_close(cast: Cast, seeded: Seeded) -> None:
    page = f"{HERE}/test-audit"
    assert "Open its audit" in cast.lead.get(page).text
    assert cast.lead.post(f"{page}/splits", data={"split": "test"}).status_code == 303
    sent = cast.lead.post(f"{page}/splits/read", data={"split": "test", "count": "12"})
    assert sent.headers["location"].startswith(f"{HERE}/batches/1")
    answered(cast, 1, lambda _: {})
    said = " ".join(command(cast, "split-audit", "support-intents").split())
    assert "Split test: 0 to" in said and "by 12 random reads." in said
    assert "by 12 random reads." in words_of(unescape(cast.lead.get(page).text))
    assert cast.lead.post(f"{page}/splits/again", data={"split": "test"}).status_code == 303
    assert cast.lead.post(f"{page}/splits/close", data={"split": "test"}).status_code == 303
    assert "closed, opened" in cast.lead.get(page).text
    with pytest.raises(Conflict, match="No audit of split 'test' is open"):
        command(cast, "split-audit", "support-intents", "--split", "test", "--read", "3")
    said = command(cast, "split-audit", "support-intents", "--open", "test", "--read", "3")
    assert "Batch 2 asks 3 examples, read blind." in said


def test_a_release_says_how_many_are_wrong(
    cast: Cast, filled: World, releasing: Callable[[], int]
) -> None:
    put_split(cast, filled.examples[2:], "train")
    with writing(cast.engine) as session:
        open_epoch(session, cast.project.id, reason="import", now=cast.now, rng=random.Random(5))
    assert cast.lead.post(f"{API}/releases", json={}).status_code == 201
    releasing()
    assert "split_audits" not in manifest(cast, 1)["release"]
    opened(cast, "train")
    releasing()
    assert cast.lead.post(f"{API}/releases", json={}).status_code == 201
    releasing()
    [said] = manifest(cast, 2)["release"]["split_audits"]
    assert (said["split"], said["labels"], said["draws"]) == ("train", 10, 0)
    assert (said["low"], said["high"]) == (0, 10)
    settings = cast.app.state.settings
    folder = next(settings.data.rglob("manifest.json")).parent.parent / "2"
    assert verify(folder).problems.lines() == []


def test_nothing_of_it_outlives_its_project(cast: Cast, seeded: Seeded) -> None:
    from app.datasets.removal import remove_rows
    from app.db.tables.datasets import Project
    from app.db.tables.models import SplitAudit

    opened(cast)
    with writing(cast.engine) as session:
        lock_project(session, cast.project.id)
        session.get_one(Project, cast.project.id).deleted_at = cast.now
    remove_rows(cast.engine, cast.project.id)
    with reading(cast.engine) as session:
        assert session.scalars(select(SplitAudit.id)).all() == []
        assert session.scalars(select(SplitAuditKey.place)).all() == []


def test_several_splits_cost_as_many_statements_as_one(
    cast: Cast, seeded: Seeded, statements: Any
) -> None:
    opened(cast)
    drawn(cast, 5)
    work(cast)  # no job is left that waits
    with statements() as one:
        first = cast.lead.get(f"{API}/split-audits").json()
    put_split(cast, seeded.examples[:10], "dev")
    put_split(cast, seeded.examples[10:20], "held out")
    for split in ("dev", "held out"):
        opened(cast, split)
    drawn(cast, 3, "dev")
    work(cast)
    with statements() as three:
        told = cast.lead.get(f"{API}/split-audits").json()
    assert len(three) == len(one)
    counts = {shown["split"]: (shown["pool"], shown["unread"]) for shown in told}
    assert counts == {"dev": (10, 7), "held out": (10, 10), "test": (40, 35)}
    assert [shown["unread"] for shown in first] == [35]
