"""How far reviewers agree and how right each is: from their answers, the same at every door."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from app.accounts.erase import erase_account
from app.accounts.membership import join
from app.actions.comparing_reviewers import compare_reviewers, start_due_comparisons
from app.db.engine import reading, writing
from app.db.tables.accounts import Membership, Person
from app.db.tables.audit import ReviewerSkill
from app.db.tables.datasets import Example, Label, Project
from app.db.tables.jobs import Job
from app.db.tables.review import Decision
from app.db.words import Mode, ReadReason, Reason, Role, Routing, Status, Stream, Verdict
from app.review.serving.skill import keeps_its_place
from tests.web.cast import Actor, Cast, Part, make_person
from tests.web.console import command
from tests.web.seeded import Seeded, answer, claim, given_label, open_batch, seed

HERE = "/p/support-intents/reviewers"
API = "/api/v1/projects/support-intents/reviewers"


@dataclass
class Answers:
    """Answers as the log's fast copy holds them, written all at once."""

    cast: Cast
    seeded: Seeded
    rows: list[dict[str, Any]] = field(default_factory=list)

    def add(
        self,
        who: int,
        places: Iterable[int],
        reason: ReadReason = ReadReason.FIRST,
        *,
        otherwise: Iterable[int] = (),
        **more: Any,
    ) -> None:
        """Who says of these examples what they came with, or of some the other label."""
        alpha, beta = self.seeded.labels
        other = set(otherwise)
        for place in places:
            given = alpha if place % 2 == 0 else beta
            self.rows.append({
                "project_id": self.cast.project.id,
                "seq": len(self.rows) + 1,
                "idempotency_key": f"key {len(self.rows)}",
                "content_hash": "0" * 64,
                "example_id": self.seeded.examples[place],
                "person_id": who,
                "verdict": Verdict.RELABEL if place in other else Verdict.CONFIRM,
                "label_id": (beta if given == alpha else alpha) if place in other else given,
                "mode": Mode.EVERYTHING,
                "read_reason": reason,
                "confirmations": 1,
                "seconds": 4.0,
                "guideline_revision": 0,
                "at": self.cast.now,
                "adjudicates": False,
                "stream": Stream.QUEUE,
                "reason": None,
            } | more)  # fmt: skip

    def end(self, relabeled: Iterable[int] = (), removed: Iterable[int] = ()) -> None:
        """All that was answered is final: with the label it came with, or another, or gone."""
        ended = {row["example_id"] for row in self.rows}
        changed = {self.seeded.examples[place] for place in relabeled}
        gone = {self.seeded.examples[place] for place in removed}
        alpha, beta = self.seeded.labels
        with writing(self.cast.engine) as session:
            session.execute(insert(Decision), self.rows)
            for example in session.scalars(select(Example).where(Example.id.in_(ended))):
                given = example.given_label_id
                example.final_label_id = given
                example.status = Status.CONFIRMED
                if example.id in changed:
                    example.final_label_id = beta if given == alpha else alpha
                    example.status = Status.RELABELED
                if example.id in gone:
                    example.final_label_id, example.status = None, Status.REMOVED
                    example.removed_reason = Reason.NO_LABEL
            session.execute(update(Project).values(log_seq=Project.log_seq + len(self.rows)))


@pytest.fixture
def answers(cast: Cast) -> Answers:
    return Answers(cast, seed(cast, count=160))


def told(cast: Cast) -> dict[str, Any]:
    compare_reviewers(cast.engine, cast.project.id)
    reply = cast.lead.get(API)
    assert reply.status_code == 200, reply.text
    said: dict[str, Any] = reply.json()
    return said


def of(said: dict[str, Any], who: Actor | Part) -> dict[str, Any]:
    person = who.id if isinstance(who, Part) else who.person.id
    return next(one for one in said["reviewers"] if one["person"] == person)


def ids(cast: Cast) -> tuple[int, int, int]:
    return cast.reviewer.person.id, cast.second.person.id, cast.expert.person.id


