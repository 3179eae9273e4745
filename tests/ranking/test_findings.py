"""What a run found is kept with it, and says what its own scores say."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from sqlalchemy import Engine, select, update

from app.db.engine import reading, writing
from app.db.tables.datasets import Example
from app.db.tables.ranking import RunFindings, Score, ScoringRun
from app.db.words import Status
from app.ranking.features.feature_maker import FieldsRead
from app.ranking.findings import findings_of
from app.ranking.signal_names import SIGNALS, bit_of
from app.scoring.suggestions import suggestions
from tests.ranking.filled import fill
from tests.ranking.test_run import planted, score_now, texts_of
from tests.ranking.test_signals import dataset, evidence


def kept(engine: Engine, run: ScoringRun) -> RunFindings:
    with reading(engine) as session:
        return session.scalars(select(ScoringRun.findings).where(ScoringRun.id == run.id)).one()


def test_findings_are_what_the_scores_say(engine: Engine, tmp_path: Path) -> None:
    texts, labels, _ = planted()
    filled = fill(engine, texts_of(texts), [*labels[:-1], None])
    done = filled.examples[:40]
    with writing(engine) as session:
        session.execute(
            update(Example)
            .where(Example.id.in_(done))
            .values(status=Status.CONFIRMED, final_label_id=Example.given_label_id)
        )
    run = score_now(engine, filled, tmp_path)
    found = kept(engine, run)
    with reading(engine) as session:
        rows = session.execute(
            select(Example.id, Example.given_label_id, Score.suggested_id, Score.quality)
            .join(Score, Score.example_id == Example.id)
            .where(Score.run_id == run.id, Example.status == Status.UNREVIEWED)
            .where(Example.given_label_id.is_not(None))
        ).all()
        signals = dict(
            session.execute(
                select(Score.example_id, Score.signals).where(Score.run_id == run.id)
            ).all()
        )
    assert found["labels"] == len(rows) == len(texts) - 41
    pairs = Counter((row[1], row[2]) for row in rows if row[1] != row[2])
    assert {(given, other): n for given, other, n in found["pairs"]} == pairs
    assert found["otherwise"] == pairs.total() > 5
    assert [n for *_, n in found["pairs"]] == sorted(pairs.values(), reverse=True)
    bins = Counter(min(9, int(row[3] * 10)) for row in rows)
    assert [every for every, _ in found["qualities"]] == [bins[place] for place in range(10)]
    assert sum(apart for _, apart in found["qualities"]) == found["otherwise"]
    for name in SIGNALS:
        where = {example for example, mask in signals.items() if mask & bit_of(name)}
        samples = found["samples"][name]
        assert set(samples) <= where and len(samples) == min(3, len(where))


def test_a_run_that_has_nothing_to_compare_finds_nothing(engine: Engine, tmp_path: Path) -> None:
    filled = fill(engine, texts_of(["a b", "b c"]), ["x", "x"])
    assert kept(engine, score_now(engine, filled, tmp_path)) == {}


def scored(probs: Any, given: Any, **more: Any) -> Any:
    """As much of the scores as findings are made of."""
    rows = np.arange(len(given))
    made = {
        "offered": suggestions(np.asarray(probs, dtype=np.float32)),
        "quality": np.asarray(probs, dtype=np.float64)[rows, given],
        "priority": np.zeros(len(given)),
        "signals": np.zeros(len(given), dtype=np.int64),
    }
    arrays = {name: np.asarray(value) for name, value in more.items()}
    return SimpleNamespace(**(made | arrays), fields=FieldsRead())


def test_a_case_by_hand() -> None:
    """Labels 10, 11, 12; row 3 is reviewed, row 4 cannot be judged, row 5 has no label."""
    probs = [[0.05, 0.9, 0.05]] * 3 + [[0.1, 0.8, 0.1]] * 2 + [[0.3, 0.3, 0.4]] + [[1.0, 0, 0]]
    given = [0, 0, 2, 0, 0, -1, 0]
    bit = bit_of("loss") | bit_of("outlier")
    found = findings_of(
        dataset(given, unread=[True, True, True, False, True, True, True]),
        evidence(7, scorable=np.array([True, True, True, True, False, True, True])),
        scored(
            probs, given, signals=[bit] * 5 + [0, 0], priority=[1.0, 3.0, 2.0, 9.0, np.nan, 0, 0]
        ),
    )
    assert (found["labels"], found["otherwise"]) == (4, 3)
    assert found["qualities"] == [(3, 3), *[(0, 0)] * 8, (1, 0)]
    assert found["pairs"] == [(10, 11, 2), (12, 11, 1)] and found["pairs_in_all"] == 2
    assert found["samples"]["loss"] == [1, 2, 0], "by priority, what was reviewed last"
    assert found["samples"]["outlier"] == [4, 3, 1], "what no other signal shows, first"
    assert found["samples"]["leakage"] == []


def test_many_labels_keep_the_most_frequent_pairs_and_a_million_examples_cost_little() -> None:
    rng = np.random.default_rng(1)
    count, classes = 1_000_000, 77
    given = rng.integers(0, classes, count)
    favoured = np.where(rng.random(count) < 0.2, rng.integers(0, classes, count), given)
    data = replace(
        dataset(given), label_ids=list(range(1, classes + 1)), label_names=[""] * classes
    )
    offered = SimpleNamespace(labels=favoured[:, None].astype(np.int32))
    made = SimpleNamespace(
        offered=offered,
        quality=rng.random(count),
        priority=rng.random(count),
        signals=rng.integers(0, 1 << len(SIGNALS), count),
        fields=FieldsRead(),
    )
    judged = SimpleNamespace(scorable=np.ones(count, dtype=np.bool_))
    begun = time.perf_counter()
    found = findings_of(data, judged, made)
    assert time.perf_counter() - begun < 10
    assert len(found["pairs"]) == 200 and found["pairs_in_all"] == classes * (classes - 1)
    assert found["otherwise"] == int((favoured != given).sum())
    assert sum(n for *_, n in found["pairs"]) < found["otherwise"]
