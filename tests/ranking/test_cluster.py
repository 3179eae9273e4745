"""Work sent to a Dask cluster gives the same bits, whoever dies meanwhile."""

from __future__ import annotations

import os
import signal
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import Engine

from app.db.engine import reading, writing
from app.db.words import RunState
from app.errors import ClusterAway
from app.learning.pool import Threads, threads
from app.learning.predict import Options, out_of_sample
from app.learning.text import text_features
from app.ranking.cluster import Cluster, pool_at
from app.ranking.runs import runs_of, start_scoring
from app.settings import Settings
from app.worker import open_work
from tests.conftest import NOON
from tests.ranking.filled import TOPICS, fill, sentences
from tests.ranking.test_run import planted, scores_of, texts_of


@pytest.fixture(scope="module")
def dask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Two workers, each a process of its own, on 127.0.0.1."""
    from distributed import LocalCluster

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address=None,
            worker_dashboard_address=None,
            silence_logs=50,
            local_directory=str(tmp_path_factory.mktemp("dask")),
        )
    yield made
    made.close()


def row_sums(matrix: NDArray[np.float64], power: int) -> NDArray[np.float64]:
    return (matrix**power).sum(axis=1)


def slow_sums(matrix: NDArray[np.float64], mark: str) -> NDArray[np.float64]:
    """Says in a file which process works on it, and takes its time."""
    Path(mark).write_text(str(os.getpid()))
    time.sleep(1.0)
    return matrix.sum(axis=1)


def fails(matrix: NDArray[np.float64]) -> None:
    raise ValueError("the call itself is wrong")


MATRIX = np.random.default_rng(3).random((200, 7))


def test_without_an_address_threads_of_this_machine_work() -> None:
    with pool_at("") as pool:
        assert isinstance(pool, Threads)
        assert pool.submit(row_sums, pool.share(MATRIX), 2).result().shape == (200,)


def test_calls_come_back_with_the_same_bits(dask: Any) -> None:
    with threads() as here, pool_at(dask.scheduler_address) as there:
        assert isinstance(there, Cluster)
        shared = there.share(MATRIX)
        for power in range(1, 5):
            expected = here.submit(row_sums, here.share(MATRIX), power).result()
            assert (there.submit(row_sums, shared, power).result() == expected).all()


def test_predictions_and_neighbours_are_the_same_with_and_without(dask: Any) -> None:
    texts, topics = sentences(300)
    names = sorted(TOPICS)
    given = np.array([names.index(topic) for topic in topics])
    features = text_features(texts, seed=1)
    here = out_of_sample(features, given, n_classes=len(names), seed=1)
    with pool_at(dask.scheduler_address) as pool:
        there = out_of_sample(
            features, given, n_classes=len(names), seed=1, options=Options(pool=pool)
        )
    assert (here.pred_probs == there.pred_probs).all()
    assert (here.neighbours == there.neighbours).all()
    assert (here.similarities == there.similarities).all()


def test_a_second_fit_is_the_same_with_and_without(dask: Any) -> None:
    texts, topics, _ = planted(200)
    names = sorted(TOPICS)
    given = np.array([names.index(topic) for topic in topics])
    features = text_features(texts, seed=1)
    found = []
    with threads() as here, pool_at(dask.scheduler_address) as there:
        for pool in (here, there):
            options = Options(pool=pool, second_fit="always")
            found.append(
                out_of_sample(features, given, n_classes=len(names), seed=1, options=options)
            )
    assert found[0].left_out.any()
    assert (found[0].left_out == found[1].left_out).all()
    assert found[0].tried == found[1].tried
    assert (found[0].pred_probs == found[1].pred_probs).all()


def test_a_project_scored_by_a_cluster_has_the_scores_of_one_scored_here(
    dask: Any, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.ranking.scores.SHARD_ENTRIES", 100)
    texts, labels, _ = planted(80)
    filled = fill(engine, texts_of(texts), labels)
    kept = []
    for address in ("", dask.scheduler_address):
        with writing(engine) as session:
            start_scoring(session, filled.project_id, created_by=None, now=NOON)
        open_work(engine, Settings(data=tmp_path, dask=address)).until_idle()
        with reading(engine) as session:
            run = runs_of(session, filled.project_id)[0]
        assert run.state is RunState.COMPLETE
        kept.append([(s.example_id, s.priority, s.suggestions) for s in scores_of(engine, run)])
    assert kept[0] == kept[1]


def test_an_error_of_the_call_is_told_and_not_repeated(dask: Any) -> None:
    with pool_at(dask.scheduler_address) as pool, pytest.raises(ValueError, match="call itself"):
        pool.submit(fails, pool.share(MATRIX)).result()


def test_a_worker_killed_in_the_middle_changes_nothing(dask: Any, tmp_path: Path) -> None:
    marks = [tmp_path / f"mark{nth}" for nth in range(4)]
    with pool_at(dask.scheduler_address) as pool:
        shared = pool.share(MATRIX)
        waiting = [pool.submit(slow_sums, shared, str(mark)) for mark in marks]
        while not any(mark.exists() and mark.read_text() for mark in marks):
            time.sleep(0.02)
        victim = int(next(mark for mark in marks if mark.exists()).read_text())
        assert victim != os.getpid()
        os.kill(victim, signal.SIGKILL)
        for one in waiting:
            assert (one.result() == MATRIX.sum(axis=1)).all()


def test_leaving_ends_what_is_out(dask: Any, tmp_path: Path) -> None:
    begun = threading.Event()
    with pytest.raises(KeyboardInterrupt), pool_at(dask.scheduler_address) as pool:
        waiting = pool.submit(slow_sums, pool.share(MATRIX), str(tmp_path / "mark"))
        begun.set()
        raise KeyboardInterrupt
    with pytest.raises(BaseException):  # noqa: B017  # whichever way it was cancelled
        waiting.result(timeout=30)


def test_nobody_at_the_address_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.ranking.cluster.CONNECT_SECONDS", 0.5)
    with pytest.raises(ClusterAway, match="No Dask scheduler"), pool_at("tcp://127.0.0.1:9"):
        pass