def test_agreement_is_of_reads_asked_for_by_chance(cast: Cast, answers: Answers) -> None:
    """100 examples read twice, ten of them otherwise: alpha by hand, and reads that confirm a
    change are no part of it."""
    one, two, three = ids(cast)
    answers.add(one, range(100))
    answers.add(two, range(100), ReadReason.COIN, otherwise=range(10))
    answers.add(three, range(100, 140), otherwise=range(100, 140))
    answers.add(one, range(100, 140), ReadReason.CONFIRM)
    answers.end()
    said = told(cast)
    # Of 200 answers 100 are alpha and 100 beta: 10 of 100 couples differ, 100/199 would by chance.
    assert said["alpha"]["shared"] == 100
    assert said["alpha"]["found"]["value"] == pytest.approx(1 - 0.1 / (100 / 199))
    assert said["alpha"]["found"]["low"] < 0.8 < said["alpha"]["found"]["high"]
    alpha, beta = answers.seeded.labels
    (pair,) = said["pairs"]
    assert (pair["one"], pair["other"], pair["both"], pair["either"]) == (alpha, beta, 10, 100)
    assert pair["examples"] == answers.seeded.examples[:5]
    page = cast.lead.get(HERE).text
    assert "0.80 (95% interval" in page
    assert "Probably reviewers agree" in page
    assert f"/p/support-intents/examples/{answers.seeded.examples[0]}" in page
    printed = command(cast, "reviewers", "Support intents")
    assert "Agreement (Krippendorff's alpha): 0.80 (95% interval" in printed


def test_under_fifty_shared_examples_nothing_is_said(cast: Cast, answers: Answers) -> None:
    one, two, _ = ids(cast)
    answers.add(one, range(49))
    answers.add(two, range(49), ReadReason.RECHECK, otherwise=range(3))
    answers.end()
    said = told(cast)
    assert said["alpha"] == {"found": None, "shared": 49}
    assert "Not enough data yet: 49 of 50 shared examples" in cast.lead.get(HERE).text
    assert "Not enough data yet: 49 of 50" in command(cast, "reviewers", "Support intents")


def test_under_twenty_answers_nothing_is_said_of_a_person(cast: Cast, answers: Answers) -> None:
    one, two, _ = ids(cast)
    answers.add(one, range(19))
    answers.add(two, range(19), ReadReason.KNOWN, otherwise=range(19))
    answers.end()
    second = of(told(cast), cast.second)
    assert (second["measured"], second["known"], second["changes"]) == (19, 19, 19)
    for name in ("right", "known_right", "overturned", "pulled", "median_seconds"):
        assert second[name] is None, name
    assert second["words"] == ""
    page = cast.lead.get(f"{HERE}/{two}").text
    assert page.count("Not enough data yet: 19 of 20") == 5
    assert "0%" not in page


def test_right_is_judged_by_others_and_drawn_together(cast: Cast, answers: Answers) -> None:
    one, two, three = ids(cast)
    answers.add(one, range(100))
    answers.add(two, range(50), ReadReason.COIN, otherwise=range(2), seconds=3.0)
    answers.add(two, range(50, 60), ReadReason.KNOWN, seconds=3.0)
    answers.add(two, range(60, 80), ReadReason.KNOWN, otherwise=[60], seconds=9.0)
    answers.add(three, range(100, 130), ReadReason.RECHECK)  # nobody else read them
    answers.end()
    said = told(cast)
    second = of(said, cast.second)
    assert (second["answers"], second["median_seconds"]) == (80, 3.0)
    assert (second["measured"], second["known"], second["known_right"]) == (80, 30, 29)
    right = second["right"]
    assert 77 / 80 - 0.01 < right["value"] < 0.98
    assert right["low"] < right["value"] < right["high"]
    assert of(said, cast.expert)["measured"] == 0, "an own answer proves nothing"
    assert "29 of 30" in cast.lead.get(HERE).text
    assert second["words"] == ""


def test_a_second_answer_that_a_change_was_not_confirmed_by_proves_nothing(
    cast: Cast, answers: Answers
) -> None:
    """The label stays as it was given because the second reader alone says so."""
    one, two, _ = ids(cast)
    answers.add(one, range(30), otherwise=range(30))
    answers.add(two, range(30), ReadReason.COIN)
    answers.end()
    said = told(cast)
    assert of(said, cast.second)["measured"] == 0
    first = of(said, cast.reviewer)
    assert (first["changes"], first["overturned"]) == (30, 30)


