"""Batches of a label pair, of a filter of the list, and of so many of each given label."""

from __future__ import annotations

import re
from collections import Counter
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select, update

from app.db.engine import reading, writing
from app.db.tables.datasets import Example, Label
from app.db.tables.ranking import Score
from app.db.tables.review import Batch, BatchMember
from tests.web.cast import Cast
from tests.web.seeded import answer, claim, seed

HERE = "/p/support-intents/batches"
API = "/api/v1/projects/support-intents/batches"
FORM = {"reads": "1", "mode": "everything", "second_share": "0", "size": "100"}


def members(cast: Cast, number: int = 1) -> list[int]:
    """What waits in a batch, the first to be read first."""
    with reading(cast.engine) as session:
        return list(
            session.scalars(
                select(BatchMember.example_id)
                .join(Batch, Batch.id == BatchMember.batch_id)
                .where(Batch.number == number, BatchMember.waiting)
                .order_by(BatchMember.priority.desc(), BatchMember.example_id.desc())
            )
        )


def labels_of(cast: Cast, examples: list[int]) -> Counter[int | None]:
    with reading(cast.engine) as session:
        return Counter(
            session.scalars(select(Example.given_label_id).where(Example.id.in_(examples)))
        )


def made(cast: Cast, **plan: Any) -> Any:
    reply = cast.lead.post(API, json={"audit_share": 0, **plan})
    assert reply.status_code == 201, reply.text
    return reply.json()


def test_a_label_pair_is_what_came_with_one_and_reads_like_the_other(cast: Cast) -> None:
    seeded = seed(cast, count=10)  # every suggestion is alpha; beta is every second row
    alpha, beta = seeded.labels
    page = cast.lead.post(
        f"{HERE}/new", data=FORM | {"by": "pair", "label": str(beta), "suggested": str(alpha)}
    )
    assert page.status_code == 303, page.text
    assert sorted(members(cast)) == sorted(seeded.examples[1::2])
    listed = unescape(cast.lead.get(HERE).text)
    assert "Label pair: beta → alpha" in listed


def test_a_pair_of_one_label_or_without_scores_is_refused_in_words(cast: Cast) -> None:
    seeded = seed(cast, count=6, scored=False)
    alpha, beta = seeded.labels
    for plan, words in (
        ({"label": alpha, "suggested": alpha}, "Both labels of the pair are the same."),
        ({"label": alpha}, "A pair has two labels."),
        ({"label": alpha, "suggested": beta}, "A pair of labels needs scores"),
    ):
        reply = cast.lead.post(API, json={"by": "pair"} | plan)
        assert reply.status_code in (409, 422)
        assert words in reply.json()["detail"]
    told = cast.lead.post(f"{API}/preview", json={"by": "pair", "label": alpha, "suggested": beta})
    assert told.json()["fits"] == 0 and "needs scores" in told.json()["words"]


def test_a_pair_finds_what_a_retired_label_stands_for(cast: Cast) -> None:
    seeded = seed(cast, count=8)
    alpha, beta = seeded.labels
    with writing(cast.engine) as session:
        kept = Label(project_id=cast.project.id, name="gamma", position=2, synonyms=[])
        session.add(kept)
        session.flush()
        session.execute(update(Label).where(Label.id == beta).values(current_id=kept.id))
        gamma = kept.id
    made(cast, by="pair", label=gamma, suggested=alpha)
    assert sorted(members(cast)) == sorted(seeded.examples[1::2])


def test_the_list_of_examples_offers_a_batch_of_all_that_its_filter_leaves(cast: Cast) -> None:
    seeded = seed(cast, count=20)
    beta = seeded.labels[1]
    listed = cast.lead.get(f"/p/support-intents/examples?given={beta}&quality=0.5").text
    link = re.search(r'href="([^"]*/batches/new\?by=filter[^"]*)"', listed)
    assert link and "Review these" in listed
    form = cast.lead.get(unescape(link[1])).text
    assert "given: beta, quality &lt; 0.5" in form
    assert "5 examples fit." in form
    kept = re.search(r'name="filter" value="([^"]*)"', form)
    assert kept
    sent = FORM | {"by": "filter", "filter": unescape(kept[1]), "size": "5"}
    assert cast.lead.post(f"{HERE}/new", data=sent).status_code == 303
    assert sorted(members(cast)) == sorted(seeded.examples[1:10:2])
    assert "Filter: given: beta, quality < 0.5" in unescape(cast.lead.get(HERE).text)
    assert "Review these" not in cast.lead.get("/p/support-intents/examples").text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "No filter is set."),
        ("sort=row", "No filter is set."),
        ("colour=red", "There is no filter 'colour'."),
        ("quality=lots", "The filter 'quality' is not readable."),
        ("given=99999999999999999999", "The filter 'given' is not readable."),
        ("q=%00", "The filter 'q' is not readable."),
        ("quality=nan", "The filter 'quality' is not readable."),
        ("q=" + "x" * 2_001, "The filter 'q' is not readable."),
        ("split=a%00b", "The filter 'split' is not readable."),
        ("q=no+such+words+anywhere", "No example fits"),
        ("batch=77", "No example fits"),
        ("status=confirmed", "No example fits"),
    ],
)
def test_a_filter_of_nothing_or_of_nonsense_is_refused_in_words(
    cast: Cast, text: str, words: str
) -> None:
    seed(cast, count=4)
    reply = cast.lead.post(API, json={"by": "filter", "filter": text})
    assert reply.status_code in (409, 422), reply.text
    assert words in reply.json()["detail"]
    page = cast.lead.post(f"{HERE}/new", data=FORM | {"by": "filter", "filter": text})
    assert words in unescape(page.text)


