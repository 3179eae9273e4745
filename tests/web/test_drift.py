"""Recent rows and splits against the others: drift, noise, both or neither, at every door."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import select, update

from app.actions.studying import study_project
from app.datasets.blobs import BlobStore
from app.db.engine import reading, writing
from app.db.tables.audit import AuditEpoch, Serve, Study
from app.db.tables.datasets import Example
from app.db.tables.ranking import Score, ScoringRun
from app.db.words import Status, Stream
from tests.web.cast import Cast
from tests.web.console import command
from tests.web.seeded import Seeded, rows_of, seed
from tests.web.test_noise import API, HERE, decide

ROWS, RECENT = 900, 810
"""Rows in the order of their dates; the last tenth is recent."""


def store(cast: Cast) -> BlobStore:
    return BlobStore(cast.app.state.settings.blob_directory)


def keep_vectors(cast: Cast, seeded: Seeded, vectors: NDArray[np.floating[Any]]) -> None:
    """As scoring keeps them."""

    def put(array: NDArray[Any]) -> str:
        file = io.BytesIO()
        np.save(file, array, allow_pickle=False)
        return store(cast).put(file.getvalue())

    ids = np.array(seeded.examples, dtype=np.int64)
    names = {"embeddings": put(vectors.astype(np.float32)), "example_ids": put(ids)}
    with writing(cast.engine) as session:
        session.execute(update(ScoringRun).values(artefacts=names))


def cloud(shifted: Callable[[int], bool] | None = None, *, rows: int = ROWS) -> NDArray[Any]:
    found = np.random.default_rng(4).normal(size=(rows, 6))
    for row in range(rows):
        if shifted is not None and shifted(row):
            found[row] += 0.9
    return found


def fill(cast: Cast, seeded: Seeded, columns: Callable[[int], dict[str, Any]]) -> None:
    with writing(cast.engine) as session:
        for row, example in enumerate(rows_of(session, seeded.examples)):
            example.columns = columns(row)


def checked(cast: Cast, seeded: Seeded, wrong: set[int], *, count: int = 880) -> None:
    """So many are decided, each a random check of the open epoch."""
    decide(cast, seeded, wrong, count=count)
    with writing(cast.engine) as session:
        epoch = session.scalars(select(AuditEpoch)).one()
        done = session.scalars(select(Example.id).where(Example.status != Status.UNREVIEWED))
        session.add_all(
            Serve(
                project_id=cast.project.id, epoch_id=epoch.id, serve_seq=place, example_id=one,
                stream=Stream.AUDIT, unserved_before=ROWS - place, at=cast.now,
            )
            for place, one in enumerate(done.all(), start=1)
        )  # fmt: skip


def look(cast: Cast) -> dict[str, Any]:
    assert study_project(cast.engine, cast.project.id, blobs=store(cast))
    reply = cast.lead.get(f"{API}/noise")
    assert reply.status_code == 200, reply.text
    said: dict[str, Any] = reply.json()
    return said


def everywhere(cast: Cast, words: str) -> None:
    """The page and the command say what the API says."""
    page = cast.lead.get(f"{HERE}/insights/noise").text
    assert words.split(". ", 1)[-1] in page
    assert words in command(cast, "noise", "Support intents")


def day(row: int) -> date:
    return date(2024, 1, 1) + timedelta(days=row)


def by_day(row: int) -> dict[str, Any]:
    return {"created": day(row).strftime("%d.%m.%Y")}


SINCE = f"Rows since {day(RECENT)} (created, read as day.month.year)"
FEW = {40, 120, 200, 333, 460, 500, 610, 777}
"""About one label in a hundred, none of them recent."""


def test_drift_without_noise_is_said_to_be_no_noise(cast: Cast) -> None:
    seeded = seed(cast, count=ROWS)
    fill(cast, seeded, by_day)
    keep_vectors(cast, seeded, cloud(lambda row: row >= RECENT))
    checked(cast, seeded, FEW)
    said = look(cast)
    (one,) = said["report"]["movement"]["found"]
    assert (one["move"], one["side"], one["rows"]) == ("drift", str(day(RECENT)), 90)
    assert one["told_apart"] > 0.75
    assert one["wrong"] == 0
    tries = f"told apart in {round(100 * one['told_apart'])}% of tries, chance is 50%"
    words = said["moved"][0]
    assert words.startswith(f"Drift. {SINCE} differ from those before ({tries}), but their labels")
    assert f"as often (0% of {one['checks']} random checks, 0–" in words
    assert f"of {one['other_checks']}, " in words
    assert words.endswith(
        "that is drift, not noise. Collect and label recent rows, and train again; relabeling "
        "will not help."
    )
    everywhere(cast, words)


def test_noise_without_drift_is_said_to_be_no_drift(cast: Cast) -> None:
    seeded = seed(cast, count=ROWS)
    fill(cast, seeded, by_day)
    keep_vectors(cast, seeded, cloud())
    checked(cast, seeded, FEW | set(range(RECENT, ROWS, 4)))
    said = look(cast)
    (one,) = said["report"]["movement"]["found"]
    assert (one["move"], one["errors"]) == ("noise", "more often")
    assert (
        f"{SINCE}: no difference found from those before; one that can be told" in said["moved"][0]
    )
    assert "that is noise, not drift. Review and relabel" in said["moved"][0]
    everywhere(cast, said["moved"][0])


def test_both_are_said_to_be_both(cast: Cast) -> None:
    seeded = seed(cast, count=ROWS)
    fill(cast, seeded, by_day)
    keep_vectors(cast, seeded, cloud(lambda row: row >= RECENT))
    checked(cast, seeded, FEW | set(range(RECENT, ROWS, 4)))
    said = look(cast)
    (one,) = said["report"]["movement"]["found"]
    assert one["move"] == "drift and noise"
    assert "and their labels are wrong more often" in said["moved"][0]
    everywhere(cast, said["moved"][0])


def test_neither_says_what_would_have_shown(cast: Cast) -> None:
    seeded = seed(cast, count=ROWS)
    fill(cast, seeded, by_day)
    keep_vectors(cast, seeded, cloud())
    checked(cast, seeded, FEW)
    said = look(cast)
    (one,) = said["report"]["movement"]["found"]
    assert one["move"] == "no difference found"
    shows = f"told apart in {round(100 * one['shows'])}% of tries would probably have shown"
    assert shows in said["moved"][0]
    everywhere(cast, said["moved"][0])


def test_drift_with_few_random_checks_promises_nothing_of_labels(cast: Cast) -> None:
    seeded = seed(cast, count=ROWS)
    fill(cast, seeded, by_day)
    keep_vectors(cast, seeded, cloud(lambda row: row >= RECENT))
    decide(cast, seeded, FEW, count=400)
    said = look(cast)
    assert said["report"]["movement"]["found"][0]["move"] == "drift, noise not known"
    assert "0 and 0 random checks are too few" in said["moved"][0]
    assert "That is drift, and perhaps noise too." in said["moved"][0]
    assert "relabeling will not help" not in said["moved"][0]
    everywhere(cast, said["moved"][0])


def test_a_split_is_compared_with_the_other(cast: Cast) -> None:
    seeded = seed(cast, count=ROWS)
    with writing(cast.engine) as session:
        for row, example in enumerate(rows_of(session, seeded.examples)):
            example.split = "test" if row % 3 == 0 else "train"
    keep_vectors(cast, seeded, cloud(lambda row: row % 3 == 0))
    checked(cast, seeded, FEW)
    said = look(cast)
    (one,) = said["report"]["movement"]["found"]
    assert (one["by"], one["side"], one["against"], one["move"]) == (
        "split", "test", "train", "drift",
    )  # fmt: skip
    assert "Rows of the split “test” differ from those of “train”" in said["moved"][0]
    assert "No column holds dates" in said["moved"][1]
    everywhere(cast, said["moved"][0])


def test_of_three_splits_each_is_compared_with_all_others(cast: Cast) -> None:
    seeded = seed(cast, count=ROWS)
    names = ("train", "train", "validation <b>", "test")
    with writing(cast.engine) as session:
        for row, example in enumerate(rows_of(session, seeded.examples)):
            example.split = names[row % 4]
    keep_vectors(cast, seeded, cloud(lambda row: row % 4 == 2))
    checked(cast, seeded, FEW)
    found = {one["side"]: one for one in look(cast)["report"]["movement"]["found"]}
    assert list(found) == ["train", "test", "validation <b>"]
    assert found["validation <b>"]["content"] == "differs"
    assert found["validation <b>"]["rows"] == ROWS // 4
    page = cast.lead.get(f"{HERE}/insights/noise").text
    assert "Rows of the split “validation &lt;b&gt;” differ from those of the other splits" in page


def test_a_day_that_holds_nearly_all_rows_is_said_to_leave_none_recent(cast: Cast) -> None:
    seeded = seed(cast, count=ROWS)
    fill(cast, seeded, lambda row: {"created": "2024-01-02" if row > 20 else "2024-01-01"})
    decide(cast, seeded, FEW, count=300)
    assert look(cast)["moved"][1] == (
        "created (year-month-day): too many rows of one day to part recent ones."
    )


def test_few_rows_of_a_split_are_not_compared_by_content(cast: Cast) -> None:
    seeded = seed(cast, count=ROWS)
    with writing(cast.engine) as session:
        for row, example in enumerate(rows_of(session, seeded.examples)):
            example.split = "test" if row % 30 == 0 else "train"
    keep_vectors(cast, seeded, cloud())
    checked(cast, seeded, FEW)
    said = look(cast)
    assert said["report"]["movement"]["found"][0]["move"] == "not enough"
    assert "there are 30 and 870" in said["moved"][0]


def test_without_vectors_dates_or_splits_each_is_said_to_be_missing(cast: Cast) -> None:
    seeded = seed(cast, count=ROWS)
    decide(cast, seeded, FEW, count=300)
    said = look(cast)
    assert said["report"]["movement"]["found"] == []
    page = cast.lead.get(f"{HERE}/insights/noise").text
    for words in ("The ranking kept no vectors", "No column holds dates", "Rows come in one split"):
        assert words in page
        assert any(words in one for one in said["moved"])
        assert words in command(cast, "noise", "Support intents")


def test_vectors_that_were_lost_are_said_to_be_missing(cast: Cast) -> None:
    seeded = seed(cast, count=ROWS)
    fill(cast, seeded, by_day)
    names = {"embeddings": "0" * 64, "example_ids": "1" * 64}
    with writing(cast.engine) as session:
        session.execute(update(ScoringRun).values(artefacts=names))
    checked(cast, seeded, FEW | set(range(RECENT, ROWS, 4)))
    said = look(cast)
    assert any("The ranking kept no vectors" in one for one in said["moved"])
    assert said["report"]["movement"]["found"][0]["move"] == "noise", "labels still tell"


def test_a_report_of_before_says_that_rows_were_not_compared(cast: Cast) -> None:
    seeded = seed(cast, count=ROWS)
    decide(cast, seeded, FEW, count=300)
    look(cast)
    with writing(cast.engine) as session:
        kept = session.scalars(select(Study)).one()
        kept.report = {name: one for name, one in kept.report.items() if name != "movement"}
    assert "an older look" in cast.lead.get(f"{HERE}/insights/noise").text


def ugly(row: int) -> dict[str, Any]:
    at = day(row)
    stamp = int((at - date(1970, 1, 1)).total_seconds())
    return {
        "either": f"0{1 + row % 9}/0{1 + row // 9 % 9}/2023",
        "mixed": f"{at.month}/{at.day}/{at.year}" if row % 2 else f"{at.day}/{at.month}/{at.year}",
        "us": f"{at.month}/{at.day}/{at.year}",
        "stamp": str(1000 * stamp),
        "day": f"{at.day}.{at.month}.{at.year}" if row % 20 else "unbekannt",
        "constant": "2024-01-01",
        "phone": f"212555{row:04}",
        "year": str(at.year),
        "price": f"{row / 7:.2f}",
        "empty": "",
        "none": None,
        "note <b>": "n/a",
        "ending": "9999-12-31",
    }


def test_ugly_dates_in_thirteen_columns(cast: Cast) -> None:
    seeded = seed(cast, count=ROWS)
    fill(cast, seeded, ugly)
    keep_vectors(cast, seeded, cloud(lambda row: row >= RECENT))
    checked(cast, seeded, FEW)
    said = look(cast)
    movement = said["report"]["movement"]
    assert movement["dates"] == [
        "us (month/day/year)", "stamp (milliseconds since 1970)", "day (day.month.year)",
    ]  # fmt: skip
    assert movement["unclear"] == ["either", "mixed"]
    assert {one["column"] for one in movement["found"]} == {"us", "stamp", "day"}
    assert all(one["move"] == "drift" for one in movement["found"])
    looked_at = said["report"]["looked_at"]
    assert "us (dates, month/day/year)" in looked_at
    assert {"year", "price", "phone"} <= set(looked_at)
    page = cast.lead.get(f"{HERE}/insights/noise").text
    assert "either, mixed: dates such as 04/05/2023 may be day or month first" in page


def of_site(row: int) -> bool:
    return row % 10 == 3


def suspicious(said: dict[str, Any]) -> list[str]:
    return [one["words"] for one in said["report"]["groups"] if one["p"] <= 0.05]


ABOUT = ("voucher declined", "refund missing", "cashback late")
OTHERS = ("card lost", "balance wrong", "atm empty")


@pytest.mark.parametrize("texts", [True, False])
def test_a_group_of_like_examples_is_found_and_described(cast: Cast, texts: bool) -> None:
    """By its most typical words; where there are no texts, by examples next to its middle."""
    seeded = seed(cast, count=ROWS)
    with writing(cast.engine) as session:
        for row, example in enumerate(rows_of(session, seeded.examples)):
            words = ABOUT[row // 10 % 3] if of_site(row) else OTHERS[row % 3]
            example.content = {"text": words} if texts else {}
    vectors = np.random.default_rng(2).normal(size=(ROWS, 6))
    vectors[:, 0] += [12 * (1 if of_site(row) else -1) for row in range(ROWS)]
    keep_vectors(cast, seeded, vectors)
    decide(cast, seeded, {row for row in range(ROWS) if of_site(row) and row % 40 != 3}, count=500)
    said = look(cast)
    assert "like examples" in said["report"]["looked_at"]
    first = said["report"]["groups"][0]
    assert first["p"] <= 0.05
    found = re.fullmatch(r"it is in group \d \((.+)\) of like examples", first["words"])
    assert found is not None, first["words"]
    if texts:
        assert set(found[1].split(", ")) < {one for words in ABOUT for one in words.split()}
    else:
        named = [int(one) for one in found[1].removeprefix("like examples ").split(", ")]
        assert all(of_site(seeded.examples.index(one)) for one in named)
    assert first["words"] in cast.lead.get(f"{HERE}/insights/slices").text
    assert first["words"] in command(cast, "noise", "Support intents")


def test_near_duplicates_are_a_group(cast: Cast) -> None:
    seeded = seed(cast, count=ROWS)
    with writing(cast.engine) as session:
        for row, example in enumerate(seeded.examples):
            other = seeded.examples[row - 1]
            likeness = [0.995 if of_site(row) else 0.5, 0.4, 0.4, 0.4, 0.4, 0.3]
            session.execute(
                update(Score)
                .where(Score.example_id == example)
                .values(neighbours=[[other, one] for one in likeness])
            )
    decide(cast, seeded, {row for row in range(ROWS) if of_site(row) and row % 40 != 3}, count=500)
    said = look(cast)
    assert "near duplicates" in said["report"]["looked_at"]
    assert "it is in a group of near duplicates" in suspicious(said)
    with reading(cast.engine) as session:
        left = session.scalars(select(Example.id).where(Example.status == Status.UNREVIEWED)).all()
    group = said["report"]["groups"][0]
    assert group["undecided"] == len({one for one in left if of_site(seeded.examples.index(one))})


@pytest.mark.parametrize("who", ["reviewer", "stranger"])
def test_only_a_lead_reads_it(cast: Cast, who: str) -> None:
    seed(cast, count=30)
    assert getattr(cast, who).get(f"{API}/noise").status_code in (403, 404)
