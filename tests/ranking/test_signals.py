"""Each detection method speaks up by itself, about the label an example came with."""

from __future__ import annotations

import io
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine, update

from app.datasets.blobs import BlobStore
from app.db.engine import writing
from app.db.tables.datasets import Example, Source
from app.db.words import DataType, Status
from app.learning.picture_quality import PictureQuality
from app.ranking.alike import alike
from app.ranking.evidence import Evidence
from app.ranking.load import Dataset
from app.ranking.signal_names import SIGNALS, bit_of, mask_of, names_of
from app.ranking.signals import Masks, not_applicable, packed
from app.ranking.signals import fired as fired_of
from app.settings import Settings
from tests.ranking.filled import TOPICS, Filled, fill, sentences
from tests.ranking.test_run import planted, save_npz, score_now, scores_of, texts_of, upload


def dataset(given: Any, **more: Any) -> Dataset:
    labels = np.asarray(given, dtype=np.int64)
    count = len(labels)
    made = Dataset(
        project_id=1,
        data_type=DataType.TEXT,
        log_seq=0,
        label_ids=[10, 11, 12],
        label_names=["a", "b", "c"],
        example_ids=np.arange(count),
        keys=[str(row) for row in range(count)],
        contents=[{}] * count,
        given=labels,
        standing=labels,
        decided=np.zeros(count, dtype=np.bool_),
        unread=np.ones(count, dtype=np.bool_),
        content_groups=np.arange(count),
        sources=np.full(count, -1),
        splits=np.full(count, -1),
        split_names=["test", "train"],
    )
    return replace(made, **{name: np.asarray(value) for name, value in more.items()})


def fired(data: Dataset, found: Evidence) -> Masks:
    return fired_of(data, found, alike(data, found), not_applicable(data, found))


def evidence(count: int, **more: Any) -> Evidence:
    made = Evidence(
        pred_probs=np.full((count, 3), 1 / 3, dtype=np.float32),
        scorable=np.ones(count, dtype=np.bool_),
        neighbours=np.full((count, 2), -1, dtype=np.int64),
        similarities=np.zeros((count, 2), dtype=np.float32),
        embeddings=np.zeros((count, 1), dtype=np.float32),
        members=np.ones(count, dtype=np.int64),
    )
    return replace(made, **more)


def rows_of(masks: dict[str, Any], name: str) -> list[int]:
    return np.flatnonzero(masks[name]).tolist()


def near(*pairs: tuple[int, int], count: int, likeness: float = 0.99) -> dict[str, Any]:
    """Neighbours that are pairs, beside one that is not close."""
    neighbours = np.full((count, 2), -1, dtype=np.int64)
    similarities = np.full((count, 2), 0.1, dtype=np.float32)
    for one, two in pairs:
        neighbours[one, 0], neighbours[two, 0] = two, one
        similarities[[one, two], 0] = likeness
    return {"neighbours": neighbours, "similarities": similarities}


def test_signals_keep_their_order_and_their_bits() -> None:
    assert SIGNALS[0] == "confident_learning" and SIGNALS[-1] == "leakage"
    assert [bit_of(name) for name in SIGNALS] == [2**place for place in range(10)]
    assert names_of(mask_of(["leakage", "loss"])) == ["loss", "leakage"]
    assert names_of(None) == []
    masks = fired(dataset([0, 1]), evidence(2))
    assert tuple(masks) == SIGNALS
    assert packed(masks).tolist() == [
        mask_of(n for n in SIGNALS if masks[n][row]) for row in (0, 1)
    ]


