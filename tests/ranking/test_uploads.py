"""What several models, losses and groups do to a ranking."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine, select, update

from app.datasets.blobs import BlobStore
from app.db.engine import reading, writing
from app.db.tables.datasets import Example, Prediction
from app.db.words import ArrayState, RunState
from app.errors import Invalid
from app.ranking.load import load
from app.ranking.runs import METHODS, ScoringRequest, methods_offered, score_anew, start_scoring
from app.ranking.uploads import Uploads, read_uploads, uploads_of
from app.settings import Settings
from tests.conftest import NOON
from tests.ranking.filled import TOPICS, Filled, fill
from tests.ranking.test_run import planted, save_npz, score_now, scores_of, texts_of

COUNT = 80
NAMES = np.array(sorted(TOPICS))


class Given:
    """A filled project and arrays that were pushed to it."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        texts, self.labels, self.wrong = planted(COUNT, wrong=6)
        self.engine, self.folder = engine, folder
        self.filled: Filled = fill(engine, texts_of(texts), self.labels)
        self.blobs = BlobStore(Settings(data=folder).blob_directory)

    def push(self, kind: str, name: str, rows: range = range(COUNT), **arrays: Any) -> int:
        ids = np.array([f"k{row + 1}" for row in rows])
        more = {"classes": NAMES} if kind == "pred_probs" else {}
        blob = save_npz(self.blobs, ids=ids, **more, **arrays)
        with writing(self.engine) as session:
            made = Prediction(
                project_id=self.filled.project_id, kind=kind, name=name, blob=blob,
                rows=len(rows), created_at=NOON,
            )  # fmt: skip
            session.add(made)
            session.flush()
            return made.id

    def probs(self, sure: float, rows: range = range(COUNT), shift: int = 0) -> Any:
        made = np.full((len(rows), len(NAMES)), (1 - sure) / (len(NAMES) - 1))
        for at, row in enumerate(rows):
            made[at, (list(NAMES).index(self.labels[row]) + shift) % len(NAMES)] = sure
        return made

    def read(self) -> Uploads:
        with reading(self.engine) as session:
            data = load(session, self.filled.project_id)
            return read_uploads(data, uploads_of(session, self.filled.project_id), self.blobs)


@pytest.fixture
def given(engine: Engine, tmp_path: Path) -> Given:
    return Given(engine, tmp_path)


