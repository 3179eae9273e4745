"""Scoring a project from start to served ranking, on both databases."""

from __future__ import annotations

import io
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine, func, select, update

from app.actions.tasks.registry import TASKS
from app.datasets.blobs import BlobStore
from app.db.engine import reading, writing
from app.db.tables.datasets import Example, Prediction
from app.db.tables.jobs import Job
from app.db.tables.ranking import Score, ScoringRun
from app.db.tables.review import Batch, BatchMember
from app.db.words import DataType, JobState, RunState, Status
from app.jobs.queue import JobCancelled, JobLost, claim
from app.jobs.task import AtWork, JobInHand
from app.progress import Progress, quiet
from app.ranking.by_evidence import BY_EVIDENCE
from app.ranking.evidence_methods import EVIDENCE_METHODS
from app.ranking.run import score_project
from app.ranking.runs import (
    METHODS,
    SCORE,
    ScoringRequest,
    current_run,
    method_words,
    run_at_desk,
    runs_of,
    scoring_job,
    start_scoring,
)
from app.scoring.methods import METHOD_NAMES
from app.settings import Settings
from app.worker import open_work
from tests.conftest import NOON
from tests.ranking.filled import TOPICS, Filled, fill, sentences

COUNT = 240


def score_now(engine: Engine, filled: Filled, folder: Path, **words: Any) -> ScoringRun:
    with writing(engine) as session:
        request = ScoringRequest(**words)
        start_scoring(session, filled.project_id, request, created_by=None, now=NOON)
    open_work(engine, Settings(data=folder)).until_idle()
    with reading(engine) as session:
        return runs_of(session, filled.project_id)[0]


def scores_of(engine: Engine, run: ScoringRun) -> list[Score]:
    with reading(engine) as session:
        query = select(Score).where(Score.run_id == run.id).order_by(Score.example_id)
        return list(session.execute(query).scalars())


def planted(count: int = COUNT, *, wrong: int = 12) -> tuple[list[str], list[str], list[int]]:
    texts, topics = sentences(count)
    chance = random.Random(2)
    rows = chance.sample(range(count), wrong)
    for row in rows:
        topics[row] = chance.choice([topic for topic in sorted(TOPICS) if topic != topics[row]])
    return texts, topics, rows


def texts_of(texts: Sequence[str]) -> list[dict[str, str]]:
    return [{"text": text} for text in texts]


def save_npz(blobs: BlobStore, **arrays: Any) -> str:
    held = io.BytesIO()
    np.savez(held, **arrays)
    return blobs.put(held.getvalue())


def upload(engine: Engine, filled: Filled, kind: str, blob: str) -> None:
    with writing(engine) as session:
        session.add(
            Prediction(
                project_id=filled.project_id,
                kind=kind,
                name=f"{kind}.npz",
                blob=blob,
                rows=COUNT,
                created_at=NOON,
            )
        )


def test_the_wrong_labels_come_first_and_the_run_is_served(engine: Engine, tmp_path: Path) -> None:
    texts, labels, wrong = planted()
    filled = fill(engine, texts_of(texts), labels)
    run = score_now(engine, filled, tmp_path)
    scores = scores_of(engine, run)
    with reading(engine) as session:
        served = current_run(session, filled.project_id)
    assert served is not None
    assert served.id == run.id
    assert (run.state, run.number, run.counts["scored"]) == (RunState.COMPLETE, 1, COUNT)
    with reading(engine) as session:
        found = run_at_desk(session, run.id).labels
        assert run_at_desk(session, None).labels == {}
    assert found == {filled.labels[name]: n for name, n in Counter(labels).items()}
    first = sorted(scores, key=lambda score: -(score.priority or 0.0))[: len(wrong)]
    found = {score.example_id for score in first} & {filled.examples[row] for row in wrong}
    assert len(found) >= len(wrong) - 1