def test_the_model_is_heard_on_the_given_label_whatever_was_decided() -> None:
    probs = np.array([[0.8, 0.1, 0.1]] * 3 + [[0.1, 0.8, 0.1]] * 3, dtype=np.float32)
    data = dataset([0, 0, 1, 1, 1, -1], standing=[0, 0, 0, 1, 1, 1])
    found = evidence(6, pred_probs=probs, losses=-np.log(probs[np.arange(6), data.given])[:, None])
    masks = fired(data, found)
    assert rows_of(masks, "cross_validation") == [2]
    assert rows_of(masks, "confident_learning") == [2]
    assert rows_of(masks, "loss") == [2]
    unseen = replace(found, scorable=np.zeros(6, dtype=np.bool_))
    assert not packed(fired(data, unseen)).any()
    assert {"confident_learning", "cross_validation"} <= not_applicable(data, unseen).keys()


def test_copies_with_other_labels_fire_on_every_copy_that_has_one() -> None:
    data = dataset([0, 1, 0, 0, -1, 2], content_groups=[7, 7, 8, 8, 9, 9])
    assert rows_of(fired(data, evidence(6)), "duplicates") == [0, 1]


def test_only_near_copies_of_other_content_count_as_near() -> None:
    data = dataset([0, 1, 0, 1, 0, 0], content_groups=[0, 0, 1, 2, 3, 4])
    masks = fired(data, evidence(6, **near((2, 3), (4, 5), count=6)))
    assert rows_of(masks, "near_duplicates") == [2, 3]
    assert rows_of(masks, "duplicates") == [0, 1]
    far = fired(data, evidence(6, **near((2, 3), count=6, likeness=0.97)))
    assert not far["near_duplicates"].any()


def test_sources_disagree_only_across_sources() -> None:
    data = dataset(
        [0, 1, 0, 1, 2, 2, 0], content_groups=[0, 0, 1, 1, 2, 2, 3], sources=[5, 6, 5, 5, 5, 6, 5]
    )
    assert rows_of(fired(data, evidence(7)), "annotators") == [0, 1]
    alone = replace(data, sources=np.full(7, 5))
    assert "two sources" in not_applicable(alone, evidence(7))["annotators"]


def test_leaks_are_the_same_or_nearly_the_same_content_in_two_splits() -> None:
    data = dataset(
        [0] * 6 + [1], content_groups=[0, 0, 1, 1, 2, 3, 4], splits=[0, 1, 1, 1, 0, 1, -1]
    )
    masks = fired(data, evidence(7, **near((4, 5), (3, 6), count=7)))
    assert rows_of(masks, "leakage") == [0, 1, 4, 5]
    assert "leakage" in not_applicable(replace(data, splits=np.zeros(7)), evidence(7))


def test_pictures_are_judged_where_there_are_any() -> None:
    mask = np.array([False, True, False])
    none = np.zeros(3, dtype=np.bool_)
    found = evidence(3, pictures=PictureQuality(mask, none, none))
    data = replace(dataset([0, 1, 0]), data_type=DataType.IMAGE)
    assert rows_of(fired(data, found), "picture") == [1]
    assert "picture" in not_applicable(dataset([0, 1, 0]), evidence(3))


def place(engine: Engine, filled: Filled, rows: dict[int, dict[str, Any]]) -> None:
    with writing(engine) as session:
        for row, values in rows.items():
            change = update(Example).where(Example.id == filled.examples[row])
            session.execute(change.values(**values))


def sources(engine: Engine, filled: Filled, count: int) -> list[int]:
    with writing(engine) as session:
        made = [
            Source(project_id=filled.project_id, origin=f"{n:064x}", name=f"vendor {n}")
            for n in range(count)
        ]
        session.add_all(made)
        session.flush()
        return [source.id for source in made]


