"""What could tell a random draw from a suspect is told after the answer, a stream to no reader."""

from __future__ import annotations

import re

from app.db.engine import reading
from app.db.tables.audit import Serve
from app.db.words import Mode, Stream
from tests.web.cast import Cast
from tests.web.seeded import answer, claim, given_label, open_batch, seed

HERE = "/p/support-intents/examples"
API = "/api/v1/projects/support-intents/examples"
RANDOM = "drawn at random"
RULE = "by the batch"


def scores(page: str) -> list[str]:
    return re.findall(r'data-part="(?:quality|difficulty)">([^<]*)<', page)


def test_quality_comes_with_the_reply_where_the_card_had_none(cast: Cast) -> None:
    seeded = seed(cast)
    batch = open_batch(cast, size=6, audit_share=10)
    card = claim(cast.reviewer, batch)[0]
    assert (card["quality"], card["difficulty"]) == (None, None)
    page = cast.reviewer.get(f"/review/{batch}").text
    assert scores(page) == ["", ""]
    assert page.count("<div class=unused><dt>") == 2
    told = answer(cast.reviewer, card["lease"])
    place = seeded.examples.index(card["example"])
    assert (told["quality"], told["difficulty"]) == (place / 30, 0.4)


def test_where_the_card_has_them_the_reply_does_not_repeat_them(cast: Cast) -> None:
    seed(cast)
    batch = open_batch(cast, size=6, audit_share=0)
    card = claim(cast.reviewer, batch)[0]
    assert card["difficulty"] == 0.4
    assert "quality" not in answer(cast.reviewer, card["lease"])


def test_a_blind_reader_is_told_nothing_afterwards(cast: Cast) -> None:
    seed(cast)
    batch = open_batch(cast, size=6, mode=Mode.BLIND, audit_share=10)
    card = claim(cast.reviewer, batch)[0]
    label = given_label(cast, card["example"])
    assert "quality" not in answer(cast.reviewer, card["lease"], "relabel", label=label)


def test_looking_again_shows_them(cast: Cast) -> None:
    seed(cast)
    batch = open_batch(cast, size=12, audit_share=10)
    told = []
    for turn in range(10):
        card = claim(cast.reviewer, batch)[0]
        cast.step(seconds=50 if turn == 5 else 4)
        told.append(answer(cast.reviewer, card["lease"]))
    page = cast.reviewer.get(f"/review/{batch}/again").text
    assert f"<dt>Label quality</dt><dd>{told[5]['quality']:.2f}</dd>" in page
    assert "<dt>Difficulty</dt><dd>0.40</dd>" in page


def test_a_new_batch_says_that_bars_could_tell_and_offers_to_decide_first(cast: Cast) -> None:
    seed(cast)
    page = cast.lead.get("/p/support-intents/batches/new").text
    choice = page.index('value="decide_first"')
    told = page.index("Decide first shows the bars only after the first answer.")
    assert choice < told < page.index("Reads per example")
    assert 'class="field-hint for-priority"' in page[:told]


def serve_of(cast: Cast, example: int) -> Stream:
    with reading(cast.engine) as session:
        return session.query(Serve).filter(Serve.example_id == example).one().stream


def how_served(cast: Cast, example: int) -> tuple[bool, str]:
    """What the example's page and its API tell the lead of why it was handed out."""
    page = cast.lead.get(f"{HERE}/{example}").text
    moments = cast.lead.get(f"{API}/{example}").json()["history"]
    (served,) = [one for one in moments if one["kind"] == "serve"]
    return RANDOM in page or RULE in page, served["how"]


def test_a_lead_sees_no_stream_of_what_they_hold_or_may_still_read(cast: Cast) -> None:
    seed(cast)
    batch = open_batch(cast, size=6, by="audit")
    card = claim(cast.reviewer, batch)[0]
    example = card["example"]
    assert serve_of(cast, example) is Stream.AUDIT
    assert how_served(cast, example) == (False, "")
    answer(cast.reviewer, card["lease"], "remove", reason="duplicate")
    assert how_served(cast, example) == (False, ""), "a second read of it is owed, also by leads"
    (second,) = [one for one in claim(cast.lead, batch, 8) if one["example"] == example]
    assert how_served(cast, example) == (False, ""), "they hold it"
    answer(cast.lead, second["lease"], "remove", reason="duplicate")
    assert how_served(cast, example) == (True, RANDOM)
    assert str(example) in cast.lead.get(f"{HERE}?served=audit").text


def test_a_lead_who_answered_may_know_though_others_have_still_to_read(cast: Cast) -> None:
    seed(cast)
    batch = open_batch(cast, size=6, audit_share=0)
    card = claim(cast.lead, batch)[0]
    answer(cast.lead, card["lease"], "remove", reason="duplicate")
    shown, how = how_served(cast, card["example"])
    assert shown and how.startswith(RULE)


def test_the_list_of_random_checks_says_what_it_leaves_out(cast: Cast) -> None:
    seed(cast)
    batch = open_batch(cast, size=6, by="audit")
    (card,) = claim(cast.reviewer, batch)
    url = f"{HERE}?served=audit"
    assert f"{HERE}/{card['example']}" not in cast.lead.get(url).text
    assert "Without those that you may still read yourself" in cast.lead.get(url).text
    label = given_label(cast, card["example"])
    answer(cast.reviewer, card["lease"], "relabel", label=label)
    assert f"{HERE}/{card['example']}" in cast.lead.get(url).text
