"""Pushed models are averaged into a ranking when a lead asks, and never otherwise."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select, update

from app.datasets.blobs import BlobStore
from app.db.engine import reading, writing
from app.db.tables.datasets import Example, Label, Prediction, Project
from app.db.tables.ranking import Score, ScoringRun
from app.db.words import RunState
from app.errors import Conflict, NotFound
from app.ranking.refit import due_refits
from app.ranking.runs import current_run, score_anew
from app.releases.verify import verify
from tests.ranking.filled import sentences
from tests.ranking.test_run import save_npz
from tests.review.conftest import World
from tests.web.cast import Cast
from tests.web.console import command
from tests.web.seeded import Seeded, seed
from tests.web.test_arrays import honest, npz
from tests.web.test_arrays import push as push_array
from tests.web.test_audit_page import manifest
from tests.web.test_models import keys, newest, table, work
from tests.web.test_releases import filled
from tests.web.test_releases import work as releasing
from tests.web.test_work import text

__all__ = ["filled", "releasing"]

HERE = "/p/support-intents"
API = "/api/v1/projects/support-intents"
COUNT = 60
WRONG = (4, 31)
"""Places whose labels the model says are wrong; nothing in their texts does."""

Ask = Callable[[Cast, Sequence[str]], None]


def by_command(cast: Cast, names: Sequence[str]) -> None:
    options = [part for name in names for part in ("--model", name)]
    command(cast, "score", "support-intents", *options)


def by_api(cast: Cast, names: Sequence[str]) -> None:
    ids = [newest(cast, name).id for name in names]
    reply = cast.lead.post(f"{API}/scoring", json={"models": ids})
    if reply.status_code == 409:
        raise Conflict(reply.json()["detail"])
    assert reply.status_code == 200, reply.text


def by_page(cast: Cast, names: Sequence[str]) -> None:
    ids = [str(newest(cast, name).id) for name in names]
    reply = cast.lead.post(f"{HERE}/scoring", data={"method": "vpv", "eps": "0.2", "models": ids})
    if reply.status_code == 409:
        raise Conflict(reply.text)
    assert reply.status_code == 303, reply.text


each_door = pytest.mark.parametrize("ask", [by_command, by_api, by_page], ids=["c", "a", "p"])


@pytest.fixture
def seeded(cast: Cast) -> Seeded:
    """Labels alpha and beta in turn; texts that say nothing of them."""
    world = seed(cast, count=COUNT)
    texts, _ = sentences(COUNT)
    with writing(cast.engine) as session:
        for example, said in zip(world.examples, texts, strict=True):
            content = {"text": said}
            session.execute(update(Example).where(Example.id == example).values(content=content))
    return world


def probs(places: Sequence[int], sure: float = 0.95) -> np.ndarray:
    """Follow the labels, but for the wrong ones."""
    made = np.full((len(places), 2), 1 - sure)
    for row, place in enumerate(places):
        made[row, (place + (place in WRONG)) % 2] = sure
    return made


def model(cast: Cast, name: str = "Large", places: Sequence[int] = range(COUNT)) -> None:
    """Push what a model says of these places."""
    every = keys(cast)
    ids = np.array([every[place] for place in places])
    content = npz(pred_probs=probs(places), classes=np.array(["alpha", "beta"]), ids=ids)
    sent = {"file": ("m.npz", content)}
    assert cast.lead.post(f"{API}/models", files=sent, data={"name": name}).status_code == 202
    work(cast)


def run(cast: Cast) -> ScoringRun:
    with reading(cast.engine) as session:
        found = current_run(session, cast.project.id)
    assert found is not None
    return found


def ranked(cast: Cast) -> list[int]:
    with reading(cast.engine) as session:
        query = select(Score.example_id).where(Score.run_id == run(cast).id)
        return list(session.scalars(query.order_by(Score.priority.desc(), Score.example_id)))


def qualities(cast: Cast) -> list[float]:
    with reading(cast.engine) as session:
        query = select(Score.p_given).where(Score.run_id == run(cast).id)
        return [one or 0.0 for one in session.scalars(query.order_by(Score.example_id))]


@each_door
def test_a_model_that_knows_changes_the_order_when_asked(
    cast: Cast, seeded: Seeded, ask: Ask
) -> None:
    wrong = {seeded.examples[place] for place in WRONG}
    model(cast)
    ask(cast, [])
    work(cast)
    assert set(ranked(cast)[:2]) != wrong and "models" not in run(cast).settings
    assert "uploaded_model_1" not in run(cast).artefacts
    ask(cast, ["Large"])
    work(cast)
    assert set(ranked(cast)[:2]) == wrong
    [used] = run(cast).settings["models_used"]
    large = newest(cast, "Large")
    assert (used["id"], used["name"], used["sha256"]) == (large.id, "Large", large.sha256)
    assert run(cast).artefacts["uploaded_model_1"] == large.probabilities
    shown = text(cast.lead.get(f"{HERE}/scoring").text)
    assert "Averaged in as asked: Large, on 60 examples (the labels at hand cost" in shown
    first = qualities(cast)
    ask(cast, ["Large"])
    work(cast)
    assert qualities(cast) == first, "the same again"


def test_what_a_model_does_not_predict_keeps_the_mean_of_the_others(
    cast: Cast, seeded: Seeded
) -> None:
    by_page(cast, [])
    work(cast)
    before = qualities(cast)
    views = len(run(cast).counts["made_of"]["averaged"])
    half = range(0, COUNT, 2)
    model(cast, "Half", half)
    by_page(cast, ["Half"])
    work(cast)
    after = qualities(cast)
    assert after[1::2] == pytest.approx(before[1::2], abs=1e-6)
    for place, was, now in list(zip(range(COUNT), before, after, strict=True))[::2]:
        own = 0.05 if place in WRONG else 0.95
        assert now == pytest.approx((was * views + own) / (views + 1), abs=1e-5)


def test_it_counts_as_one_more_beside_arrays_and_ranks_what_these_do_not_know(
    cast: Cast, seeded: Seeded
) -> None:
    """The array knows the first forty alone; the model the last forty."""
    every = keys(cast)
    with np.load(io.BytesIO(honest(every[:40]))) as arrays:
        blob = save_npz(BlobStore(cast.app.state.settings.blob_directory), **arrays)
    with writing(cast.engine) as session:
        session.add(
            Prediction(
                project_id=cast.project.id,
                kind="pred_probs",
                name="array",
                blob=blob,
                rows=40,
                created_at=cast.now,
            )
        )
    by_page(cast, [])
    work(cast)
    array = qualities(cast)
    assert run(cast).counts["scored"] == 40
    model(cast, "Late", range(20, COUNT))
    by_page(cast, ["Late"])
    work(cast)
    assert run(cast).counts["scored"] == COUNT
    mixed = qualities(cast)
    assert mixed[:20] == pytest.approx(array[:20], abs=1e-6)
    assert mixed[22] == pytest.approx((array[22] + 0.95) / 2, abs=1e-5)
    assert (mixed[50], mixed[31]) == pytest.approx((0.95, (array[31] + 0.05) / 2), abs=1e-5)


@each_door
def test_a_model_with_labels_alone_is_refused_in_words(
    cast: Cast, seeded: Seeded, ask: Ask
) -> None:
    sent = {"file": ("m.csv", table(dict.fromkeys(keys(cast), "beta")))}
    cast.lead.post(f"{API}/models", files=sent, data={"name": "Words"})
    work(cast)
    with pytest.raises(Conflict, match="Words came with labels only"):
        ask(cast, ["Words"])
    shown = text(cast.lead.get(f"{HERE}/scoring").text)
    assert "Labels only, without probabilities to average: Words" in shown


def test_who_asks_for_what_is_not_there_is_told(cast: Cast, seeded: Seeded) -> None:
    with pytest.raises(NotFound, match="no model 'Lage'"):
        by_command(cast, ["Lage"])
    assert cast.lead.post(f"{API}/scoring", json={"models": [999]}).status_code == 404
    too_many = {"models": list(range(1, 12))}
    assert cast.lead.post(f"{API}/scoring", json=too_many).status_code == 422


def test_it_takes_part_until_it_is_taken_out_and_its_runs_are_named(
    cast: Cast, seeded: Seeded
) -> None:
    model(cast)
    by_page(cast, ["Large"])
    work(cast)
    number, used = run(cast).number, newest(cast, "Large")
    shown = cast.lead.get(f"{API}/models/{used.id}").json()
    assert shown["runs"] == [number]
    assert f"averaged into run {number}" in text(cast.lead.get(f"{HERE}/test-audit").text)
    with writing(cast.engine) as session:
        again = score_anew(session, cast.project.id, refit=True, created_by=None, now=cast.now)
        assert again.arguments["settings"]["models"] == [used.id]
        assert due_refits(session, now=cast.now) == []
    url = f"{HERE}/test-audit/models/{used.id}/remove"
    assert cast.lead.post(url).headers["location"].endswith("ranking_model_out")
    work(cast)
    assert run(cast).number == number + 1 and "models_used" not in run(cast).settings
    with writing(cast.engine) as session:
        again = score_anew(session, cast.project.id, created_by=None, now=cast.now)
        assert "models" not in again.arguments["settings"]
    assert _stored(cast, used.probabilities), "the run that used it can be made again"


def _stored(cast: Cast, name: str) -> Path | None:
    path: Path = cast.app.state.settings.blob_directory / name[:2] / name
    return path if path.exists() else None


@pytest.mark.parametrize("taken_out", [False, True])
def test_erasing_takes_the_row_out_of_what_runs_keep(
    cast: Cast, seeded: Seeded, *, taken_out: bool
) -> None:
    model(cast)
    by_page(cast, ["Large"])
    work(cast)
    used, before = run(cast).id, newest(cast, "Large")
    if taken_out:
        assert cast.lead.delete(f"{API}/models/{before.id}").json() == []
    key = keys(cast)[3]
    url = f"{API}/examples/{seeded.examples[3]}/erase"
    assert cast.lead.post(url, json={"confirm": key}).status_code == 200
    work(cast)
    with reading(cast.engine) as session:
        name = session.get_one(ScoringRun, used).artefacts["uploaded_model_1"]
    assert not _stored(cast, before.probabilities)
    path = _stored(cast, name)
    assert path is not None
    with np.load(path) as kept:
        assert len(kept["ids"]) == COUNT - 1 and key not in kept["ids"].tolist()


def test_labels_that_were_merged_since_are_added_up(cast: Cast, seeded: Seeded) -> None:
    """What it said of the old label it says of the one that took its place."""
    with writing(cast.engine) as session:
        more = Label(project_id=cast.project.id, name="gamma", position=2, synonyms=[])
        session.add(more)
        session.flush()
        gone = more.id
    made = np.tile([0.2, 0.5, 0.3], (COUNT, 1))
    classes = np.array(["alpha", "beta", "gamma"])
    content = npz(pred_probs=made, classes=classes, ids=np.array(keys(cast)))
    cast.lead.post(f"{API}/models", files={"file": ("m.npz", content)}, data={"name": "Three"})
    work(cast)
    with writing(cast.engine) as session:
        label = session.get_one(Label, gone)
        label.replaced_by = label.current_id = seeded.labels[1]
        label.retired_at = cast.now
    push_array(cast, honest(keys(cast)), name="array", kind="pred_probs")
    work(cast)
    array = qualities(cast)
    by_page(cast, ["Three"])
    work(cast)
    mixed = qualities(cast)
    assert mixed[0] == pytest.approx((array[0] + 0.2) / 2, abs=1e-5)
    assert mixed[1] == pytest.approx((array[1] + 0.8) / 2, abs=1e-5)


def test_a_release_names_the_models_that_ranked(
    cast: Cast, filled: World, releasing: Callable[[], int]
) -> None:
    used = {"id": 7, "name": "Large", "version": "2", "sha256": "a" * 64}
    for number in (1, 2):
        with writing(cast.engine) as session:
            made = ScoringRun(
                project_id=cast.project.id, number=number, state=RunState.COMPLETE, seed=0,
                settings={"models_used": [used]} if number == 2 else {},
                started_at=cast.now, finished_at=cast.now,
            )  # fmt: skip
            session.add(made)
            session.flush()
            session.get_one(Project, cast.project.id).run_id = made.id
        assert cast.lead.post(f"{API}/releases", json={}).status_code == 201
        releasing()
    assert "ranked_with" not in manifest(cast, 1)["release"]
    expected = [{"name": "Large", "version": "2", "sha256": "a" * 64}]
    assert manifest(cast, 2)["release"]["ranked_with"] == expected
    settings = cast.app.state.settings
    folder = next(settings.data.rglob("manifest.json")).parent.parent / "2"
    assert verify(folder).problems.lines() == []