def test_a_score_holds_what_the_desk_shows(engine: Engine, tmp_path: Path) -> None:
    texts, labels, wrong = planted()
    texts[1], labels[1] = texts[0], labels[0]
    filled = fill(engine, texts_of(texts), labels)
    run = score_now(engine, filled, tmp_path)
    scores = scores_of(engine, run)
    suspect = next(one for one in scores if one.example_id == filled.examples[wrong[0]])
    assert suspect.suggested_id == suspect.suggestions[0][0] == suspect.facts["top"]
    assert len(suspect.suggestions) == len(TOPICS)
    assert sum(share for _, share in suspect.suggestions) == pytest.approx(1, abs=1e-3)
    assert suspect.facts["p_top"] == suspect.suggestions[0][1]
    assert suspect.facts["neighbours_used"] == 15
    assert suspect.facts["neighbours_top"][0] in filled.labels.values()
    assert 0 < suspect.facts["difficulty_share"] <= 1
    assert suspect.quality == pytest.approx(suspect.p_given, abs=1e-6)
    assert len(suspect.neighbours) == 6
    assert all(other in filled.examples for other, _ in suspect.neighbours)
    twin = next(one for one in scores if one.example_id == filled.examples[0])
    assert twin.facts["same_content"] == [2, 1]
    assert twin.neighbours[0] == [filled.examples[1], 1.0]


def test_the_run_records_what_made_it(engine: Engine, tmp_path: Path) -> None:
    texts, labels, _ = planted()
    filled = fill(engine, texts_of(texts), labels)
    run = score_now(engine, filled, tmp_path, eps=0.3, seed=7)
    assert (run.method, run.seed, run.settings["eps"]) == ("vpv", 7, 0.3)
    assert {"numpy", "scikit-learn", "faiss-cpu", "relabel"} <= run.versions.keys()
    blobs = BlobStore(Settings(data=tmp_path).blob_directory)
    probs = np.load(blobs.path(run.artefacts["pred_probs"]), allow_pickle=False)
    ids = np.load(blobs.path(run.artefacts["example_ids"]), allow_pickle=False)
    assert probs.shape == (COUNT, len(TOPICS))
    assert ids.tolist() == filled.examples


def test_the_same_seed_gives_the_same_scores(engine: Engine, tmp_path: Path) -> None:
    texts, labels, _ = planted()
    filled = fill(engine, texts_of(texts), labels)
    one, two = (score_now(engine, filled, tmp_path) for _ in range(2))
    assert one.id != two.id
    assert [(s.priority, s.suggestions) for s in scores_of(engine, one)] == [
        (s.priority, s.suggestions) for s in scores_of(engine, two)
    ]
    assert one.artefacts == two.artefacts


def test_decisions_replace_labels_and_removed_examples_leave(
    engine: Engine, tmp_path: Path
) -> None:
    texts, labels, wrong = planted()
    filled = fill(engine, texts_of(texts), labels)
    relabeled, removed = filled.examples[wrong[0]], filled.examples[wrong[1]]
    _, truth = sentences(COUNT)
    with writing(engine) as session:
        session.execute(
            update(Example)
            .where(Example.id == relabeled)
            .values(status=Status.RELABELED, final_label_id=filled.labels[truth[wrong[0]]])
        )
        session.execute(update(Example).where(Example.id == removed).values(status=Status.REMOVED))
    run = score_now(engine, filled, tmp_path)
    scores = {score.example_id: score for score in scores_of(engine, run)}
    assert removed not in scores
    settled = scores[relabeled]
    assert settled.quality is not None
    assert settled.p_given is not None
    assert settled.quality > 0.5 > settled.p_given


def test_one_label_only_ends_complete_and_says_why(engine: Engine, tmp_path: Path) -> None:
    texts, _, _ = planted(20, wrong=0)
    filled = fill(engine, texts_of(texts), ["weather"] * 20)
    run = score_now(engine, filled, tmp_path)
    assert run.state is RunState.COMPLETE
    assert run.message.startswith("E401")
    assert run.counts["not_estimable"] == 20


