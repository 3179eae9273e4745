"""What several annotators said of the same examples: read, agreed upon, and ranked by."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import Engine

from app.db.engine import reading, writing
from app.db.tables.datasets import DataImport, Example, Project, Source
from app.db.tables.ranking import ScoringRun
from app.db.words import RunState
from app.insights.annotators import annotators
from app.ranking.alike import by_annotator, sources_disagree
from app.ranking.annotators import annotated
from app.ranking.load import load
from app.ranking.runs import methods_offered
from app.ranking.said import votes_in
from tests.ranking.filled import TOPICS, Filled, fill, sentences
from tests.ranking.test_run import score_now, scores_of

COLUMNS = {"cat": 0, "dog": 1, "a: b": 2, "x; y": 3}


@pytest.mark.parametrize(
    ("text", "votes"),
    [
        ("ann: cat; bob: dog", [("ann", 0), ("bob", 1)]),
        ("ann: a: b; bob: x; y", [("ann", 2), ("bob", 3)]),
        ("Dr: Who: cat; bob; jr: dog", [("Dr: Who", 0), ("bob; jr", 1)]),
        ("ann: unheard of; bob: dog", [("bob", 1)]),
        ("ann: cat", [("ann", 0)]),
        ("nothing; at all", []),
        (": cat", []),
        ("", []),
    ],
)
def test_votes_are_read_as_they_were_written(text: str, votes: list[tuple[str, int]]) -> None:
    assert list(votes_in(text, COLUMNS)) == votes


def voted(engine: Engine, *, count: int = 120) -> tuple[Filled, list[str]]:
    """Ann and Bob are right, Cleo errs in a quarter; four examples came with what Cleo said."""
    texts, topics = sentences(count)
    names = sorted(set(topics))
    rng = random.Random(2)
    other = {topic: names[(nth + 1) % len(names)] for nth, topic in enumerate(names)}
    given = [other[topic] if row < 4 else topic for row, topic in enumerate(topics)]
    filled = fill(engine, [{"text": text} for text in texts], given)
    with writing(engine) as session:
        session.add(Source(project_id=filled.project_id, origin="a", name="ann"))
        session.flush()
        for row, example in enumerate(filled.examples):
            cleo = other[topics[row]] if row < 4 or rng.random() < 0.25 else topics[row]
            said = f"ann: {topics[row]}; bob: {topics[row]}; cleo: {cleo}"
            one = session.get_one(Example, example)
            one.columns = {**one.columns, "all_labels": said}
        file = session.get_one(DataImport, session.get_one(Example, filled.examples[0]).import_id)
        file.report = {"warnings": [{"code": "W153", "column": "all_labels"}]}
    return filled, topics


def test_consensus_ranks_first_what_all_others_said_otherwise(engine: Engine, tmp_path) -> None:
    filled, _ = voted(engine)
    run = score_now(engine, filled, tmp_path, method="consensus")
    ranked = sorted(scores_of(engine, run), key=lambda score: -(score.priority or 0.0))
    assert {score.example_id for score in ranked[:4]} == set(filled.examples[:4])
    with reading(engine) as session:
        found = session.get_one(ScoringRun, run.id).findings["annotators"]
        project = session.get_one(Project, filled.project_id)
        source = session.query(Source).one()
        told = annotators(session, project, {source.id: source.name})
    assert found["method"] == "crowdlab"
    assert (found["examples"], found["otherwise"]) == (120, 4)
    assert set(found["listed"]) == set(filled.examples[:4])
    low = found["alpha"][1]
    assert 0.6 < low < found["alpha"][0] < 0.95
    ann, bob, cleo = found["annotators"]
    assert (ann["source"], bob["source"], cleo["source"]) == (source.id, None, None)
    assert cleo["answers"] == 120
    assert cleo["share"][2] < ann["share"][0] <= 1.0
    assert told is not None
    assert [one.name for one in told.people] == ["ann", "Annotator 2", "Annotator 3"]
    assert {key for _, key in told.listed} == {"k1", "k2", "k3", "k4"}
    assert "4 of 120 examples that several labeled have another label" in told.consensus


def test_disagreement_in_a_file_is_a_signal(engine: Engine) -> None:
    filled, _ = voted(engine, count=20)
    with reading(engine) as session:
        data = load(session, filled.project_id)
    one = annotated(data)
    assert one is not None
    assert one.votes.shape == (20, 3)
    differs = (one.votes[:, 0] != one.votes[:, 2]).tolist()
    assert sources_disagree(data).tolist() == differs
    assert (by_annotator(data).entropy > 0.6).tolist() == differs


def test_without_several_annotators_there_is_no_consensus(engine: Engine, tmp_path) -> None:
    texts, topics = sentences(40)
    filled = fill(engine, [{"text": text} for text in texts], topics)
    with reading(engine) as session:
        assert annotated(load(session, filled.project_id)) is None
        assert "consensus" not in methods_offered(session, filled.project_id)
    with writing(engine) as session:  # two sources, and nothing that both labeled
        session.add_all(
            Source(project_id=filled.project_id, origin=name, name=name) for name in ("ann", "bob")
        )
    run = score_now(engine, filled, tmp_path, method="consensus")
    assert run.state is RunState.FAILED
    assert run.message.startswith("No example was labeled by several annotators.")


def test_rows_of_their_own_by_several_sources_are_votes_too(engine: Engine) -> None:
    texts, topics = sentences(30)
    other = {topic: next(one for one in TOPICS if one != topic) for topic in topics}
    given = [*topics, *topics, *(other[topic] for topic in topics)]
    filled = fill(engine, [{"text": text} for text in texts * 3], given)
    with writing(engine) as session:
        made = [Source(project_id=filled.project_id, origin=name, name=name) for name in "abc"]
        session.add_all(made)
        session.flush()
        for row, example in enumerate(filled.examples):
            session.get_one(Example, example).source_id = made[row // 30].id
        sources = [source.id for source in made]
    with reading(engine) as session:
        data = load(session, filled.project_id)
    one = annotated(data)
    assert one is not None and one.sources == sources
    assert data.example_ids[one.rows].tolist() == filled.examples[:30]
    assert one.votes[:, 0].tolist() == data.given[:30].tolist()
    assert one.votes[:, 1].tolist() == data.given[:30].tolist()
    assert one.votes[:, 2].tolist() == data.given[60:].tolist()