def test_a_run_stores_what_fired_and_counts_it(engine: Engine, tmp_path: Path) -> None:
    texts, labels, wrong = planted()
    other = next(row for row in range(len(texts)) if row not in wrong and row > 0)
    texts[0], labels[0] = texts[other], next(name for name in TOPICS if name != labels[other])
    filled = fill(engine, texts_of(texts), labels)
    one, two = sources(engine, filled, 2)
    place(
        engine,
        filled,
        {
            0: {"split": "test", "source_id": one},
            other: {"split": "train", "source_id": two},
            wrong[1]: {
                "status": Status.RELABELED,
                "final_label_id": filled.labels[truth(wrong[1])],
            },
        },
    )
    run = score_now(engine, filled, tmp_path)
    scores = scores_of(engine, run)
    for row in (0, other):
        assert {"duplicates", "annotators", "leakage"} <= set(names_of(scores[row].signals))
        assert scores[row].facts["splits"] == ["test", "train"]
    heard = [set(names_of(scores[row].signals)) for row in wrong]
    assert sum({"cross_validation", "loss", "neighbours"} <= names for names in heard) > 9
    assert "cross_validation" in heard[1], "judged by the given label after the decision too"
    counts = run.counts["signals"]
    assert list(counts) == list(SIGNALS)
    assert counts["picture"] is None and "pictures" in run.counts["signals_absent"]["picture"]
    for name in SIGNALS:
        assert (counts[name] or 0) == sum(name in names_of(score.signals) for score in scores)
    quiet = [score for row, score in enumerate(scores) if row not in {*wrong, 0, other}]
    assert (
        sum(bool(score.signals & mask_of(["cross_validation"])) for score in quiet)
        < len(texts) / 20
    )


def truth(row: int) -> str:
    return sentences(240)[1][row]


def test_uploaded_probabilities_leave_no_loss_to_watch(engine: Engine, tmp_path: Path) -> None:
    texts, labels, wrong = planted()
    filled = fill(engine, texts_of(texts), labels)
    names = sorted(TOPICS)
    probs = np.full((len(texts), len(names)), 0.1)
    for row in range(len(texts)):
        probs[row, names.index(truth(row))] = 0.7
    ids = np.array([f"k{row + 1}" for row in range(len(texts))])
    blobs = BlobStore(Settings(data=tmp_path).blob_directory)
    blob = save_npz(blobs, pred_probs=probs, classes=np.array(names), ids=ids)
    upload(engine, filled, "pred_probs", blob)
    run = score_now(engine, filled, tmp_path)
    assert run.counts["signals"]["loss"] is None
    assert run.counts["signals"]["cross_validation"] == len(wrong)


def test_a_blank_picture_is_found_while_it_is_read(engine: Engine, tmp_path: Path) -> None:
    from PIL import Image

    blobs = BlobStore(Settings(data=tmp_path).blob_directory)
    rng = np.random.default_rng(0)
    contents = []
    for row in range(40):
        pixels = rng.integers(0, 128, (12, 12), dtype=np.uint8) + 100 * (row % 2)
        if row == 6:
            pixels[:] = 90
        held = io.BytesIO()
        Image.fromarray(pixels.astype(np.uint8)).save(held, "PNG")
        contents.append({"image": blobs.put(held.getvalue()), "width": 12, "height": 12})
    contents[8] = {"image": "f" * 64, "width": 12, "height": 12}
    labels = ["light" if row % 2 else "dark" for row in range(40)]
    filled = fill(engine, contents, labels, data_type=DataType.IMAGE)
    scores = scores_of(engine, score_now(engine, filled, tmp_path))
    assert [row for row in range(40) if "picture" in names_of(scores[row].signals)] == [6]
    assert scores[6].facts["picture"] == ["blank"]


@pytest.mark.parametrize("n_classes", [10, 1000])
def test_many_examples_take_seconds(n_classes: int) -> None:
    count, rng = 20_000, np.random.default_rng(0)
    given = rng.integers(0, n_classes, count)
    probs = rng.random((count, n_classes), dtype=np.float32)
    probs /= probs.sum(axis=1, keepdims=True)
    data = replace(dataset(given), splits=rng.integers(0, 2, count))
    found = evidence(
        count,
        pred_probs=probs,
        neighbours=rng.integers(0, count, (count, 15)),
        similarities=np.full((count, 15), 0.5, dtype=np.float32),
        embeddings=rng.normal(size=(count, 256)).astype(np.float32),
    )
    began = time.perf_counter()
    fired(data, found)
    assert time.perf_counter() - began < 10  # a second, where nothing else runs