def test_who_errs_clearly_more_is_flagged_and_nobody_else(cast: Cast, answers: Answers) -> None:
    one, two, three = ids(cast)
    answers.add(one, range(120))
    answers.add(two, range(60), ReadReason.COIN, otherwise=range(0, 60, 4))
    answers.add(three, range(60, 120), ReadReason.COIN, otherwise=[60])
    answers.end()
    said = told(cast)
    assert "talk about the guideline" in of(said, cast.second)["words"]
    assert of(said, cast.expert)["words"] == ""
    page = cast.lead.get(HERE).text
    assert page.count("Errs clearly more than the others: talk about the guideline") == 1
    assert page.index(">Expert<") < page.index(">Reviewer<") < page.index(">Second<"), "by name"


def test_blind_reads_against_those_that_saw_the_label(cast: Cast, answers: Answers) -> None:
    one, _, _ = ids(cast)
    answers.add(one, range(40), otherwise=range(20), mode=Mode.BLIND, stream=Stream.AUDIT)
    answers.add(one, range(40, 80), otherwise=range(40, 44), stream=Stream.AUDIT)
    answers.add(one, range(80, 120), otherwise=range(80, 120))  # from the queue: no part of it
    answers.end()
    said = told(cast)
    pulled = said["pulled"]
    assert (pulled["blind"], pulled["blind_changed"]) == (40, 20)
    assert (pulled["shown"], pulled["shown_changed"]) == (40, 4)
    assert pulled["effect"]["value"] == pytest.approx(0.4)
    assert 0.1 < pulled["effect"]["low"] < 0.4 < pulled["effect"]["high"] < 0.7
    assert of(said, cast.reviewer)["pulled"] == pulled
    page = cast.lead.get(HERE).text
    assert "40 points (95% interval" in page
    assert "A label that is shown is changed less often" in page


def test_first_answers_against_those_that_saw_the_label(cast: Cast, answers: Answers) -> None:
    """Of 40 random checks decided first, 20 first answers changed the label and 15 of these gave
    way to it; of 10 more from the queue, all gave way."""
    one, two, _ = ids(cast)
    alpha, beta = answers.seeded.labels
    how = {"mode": Mode.DECIDE_FIRST}
    for place in range(50):
        given, other = (alpha, beta) if place % 2 == 0 else (beta, alpha)
        first = other if place < 20 or place >= 40 else given
        said = {"verdict": "relabel", "label": first, "reason": None}
        stream = Stream.AUDIT if place < 40 else Stream.QUEUE
        stays = [place] if place < 5 else []
        answers.add(one, [place], otherwise=stays, stream=stream, first_answer=said, **how)
    answers.add(one, range(60, 100), otherwise=range(60, 64), stream=Stream.AUDIT)
    removal = {"verdict": "remove", "label": None, "reason": None}
    answers.add(two, range(100, 119), first_answer=removal, **how)
    answers.end()
    said = told(cast)
    pulled = of(said, cast.reviewer)["pulled"]
    assert (pulled["first"], pulled["first_changed"], pulled["shown"]) == (40, 20, 40)
    assert pulled["first_effect"]["value"] == pytest.approx(0.4)
    assert 0.1 < pulled["first_effect"]["low"] < 0.4 < pulled["first_effect"]["high"] < 0.7
    assert (pulled["differed"], pulled["went_back"]) == (30, 25)
    assert pulled["given_up"]["value"] == pytest.approx(25 / 30)
    assert 0.66 < pulled["given_up"]["low"] < 0.67 and 0.92 < pulled["given_up"]["high"] < 0.93
    assert of(said, cast.second)["pulled"] is None, "19 are not enough"
    assert (said["pulled"]["differed"], said["pulled"]["went_back"]) == (49, 44)
    page = cast.lead.get(HERE).text
    assert "Labels in sight, against first answers: 40 points (95% interval" in page
    assert "given label once it was shown: 90% (95% interval 78% to 96%)" in page
    theirs = cast.lead.get(f"{HERE}/{one}").text
    assert "83%" in theirs and "95% interval 66% to 93%" in theirs
    assert "19 of 20" in cast.lead.get(f"{HERE}/{two}").text


