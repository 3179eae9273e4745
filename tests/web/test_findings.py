"""The scoring page shows first what the ranking found; every number leads to its examples."""

from __future__ import annotations

import html
import io
import re
from typing import Any

import pytest
from sqlalchemy import update

from app.db.engine import writing
from app.db.tables.datasets import Example
from app.db.tables.ranking import RunFindings, ScoringRun
from app.db.words import Reason, Status
from app.worker import open_work
from tests.ranking.test_run import planted
from tests.web.cast import Cast
from tests.web.seeded import Seeded, seed, statements
from tests.web.test_merged_labels import merged

SLUG = "support-intents"
PAGE = f"/p/{SLUG}/scoring"
API = f"/api/v1/projects/{SLUG}/signals"
IMPORTS = f"/api/v1/projects/{SLUG}/imports"
LONG = "The beneficiary account number was not accepted by the other <b>bank</b> & returned"
TRUTH = "not how many are wrong"


def brought(cast: Cast, rows: list[tuple[str, str]]) -> int:
    """An import from its file to its ranking, as people and the worker do it; its id."""
    lines = "\n".join(f'"{text}","{label}"' for text, label in rows)
    files = {"file": ("rows.csv", io.BytesIO(f"text,label\n{lines}\n".encode()))}
    made = cast.lead.post(IMPORTS, files=files)
    assert made.status_code == 200, made.text
    open_work(cast.engine, cast.app.state.settings).until_idle()
    assert cast.lead.post(f"{IMPORTS}/{made.json()['id']}/commit").status_code == 200
    open_work(cast.engine, cast.app.state.settings).until_idle()
    return int(made.json()["id"])


def texts() -> list[tuple[str, str]]:
    contents, labels, _ = planted(wrong=30)
    return list(zip(contents, labels, strict=True))


def _gap(tag: re.Match[str]) -> str:
    """Between parts of a page, not within a sentence."""
    return " " if tag[3] else ""


def plain(page: str) -> str:
    return re.sub(
        r"\s+", " ", html.unescape(re.sub(r"<(/?)(bdi|strong|a)\b[^>]*>|(<[^>]+>)", _gap, page))
    ).strip()


def keep(cast: Cast, seeded: Seeded, **more: Any) -> None:
    """What a run would have kept of the seeded examples."""
    alpha, beta = seeded.labels
    found: RunFindings = {
        "labels": 30,
        "otherwise": 15,
        "qualities": [(3, 3)] * 5 + [(3, 0)] * 5,
        "pairs": [(beta, alpha, 15)],
        "pairs_in_all": 1,
        "samples": {"loss": seeded.examples[:3]},
    }
    counts: Any = {"signals": {"loss": 7, "picture": None}, "signals_absent": {"picture": "None."}}
    with writing(cast.engine) as session:
        run = session.get_one(ScoringRun, seeded.run_id)
        run.findings = found | more  # type: ignore[assignment]
        run.counts = counts


def test_what_was_found_stands_first_and_leads_to_its_examples(cast: Cast) -> None:
    number = brought(cast, texts())
    page, told = cast.lead.get(PAGE).text, cast.lead.get(API).json()
    known = told["findings"]
    assert known["labels"] == 240 and 15 < known["otherwise"] < 60
    words = plain(page)
    said = f"The model reads {known['otherwise']} of 240 labels otherwise"
    assert said in words and TRUTH in words
    assert words.index(said) < words.index("Label quality") < words.index("Start scoring")
    assert words.index("What each signal finds here") < words.index("Add your model’s predictions")
    for step in known["quality"]:
        row = f"{step['low']:.2f} to {step['high']:.2f} {step['labels']} {step['otherwise']}"
        assert row in words
    pairs = re.findall(
        r'<a href="(/p/[^"]*suggested=[^"]*)"><bdi>([^<]*)</bdi></a>.*?<td class="number">([\d,]+)',
        page,
        re.S,
    )
    assert len(pairs) == min(10, known["pairs_in_all"]) > 2
    for (url, name, count), pair in zip(pairs, known["pairs"], strict=False):
        assert name == f"{pair['given_name']} → {pair['suggested_name']}"
        assert int(count) == pair["examples"]
        assert matching(cast, url) == pair["examples"]
    everything = re.search(r'<a href="([^"]*)">The model reads', page)
    assert everything is not None and matching(cast, everything[1]) == known["otherwise"]
    after = plain(cast.lead.get(f"/p/{SLUG}/import/{number}").text)
    mostly = known["pairs"][0]
    assert f"The model reads {known['otherwise']} of 240 labels otherwise." in after
    assert f"Most often {mostly['given_name']} as {mostly['suggested_name']}" in after
    assert "As scored at " in after


def matching(cast: Cast, url: str) -> int:
    query = html.unescape(url).partition("?")[2]
    found = cast.lead.get(f"/api/v1/projects/{SLUG}/examples?{query}")
    assert found.status_code == 200, found.text
    return int(found.json()["matching"])