def test_a_project_without_any_label_says_so(engine: Engine, tmp_path: Path) -> None:
    texts, _, _ = planted(20, wrong=0)
    filled = fill(engine, texts_of(texts), [None] * 20, more_labels=["a", "b"])
    run = score_now(engine, filled, tmp_path)
    assert run.state is RunState.COMPLETE
    assert "No example has a label" in run.message


def test_a_label_with_one_example_is_listed_apart_and_not_ranked(
    engine: Engine, tmp_path: Path
) -> None:
    texts, labels, _ = planted()
    labels[5] = "astronomy"
    filled = fill(engine, texts_of(texts), labels)
    run = score_now(engine, filled, tmp_path)
    lonely = scores_of(engine, run)[5]
    assert lonely.priority is None
    assert "top" not in lonely.facts
    assert run.counts["not_estimable"] == 1
    assert any(note.startswith("W402") and "astronomy" in note for note in run.counts["notes"])


def test_small_classes_lower_the_number_of_folds(engine: Engine, tmp_path: Path) -> None:
    texts, labels, _ = planted(12, wrong=0)
    labels = ["a", "b", "c", "d"] * 3
    filled = fill(engine, texts_of(texts), labels)
    run = score_now(engine, filled, tmp_path)
    assert run.counts["scored"] == 12


def test_unlabelled_examples_get_suggestions_but_no_priority(
    engine: Engine, tmp_path: Path
) -> None:
    texts, labels, _ = planted()
    given: list[str | None] = [*labels[:-1], None]
    filled = fill(engine, texts_of(texts), given)
    run = score_now(engine, filled, tmp_path)
    last = scores_of(engine, run)[-1]
    assert last.priority is None
    assert last.suggested_id == filled.labels[labels[-1]]
    assert last.facts["top"] == last.suggested_id


def test_uploaded_probabilities_are_joined_by_key_and_label_name(
    engine: Engine, tmp_path: Path
) -> None:
    texts, labels, _ = planted()
    filled = fill(engine, texts_of(texts), labels)
    names = sorted(TOPICS, reverse=True)
    order = random.Random(3).sample(range(COUNT), COUNT)
    probs = np.full((COUNT, len(names)), 0.1)
    for at, row in enumerate(order):
        probs[at, names.index(labels[row])] = 0.7
    probs[order.index(9)] = [0.7 if name != labels[9] else 0.1 for name in names]
    probs[order.index(9)] /= probs[order.index(9)].sum()
    blobs = BlobStore(Settings(data=tmp_path).blob_directory)
    ids = np.array([f"k{row + 1}" for row in order])
    blob = save_npz(blobs, pred_probs=probs, classes=np.array(names), ids=ids)
    upload(engine, filled, "pred_probs", blob)
    run = score_now(engine, filled, tmp_path)
    scores = scores_of(engine, run)
    assert max(scores, key=lambda score: score.priority or 0.0).example_id == filled.examples[9]
    assert scores[0].quality == pytest.approx(0.7, abs=1e-6)
    assert run.artefacts["uploaded_pred_probs_1"] == blob


def test_a_later_upload_adds_to_and_replaces_an_earlier_one(engine: Engine, tmp_path: Path) -> None:
    texts, labels, _ = planted()
    filled = fill(engine, texts_of(texts), labels)
    names = np.array(sorted(TOPICS))
    blobs = BlobStore(Settings(data=tmp_path).blob_directory)
    for first, last, sure in ((0, 150, 0.7), (100, COUNT, 0.4)):
        other = (1 - sure) / (len(names) - 1)
        probs = np.array(
            [[sure if name == label else other for name in names] for label in labels[first:last]]
        )
        ids = np.array([f"k{row + 1}" for row in range(first, last)])
        blob = save_npz(blobs, pred_probs=probs, classes=names, ids=ids)
        upload(engine, filled, "pred_probs", blob)
    run = score_now(engine, filled, tmp_path)
    scores = scores_of(engine, run)
    assert run.counts["scored"] == COUNT
    assert [round(scores[row].quality or 0, 3) for row in (0, 99, 100, 239)] == [0.7, 0.7, 0.4, 0.4]