def test_a_link_whose_filter_holds_what_no_text_holds_shows_the_form(cast: Cast) -> None:
    seed(cast, count=4)
    for text in ("q%3D%2500", "split%3Da%2500b"):
        page = cast.lead.get(f"{HERE}/new?by=filter&filter={text}")
        assert page.status_code == 200 and "is not readable." in page.text


def test_a_filter_that_names_every_kind_of_field_is_kept_and_used_again(cast: Cast) -> None:
    seeded = seed(cast, count=12)
    alpha, beta = seeded.labels
    text = f"given={beta}&suggested={alpha}&quality=0.9&difficulty=0.1&status=unreviewed&served=no"
    made(cast, by="filter", filter=text, size=2)
    assert members(cast) == [seeded.examples[1], seeded.examples[3]]
    with writing(cast.engine) as session:  # one is handed out elsewhere: the next that fits joins
        session.execute(
            update(BatchMember)
            .where(BatchMember.example_id == seeded.examples[1])
            .values(waiting=False, left_why="elsewhere", left_at=cast.now)
        )
        session.execute(
            update(Score).where(Score.example_id == seeded.examples[5]).values(quality=0.95)
        )
        session.execute(
            update(Example).where(Example.id == seeded.examples[1]).values(status="confirmed")
        )
        batch = session.scalars(select(Batch.id)).one()
    handed = claim(cast.reviewer, batch, 8)
    assert {card["example"] for card in handed} == {seeded.examples[3], seeded.examples[7]}


def test_at_most_so_many_of_each_given_label_by_priority(cast: Cast) -> None:
    seeded = seed(cast, count=20, unlabelled=5)
    told = cast.lead.post(f"{API}/preview", json={"size": 100, "most_each": 3})
    assert told.json()["fits"] == 9
    assert "above 3 of their given label" in told.json()["words"]
    shown = made(cast, by="priority", size=100, most_each=3)
    assert shown["size"] == 9
    assert shown["rule"] == "By priority, at most 3 of each given label"
    assert set(labels_of(cast, members(cast)).values()) == {3}
    first = members(cast)
    assert set(seeded.examples[:6]) <= set(first)  # the best three of each label


def test_a_label_that_fills_the_top_leaves_room_for_those_far_below(cast: Cast) -> None:
    seeded = seed(cast, count=60)
    alpha, beta = seeded.labels
    with writing(cast.engine) as session:
        top = seeded.examples[:50]
        session.execute(update(Example).where(Example.id.in_(top)).values(given_label_id=alpha))
        rest = seeded.examples[50:]
        session.execute(update(Example).where(Example.id.in_(rest)).values(given_label_id=beta))
    made(cast, by="priority", size=4, most_each=2)
    assert members(cast) == [*seeded.examples[:2], *seeded.examples[50:52]]


def test_what_joins_a_capped_batch_later_keeps_its_limit(cast: Cast) -> None:
    seeded = seed(cast, count=20)
    made(cast, by="priority", size=4, most_each=2)
    with writing(cast.engine) as session:
        lost = seeded.examples[0]
        session.execute(
            update(BatchMember)
            .where(BatchMember.example_id == lost)
            .values(waiting=False, left_why="elsewhere", left_at=cast.now)
        )
        session.execute(update(Example).where(Example.id == lost).values(status="confirmed"))
        batch = session.scalars(select(Batch.id)).one()
    cards = claim(cast.reviewer, batch, 8)
    assert {card["example"] for card in cards} == set(seeded.examples[1:5]) - {lost}
    for card in cards:
        answer(cast.reviewer, card["lease"])
    with reading(cast.engine) as session:
        assert session.scalars(select(Batch.size)).one() == 4


def test_limits_that_are_no_limit_are_refused_in_words(cast: Cast) -> None:
    seed(cast, count=4)
    for most in ("0", "-3", "1000001"):
        page = cast.lead.post(f"{HERE}/new", data=FORM | {"by": "priority", "most_each": most})
        assert page.status_code == 422
        assert "of each given label." in page.text