def test_each_signal_has_a_meaning_and_three_examples(cast: Cast) -> None:
    brought(cast, texts())
    page, told = cast.lead.get(PAGE).text, cast.lead.get(API).json()
    for signal in told["signals"]:
        if signal["fired"] is None:
            assert f"Not applicable. {signal['why']}" in plain(page)
            continue
        assert signal["meaning"] in plain(page)
        assert len(signal["examples"]) == min(3, signal["fired"])
        for example in signal["examples"]:
            one = cast.lead.get(f"/api/v1/projects/{SLUG}/examples/{example}").json()
            assert signal["name"] in one["signals"]
            assert f'href="/p/{SLUG}/examples/{example}"' in page
            assert one["content"]["text"][:40] in plain(page)


def test_screens_name_labels_as_their_lead_does_and_programs_by_their_own(cast: Cast) -> None:
    seeded = seed(cast)
    keep(cast, seeded)
    alpha = seeded.labels[0]
    url = f"/api/v1/projects/{SLUG}/labels/{alpha}"
    assert cast.lead.patch(url, json={"display": "First <b>"}).status_code == 200
    page = plain(cast.lead.get(PAGE).text)
    assert "beta → First <b>" in page and "given First <b>" in page
    pair = cast.lead.get(API).json()["findings"]["pairs"][0]
    assert (pair["suggested_name"], pair["given_name"]) == ("alpha", "beta")
    by_label = {"by": "spot_check", "size": 10}
    made = cast.lead.post(f"/api/v1/projects/{SLUG}/batches", json=by_label).json()
    checks = cast.lead.get(f"/api/v1/batches/{made['id']}").json()["checks"]
    assert {one["name"] for one in checks} == {"alpha", "beta"}
    batches = cast.lead.get(f"/p/{SLUG}/batches/{made['number']}").text
    assert "First &lt;b&gt;" in batches


def test_what_is_said_of_unreviewed_labels_is_never_called_an_error(cast: Cast) -> None:
    keep(cast, seed(cast))
    body = plain(cast.lead.get(PAGE).text)
    first = body[body.index("What was found") : body.index("What decisions say")]
    assert "The model reads 15 of 30 labels otherwise (50%)" in first
    assert "4 May 2026, 12:00 UTC" in first and "beta → alpha" in first
    for word in ("error", "mistake", "incorrect"):
        assert word not in first.lower()
    assert first.lower().count("wrong") == first.count(TRUTH) == 1


def test_a_pair_whose_labels_became_one_is_not_mixed_up_any_more(cast: Cast) -> None:
    keep(cast, merged(cast))
    known = cast.lead.get(API).json()["findings"]
    assert (known["pairs"], known["pairs_in_all"]) == ([], 0)
    assert "beta → alpha" not in plain(cast.lead.get(PAGE).text)


def test_hidden_and_erased_examples_are_not_shown_among_the_samples(cast: Cast) -> None:
    seeded = seed(cast)
    keep(cast, seeded)
    hidden, erased, left = seeded.examples[:3]
    with writing(cast.engine) as session:
        for example, values in (
            (hidden, {"status": Status.REMOVED, "removed_reason": Reason.PRIVATE}),
            (erased, {"status": Status.ERASED}),
        ):
            session.execute(update(Example).where(Example.id == example).values(**values))
    page = cast.lead.get(PAGE).text
    shown = [f"/p/{SLUG}/examples/{one}" in page for one in (hidden, erased, left)]
    assert shown == [True, False, True]
    assert "Private data: the content is hidden" in page


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"otherwise": 0, "pairs": [], "pairs_in_all": 0}, "The model agrees with all 30 labels."),
        ({"labels": 0, "otherwise": 0, "pairs": []}, "No label was left to judge."),
    ],
)
def test_when_nothing_was_found_the_page_says_so(
    cast: Cast, more: dict[str, Any], said: str
) -> None:
    keep(cast, seed(cast), **more)
    assert said in plain(cast.lead.get(PAGE).text)


def test_without_a_ranking_and_with_one_of_old(cast: Cast) -> None:
    page = cast.lead.get(PAGE).text
    assert "No scoring yet." in page and f'href="/p/{SLUG}/import"' in page
    assert cast.lead.get(API).json()["findings"] is None
    seed(cast)
    assert "Run 1 did not keep what it found." in plain(cast.lead.get(PAGE).text)
    assert cast.lead.get(API).json()["findings"] is None


def test_a_file_of_one_label_says_why_there_is_nothing(cast: Cast) -> None:
    brought(cast, [(f"text number {n}", "same") for n in range(6)])
    words = plain(cast.lead.get(PAGE).text)
    assert "There was nothing to compare." in words
    assert "Every example has the same label" in words


def test_labels_of_any_length_and_with_markup_stand_as_text(cast: Cast) -> None:
    rows = [(text, LONG if label == "music" else label) for text, label in texts()]
    brought(cast, rows)
    page = cast.lead.get(PAGE).text
    assert html.escape(LONG, quote=False) in page or html.escape(LONG) in page
    assert "<b>bank</b>" not in page


def test_the_page_costs_as_many_statements_for_any_number_of_examples(cast: Cast) -> None:
    seeded = seed(cast)
    keep(cast, seeded, samples={}, pairs=[])
    with statements(cast.engine) as few:
        cast.lead.get(PAGE)
    keep(cast, seeded, samples=dict.fromkeys(("loss", "outlier"), seeded.examples[:3]))
    with statements(cast.engine) as many:
        cast.lead.get(PAGE)
    assert len(many) == len(few)