def test_examples_without_an_uploaded_row_are_listed_apart(engine: Engine, tmp_path: Path) -> None:
    texts, labels, _ = planted()
    filled = fill(engine, texts_of(texts), labels)
    names = sorted(TOPICS)
    probs = np.array([[0.7 if name == label else 0.1 for name in names] for label in labels[1:]])
    probs[0, 0] = np.nan
    blobs = BlobStore(Settings(data=tmp_path).blob_directory)
    ids = np.array([f"k{row}" for row in range(2, COUNT + 1)])
    upload(
        engine,
        filled,
        "pred_probs",
        save_npz(blobs, pred_probs=probs, classes=np.array(names), ids=ids),
    )
    run = score_now(engine, filled, tmp_path)
    assert [score.priority is None for score in scores_of(engine, run)[:3]] == [True, True, False]
    assert "2 examples have no usable row in the uploaded predictions." in run.counts["notes"]


def test_predictions_that_know_every_label_are_flagged(engine: Engine, tmp_path: Path) -> None:
    texts, labels, _ = planted(wrong=40)
    filled = fill(engine, texts_of(texts), labels)
    names = sorted(TOPICS)
    probs = np.array([[float(name == label) for name in names] for label in labels])
    blobs = BlobStore(Settings(data=tmp_path).blob_directory)
    ids = np.array([f"k{row}" for row in range(1, COUNT + 1)])
    upload(
        engine,
        filled,
        "pred_probs",
        save_npz(blobs, pred_probs=probs, classes=np.array(names), ids=ids),
    )
    run = score_now(engine, filled, tmp_path)
    assert any(note.startswith("W341") for note in run.counts["notes"])


def test_uploaded_embeddings_choose_the_neighbours(engine: Engine, tmp_path: Path) -> None:
    texts, labels, _ = planted()
    filled = fill(engine, texts_of(texts), labels)
    angles = np.arange(COUNT) * 0.01
    vectors = np.column_stack([np.cos(angles), np.sin(angles)])
    blobs = BlobStore(Settings(data=tmp_path).blob_directory)
    ids = np.array([f"k{row}" for row in range(1, COUNT + 1)])
    upload(engine, filled, "embeddings", save_npz(blobs, embeddings=vectors, ids=ids))
    run = score_now(engine, filled, tmp_path)
    assert scores_of(engine, run)[0].neighbours[0][0] == filled.examples[1]


def test_tables_and_images_are_scored_too(engine: Engine, tmp_path: Path) -> None:
    from PIL import Image

    blobs = BlobStore(Settings(data=tmp_path).blob_directory)
    contents = []
    for row in range(60):
        held = io.BytesIO()
        shade = 30 if row % 2 else 220
        Image.new("L", (8, 8), shade + row % 7).save(held, "PNG")
        contents.append({"image": blobs.put(held.getvalue()), "width": 8, "height": 8})
    contents[4] = {"image": "f" * 64, "width": 8, "height": 8}
    labels = ["dark" if row % 2 else "light" for row in range(60)]
    images = fill(engine, contents, labels, data_type=DataType.IMAGE)
    run = score_now(engine, images, tmp_path)
    assert run.counts["scored"] == 59
    assert "1 image could not be read and is not ranked." in run.counts["notes"]
    fields = [{"fields": [["size", str(row % 2)], ["noise", str(row)]]} for row in range(60)]
    fields[7] = {"fields": [["size", "1"], ["noise", "-4000"]]}
    table = fill(engine, fields, labels, data_type=DataType.TABULAR)
    run = score_now(engine, table, tmp_path)
    assert run.counts["scored"] == 60
    unusual = [one.facts.get("unusual") for one in scores_of(engine, run)]
    assert unusual == [["noise"] if row == 7 else None for row in range(60)]


