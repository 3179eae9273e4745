"""A lead settles what readers cannot: readers nameless until then, private data hidden."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import select, update

from app.db.engine import reading, writing
from app.db.tables.datasets import Example, Source
from app.db.tables.ranking import Score
from app.db.tables.review import Disagreement, Note, ReadDue
from app.db.words import Due, Question, Status
from tests.web.cast import Actor, Cast
from tests.web.seeded import Seeded, answer, claim, given_label, open_batch, seed, statements

HERE = "/p/support-intents/disagreements"
API = "/api/v1/projects/support-intents/disagreements"


@pytest.fixture
def seeded(cast: Cast) -> Seeded:
    return seed(cast)


def other_label(cast: Cast, seeded: Seeded, example: int) -> int:
    given = given_label(cast, example)
    return next(label for label in seeded.labels if label != given)


def card_of(who: Actor, batch: int, example: int) -> str:
    return next(c["lease"] for c in claim(who, batch, 8) if c["example"] == example)


def disagree(cast: Cast, seeded: Seeded, *, first_note: str = "", audit_share: int = 0) -> int:
    """One example: the reviewer relabels, the second removes; its id."""
    batch = open_batch(cast, size=1, audit_share=audit_share)
    card = claim(cast.reviewer, batch, 1)[0]
    example = int(card["example"])
    more = {"label": other_label(cast, seeded, example), "note": first_note or None}
    answer(cast.reviewer, card["lease"], "relabel", **more)
    lease = card_of(cast.second, batch, example)
    answer(cast.second, lease, "remove", reason="several_labels")
    return example


def unconfirmed(cast: Cast, seeded: Seeded) -> int:
    """One example: the reviewer relabels, the second confirms what was given."""
    batch = open_batch(cast, size=1, audit_share=0)
    card = claim(cast.reviewer, batch, 1)[0]
    example = int(card["example"])
    answer(cast.reviewer, card["lease"], "relabel", label=other_label(cast, seeded, example))
    given = given_label(cast, example)
    answer(cast.second, card_of(cast.second, batch, example), "relabel", label=given)
    return example


def alarm(cast: Cast) -> int:
    batch = open_batch(cast, size=1, audit_share=0)
    card = claim(cast.reviewer, batch, 1)[0]
    answer(cast.reviewer, card["lease"], "remove", reason="private", note="A phone number.")
    return int(card["example"])


def case_of(cast: Cast, example: int) -> int:
    with reading(cast.engine) as session:
        query = select(Disagreement.id).where(
            Disagreement.example_id == example, Disagreement.settled_at.is_(None)
        )
        return session.scalars(query).one()


def status(cast: Cast, example: int) -> Status:
    with reading(cast.engine) as session:
        return session.get_one(Example, example).status


def test_nothing_to_settle_is_said(cast: Cast, seeded: Seeded) -> None:
    page = cast.lead.get(HERE)
    assert page.status_code == 200 and "Nothing to settle." in page.text


def test_the_case_shows_answers_and_notes_without_names(cast: Cast, seeded: Seeded) -> None:
    case = case_of(cast, disagree(cast, seeded, first_note="It says so in the text."))
    page = cast.lead.get(f"{HERE}/{case}").text
    assert "Reader 1" in page and "Reader 2" in page
    assert "It says so in the text." in page
    assert "Remove: Several labels fit" in page
    assert "Second" not in page.replace("second", "")
    assert "Reviewer<" not in page


def test_a_ruling_is_final_and_leads_to_the_next_case(cast: Cast, seeded: Seeded) -> None:
    first, second = disagree(cast, seeded), disagree(cast, seeded)
    case, following = case_of(cast, first), case_of(cast, second)
    label = other_label(cast, seeded, first)
    form = {"answer": f"label:{label}", "key": "k1"}
    ruled = cast.lead.post(f"{HERE}/{case}/settle", data=form)
    assert ruled.status_code == 303, ruled.text
    assert ruled.headers["location"] == f"{HERE}/{following}?done=ruled"
    assert status(cast, first) is Status.RELABELED
    again = cast.lead.post(f"{HERE}/{case}/settle", data=form)
    assert again.status_code == 303, "a lost reply may be asked for again"
    settled = cast.lead.get(f"{HERE}/{case}").text
    assert "by <bdi>Lead</bdi>" in settled and "Reviewer" in settled and "Second" in settled
    last = cast.lead.post(f"{HERE}/{following}/settle", data={"answer": "confirm", "key": "k2"})
    assert last.headers["location"] == f"{HERE}?done=ruled"
    assert status(cast, second) is Status.CONFIRMED


def test_a_ruling_goes_into_the_rule_of_its_two_labels(cast: Cast, seeded: Seeded) -> None:
    alpha, beta = seeded.labels
    case = case_of(cast, disagree(cast, seeded))
    rule = f"/p/support-intents/guidelines/rule?label={alpha}&other={beta}&case={case}"
    assert rule.replace("&", "&amp;") in cast.lead.get(f"{HERE}/{case}").text
    written = {"labels": [alpha, beta], "text": "What stood there."}
    cast.lead.post("/api/v1/projects/support-intents/guidelines", json=written)
    form = {"answer": "confirm", "key": "k1", "note": "It is <late>.", "guideline": "true"}
    ruled = cast.lead.post(f"{HERE}/{case}/settle", data=form)
    assert ruled.headers["location"] == f"{rule}&done=ruled", ruled.text
    page = cast.lead.get(ruled.headers["location"]).text
    assert "What stood there.\n\nIt is &lt;late&gt;.</textarea>" in page
    assert "Nothing is saved yet" in page and "Save as v2" in page
    assert rule.replace("&", "&amp;") in cast.lead.get(f"{HERE}/{case}").text
    assert cast.reviewer.get(rule).status_code == 404
    strange = cast.lead.get(rule.replace(f"case={case}", "case=99999"))
    assert strange.status_code == 200 and "late" not in strange.text


def test_another_lead_is_told_that_it_is_settled(cast: Cast, seeded: Seeded) -> None:
    case = case_of(cast, disagree(cast, seeded))
    cast.lead.post(f"{HERE}/{case}/settle", data={"answer": "confirm", "key": "k1"})
    form = {"answer": "remove", "reason": "duplicate", "key": "k2"}
    late = cast.admin.post(f"{HERE}/{case}/settle", data=form)
    assert late.status_code == 409 and "settled meanwhile" in late.text


def test_a_lead_removes_with_a_reason_and_other_needs_a_note(cast: Cast, seeded: Seeded) -> None:
    example = disagree(cast, seeded)
    case = case_of(cast, example)
    form = {"answer": "remove", "reason": "other", "key": "k1"}
    assert cast.lead.post(f"{HERE}/{case}/settle", data=form).status_code == 422
    form |= {"note": "Not a message at all."}
    assert cast.lead.post(f"{HERE}/{case}/settle", data=form).status_code == 303
    assert status(cast, example) is Status.REMOVED


def test_a_change_that_was_not_confirmed_is_left_or_reopened(cast: Cast, seeded: Seeded) -> None:
    first, second = unconfirmed(cast, seeded), unconfirmed(cast, seeded)
    page = cast.lead.get(f"{HERE}/{case_of(cast, first)}").text
    assert "Leave as it is" in page and "Reopen" in page and "third read" not in page
    left = cast.lead.post(f"{HERE}/{case_of(cast, first)}/leave")
    assert left.status_code == 303
    assert status(cast, first) is Status.CONFIRMED
    opened = cast.lead.post(f"{HERE}/{case_of(cast, second)}/reopen", data={"key": "o1"})
    assert opened.status_code == 303
    assert status(cast, second) is Status.UNREVIEWED


def test_a_disagreement_cannot_be_left_but_a_third_read_can_be_asked(
    cast: Cast, seeded: Seeded
) -> None:
    example = disagree(cast, seeded)
    case = case_of(cast, example)
    assert cast.lead.post(f"{HERE}/{case}/leave").status_code == 409
    asked = cast.lead.post(f"{HERE}/{case}/third")
    assert asked.status_code == 303, asked.text
    with reading(cast.engine) as session:
        owed = session.scalars(
            select(ReadDue.reason).where(ReadDue.example_id == example, ReadDue.done_at.is_(None))
        ).all()
    assert Due.THIRD in owed


def test_private_data_comes_first_and_is_opened_on_purpose_only(cast: Cast, seeded: Seeded) -> None:
    older = disagree(cast, seeded)
    hidden = alarm(cast)
    with reading(cast.engine) as session:
        text = session.get_one(Example, hidden).content["text"]
    page = cast.lead.get(HERE).text
    assert text not in page.replace(f"{text}0", "")
    assert page.index(f"{HERE}/{case_of(cast, hidden)}") < page.index(
        f"{HERE}/{case_of(cast, older)}"
    )
    case = cast.lead.get(f"{HERE}/{case_of(cast, hidden)}").text
    shut = case.index('<details class="guarded">')
    assert shut < case.index(text) and "A phone number." in case
    notes = cast.lead.get(f"{HERE}?notes=true").text
    assert "A phone number." in notes


def test_the_kinds_are_counted_and_can_be_chosen(cast: Cast, seeded: Seeded) -> None:
    disagree(cast, seeded)
    unconfirmed(cast, seeded)
    page = cast.lead.get(f"{HERE}?kind=not_confirmed").text
    assert "2 open" in page
    assert page.count("data-row") == 1
    listed = cast.lead.get(f"{API}?kind=disagreement").json()
    assert listed["counts"] == {"disagreement": 1, "not_confirmed": 1}
    assert [one["kind"] for one in listed["cases"]] == ["disagreement"]
    assert [one["reader"] for one in listed["cases"][0]["answers"]] == ["Reader 1", "Reader 2"]
    assert cast.lead.get(f"{API}?kind=unknown").status_code == 422


def test_programs_settle_too(cast: Cast, seeded: Seeded) -> None:
    example = disagree(cast, seeded)
    case = case_of(cast, example)
    shown = cast.lead.get(f"{API}/{case}").json()
    assert shown["example"] == example and shown["status"] == "disagreement"
    assert cast.lead.post(f"{API}/{case}/third").json() == {"outcome": "stored"}
    assert cast.lead.post(f"{API}/{case}/leave").status_code == 409
    body = {"key": str(uuid.uuid4()), "verdict": "confirm"}
    ruled = cast.lead.post(f"{API}/{case}/settle", json=body)
    assert ruled.status_code == 200, ruled.text
    assert ruled.json()["status"] == "confirmed"
    assert cast.lead.post(f"{API}/{case}/settle", json=body).json()["outcome"] == "repeated"


def test_only_leads_find_cases(cast: Cast, seeded: Seeded) -> None:
    case = case_of(cast, disagree(cast, seeded))
    for actor in (cast.reviewer, cast.expert, cast.stranger):
        for path in (HERE, f"{HERE}/{case}", API, f"{API}/{case}"):
            assert actor.get(path).status_code == 404
        form = {"answer": "confirm", "key": "k"}
        assert actor.post(f"{HERE}/{case}/settle", data=form).status_code == 404
    assert cast.lead.get(f"{HERE}/999999").status_code == 404


def rule_on(cast: Cast, case: int, answer: str, **more: str) -> None:
    form = {"answer": answer, "key": str(uuid.uuid4())} | more
    assert cast.lead.post(f"{HERE}/{case}/settle", data=form).status_code == 303


def test_a_ruling_can_be_taken_back_from_the_bar_and_the_case_is_open_again(
    cast: Cast, seeded: Seeded
) -> None:
    example = disagree(cast, seeded)
    case, label = case_of(cast, example), other_label(cast, seeded, example)
    rule_on(cast, case, f"label:{label}")
    assert status(cast, example) is Status.RELABELED
    bar = cast.lead.get(f"{HERE}?done=ruled").text
    assert f'action="{HERE}/{case}/undo"' in bar
    assert f'action="{HERE}/{case}/undo"' not in cast.lead.get(HERE).text
    other = cast.admin.post(f"{HERE}/{case}/undo", data={"key": "u0"})
    assert other.status_code == 409 and "Another lead" in other.text
    undone = cast.lead.post(f"{HERE}/{case}/undo", data={"key": "u1"})
    assert undone.headers["location"] == f"{HERE}/{case}?done=ruling_undone", undone.text
    assert status(cast, example) is Status.DISAGREEMENT
    assert case_of(cast, example) == case
    again = cast.lead.post(f"{HERE}/{case}/undo", data={"key": "u1"})
    assert again.status_code == 303, "a lost reply may be asked for again"
    late = cast.lead.post(f"{HERE}/{case}/undo", data={"key": "u2"})
    assert late.status_code == 409 and "No ruling settled this case." in late.text
    rule_on(cast, case, "confirm")
    assert status(cast, example) is Status.CONFIRMED


def test_a_ruling_taken_back_opens_a_marked_case_again(cast: Cast, seeded: Seeded) -> None:
    example = alarm(cast)
    case = case_of(cast, example)
    rule_on(cast, case, "confirm")
    undone = cast.lead.post(f"{API}/{case}/undo", json={"key": "u1"})
    assert undone.status_code == 200, undone.text
    assert undone.json()["undone"] < undone.json()["seq"]
    assert case_of(cast, example) == case
    assert case_of(cast, example) in [one["id"] for one in cast.lead.get(API).json()["cases"]]


def test_a_case_shows_what_was_ruled_on_its_two_labels_before(cast: Cast, seeded: Seeded) -> None:
    ruled, open_one, waiting = (disagree(cast, seeded) for _ in range(3))
    note = "<b>It is about the colour.</b>"
    rule_on(cast, case_of(cast, ruled), f"label:{other_label(cast, seeded, ruled)}", note=note)
    page = cast.lead.get(f"{HERE}/{case_of(cast, open_one)}").text
    earlier = page[page.index("Earlier rulings on this pair") :]
    assert f"/examples/{ruled}" in earlier and "<bdi>Lead</bdi>" in earlier
    assert "&lt;b&gt;It is about the colour.&lt;/b&gt;" in earlier and note not in earlier
    assert "1 more case waits on this pair." in earlier
    rule_on(cast, case_of(cast, waiting), "confirm")
    with reading(cast.engine) as session:
        query = select(Disagreement.id).where(Disagreement.example_id == ruled)
        case = session.scalars(query).one()
    cast.lead.post(f"{HERE}/{case}/undo", data={"key": "u1"})
    later = cast.lead.get(f"{HERE}/{case_of(cast, open_one)}").text
    rulings = later[later.index("Earlier rulings on this pair") :]
    assert f"/examples/{waiting}" in rulings and f"/examples/{ruled}" not in rulings


def test_random_checks_come_first_and_then_what_the_model_doubts_most(
    cast: Cast, seeded: Seeded
) -> None:
    examples = [disagree(cast, seeded, audit_share=share) for share in (100, 0, 0)]
    with writing(cast.engine) as session:
        for example, quality in zip(examples, (0.9, 0.4, 0.1), strict=True):
            session.execute(
                update(Score).where(Score.example_id == example).values(quality=quality)
            )
    cases = [case_of(cast, example) for example in examples]
    wanted = [cases[0], cases[2], cases[1]]
    assert [one["id"] for one in cast.lead.get(API).json()["cases"]] == wanted
    page = cast.lead.get(HERE).text
    assert [page.index(f"{HERE}/{case}") for case in wanted] == sorted(
        page.index(f"{HERE}/{case}") for case in wanted
    )
    assert "random check" in page and "label quality 10%" in page
    rest = cast.lead.get(f"{API}?after={cases[2]}").json()["cases"]
    assert [one["id"] for one in rest] == [cases[1]]
    rule_on(cast, cases[0], "confirm")
    after_settled = cast.lead.get(f"{API}?after={cases[0]}").json()["cases"]
    assert [one["id"] for one in after_settled] == [cases[2], cases[1]]


def test_a_lead_who_gave_the_label_is_told_that_another_judges_it(
    cast: Cast, seeded: Seeded
) -> None:
    example = disagree(cast, seeded)
    case = case_of(cast, example)
    with writing(cast.engine) as session:
        source = Source(
            project_id=cast.project.id, origin="L", name="L", person_id=cast.lead.person.id
        )
        session.add(source)
        session.flush()
        session.get_one(Example, example).source_id = source.id
    page = cast.lead.get(f"{HERE}/{case}").text
    assert "Somebody else has to judge it" in page and "What is the right label?" not in page
    assert "What is the right label?" in cast.admin.get(f"{HERE}/{case}").text


def test_what_was_sent_on_stands_in_a_list_of_its_own_with_its_note(
    cast: Cast, seeded: Seeded
) -> None:
    example = disagree(cast, seeded)
    sent = next(one for one in seeded.examples if one != example)
    with writing(cast.engine) as session:
        asked = {"project_id": cast.project.id, "example_id": sent, "created_at": cast.now}
        session.add(Disagreement(kind=Question.EXPERT, **asked))
        about = {"project_id": cast.project.id, "example_id": sent, "at": cast.now}
        session.add(Note(text="Which <i>card</i> is meant?", salt="0" * 32, **about))
    page = cast.lead.get(f"{HERE}?kind=expert").text
    assert page.count("data-row") == 1
    assert "Which &lt;i&gt;card&lt;/i&gt; is meant?" in page
    listed = cast.lead.get(f"{API}?kind=expert").json()["cases"]
    assert [one["example"] for one in listed] == [sent]


def test_the_list_costs_the_same_for_one_case_and_for_many(cast: Cast, seeded: Seeded) -> None:
    disagree(cast, seeded)
    with statements(cast.engine) as one:
        cast.lead.get(HERE)
    for _ in range(5):
        disagree(cast, seeded)
    with statements(cast.engine) as many:
        cast.lead.get(HERE)
    assert len(one) == len(many)


def test_pages_of_the_list_repeat_nothing_and_miss_nothing(cast: Cast, seeded: Seeded) -> None:
    from app.review.books.cases import open_cases

    old = case_of(cast, disagree(cast, seeded))
    first = case_of(cast, alarm(cast))
    middle = case_of(cast, disagree(cast, seeded))
    second = case_of(cast, alarm(cast))
    with reading(cast.engine) as session:
        seen: list[int] = []
        while True:
            after = seen[-1] if seen else None
            rows = open_cases(session, cast.project.id, after=after, limit=1)
            if not rows:
                break
            seen.append(rows[0].id)
        kinds = session.scalars(select(Disagreement.kind).where(Disagreement.id == first)).one()
    assert seen == [first, second, old, middle]
    assert kinds is Question.PRIVATE
