"""Leads look through the examples, pick some, and read one example's whole history."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from app.db.engine import reading, writing
from app.db.tables.datasets import DataImport, Example, Project
from app.db.tables.ranking import Score
from app.db.tables.review import Decision
from app.db.words import DataType, ImportState, Reason, Status, Stream
from tests.web.cast import Cast
from tests.web.seeded import answer, claim, given_label, open_batch, score, seed, statements

HERE = "/p/support-intents/examples"
API = "/api/v1/projects/support-intents/examples"


def ids(cast: Cast, query: str = "") -> list[int]:
    found = cast.lead.get(f"{API}{query}")
    assert found.status_code == 200, found.text
    return [one["id"] for one in found.json()["examples"]]


def walked(cast: Cast, query: str, limit: int) -> list[int]:
    """All pages of a listing, one after the other."""
    seen: list[int] = []
    cursor = ""
    while True:
        page = cast.lead.get(
            f"{API}?limit={limit}{query}" + (f"&cursor={cursor}" if cursor else "")
        )
        assert page.status_code == 200, page.text
        seen += [one["id"] for one in page.json()["examples"]]
        cursor = page.json()["next_cursor"]
        if not cursor:
            return seen


def change(cast: Cast, example: int, **values: Any) -> None:
    with writing(cast.engine) as session:
        session.execute(update(Example).where(Example.id == example).values(**values))


def test_without_data_the_page_leads_to_the_import(cast: Cast) -> None:
    page = cast.lead.get(HERE)
    assert page.status_code == 200
    assert "No examples yet." in page.text and "/p/support-intents/import" in page.text


def test_the_likeliest_to_need_a_change_comes_first(cast: Cast) -> None:
    seeded = seed(cast)
    assert ids(cast) == seeded.examples
    page = cast.lead.get(HERE).text
    assert page.index("example 0<") < page.index("example 1<")
    assert "wrong" not in page.lower() and "error" not in page.lower()


@pytest.mark.parametrize("sort", ["priority", "quality", "difficulty", "row"])
@pytest.mark.parametrize("scored", [True, False])
def test_every_page_follows_the_one_before_and_misses_nothing(
    cast: Cast, sort: str, scored: bool
) -> None:
    seeded = seed(cast, count=23, scored=scored)
    with writing(cast.engine) as session:  # two that could not be scored, three never scored
        if scored:
            gone = seeded.examples[4:6]
            empty = {"priority": None, "quality": None, "difficulty": None}
            session.execute(update(Score).where(Score.example_id.in_(gone)).values(empty))
            session.execute(
                Score.__table__.delete().where(Score.example_id.in_(seeded.examples[8:11]))
            )
    whole = ids(cast, f"?limit=500&sort={sort}")
    assert sorted(whole) == seeded.examples
    assert walked(cast, f"&sort={sort}", 4) == whole
    if scored and sort != "row":
        assert whole[-5:] == sorted(seeded.examples[4:6] + seeded.examples[8:11])


def test_long_lists_are_walked_along_the_index_just_the_same(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeded = seed(cast, count=23)
    with writing(cast.engine) as session:
        session.execute(Score.__table__.delete().where(Score.example_id.in_(seeded.examples[8:11])))
    queries = [f"&sort={sort}" for sort in ("priority", "quality", "difficulty")]
    queries += ["&q=example", f"&q=EXAMPLE&status=unreviewed&given={seeded.labels[1]}"]
    few = {query: walked(cast, query, 4) for query in queries}
    assert few["&q=example"] == few["&sort=priority"]
    assert sorted(few[queries[-1]]) == seeded.examples[1::2]
    monkeypatch.setattr("app.insights.listing.FEW", 0)
    for query, whole in few.items():
        assert walked(cast, query, 4) == whole


def test_each_filter_narrows_and_is_named_with_a_way_out(cast: Cast) -> None:
    seeded = seed(cast)
    alpha, beta = seeded.labels
    change(cast, seeded.examples[0], status=Status.RELABELED, final_label_id=beta)
    change(cast, seeded.examples[1], split="test")
    batch = open_batch(cast, by="hand", size=2, example_ids=tuple(seeded.examples[4:6]))
    assert batch
    wanted = {
        f"given={beta}": (seeded.examples[1::2], "given: beta"),
        "status=relabeled": ([seeded.examples[0]], "Relabeled"),
        f"label={beta}": ([seeded.examples[0]], "final label: beta"),
        "quality=0.2": (seeded.examples[:6], "quality &lt; 0.2"),
        "difficulty=0.5": ([], "difficulty &gt; 0.5"),
        f"suggested={alpha}": (seeded.examples, "suggested: alpha"),
        "q=EXAMPLE+17": ([seeded.examples[17]], "text: EXAMPLE 17"),
        "batch=1": (seeded.examples[4:6], "batch: 1"),
        "split=test": ([seeded.examples[1]], "split: test"),
    }
    for query, (expected, words) in wanted.items():
        assert ids(cast, f"?{query}") == expected, query
        page = cast.lead.get(f"{HERE}?{query}").text
        assert f"<bdi>{words}</bdi>" in page, query
        assert f"{len(expected)} of 30" in page, query
        assert f'href="{HERE}"' in page, "without the one filter the address is plain"


def test_the_search_takes_every_sign_as_it_is(cast: Cast) -> None:
    seeded = seed(cast)
    strange = 'He said "50%_off" \\ naïve <b>'
    change(cast, seeded.examples[3], content={"text": strange})
    for part in ('"50%', "%_o", "\\ na", "naïve <b>", "50%_OFF"):
        found = cast.lead.get(API, params={"q": part})
        assert [one["id"] for one in found.json()["examples"]] == [seeded.examples[3]], part
    assert cast.lead.get(API, params={"q": "text"}).json()["examples"] == []
    assert "<b>" not in cast.lead.get(HERE, params={"q": "naïve <b>"}).text.split("<body>")[1]


def test_nothing_matches_says_which_filter_to_clear(cast: Cast) -> None:
    seed(cast)
    page = cast.lead.get(f"{HERE}?quality=0.3&status=removed&sort=row").text
    assert "No example matches." in page
    assert (
        f'<a href="{HERE}?status=removed&amp;sort=row">Clear <bdi>quality &lt; 0.3</bdi>?</a>'
        in page
    )


def test_facets_count_what_the_other_filters_leave(cast: Cast) -> None:
    seeded = seed(cast, count=10, unlabelled=2)
    alpha = seeded.labels[0]
    change(cast, seeded.examples[0], status=Status.CONFIRMED)
    page = cast.lead.get(f"{HERE}?given={alpha}").text
    facets = dict(
        re.findall(r'"grow"><bdi>([^<]+)</bdi></span><span class="quiet small">(\d+)', page)
    )
    assert facets["Not reviewed"] == "3" and facets["Confirmed"] == "1"
    assert facets["alpha"] == "4" and facets["beta"] == "4" and facets["Without a label"] == "2"
    assert ids(cast, "?given=0") == seeded.examples[8:]


def test_random_checks_and_what_is_not_handed_out_can_be_listed(cast: Cast) -> None:
    seed(cast)
    batch = open_batch(cast, size=6, audit_share=100)
    drawn = claim(cast.reviewer, batch, 3)
    assert ids(cast, "?served=audit") == [], "the lead may still be asked to read them"
    for card in drawn[:2]:
        label = given_label(cast, card["example"])
        answer(cast.reviewer, card["lease"], "relabel", label=label)
    assert set(ids(cast, "?served=audit")) == {card["example"] for card in drawn[:2]}
    assert len(ids(cast, "?served=no")) == 27


def test_the_page_costs_the_same_for_ten_examples_and_for_ten_thousand(cast: Cast) -> None:
    seeded = seed(cast, count=10)
    queries = ("", "?q=example", "?sort=quality", "?quality=0.9", "?status=unreviewed&sort=row")
    few = []
    for query in queries:
        with statements(cast.engine) as sent:
            assert cast.lead.get(HERE + query).status_code == 200
        few.append(len(sent))
    with writing(cast.engine) as session:
        first = session.get_one(Example, seeded.examples[0])
        session.execute(
            insert(Example),
            [
                {
                    "project_id": cast.project.id,
                    "import_id": first.import_id,
                    "row": row,
                    "key": f"more {row}",
                    "content": {"text": f"example {row}"},
                    "columns": {},
                    "salt": "00",
                    "content_hash": "0" * 64,
                    "given_label_id": seeded.labels[row % 2],
                }
                for row in range(10, 10_000)
            ],
        )
        every = session.scalars(select(Example.id).where(Example.row >= 10)).all()
        session.execute(
            insert(Score), [score(seeded.run_id, one, seeded.labels, one / 20_000) for one in every]
        )
    for query, before in zip(queries, few, strict=True):
        with statements(cast.engine) as sent:
            assert cast.lead.get(HERE + query).status_code == 200
        assert len(sent) == before, query


def test_rows_of_an_import_that_is_not_done_are_not_there(cast: Cast) -> None:
    seed(cast)
    with writing(cast.engine) as session:
        session.execute(update(DataImport).values(state=ImportState.IMPORTING))
    found = cast.lead.get(API).json()
    assert (found["examples"], found["total"]) == ([], 0)


def test_picked_examples_go_to_a_new_batch_in_a_plain_form(cast: Cast) -> None:
    seeded = seed(cast)
    page = cast.lead.get(HERE).text
    assert 'action="/p/support-intents/batches/new"' in page
    assert f'name="example" value="{seeded.examples[0]}"' in page


def test_private_content_is_not_in_the_list(cast: Cast) -> None:
    seeded = seed(cast)
    change(cast, seeded.examples[0], removed_reason=Reason.PRIVATE, content={"text": "call 555"})
    assert "call 555" not in cast.lead.get(HERE).text
    page = cast.lead.get(f"{HERE}/{seeded.examples[0]}").text
    assert page.index('<details class="guarded">') < page.index("call 555")


def test_broken_addresses_are_refused_in_words(cast: Cast) -> None:
    seed(cast)
    for query in ("cursor=x", "quality=nan", "quality=7", "status=wrong", "given=-1", "sort=name"):
        for path in (HERE, API):
            assert cast.lead.get(f"{path}?{query}").status_code == 422, query
    assert cast.lead.get(f"{HERE}?quality=&given=&label=&status=").status_code == 200
    assert cast.lead.get(f"{API}?colour=red").status_code == 422


def test_an_example_tells_its_whole_history(cast: Cast) -> None:
    seeded = seed(cast)
    batch = open_batch(cast, size=1, audit_share=0)
    card = claim(cast.reviewer, batch)[0]
    example = card["example"]
    beta = seeded.labels[1]
    stored = answer(cast.reviewer, card["lease"], "relabel", label=beta, note="Says beta.")
    undone = cast.reviewer.post("/api/v1/undo", json={"key": "undo-key-1", "batch": batch})
    answer(cast.reviewer, undone.json()["example"]["lease"], "confirm")
    page = cast.lead.get(f"{HERE}/{example}")
    assert page.status_code == 200
    order = [
        "Imported as alpha",
        "Scored: quality 0.00",
        "Handed out first in batch 1",
        "Relabeled as beta",
        "Says beta.",
        "Took an answer back",
        "Confirmed the given label",
    ]
    places = [page.text.index(words) for words in order]
    assert places == sorted(places)
    assert "<bdi>Reviewer</bdi>:" in page.text and "no longer counts" in page.text
    moments = cast.lead.get(f"{API}/{example}").json()["history"]
    assert [one["undone"] for one in moments if one["seq"] == stored["seq"]] == [True]


def test_the_page_says_how_a_direct_answer_would_count(cast: Cast) -> None:
    """As the act does: what one holds oneself is not held by another."""
    seed(cast)
    batch = open_batch(cast, size=2, audit_share=0)
    own, others = claim(cast.lead, batch)[0]["example"], claim(cast.reviewer, batch)[0]["example"]
    counts = "Others had it before, so it is kept and does not count."
    assert counts not in cast.lead.get(f"{HERE}/{own}").text
    assert counts in cast.lead.get(f"{HERE}/{others}").text
    for example, became in ((own, "answered"), (others, "answered_late")):
        form = {"how": "answer", "answer": "confirm", "key": f"direct-{example}"}
        done = cast.lead.post(f"{HERE}/{example}/decide", data=form)
        assert done.headers["location"].endswith(f"done={became}")


def test_a_lead_answers_directly_and_it_is_served_as_such(cast: Cast) -> None:
    seeded = seed(cast)
    example = seeded.examples[0]
    beta = seeded.labels[1]
    form = {"how": "answer", "answer": "label", "label": str(beta), "key": "d1"}
    done = cast.lead.post(f"{HERE}/{example}/decide", data=form)
    assert done.headers["location"] == f"{HERE}/{example}?done=answered", done.text
    with reading(cast.engine) as session:
        stored = session.scalars(select(Decision)).one()
        assert stored.stream is Stream.DIRECT
        assert session.get_one(Example, example).status is Status.PENDING
    late = cast.admin.post(
        f"{HERE}/{example}/decide", data={"how": "answer", "answer": "confirm", "key": "d2"}
    )
    assert late.headers["location"].endswith("done=answered_late")


def test_a_lead_rules_and_reopens(cast: Cast) -> None:
    seeded = seed(cast)
    example = seeded.examples[0]
    form = {"how": "ruling", "answer": f"label:{seeded.labels[1]}", "key": "r1", "note": "Clear."}
    ruled = cast.lead.post(f"{HERE}/{example}/decide", data=form)
    assert ruled.headers["location"].endswith("done=ruled"), ruled.text
    page = cast.lead.get(f"{HERE}/{example}").text
    assert "ruling, final" in page and "Clear." in page and "Reopen for reviewers" in page
    opened = cast.lead.post(f"{HERE}/{example}/reopen", data={"key": "o1"})
    assert opened.status_code == 303
    assert cast.lead.get(f"{API}/{example}").json()["status"] == "unreviewed"
    again = cast.lead.post(f"{API}/{example}/reopen", json={"key": "o1"})
    assert (again.status_code, again.json()["seq"]) == (200, again.json()["seq"])
    other = cast.lead.post(f"{API}/{example}/reopen", json={"key": "o2"})
    assert (other.status_code, other.json()["code"]) == (409, "open_already")


def test_naming_the_given_label_confirms_it(cast: Cast) -> None:
    seeded = seed(cast)
    form = {"how": "ruling", "answer": "label", "label": str(seeded.labels[0]), "key": "r1"}
    assert cast.lead.post(f"{HERE}/{seeded.examples[0]}/decide", data=form).status_code == 303
    with reading(cast.engine) as session:
        assert session.get_one(Example, seeded.examples[0]).status is Status.CONFIRMED


def test_reviewers_do_not_get_these_pages(cast: Cast) -> None:
    seeded = seed(cast)
    example = seeded.examples[0]
    for actor in (cast.reviewer, cast.expert, cast.stranger):
        for path in (HERE, f"{HERE}/{example}", API, f"{API}/{example}"):
            assert actor.get(path).status_code == 404
        form = {"how": "ruling", "answer": "confirm", "key": "x"}
        assert actor.post(f"{HERE}/{example}/decide", data=form).status_code == 404
        assert actor.post(f"{API}/{example}/reopen", json={"key": "x"}).status_code == 404
    assert cast.lead.get(f"{HERE}/999999").status_code == 404


def test_the_search_reads_the_values_of_table_rows_and_the_names_of_images(cast: Cast) -> None:
    seeded = seed(cast)
    fields = [["city", 'Sankt "Pölten"'], ["rooms", "3"]]
    change(cast, seeded.examples[2], content={"fields": fields})
    with writing(cast.engine) as session:
        session.get_one(Project, cast.project.id).data_type = DataType.TABULAR
    found = cast.lead.get(API, params={"q": 't "Pölten"'}).json()["examples"]
    assert [one["id"] for one in found] == [seeded.examples[2]]
    with writing(cast.engine) as session:
        session.get_one(Project, cast.project.id).data_type = DataType.IMAGE
    change(cast, seeded.examples[5], key="holiday.png")
    found = cast.lead.get(API, params={"q": "HOLIDAY"}).json()["examples"]
    assert [one["id"] for one in found] == [seeded.examples[5]]