def test_a_failed_scoring_keeps_the_old_ranking(engine: Engine, tmp_path: Path) -> None:
    texts, labels, _ = planted()
    filled = fill(engine, texts_of(texts), labels)
    good = score_now(engine, filled, tmp_path)
    upload(engine, filled, "pred_probs", "e" * 64)
    bad = score_now(engine, filled, tmp_path)
    assert bad.state is RunState.FAILED
    assert "can no longer be read" in bad.message
    with reading(engine) as session:
        served = current_run(session, filled.project_id)
        assert scoring_job(session, filled.project_id) is None
    assert served is not None
    assert served.id == good.id
    assert len(scores_of(engine, good)) == COUNT


class StoppedAt:
    """Progress that stops the task at a step, as a worker's does when it is told to."""

    def __init__(self, step: str, how: type[Exception]) -> None:
        self.step, self.how = step, how

    def __call__(self, step: str, done: int, total: int) -> None:
        if step == self.step:
            raise self.how


def held(engine: Engine, filled: Filled, *, add: bool = True) -> JobInHand:
    with writing(engine) as session:
        if add:
            start_scoring(session, filled.project_id, created_by=None, now=NOON)
        job = claim(session, "w", TASKS, now=NOON)
    assert job is not None
    return job


def do(engine: Engine, folder: Path, job: JobInHand, progress: Progress = quiet) -> None:
    at = AtWork(engine, Settings(data=folder), job, progress)
    score_project(at, SCORE.read(job.arguments))


@pytest.mark.parametrize("step", ["reading examples", "folds", "opening the new ranking"])
def test_a_scoring_stopped_anywhere_leaves_no_half_ranking(
    engine: Engine, tmp_path: Path, step: str
) -> None:
    texts, labels, _ = planted()
    filled = fill(engine, texts_of(texts), labels)
    good = score_now(engine, filled, tmp_path)
    with pytest.raises(JobCancelled):
        do(engine, tmp_path, held(engine, filled), StoppedAt(step, JobCancelled))
    with reading(engine) as session:
        served = current_run(session, filled.project_id)
    assert served is not None
    assert served.id == good.id


def test_a_scoring_taken_over_gives_what_an_undisturbed_one_gives(
    engine: Engine, tmp_path: Path
) -> None:
    texts, labels, _ = planted()
    filled = fill(engine, texts_of(texts), labels)
    undisturbed = score_now(engine, filled, tmp_path)
    stale = held(engine, filled)

    class Killed(BaseException):
        pass

    def dies(step: str, done: int, total: int) -> None:
        if step == "opening the new ranking":
            raise Killed

    with pytest.raises(Killed):
        do(engine, tmp_path, stale, dies)
    with writing(engine) as session:
        session.execute(update(Job).values(heartbeat_at=NOON.replace(year=2020)))
    fresh = held(engine, filled, add=False)
    assert fresh.fence > stale.fence
    do(engine, tmp_path, fresh)
    with pytest.raises(JobLost):
        do(engine, tmp_path, stale)
    with reading(engine) as session:
        runs = runs_of(session, filled.project_id)
        served = current_run(session, filled.project_id)
        kept = set(session.execute(select(Score.run_id).distinct()).scalars())
    assert [run.state for run in runs] == [RunState.COMPLETE, RunState.FAILED, RunState.COMPLETE]
    assert served is not None
    assert served.id == runs[0].id
    assert kept == {runs[0].id, undisturbed.id}
    assert [one.priority for one in scores_of(engine, runs[0])] == [
        one.priority for one in scores_of(engine, undisturbed)
    ]


def test_a_new_ranking_reorders_what_waits_in_open_batches(engine: Engine, tmp_path: Path) -> None:
    texts, labels, wrong = planted()
    filled = fill(engine, texts_of(texts), labels)
    with writing(engine) as session:
        batch = Batch(project_id=filled.project_id, number=1, name="b", created_at=NOON)
        session.add(batch)
        session.flush()
        for example in filled.examples:
            session.add(
                BatchMember(
                    batch_id=batch.id,
                    example_id=example,
                    priority=-float(example),
                    joined_at=NOON,
                    waiting=example != filled.examples[0],
                )
            )
    run = score_now(engine, filled, tmp_path)
    scores = {score.example_id: score.priority for score in scores_of(engine, run)}
    with reading(engine) as session:
        members = session.execute(select(BatchMember)).scalars().all()
    for member in members:
        if member.example_id == filled.examples[0]:
            assert member.priority == -float(member.example_id)
        else:
            assert member.priority == pytest.approx(scores[member.example_id])
    best = max((m for m in members if m.waiting), key=lambda member: member.priority)
    assert best.example_id in {filled.examples[row] for row in wrong}