def test_models_are_averaged_over_those_that_know_a_row(given: Given) -> None:
    half = range(COUNT // 2)
    given.push("pred_probs", "one", pred_probs=given.probs(0.7))
    given.push("pred_probs", "two", half, pred_probs=given.probs(0.4, half))
    found = given.read()
    assert found.pred_probs is not None and found.model_counts is not None
    place = [list(NAMES).index(label) for label in given.labels]
    own = found.pred_probs[np.arange(COUNT), place]
    assert own[: COUNT // 2] == pytest.approx(0.55, abs=1e-6)
    assert own[COUNT // 2 :] == pytest.approx(0.7, abs=1e-6)
    assert found.model_counts.tolist() == [2] * (COUNT // 2) + [1] * (COUNT // 2)
    assert "The predictions of 2 models are averaged: one, two." in found.notes


def test_of_one_model_the_later_row_counts(given: Given) -> None:
    half = range(COUNT // 2)
    given.push("pred_probs", "one", pred_probs=given.probs(0.7))
    given.push("pred_probs", "one", half, pred_probs=given.probs(0.4, half))
    found = given.read()
    assert found.pred_probs is not None
    own = found.pred_probs.max(axis=1)
    assert own[[0, COUNT - 1]] == pytest.approx([0.4, 0.7], abs=1e-6)
    assert (found.models, found.notes) == (["one"], [])


def test_votes_say_where_models_disagree(given: Given) -> None:
    half = range(COUNT // 2)
    given.push("pred_probs", "one", pred_probs=given.probs(0.7))
    given.push("pred_probs", "two", half, pred_probs=given.probs(0.6, half, shift=1))
    votes = given.read().model_votes
    assert votes is not None and votes.shape == (COUNT, 2)
    own = [list(NAMES).index(label) for label in given.labels]
    assert votes[:, 0].tolist() == own
    assert votes[: COUNT // 2, 1].tolist() == [(one + 1) % len(NAMES) for one in own[: COUNT // 2]]
    assert (votes[COUNT // 2 :, 1] == -1).all()


def test_neighbours_weigh_as_much_as_one_model(given: Given) -> None:
    given.push("pred_probs", "one", pred_probs=given.probs(0.7))
    given.push("pred_probs", "two", pred_probs=given.probs(0.7))
    angles = np.arange(COUNT) * 0.01
    vectors = np.column_stack([np.cos(angles), np.sin(angles)])
    given.push("embeddings", "vectors", embeddings=vectors)
    run = score_now(given.engine, given.filled, given.folder)
    probs = np.load(given.blobs.path(run.artefacts["pred_probs"]), allow_pickle=False)
    own = probs[np.arange(COUNT), [list(NAMES).index(label) for label in given.labels]]
    assert (own >= 2 * 0.7 / 3 - 1e-5).all() and (own <= (2 * 0.7 + 1) / 3 + 1e-5).all()
    assert any("one, two, with the labels" in note for note in run.counts["notes"])


def test_each_model_is_judged_for_having_seen_the_answers(given: Given) -> None:
    given.push("pred_probs", "honest", pred_probs=given.probs(0.7, shift=1))
    given.push("pred_probs", "cheat", pred_probs=given.probs(0.97))
    run = score_now(given.engine, given.filled, given.folder)
    flagged = [note for note in run.counts["notes"] if note.startswith("W341")]
    assert len(flagged) == 1 and "of cheat" in flagged[0]


def test_what_was_stopped_or_taken_out_is_not_used(given: Given) -> None:
    for state, removed in ((ArrayState.STOPPED, None), (ArrayState.READY, NOON)):
        made = given.push("pred_probs", f"{state}", pred_probs=given.probs(0.7))
        with writing(given.engine) as session:
            found = session.get_one(Prediction, made)
            found.state, found.removed_at = state, removed
    assert given.read().pred_probs is None
    made = given.push("pred_probs", "again", pred_probs=given.probs(0.7))
    with writing(given.engine) as session:
        session.get_one(Prediction, made).state = ArrayState.CHECKING
    assert given.read().models == ["again"]


def test_losses_stand_side_by_side_and_a_later_row_replaces(given: Given) -> None:
    first, later = range(COUNT), range(10)
    given.push("losses", "one", first, losses=np.full((COUNT, 3), 1.0, dtype=np.float32))
    given.push("losses", "one", later, losses=np.full((10, 2), 2.0, dtype=np.float32))
    given.push("losses", "two", later, losses=np.full((10, 1), 3.0, dtype=np.float32))
    losses = given.read().losses
    assert losses is not None and losses.shape == (COUNT, 4)
    assert np.array_equal(losses[0], [2, 2, np.nan, 3], equal_nan=True)
    assert np.array_equal(losses[20], [1, 1, 1, np.nan], equal_nan=True)


def test_uploaded_losses_feed_the_signal_and_rank_by_their_mean(given: Given) -> None:
    losses = np.full((COUNT, 5), 0.1, dtype=np.float32)
    losses[given.wrong] = np.linspace(3, 5, len(given.wrong))[:, None]
    given.push("losses", "net", range(COUNT - 1), losses=losses[:-1])
    run = score_now(given.engine, given.filled, given.folder, method="loss")
    scores = scores_of(given.engine, run)
    first = sorted(scores, key=lambda one: -(one.priority or 0))[: len(given.wrong)]
    wanted = [row for row in given.wrong if row != COUNT - 1]
    assert {given.filled.examples[row] for row in wanted} <= {one.example_id for one in first}
    assert scores[-1].priority is None
    assert run.counts["signals"]["loss"] == len(wanted)
    assert "1 example has no usable row in the uploaded losses." in run.counts["notes"]


def test_ranking_by_loss_is_offered_only_while_losses_are_there(given: Given) -> None:
    project_id = given.filled.project_id
    made = given.push("losses", "net", losses=np.ones((COUNT, 2), dtype=np.float32))
    run = score_now(given.engine, given.filled, given.folder, method="loss")
    assert run.state is RunState.COMPLETE
    with writing(given.engine) as session:
        assert methods_offered(session, project_id) == (*METHODS, "outlier", "loss")
        session.get_one(Prediction, made).removed_at = NOON
        session.flush()
        assert methods_offered(session, project_id) == (*METHODS, "outlier")
        with pytest.raises(Invalid, match="no way to rank"):
            start_scoring(session, project_id, ScoringRequest("loss"), created_by=None, now=NOON)
        refit = score_anew(session, project_id, refit=True, created_by=None, now=NOON)
        assert refit.arguments["method"] == "vpv"
        assert score_anew(session, project_id, created_by=None, now=NOON).arguments["method"] == (
            "vpv"
        )


def test_groups_join_equal_content_and_the_column_of_the_file(given: Given) -> None:
    with writing(given.engine) as session:
        rows = given.filled.examples
        for which, key in (((0, 1), "a"), ((2,), "b")):
            chosen = update(Example).where(Example.id.in_([rows[at] for at in which]))
            session.execute(chosen.values(group_key=key))
        same = session.scalar(select(Example.content_hash).where(Example.id == rows[1]))
        twin = update(Example).where(Example.id == rows[3])
        session.execute(twin.values(content_hash=same))
    with reading(given.engine) as session:
        groups = load(session, given.filled.project_id).groups
    assert groups is not None
    assert groups[0] == groups[1] == groups[3]
    assert len(np.unique(groups)) == COUNT - 2


def test_duplicates_do_not_vouch_for_each_other_in_a_ranking(
    engine: Engine, tmp_path: Path
) -> None:
    """Random labels, every example twice: nobody can know a label, and the ranking knows none."""
    texts, _, _ = planted(COUNT, wrong=0)
    chance = np.random.default_rng(4)
    labels = [str(name) for name in chance.choice(NAMES, COUNT)]
    filled = fill(engine, texts_of([*texts, *texts]), [*labels, *labels])
    run = score_now(engine, filled, tmp_path)
    own = [score.suggested_id for score in scores_of(engine, run)]
    right = np.mean(
        [one == filled.labels[label] for one, label in zip(own, labels * 2, strict=True)]
    )
    assert right < 0.45


def test_by_disagreement_come_first_examples_on_which_two_models_differ(given: Given) -> None:
    given.push("pred_probs", "one", pred_probs=given.probs(0.9))
    with reading(given.engine) as session:
        assert "disagreement" not in methods_offered(session, given.filled.project_id)
    odd = range(5)
    given.push("pred_probs", "two", pred_probs=given.probs(0.8))
    given.push("pred_probs", "two", odd, pred_probs=given.probs(0.8, odd, shift=1))
    run = score_now(given.engine, given.filled, given.folder, method="disagreement")
    assert run.state is RunState.COMPLETE
    found = [score.priority or 0.0 for score in scores_of(given.engine, run)]
    assert found[:5] == pytest.approx([np.log(2)] * 5)
    assert found[5:] == [0.0] * (COUNT - 5)


def test_by_outlier_comes_first_what_is_unlike_the_others_of_its_label(given: Given) -> None:
    vectors = np.zeros((COUNT, len(NAMES)), dtype=np.float32)
    for row, label in enumerate(given.labels):
        vectors[row, list(NAMES).index(label)] = 1.0
    vectors[3] = np.roll(vectors[3], 1)
    given.push("embeddings", "net", embeddings=vectors)
    run = score_now(given.engine, given.filled, given.folder, method="outlier")
    scores = scores_of(given.engine, run)
    sizes = {label: given.labels.count(label) for label in given.labels}
    ranked = [one.priority is not None for one in scores]
    assert ranked == [sizes[label] >= 20 for label in given.labels]
    known = [one for one in scores if one.priority is not None]
    if ranked[3]:
        assert max(known, key=lambda one: one.priority or 0.0).example_id == scores[3].example_id