def test_a_person_sees_their_own_answers_and_nobody_elses(cast: Cast, answers: Answers) -> None:
    one, two, _ = ids(cast)
    answers.add(one, range(60), otherwise=range(5))
    answers.add(two, range(60), ReadReason.COIN)
    answers.end(removed=[7])
    compare_reviewers(cast.engine, cast.project.id)
    own = cast.reviewer.get(f"{HERE}/{one}")
    assert own.status_code == 200
    assert "Your results" in own.text
    with reading(cast.engine) as session:
        example = session.get_one(Example, answers.seeded.examples[3])
        key, text = example.key, str(example.content["text"])
        gone = session.get_one(Example, answers.seeded.examples[7]).key
    assert key in own.text and text in own.text
    assert f">{gone}<" in own.text and "Removed" in own.text
    assert f"/p/support-intents/examples/{answers.seeded.examples[3]}" not in own.text
    lead = cast.lead.get(f"{HERE}/{one}").text
    assert f"/p/support-intents/examples/{answers.seeded.examples[3]}" in lead
    assert "3: said beta, final label alpha" in lead
    assert f'href="{HERE}/{one}"' in cast.reviewer.get("/me").text
    for who, place in (
        (cast.reviewer, f"/{two}"), (cast.second, f"/{one}"), (cast.reviewer, ""),
        (cast.stranger, ""), (cast.stranger, f"/{one}"), (cast.expert, f"/{one}"),
        (cast.stranger, f"/{cast.stranger.person.id}"),
    ):  # fmt: skip
        assert who.get(HERE + place).status_code == 404, (who.person.name, place)
    for who in (cast.reviewer, cast.expert, cast.stranger):
        assert who.get(API).status_code == 404
        assert who.post(API).status_code == 404
        assert who.post(f"{HERE}/compare").status_code == 404
    assert cast.lead.get(f"{HERE}/{cast.stranger.person.id}").status_code == 404
    assert HERE not in cast.stranger.get("/me").text


def test_labels_are_called_as_on_every_other_screen(cast: Cast, answers: Answers) -> None:
    """What a lead calls a label, and words for a name of the file, with that name beside them."""
    alpha, beta = answers.seeded.labels
    with writing(cast.engine) as session:
        session.get_one(Label, alpha).display = "First of all"
        session.get_one(Label, beta).name = "card_arrival"
    one, two, _ = ids(cast)
    answers.add(one, range(60), otherwise=range(30))
    answers.add(two, range(60), ReadReason.COIN)
    answers.end()
    compare_reviewers(cast.engine, cast.project.id)
    first = '<bdi class="label-name" title="alpha">First of all</bdi>'
    other = '<bdi class="label-name" title="card_arrival">Card arrival</bdi>'
    assert f"{first} ↔ {other}" in cast.lead.get(HERE).text
    page = cast.lead.get(f"{HERE}/{one}").text
    assert first in page and other in page
    assert "15: said Card arrival, final label First of all" in page


def test_two_of_one_name_who_left_and_who_was_erased(cast: Cast, answers: Answers) -> None:
    one, two, three = ids(cast)
    for who in (one, two, three):
        answers.add(who, range(25))
    answers.end()
    compare_reviewers(cast.engine, cast.project.id)
    with writing(cast.engine) as session:
        session.get_one(Person, two).name = "Reviewer"
        erase_account(session, session.get_one(Person, three), now=cast.now)
        part = session.get_one(Membership, (cast.project.id, two))
        part.left_at = cast.now
    page = cast.lead.get(HERE).text
    for who in (cast.reviewer, cast.second):
        assert f"Reviewer ({who.person.pseudonym})" in page
    assert f"Former member {three}" in page and ">Expert<" not in page
    said = cast.lead.get(API).json()
    left = {one["person"]: one["left"] for one in said["reviewers"]}
    assert (left[one], left[two], left[three]) == (False, True, True)
    assert cast.second.get(f"{HERE}/{two}").status_code == 404, "who left sees nothing"
    assert cast.lead.get(f"{HERE}/{three}").status_code == 200