def test_scores_of_the_last_three_rankings_are_kept(engine: Engine, tmp_path: Path) -> None:
    texts, labels, _ = planted(60, wrong=3)
    filled = fill(engine, texts_of(texts), labels)
    runs = [score_now(engine, filled, tmp_path, seed=n).id for n in range(5)]
    with reading(engine) as session:
        kept = set(session.execute(select(Score.run_id).distinct()).scalars())
        assert session.execute(select(func.count()).select_from(ScoringRun)).scalar_one() == 5
    assert kept == set(runs[2:])


def test_asking_twice_for_the_same_scoring_waits_for_one(engine: Engine) -> None:
    filled = fill(engine, texts_of(["a", "b"]), ["x", "y"])
    with writing(engine) as session:
        one = start_scoring(session, filled.project_id, created_by=None, now=NOON)
        two = start_scoring(session, filled.project_id, created_by=None, now=NOON)
        other = start_scoring(
            session, filled.project_id, ScoringRequest("phi"), created_by=None, now=NOON
        )
    assert one.id == two.id
    assert other.id != one.id


@pytest.mark.parametrize("method", METHODS)
def test_every_named_method_ranks(engine: Engine, tmp_path: Path, method: str) -> None:
    if engine.dialect.name == "postgresql":
        pytest.skip("the methods are mathematics; one database is enough")
    texts, labels, _ = planted(60, wrong=3)
    filled = fill(engine, texts_of(texts), labels)
    run = score_now(engine, filled, tmp_path, method=method)
    assert run.counts["scored"] == 60


def test_the_names_of_the_methods_are_those_of_the_mathematics() -> None:
    assert METHODS == METHOD_NAMES
    assert set(EVIDENCE_METHODS) == set(BY_EVIDENCE)
    assert set(method_words()) == {*METHOD_NAMES, *BY_EVIDENCE}


def test_a_job_that_is_done_says_what_it_did(engine: Engine, tmp_path: Path) -> None:
    texts, labels, _ = planted(60, wrong=3)
    filled = fill(engine, texts_of(texts), labels)
    run = score_now(engine, filled, tmp_path)
    with reading(engine) as session:
        job = session.execute(select(Job)).scalar_one()
    assert (job.state, job.result["run"], job.result["scored"]) == (JobState.DONE, run.id, 60)


@pytest.mark.parametrize(("second_fit", "left_out"), [("always", range(9, 13)), ("never", [0])])
def test_a_run_keeps_what_it_was_made_of_and_the_second_fit_can_be_set(
    engine: Engine, tmp_path: Path, second_fit: Any, left_out: Any
) -> None:
    texts, labels, _ = planted()
    filled = fill(engine, texts_of(texts), labels)
    with writing(engine) as session:
        start_scoring(session, filled.project_id, created_by=None, now=NOON)
    open_work(engine, Settings(data=tmp_path, second_fit=second_fit)).until_idle()
    with reading(engine) as session:
        [run] = runs_of(session, filled.project_id)
    made_of = run.counts["made_of"]
    tried = {one["name"]: one for one in made_of["tried"]}
    assert {"likeness", "neighbors"} <= set(made_of["averaged"])
    assert set(tried) == {"words", "spelling", "all words", "all spelling"}
    for name, one in tried.items():
        assert one["enters"] == (one["with_it"] < one["without"]) == (name in made_of["averaged"])
    assert made_of["left_out"] in left_out  # of 12 planted
