"""Insights: groups of one content with different labels, at the page and by program."""

from __future__ import annotations

import re

from sqlalchemy import select, update

from app.db.engine import reading, writing
from app.db.tables.datasets import Example, Label, Project
from app.db.tables.ranking import Score, ScoringRun
from app.db.tables.review import Batch, BatchMember
from app.db.words import Reason, Status
from app.insights.duplicates import duplicates
from app.ranking.signal_names import bit_of
from tests.review.conftest import source_of
from tests.web.cast import Cast
from tests.web.seeded import Seeded, answer, claim, seed, statements

PAGE = "/p/support-intents/insights/duplicates"
API = "/api/v1/projects/support-intents/duplicates"


def alike(cast: Cast, seeded: Seeded, *groups: tuple[int, ...]) -> None:
    """The same content at these places; alpha stands at even ones, beta at odd ones."""
    with writing(cast.engine) as session:
        for nth, places in enumerate(groups):
            ids = [seeded.examples[place] for place in places]
            here = {"content_hash": f"{nth:x}" * 64, "content": {"text": f"Where is card {nth}?"}}
            session.execute(update(Example).where(Example.id.in_(ids)).values(**here))


def text_of(page: str) -> str:
    plain = re.sub(r"<[^>]+>", " ", page)
    return " ".join(plain.split())


def test_groups_by_their_size_with_labels_and_who_gave_them(cast: Cast) -> None:
    seeded = seed(cast)
    alike(cast, seeded, (0, 1), (2, 4, 6, 7), (8, 10))  # the last one has one label only
    with writing(cast.engine) as session:
        mine = source_of(session, cast.project.id, cast.second.person.id)
        session.get_one(Example, seeded.examples[7]).source_id = mine
    said = cast.lead.get(API).json()
    assert (said["groups"], said["examples"], said["cursor"]) == (2, 6, "")
    large, small = said["rows"]
    alpha, beta = seeded.labels
    assert (large["examples"], large["unread"]) == (4, 4)
    assert [(one["label"], one["name"], one["examples"]) for one in large["labels"]] == [
        (alpha, "alpha", 3),
        (beta, "beta", 1),
    ]
    assert [one["sources"] for one in large["labels"]] == [[], ["own"]]
    assert [one["example"] for one in large["labels"]] == [seeded.examples[2], seeded.examples[7]]
    assert small["examples"] == 2
    page = cast.lead.get(PAGE).text
    words = text_of(page)
    assert "2 groups of 6 examples" in words
    assert words.index("Where is card 1?") < words.index("Where is card 0?")
    assert "alpha 3" in words
    assert "beta 1 by own" in words
    assert f'href="/p/support-intents/examples/{seeded.examples[7]}"' in page
    assert "card 2" not in words


def test_review_these_makes_a_batch_of_one_example_a_group(cast: Cast) -> None:
    seeded = seed(cast)
    alike(cast, seeded, (0, 1), (2, 4, 6, 7))
    with writing(cast.engine) as session:
        session.execute(update(Project).values(confirmations=1))
    moved = cast.lead.post(f"{PAGE}/review")
    assert (moved.status_code, moved.headers["location"]) == (
        303,
        "/p/support-intents/batches/1?done=batch_created",
    )
    with reading(cast.engine) as session:
        batch = session.scalars(select(Batch)).one()
        members = session.scalars(select(BatchMember.example_id)).all()
    assert sorted(members) == [seeded.examples[0], seeded.examples[2]]
    for card in claim(cast.reviewer, batch.id, 8):
        answer(cast.reviewer, card["lease"])
    said = cast.lead.get(API).json()
    assert [row["unread"] for row in said["rows"]] == [0, 0]
    refused = cast.lead.post(f"{API}/review")
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing_fits")


def test_by_program_it_is_the_same_batch(cast: Cast) -> None:
    seeded = seed(cast)
    alike(cast, seeded, (0, 1))
    made = cast.lead.post(f"{API}/review")
    assert (made.status_code, made.json()["size"], made.json()["number"]) == (201, 1, 1)
    assert cast.reviewer.post(f"{API}/review").status_code == 404
    assert cast.reviewer.get(API).status_code == 404
    assert cast.stranger.get(PAGE).status_code == 404