def test_forty_reviewers_cost_as_many_statements_as_three(
    cast: Cast, answers: Answers, statements: Any
) -> None:
    rng = random.Random(4)
    with writing(cast.engine) as session:
        people = [make_person(session, f"Person{nth:02}", now=cast.now) for nth in range(40)]
        for person in people:
            join(session, cast.project.id, person.id, Role.REVIEWER, now=cast.now)
    cast.lead.get(HERE)
    with statements() as few:
        assert cast.lead.get(HERE).status_code == 200
    answers.add(people[0].id, range(160))
    for person in people[1:]:
        places = rng.sample(range(160), 30)
        answers.add(person.id, places, ReadReason.COIN, otherwise=places[:2])
    answers.end()
    said = told(cast)
    assert len([one for one in said["reviewers"] if one["right"]]) == 39
    with statements() as many:
        page = cast.lead.get(HERE).text
    assert all(person.name in page for person in people)
    assert len(many) <= len(few) + 1


def test_they_are_compared_by_themselves_once_answers_came(cast: Cast, answers: Answers) -> None:
    one, two, _ = ids(cast)
    assert "Nobody has compared them yet" in cast.lead.get(HERE).text
    answers.add(one, range(60))
    answers.add(two, range(60), ReadReason.COIN)
    answers.end()
    with writing(cast.engine) as session:
        assert start_due_comparisons(session, now=cast.now) == [cast.project.id]
        assert start_due_comparisons(session, now=cast.now) == []
    assert "Comparing reviewers" in cast.lead.get(HERE).text
    job = cast.lead.post(API)
    assert job.status_code == 202
    with reading(cast.engine) as session:
        assert session.scalars(select(Job.id)).all() == [job.json()["job_id"]], "the same job"
        assert session.scalars(select(Job.task)).all() == ["reviewers"]
    reply = cast.lead.post(f"{HERE}/compare")
    assert reply.headers["location"] == f"{HERE}?done=comparing"


def test_answers_that_were_really_given_are_read(cast: Cast) -> None:
    """Through the desk: a change that a second reader does not share, and one who agrees."""
    seeded = seed(cast, count=8)
    alpha, beta = seeded.labels
    batch = open_batch(cast, name="All", by="priority", size=8, reads=2, audit_share=0)
    for card in claim(cast.reviewer, batch, 8):
        example = card["example"]
        other = beta if given_label(cast, example) == alpha else alpha
        if example == seeded.examples[0]:
            answer(cast.reviewer, card["lease"], "relabel", label=other)
        else:
            answer(cast.reviewer, card["lease"])
    while cards := claim(cast.second, batch, 8):
        for card in cards:
            answer(cast.second, card["lease"])
    said = told(cast)
    assert said["alpha"]["shared"] == 8
    assert [pair["both"] for pair in said["pairs"]] == [1]
    first, second = of(said, cast.reviewer), of(said, cast.second)
    assert (first["answers"], first["changes"]) == (8, 1)
    assert (second["answers"], second["measured"]) == (8, 7)
    page = cast.lead.get(f"{HERE}/{cast.reviewer.person.id}").text
    assert f"/p/support-intents/examples/{seeded.examples[0]}" in page


def test_a_batch_by_skill_follows_what_was_measured_of_each(cast: Cast, answers: Answers) -> None:
    """Of 40 checked answers each the first errs on beta, the second on alpha: then each gets the
    other label first. Whoever has under 20 is no part of it."""
    one, two, three = ids(cast)
    answers.add(three, range(80))
    answers.add(one, range(40), ReadReason.KNOWN, otherwise=range(1, 30, 2))
    answers.add(two, range(40, 80), ReadReason.KNOWN, otherwise=range(40, 70, 2))
    answers.add(cast.lead.person.id, range(19), ReadReason.KNOWN, otherwise=range(19))
    answers.end()
    compare_reviewers(cast.engine, cast.project.id)
    skills: dict[tuple[int, int], float] = {}
    with reading(cast.engine) as session:
        for row in session.scalars(select(ReviewerSkill)):
            skills[row.person_id, answers.seeded.labels.index(row.label_id)] = row.lower
        session.expunge_all()
    assert {person for person, _ in skills} == {one, two}
    assert skills[one, 0] > 0.7 > 0.4 > skills[one, 1]
    assert skills[two, 1] > 0.7 > 0.4 > skills[two, 0]
    compare_reviewers(cast.engine, cast.project.id)  # again: in the place of what was there
    batch = open_batch(cast, size=80, audit_share=0, routing=Routing.SKILL)
    for who, label in ((cast.reviewer, 0), (cast.second, 1)):
        for card in claim(who, batch, 8):
            if not keeps_its_place(card["example"]):
                assert card["given"] == answers.seeded.labels[label]
