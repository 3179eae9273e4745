"""What each detection signal finds in a project: filter, example page, and the lead's table."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import case, update

from app.db.engine import writing
from app.db.tables.datasets import DataImport, Example, Project
from app.db.tables.ranking import Score, ScoringRun
from app.db.words import ImportState, Reason, Status
from app.ranking.signal_names import SIGNAL_WORDS, SIGNALS, bit_of, mask_of
from tests.web.cast import Cast
from tests.web.seeded import Seeded, answer, claim, open_batch, seed, statements

API = "/api/v1/projects/support-intents/signals"
EXAMPLES = "/api/v1/projects/support-intents/examples"
PAGE = "/p/support-intents/scoring"


def fire(cast: Cast, seeded: Seeded, fired: dict[int, list[str]]) -> None:
    """Signals by row, and a run that counted them."""
    counts = {name: sum(name in names for names in fired.values()) for name in SIGNALS}
    told = {
        "signals": counts | {"picture": None},
        "signals_absent": {"picture": "The examples are not pictures."},
    }
    with writing(cast.engine) as session:
        for row, names in fired.items():
            chosen = update(Score).where(Score.example_id == seeded.examples[row])
            session.execute(chosen.values(signals=mask_of(names)))
        session.get_one(ScoringRun, seeded.run_id).counts = told


def decide(cast: Cast, seeded: Seeded, rows: range, status: Status, **more: object) -> None:
    """As the fold leaves them: confirmed as given, or relabeled as something else."""
    ids = [seeded.examples[row] for row in rows]
    given, (one, other) = Example.given_label_id, seeded.labels[:2]
    final = {
        Status.CONFIRMED: given,
        Status.RELABELED: case((given == one, other), else_=one),
    }.get(status)
    with writing(cast.engine) as session:
        chosen = update(Example).where(Example.id.in_(ids))
        session.execute(chosen.values(status=status, final_label_id=final, **more))


def told(cast: Cast) -> dict:
    found = cast.lead.get(API)
    assert found.status_code == 200, found.text
    return found.json()


def page(cast: Cast) -> str:
    found = cast.lead.get(PAGE)
    assert found.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found.text))


def test_without_a_ranking_the_page_says_when_signals_come(cast: Cast) -> None:
    assert told(cast)["state"] == "unscored"
    assert "Signals are judged when the examples are scored." in page(cast)
    begun = cast.lead.post(PAGE, data={"csrf": cast.lead.csrf, "method": "vpv", "eps": "0.2"})
    assert begun.status_code == 303
    assert "Scoring is under way." in page(cast)


def test_a_ranking_from_before_there_were_signals_says_so(cast: Cast) -> None:
    seed(cast)
    assert told(cast)["state"] == "old"
    assert "The ranking in use has no signals." in page(cast)


def test_few_decisions_tell_how_many_are_missing(cast: Cast) -> None:
    seeded = seed(cast)
    fire(cast, seeded, {0: ["loss"], 1: ["loss", "outlier"]})
    decide(cast, seeded, range(3), Status.CONFIRMED)
    found = told(cast)
    assert (found["state"], found["every"]["decided"], found["every"]["signals"]) == ("few", 3, {})
    words = page(cast)
    assert "Not enough decisions yet (3 of 20)." in words
    assert "Not applicable. The examples are not pictures." in words
    loss = next(one for one in found["signals"] if one["name"] == "loss")
    assert loss == {
        "name": "loss",
        "words": "Loss stayed high",
        "meaning": "Models went on failing to learn this label.",
        "fired": 2,
        "why": "",
        "examples": [],
    }
    assert [one["name"] for one in found["signals"]] == list(SIGNALS)


def test_decisions_tell_what_each_signal_adds(cast: Cast) -> None:
    """Rows 0 to 7 relabeled, 8 and 9 removed for their label, 10 to 23 confirmed."""
    seeded = seed(cast)
    both = {row: ["loss", "outlier"] for row in range(4)}
    fire(cast, seeded, both | {row: ["loss"] for row in (4, 8, 10, 11, 25, 26)})
    decide(cast, seeded, range(8), Status.RELABELED)
    decide(cast, seeded, range(8, 10), Status.REMOVED, removed_reason=Reason.NO_LABEL)
    decide(cast, seeded, range(10, 24), Status.CONFIRMED)
    decide(cast, seeded, range(24, 26), Status.REMOVED, removed_reason=Reason.UNREADABLE)
    decide(cast, seeded, range(26, 28), Status.PENDING)
    found = told(cast)
    assert found["state"] == "ready"
    assert [found["every"][name] for name in ("decided", "changed", "unfound")] == [24, 10, 4]
    loss = found["every"]["signals"]["loss"]
    assert (loss["fired"], loss["changed"], loss["only"]) == (8, 6, 2)
    assert (loss["low"], loss["high"]) == pytest.approx((0.4093, 0.9285), abs=5e-5)
    outlier = found["every"]["signals"]["outlier"]
    assert (outlier["fired"], outlier["changed"], outlier["only"]) == (4, 4, 0)
    assert found["every"]["signals"]["leakage"]["fired"] == 0
    words = page(cast)
    assert "10 of 24 decided labels were changed; on 4 of them no signal had fired." in words
    assert "6 of 8 41 to 93%" in words
    assert "Random reads do not, but 0 of 20 needed are decided." in words


def test_random_reads_are_counted_apart(cast: Cast) -> None:
    seeded = seed(cast)
    fire(cast, seeded, {row: ["loss"] for row in range(30)})
    batch = open_batch(cast, by="audit", size=21)
    while cards := claim(cast.reviewer, batch, 8):
        for held in cards:
            answer(cast.reviewer, held["lease"])
    found = told(cast)
    assert found["random"]["decided"] == found["every"]["decided"] == 21
    assert found["random"]["signals"]["loss"]["fired"] == 21
    assert "The 21 random reads do not: 0 were changed" in page(cast)
    decide(cast, seeded, range(30), Status.CONFIRMED)
    found = told(cast)
    assert (found["every"]["decided"], found["random"]["decided"]) == (30, 21)


def test_what_nobody_may_see_is_not_counted(cast: Cast) -> None:
    seeded = seed(cast)
    fire(cast, seeded, {0: ["loss"]})
    decide(cast, seeded, range(30), Status.CONFIRMED)
    with writing(cast.engine) as session:
        session.execute(update(DataImport).values(state=ImportState.CANCELLED))
    assert told(cast)["every"]["decided"] == 0


def test_the_table_costs_as_many_statements_for_any_number_of_examples(cast: Cast) -> None:
    seeded = seed(cast)
    fire(cast, seeded, {0: ["loss"]})
    with statements(cast.engine) as few:
        told(cast)
    decide(cast, seeded, range(30), Status.CONFIRMED)
    fire(cast, seeded, {row: [SIGNALS[row % 10]] for row in range(30)})
    with statements(cast.engine) as many:
        told(cast)
    assert len(many) == len(few)


def test_only_leads_see_it(cast: Cast) -> None:
    seed(cast)
    assert cast.reviewer.get(API).status_code == 404
    assert cast.stranger.get(API).status_code == 404


@pytest.mark.parametrize("few", [True, False])
def test_the_list_is_narrowed_to_a_signal(
    cast: Cast, few: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeded = seed(cast)
    fire(cast, seeded, {2: ["loss"], 5: ["loss", "leakage"], 7: ["leakage"]})
    if not few:
        monkeypatch.setattr("app.insights.listing.FEW", 0)
    found = cast.lead.get(f"{EXAMPLES}?signal=loss").json()
    assert [one["id"] for one in found["examples"]] == [seeded.examples[row] for row in (2, 5)]
    assert (found["matching"], found["total"]) == (2, 30)
    assert found["examples"][1]["signals"] == ["loss", "leakage"]
    first = cast.lead.get(f"{EXAMPLES}?signal=leakage&limit=1&sort=row").json()
    after = f"{EXAMPLES}?signal=leakage&limit=1&sort=row&cursor={first['next_cursor']}"
    assert cast.lead.get(after).json()["examples"][0]["id"] == seeded.examples[7]
    assert cast.lead.get(f"{EXAMPLES}?signal=loss&given={seeded.labels[1]}").json()["matching"] == 1
    words = cast.lead.get("/p/support-intents/examples?signal=loss").text
    assert "signal: Loss stayed high" in words
    assert '<option value="loss" selected>' in words


def test_a_signal_that_does_not_exist_is_refused(cast: Cast) -> None:
    seed(cast)
    assert cast.lead.get(f"{EXAMPLES}?signal=luck").status_code == 422
    assert cast.lead.get(f"{EXAMPLES}?signal=").status_code == 200


def test_an_example_lists_its_signals_in_words(cast: Cast) -> None:
    seeded = seed(cast)
    fire(cast, seeded, {3: ["outlier", "leakage"]})
    told_of = cast.lead.get(f"{EXAMPLES}/{seeded.examples[3]}").json()
    assert told_of["signals"] == ["outlier", "leakage"]
    words = cast.lead.get(f"/p/support-intents/examples/{seeded.examples[3]}").text
    assert SIGNAL_WORDS["outlier"] in words and SIGNAL_WORDS["leakage"] in words
    assert "examples?signal=outlier" in words
    quiet = cast.lead.get(f"/p/support-intents/examples/{seeded.examples[4]}").text
    assert "examples?signal=" not in quiet
    assert "wrong" not in words.lower() and "error" not in words.lower()


def test_scores_without_a_served_ranking_have_no_signal(cast: Cast) -> None:
    seeded = seed(cast)
    fire(cast, seeded, {3: ["outlier"]})
    with writing(cast.engine) as session:
        session.get_one(Project, cast.project.id).run_id = None
    assert cast.lead.get(f"{EXAMPLES}/{seeded.examples[3]}").json()["signals"] == []
    assert cast.lead.get(f"{EXAMPLES}?signal=outlier").json()["matching"] == 0
    assert bit_of("outlier") == 8
