"""Which model is better on right labels: opened, read and told, the same at every door."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError

from app.audit.models.answers import predicted
from app.audit.models.asking import due_test_audits
from app.audit.outcomes import epoch_serves
from app.datasets.withdraw import take_out
from app.db.engine import reading, writing
from app.db.log import lock_project
from app.db.tables import models as tables
from app.db.tables.audit import AuditEpoch, Serve
from app.db.tables.datasets import DataImport, Example, Label, Project
from app.db.tables.jobs import Job
from app.db.tables.models import Model, ModelPrediction
from app.db.tables.review import Batch, BatchMember, Decision
from app.db.words import ArrayState, JobState, Mode, ReadReason, Status, Stream, Verdict
from tests.web.cast import Cast
from tests.web.seeded import Seeded, answer, claim, open_batch, seed
from tests.web.test_estimate import one_reader
from tests.web.test_models import work

HERE = "/p/support-intents"
API = "/api/v1/projects/support-intents"
COUNT = 60

pytestmark = pytest.mark.usefixtures("no_rechecks")


@pytest.fixture
def seeded(cast: Cast) -> Seeded:
    """Labels alpha and beta in turn."""
    one_reader(cast)
    return seed(cast, count=COUNT)


def put_model(
    cast: Cast, seeded: Seeded, name: str, wrong: Sequence[int], places: Sequence[int] = ()
) -> int:
    """A model that says the given label, but at these places; of all examples, or of some."""
    with writing(cast.engine) as session:
        model = Model(
            project_id=cast.project.id,
            name=name,
            file_name="m.csv",
            sha256="0" * 64,
            state=ArrayState.READY,
            made_at=cast.now,
            n_examples=COUNT,
        )
        session.add(model)
        session.flush()
        for place in places or range(COUNT):
            label = seeded.labels[(place % 2) ^ (place in wrong)]
            session.add(
                ModelPrediction(
                    model_id=model.id, example_id=seeded.examples[place], label_id=label
                )
            )
        return model.id


def begin(cast: Cast, models: Sequence[int], **said: Any) -> dict[str, Any]:
    reply = cast.lead.post(f"{API}/test-audit", json={"models": list(models), **said})
    assert reply.status_code == 201, reply.text
    shown: dict[str, Any] = reply.json()
    return shown


def read(cast: Cast, count: int) -> int:
    reply = cast.lead.post(f"{API}/test-audit/read", json={"count": count})
    assert reply.status_code == 201, reply.text
    with reading(cast.engine) as session:
        query = select(Batch.id).where(Batch.number == reply.json()["batch"])
        return session.scalars(query).one()


def answered(
    cast: Cast, batch: int, said: Callable[[int], dict[str, Any]], most: int = COUNT
) -> list[int]:
    """Answer a batch; which examples came, in their order."""
    came: list[int] = []
    while len(came) < most and (cards := claim(cast.reviewer, batch, min(8, most - len(came)))):
        for card in cards:
            answer(cast.reviewer, card["lease"], **said(card["example"]))
            came.append(card["example"])
    return came


def told(cast: Cast) -> dict[str, Any]:
    """As the audit stands once the worker has worked it out."""
    reply = cast.lead.post(f"{API}/test-audit/again")
    assert reply.status_code == 202, reply.text
    work(cast)
    shown: dict[str, Any] = cast.lead.get(f"{API}/test-audit").json()
    return shown


def order(cast: Cast) -> list[int]:
    with reading(cast.engine) as session:
        key = tables.TestAuditKey
        return list(session.scalars(select(key.example_id).order_by(key.place)))


def other(seeded: Seeded, example: int) -> dict[str, Any]:
    """The other label than the one it came with."""
    place = seeded.examples.index(example)
    return {"verdict": "relabel", "label": seeded.labels[1 - place % 2]}


def test_what_models_differ_on_is_drawn_once_and_read_blind(cast: Cast, seeded: Seeded) -> None:
    large = put_model(cast, seeded, "Large", range(0, 6))
    small = put_model(cast, seeded, "Small", range(3, 18))
    shown = begin(cast, [large, small])
    assert (shown["number"], shown["size"], shown["differ"], shown["unread"]) == (1, 60, 15, 15)
    where = {seeded.examples[place] for place in (*range(3), *range(6, 18))}
    drawn = order(cast)
    assert set(drawn) == where and drawn != sorted(drawn)
    batch = read(cast, 10)
    came = answered(cast, batch, lambda _: {})
    assert sorted(came) == sorted(drawn[:10])
    with reading(cast.engine) as session:
        assert session.get_one(Batch, batch).mode is Mode.BLIND
        assert set(session.scalars(select(Serve.stream))) == {Stream.TEST_AUDIT}
        project = session.get_one(Project, cast.project.id)
        serves = epoch_serves(session, session.get_one(AuditEpoch, project.epoch_id))
        assert not serves.drawn.any() and not serves.queue.any(), "no random check of the rest"
    assert answered(cast, read(cast, 200), lambda _: {})[0] in drawn[10:]


def test_what_was_decided_without_a_serve_is_known_from_its_answer_on(
    cast: Cast, seeded: Seeded
) -> None:
    """Not before all draws: it would count as known at the time of each of them."""
    answered(cast, open_batch(cast, size=20), lambda _: {}, most=20)
    with writing(cast.engine) as session:
        last = session.scalar(select(func.max(Serve.serve_seq)))
        served = select(Serve.id).where(Serve.example_id == Example.id).exists()
        example = session.scalars(select(Example).where(~served).limit(1)).one()
        example.status, example.final_label_id = Status.CONFIRMED, example.given_label_id
        session.add(
            Decision(
                project_id=cast.project.id,
                seq=9_999,
                idempotency_key="k",
                content_hash="h",
                example_id=example.id,
                person_id=cast.lead.person.id,
                verdict=Verdict.CONFIRM,
                mode=Mode.EVERYTHING,
                read_reason=ReadReason.FIRST,
                confirmations=1,
                guideline_revision=1,
                at=cast.now + timedelta(hours=1),
            )
        )
        session.flush()
        project = session.get_one(Project, cast.project.id)
        what = predicted(session, project, None, ())
        assert what.at[what.ids == example.id].tolist() == [last]


def test_a_flip_that_was_planted_is_found(cast: Cast, seeded: Seeded) -> None:
    """Large follows 12 wrong labels, Small says what is right: given labels prefer Large."""
    large = put_model(cast, seeded, "Large", ())
    small = put_model(cast, seeded, "Small", [*range(12), *range(30, 34)])
    begin(cast, [large, small])
    first = told(cast)
    assert [round(one["given"], 4) for one in first["models"]] == [1.0, 0.7333]
    assert "With given labels you would pick Large. Nothing is read yet" in first["headline"]
    assert first["pairs"][0]["cost"].startswith("Large and Small differ on 16 of 60; 16 reads give")
    wrong = {seeded.examples[place] for place in range(12)}
    answered(cast, read(cast, 16), lambda one: other(seeded, one) if one in wrong else {})
    shown = told(cast)
    [pair] = shown["pairs"]
    assert (pair["verdict"], pair["reads"], pair["differ"]) == ("second ahead", 16, 16)
    assert pair["corrected"] == {
        "estimate": pytest.approx(8 / 60),
        "low": pytest.approx(8 / 60),
        "high": pytest.approx(8 / 60),
        "exact": True,
    }
    assert shown["headline"] == (
        "With given labels you would pick Large. With right labels Small is ahead of Large by "
        "13.3 points."
    )
    assert shown["flips"][0]["flip"] == "flip possible"


def test_without_a_flip_the_bounds_hold_the_difference_at_every_look(
    cast: Cast, seeded: Seeded
) -> None:
    large = put_model(cast, seeded, "Large", range(20, 24))
    small = put_model(cast, seeded, "Small", range(30, 50))
    begin(cast, [large, small])
    widths = []
    for count in (4, 8, 12):
        answered(cast, read(cast, count), lambda _: {})
        bounds = told(cast)["pairs"][0]["corrected"]
        assert bounds["low"] <= -16 / 60 + 1e-9 <= bounds["high"] + 2e-9
        widths.append(bounds["high"] - bounds["low"])
    assert widths[0] > widths[1] > widths[2] == 0
    assert "Large is ahead of Small by 26.7 points." in told(cast)["pairs"][0]["words"]


def test_what_is_decided_elsewhere_counts_at_its_place(cast: Cast, seeded: Seeded) -> None:
    large = put_model(cast, seeded, "Large", ())
    small = put_model(cast, seeded, "Small", range(10))
    begin(cast, [large, small])
    first, second, third, *_ = order(cast)
    for example in (first, third):
        confirm(cast, example)
    [pair] = told(cast)["pairs"]
    assert (pair["reads"], pair["held_back"], pair["open"]) == (2, 0, 1)
    assert pair["held"] == "1 open answer is counted in the way that says least."
    came = answered(cast, read(cast, 1), lambda _: {})
    assert came == [second], "what is known is not asked again"
    [pair] = told(cast)["pairs"]
    assert (pair["reads"], pair["open"], pair["held"]) == (3, 0, "")


def test_what_is_decided_far_ahead_waits_for_those_before_it(cast: Cast, seeded: Seeded) -> None:
    begin(cast, [put_model(cast, seeded, "A", ()), put_model(cast, seeded, "B", range(20))])
    confirm(cast, order(cast)[15])
    [pair] = told(cast)["pairs"]
    assert (pair["reads"], pair["held_back"], pair["open"]) == (0, 1, 0)
    assert pair["held"] == "1 read counts once those before it are answered."


def confirm(cast: Cast, example: int) -> None:
    body = {"key": f"00000000-0000-4000-8000-{example:012d}", "example": example}
    sent = cast.lead.post("/api/v1/decisions", json=body | {"verdict": "confirm"})
    assert sent.status_code == 200, sent.text


def test_what_was_decided_before_is_known_without_a_draw(cast: Cast, seeded: Seeded) -> None:
    for place in range(10):
        confirm(cast, seeded.examples[place])
    large = put_model(cast, seeded, "Large", ())
    small = put_model(cast, seeded, "Small", range(14))
    assert begin(cast, [large, small])["decided"] == 10
    [pair] = told(cast)["pairs"]
    assert (pair["reads"], pair["held_back"], pair["differ"]) == (10, 0, 14)
    assert pair["verdict"] == "first ahead", "10 of 14 are known, whatever the others are"
    assert pair["corrected"]["high"] <= -6 / 60 + 1e-9
    key = "00000000-0000-4000-8000-000000000000"
    reopened = cast.lead.post(f"{API}/examples/{seeded.examples[0]}/reopen", json={"key": key})
    assert reopened.status_code == 200, reopened.text
    [again] = told(cast)["pairs"]
    assert again["reads"] == 9 and not again["corrected"]["exact"]
    assert again["corrected"]["high"] == pytest.approx(pair["corrected"]["high"] + 2 / 60)


def test_what_has_no_label_counts_against_both_and_what_is_unreadable_leaves(
    cast: Cast, seeded: Seeded
) -> None:
    large = put_model(cast, seeded, "Large", ())
    small = put_model(cast, seeded, "Small", range(4))
    begin(cast, [large, small])
    none, broken, *_ = order(cast)

    def said(one: int) -> dict[str, Any]:
        reason = {none: "no_label", broken: "unreadable"}.get(one)
        return {"verdict": "remove", "reason": reason} if reason else {}

    answered(cast, read(cast, 4), said)
    shown = told(cast)
    assert (shown["gone"], shown["fitting_none"]) == (1, 1)
    assert shown["pairs"][0]["corrected"]["estimate"] == pytest.approx(-2 / 59)
    corrected = shown["models"][0]["given"]
    assert corrected == pytest.approx(1.0), "of 59 that stay"


def test_an_erased_example_keeps_nobody_waiting(cast: Cast, seeded: Seeded) -> None:
    large = put_model(cast, seeded, "Large", ())
    small = put_model(cast, seeded, "Small", range(4))
    begin(cast, [large, small])
    first, *_ = order(cast)
    with reading(cast.engine) as session:
        key = session.get_one(Example, first).key
    reply = cast.lead.post(f"{API}/examples/{first}/erase", json={"confirm": key})
    assert reply.status_code == 200
    answered(cast, read(cast, 10), lambda _: {})
    shown = told(cast)
    assert (shown["gone"], shown["decided"], shown["unread"]) == (1, 4, 0)
    [pair] = shown["pairs"]
    assert (pair["corrected"]["exact"], pair["differ"]) == (True, 3)
    assert pair["corrected"]["estimate"] == pytest.approx(-3 / 59)


def test_a_change_counts_once_a_second_reader_agrees(cast: Cast, seeded: Seeded) -> None:
    """As everywhere: until then it is an open answer."""
    with writing(cast.engine) as session:
        session.get_one(Project, cast.project.id).confirmations = 2
    begin(cast, [put_model(cast, seeded, "A", ()), put_model(cast, seeded, "B", range(4))])
    changed, *_ = order(cast)
    batch = read(cast, 4)
    cards = claim(cast.reviewer, batch, 8)
    for card in cards:
        one = card["example"]
        answer(cast.reviewer, card["lease"], **(other(seeded, one) if one == changed else {}))
    [pair] = told(cast)["pairs"]
    assert (pair["reads"], pair["open"]) == (3, 1)
    [lease] = [one["lease"] for one in claim(cast.second, batch, 8) if one["example"] == changed]
    answer(cast.second, lease, **other(seeded, changed))
    [pair] = told(cast)["pairs"]
    assert (pair["reads"], pair["open"]) == (4, 0)
    assert pair["corrected"]["estimate"] == pytest.approx(-2 / 60)


def test_what_an_import_brought_leaves_with_it(cast: Cast, seeded: Seeded) -> None:
    begin(cast, [put_model(cast, seeded, "A", ()), put_model(cast, seeded, "B", range(9))])
    with writing(cast.engine) as session:
        example = session.get_one(Example, seeded.examples[0])
        lock = lock_project(session, cast.project.id)
        take_out(lock, session.get_one(DataImport, example.import_id), actor=None, now=cast.now)
        lock.save()
        assert session.scalars(select(ModelPrediction.model_id)).all() == []
    shown = told(cast)
    assert (shown["gone"], shown["decided"], shown["pairs"][0]["differ"]) == (9, 9, 0)


def test_the_random_order_cannot_be_changed(cast: Cast, seeded: Seeded) -> None:
    begin(cast, [put_model(cast, seeded, "A", ()), put_model(cast, seeded, "B", range(9))])
    for line in ("UPDATE test_audit_key SET place = place + 100", "DELETE FROM test_audit_key"):
        refused = pytest.raises(DBAPIError, match="keys of a test-set audit stay")
        with refused, writing(cast.engine) as session:
            session.execute(text(line))


def test_of_a_split_only_its_examples_are_compared(cast: Cast, seeded: Seeded) -> None:
    with writing(cast.engine) as session:
        some = seeded.examples[:20]
        session.execute(update(Example).where(Example.id.in_(some)).values(split="test"))
    large = put_model(cast, seeded, "Large", range(3), range(20))
    small = put_model(cast, seeded, "Small", range(15, 30), range(20))
    shown = begin(cast, [large, small], split="test")
    assert (shown["split"], shown["size"], shown["differ"]) == ("test", 20, 8)
    assert told(cast)["models"][0]["given"] == pytest.approx(17 / 20)


@pytest.mark.parametrize(
    ("sent", "status", "code", "said"),
    [
        ({"models": ["A"]}, 422, "audit_models", "2 to 10"),
        ({"models": ["A", "A"]}, 422, "audit_models", "2 to 10"),
        ({"models": ["A", "half"]}, 409, "predictions_missing", "30 of 60"),
        ({"models": ["A", "stopped"]}, 409, "model_not_ready", "stopped"),
        ({"models": ["A", "B"], "split": "tset"}, 422, "no_split", "tset"),
        ({"models": ["A", "nobody"]}, 404, "not_found", ""),
    ],
)
def test_what_cannot_be_compared_is_refused_in_words(
    cast: Cast, seeded: Seeded, sent: dict[str, Any], status: int, code: str, said: str
) -> None:
    ids = {name: put_model(cast, seeded, name, ()) for name in ("A", "B", "stopped")}
    ids |= {"half": put_model(cast, seeded, "half", (), range(30)), "nobody": 10**6}
    with writing(cast.engine) as session:
        session.get_one(Model, ids["stopped"]).state = ArrayState.STOPPED
    body = sent | {"models": [ids[name] for name in sent["models"]]}
    reply = cast.lead.post(f"{API}/test-audit", json=body)
    assert (reply.status_code, reply.json()["code"]) == (status, code)
    assert said in reply.json()["detail"]
    for path in ("/read", "/close", "/again"):
        assert cast.lead.post(f"{API}/test-audit{path}", json={}).status_code == 409
    assert cast.lead.get(f"{API}/test-audit").status_code == 404


def test_one_audit_is_open_at_a_time_and_its_models_stay(cast: Cast, seeded: Seeded) -> None:
    ids = [put_model(cast, seeded, "A", ()), put_model(cast, seeded, "B", range(9))]
    begin(cast, ids)
    files = {"file": ("m.csv", b"id,label\nrow 1,alpha\n")}
    other_bytes = cast.lead.post(f"{API}/models", files=files, data={"name": "A"})
    assert (other_bytes.status_code, other_bytes.json()["code"]) == (409, "model_in_audit")
    assert cast.lead.delete(f"{API}/models/{ids[0]}").json()["code"] == "model_in_audit"
    assert cast.lead.post(f"{API}/test-audit/close").json()["closed_at"]
    work(cast)
    assert cast.lead.get(f"{API}/test-audit").json()["made_at"]
    assert begin(cast, ids)["number"] == 2
    assert begin(cast, ids)["number"] == 3
    with reading(cast.engine) as session:
        rows = session.scalars(select(tables.TestAudit).order_by(tables.TestAudit.number)).all()
        assert [row.closed_at is None for row in rows] == [False, False, True]


def test_models_that_never_differ_leave_nothing_to_read(cast: Cast, seeded: Seeded) -> None:
    begin(cast, [put_model(cast, seeded, "A", range(9)), put_model(cast, seeded, "B", range(9))])
    shown = told(cast)
    assert shown["pairs"][0]["words"] == "A and B predict the same on every example."
    reply = cast.lead.post(f"{API}/test-audit/read", json={})
    assert (reply.status_code, reply.json()["code"]) == (409, "nothing_fits")
    assert "do not differ" in reply.json()["detail"]


def test_merged_labels_are_one_label(cast: Cast, seeded: Seeded) -> None:
    """A model says gamma where the other says alpha; gamma is merged into alpha afterwards."""
    with writing(cast.engine) as session:
        gamma = Label(project_id=cast.project.id, name="gamma", position=3, synonyms=[])
        session.add(gamma)
        session.flush()
        gamma_id = gamma.id
    ids = [put_model(cast, seeded, "A", ()), put_model(cast, seeded, "B", ())]
    with writing(cast.engine) as session:
        mine = ModelPrediction.model_id == ids[1], ModelPrediction.label_id == seeded.labels[0]
        session.execute(update(ModelPrediction).where(*mine).values(label_id=gamma_id))
    assert begin(cast, ids)["differ"] == 30
    with writing(cast.engine) as session:
        gamma = session.get_one(Label, gamma_id)
        gamma.retired_at, gamma.replaced_by = cast.now, seeded.labels[0]
        gamma.current_id = seeded.labels[0]
    [pair] = told(cast)["pairs"]
    assert (pair["differ"], pair["corrected"]["estimate"]) == (0, 0.0)


def test_random_checks_before_an_audit_do_not_count_its_reads_twice(
    cast: Cast, seeded: Seeded
) -> None:
    """Ten labels are wrong, all where the models differ: of 60 that is a sixth."""
    wrong = {seeded.examples[place] for place in range(10)}

    def said(one: int) -> dict[str, Any]:
        return other(seeded, one) if one in wrong else {}

    answered(cast, open_batch(cast, by="audit", size=20), said, most=20)
    begin(cast, [put_model(cast, seeded, "A", ()), put_model(cast, seeded, "B", range(20))])
    answered(cast, read(cast, COUNT), said)
    shown = told(cast)
    assert shown["draws"] == 20
    assert shown["wrong"]["estimate"] == pytest.approx(10 / 60)
    assert shown["models"][0]["corrected"]["estimate"] == pytest.approx(50 / 60)


def test_a_batch_that_is_closed_gives_its_examples_back(cast: Cast, seeded: Seeded) -> None:
    begin(cast, [put_model(cast, seeded, "A", ()), put_model(cast, seeded, "B", range(9))])
    first, second = read(cast, 4), read(cast, 3)
    with reading(cast.engine) as session:
        waiting = session.execute(select(BatchMember.batch_id, BatchMember.example_id)).all()
    assert len({example for _, example in waiting}) == 7, "nobody is asked in two batches"
    with reading(cast.engine) as session:
        number = session.get_one(Batch, first).number
    closed = {"state": "closed"}
    assert cast.lead.post(f"{HERE}/batches/{number}/state", data=closed).status_code == 303
    third = read(cast, 10)
    assert set(answered(cast, third, lambda _: {})) == {
        *order(cast)[:4],
        *order(cast)[7:],
    }
    assert len(answered(cast, second, lambda _: {})) == 3


def test_what_waits_in_a_batch_is_not_offered_again(cast: Cast, seeded: Seeded) -> None:
    begin(cast, [put_model(cast, seeded, "A", ()), put_model(cast, seeded, "B", range(9))])
    assert "Read 9 more" in cast.lead.get(f"{HERE}/test-audit").text
    batch = read(cast, 5)
    shown = cast.lead.get(f"{API}/test-audit").json()
    assert (shown["decided"], shown["open"], shown["unread"]) == (0, 5, 4)
    assert "Read 4 more" in cast.lead.get(f"{HERE}/test-audit").text
    read(cast, 5)
    page = cast.lead.get(f"{HERE}/test-audit").text
    assert "9 asked for" in page and not re.search(r"Read \d+ more", page)
    with reading(cast.engine) as session:
        number = session.get_one(Batch, batch).number
    closed = {"state": "closed"}
    assert cast.lead.post(f"{HERE}/batches/{number}/state", data=closed).status_code == 303
    assert cast.lead.get(f"{API}/test-audit").json()["unread"] == 5


def test_every_audit_is_told_to_its_end(cast: Cast, seeded: Seeded) -> None:
    """Whether another one was about to be told, or it itself was being told, from older answers."""
    ids = [put_model(cast, seeded, "A", ()), put_model(cast, seeded, "B", range(9))]
    begin(cast, ids)
    begin(cast, ids)
    with reading(cast.engine) as session:
        jobs = session.scalars(select(Job).order_by(Job.id)).all()
        assert [job.arguments["audit_id"] for job in jobs] == [1, 2]
    work(cast)
    assert cast.lead.get(f"{API}/test-audit").json()["made_at"]
    running = cast.lead.post(f"{API}/test-audit/again").json()["id"]
    with writing(cast.engine) as session:
        session.get_one(Job, running).state = JobState.RUNNING
    assert cast.lead.post(f"{API}/test-audit/close").status_code == 200
    last = cast.lead.post(f"{API}/test-audit/again").json()
    assert (last["state"], last["id"] > running) == ("waiting", True)
    assert cast.lead.post(f"{API}/test-audit/again").json()["id"] == last["id"]


def test_news_are_told_by_themselves(cast: Cast, seeded: Seeded) -> None:
    begin(cast, [put_model(cast, seeded, "A", ()), put_model(cast, seeded, "B", range(30))])
    work(cast)
    with reading(cast.engine) as session:
        assert due_test_audits(session, now=cast.now) == []
    answered(cast, read(cast, 30), lambda _: {})
    with reading(cast.engine) as session:
        row = session.scalars(select(tables.TestAudit)).one()
        assert row.made_at is not None
        early = due_test_audits(session, now=row.made_at)
        assert early == []
        later = due_test_audits(session, now=row.made_at.replace(year=row.made_at.year + 1))
        assert [one.id for one in later] == [row.id]


def test_five_models_share_one_order(cast: Cast, seeded: Seeded) -> None:
    ids = [put_model(cast, seeded, f"M{nth}", range(nth * 4, nth * 9)) for nth in range(5)]
    begin(cast, ids)
    answered(cast, read(cast, COUNT), lambda _: {})
    shown = told(cast)
    assert len(shown["pairs"]) == 10
    for pair in shown["pairs"]:
        first, second = ids.index(pair["first"]), ids.index(pair["second"])
        assert pair["corrected"]["estimate"] == pytest.approx((5 * first - 5 * second) / 60)


def test_strangers_and_reviewers_see_nothing_of_it(cast: Cast, seeded: Seeded) -> None:
    begin(cast, [put_model(cast, seeded, "A", ()), put_model(cast, seeded, "B", range(9))])
    for who in (cast.reviewer, cast.stranger):
        assert who.get(f"{API}/test-audit").status_code in (403, 404)
        assert who.post(f"{API}/test-audit/read", json={}).status_code in (403, 404)