def test_pages_follow_each_other_by_size_and_content(cast: Cast) -> None:
    seeded = seed(cast, count=60)
    groups = [(2 * n, 2 * n + 1) for n in range(25)]
    groups[20] = (40, 41, 51)
    with writing(cast.engine) as session:
        for nth, places in enumerate(groups):
            ids = [seeded.examples[place] for place in places]
            same = update(Example).where(Example.id.in_(ids))
            session.execute(same.values(content_hash=f"{nth:064x}"))
        for place in (50, *range(52, 60)):
            one = session.get_one(Example, seeded.examples[place])
            one.content_hash = f"f{place:063x}"
    first = cast.lead.get(API).json()
    assert (first["groups"], first["examples"], len(first["rows"])) == (25, 51, 20)
    assert first["rows"][0]["examples"] == 3
    rest = cast.lead.get(API, params={"cursor": first["cursor"]}).json()
    assert (rest["groups"], len(rest["rows"]), rest["cursor"]) == (25, 5, "")
    seen = [row["labels"][0]["example"] for row in first["rows"] + rest["rows"]]
    assert len(set(seen)) == 25
    later = re.search(r'href="([^"]+cursor=[^"]+)" rel="next"', cast.lead.get(PAGE).text)
    assert later
    assert "25 groups" in text_of(cast.lead.get(later[1]).text)
    for bad in ("x", "3_", f"-3_{'a' * 64}", f"{'9' * 13}_{'a' * 64}"):
        assert cast.lead.get(API, params={"cursor": bad}).json()["code"] == "cursor"


def test_scoring_says_which_are_looked_at_and_what_is_nearly_the_same(cast: Cast) -> None:
    seeded = seed(cast)
    alike(cast, seeded, (0, 1), (2, 3))
    nothing = text_of(cast.lead.get(PAGE).text)
    assert "Not scored yet." in nothing
    with writing(cast.engine) as session:
        run = session.get_one(ScoringRun, seeded.run_id)
        run.counts = {
            "signals": {"duplicates": 2, "near_duplicates": 7, "leakage": None},
            "signals_absent": {"leakage": "The examples do not come in two splits."},
        }
        marked = update(Score).where(Score.example_id.in_(seeded.examples[:2]))
        session.execute(marked.values(signals=bit_of("duplicates")))
    said = cast.lead.get(API).json()
    assert (said["groups"], said["near"], said["leakage"], said["run"]) == (1, 7, None, 1)
    page = cast.lead.get(PAGE).text
    assert '<a href="/p/support-intents/examples?signal=near_duplicates">7 examples</a>' in page
    assert "The examples do not come in two splits." in page


def test_without_duplicates_it_says_so(cast: Cast) -> None:
    seed(cast)
    page = text_of(cast.lead.get(PAGE).text)
    assert "No text came with two different labels." in page
    assert "Review these" not in page
    assert cast.lead.get(API).json()["rows"] == []


def test_private_content_is_not_shown_and_merged_labels_are_one(cast: Cast) -> None:
    seeded = seed(cast)
    alike(cast, seeded, (0, 1))
    with writing(cast.engine) as session:
        one = session.get_one(Example, seeded.examples[0])
        one.status, one.removed_reason = Status.REMOVED, Reason.PRIVATE
    page = text_of(cast.lead.get(PAGE).text)
    assert "Private data: the content is hidden" in page
    assert "Where is card" not in page
    alpha, beta = seeded.labels
    with writing(cast.engine) as session:
        label = session.get_one(Label, beta)
        label.retired_at, label.replaced_by, label.current_id = cast.now, alpha, alpha
    assert cast.lead.get(API).json()["groups"] == 0


def test_it_costs_as_much_for_many_groups_as_for_one(cast: Cast) -> None:
    seeded = seed(cast)
    costs = []
    for groups in ([(0, 1)], [(2 * n, 2 * n + 1) for n in range(15)]):
        alike(cast, seeded, *groups)
        with reading(cast.engine) as session:
            project = session.get_one(Project, cast.project.id)
            with statements(cast.engine) as sent:
                duplicates(session, project)
        costs.append(len(sent))
    assert costs[0] == costs[1] <= 8
