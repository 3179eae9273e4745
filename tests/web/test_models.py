"""What models predict comes in by command, API and page; it ranks nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import func, select, update

from app.actions.models import check_pushed_model
from app.actions.storage import Storage
from app.datasets import model_check
from app.datasets.blobs import BlobStore
from app.datasets.parse_job import ParseJob
from app.datasets.parsing import read_predictions
from app.datasets.pushed_models import models_of
from app.datasets.report import ModelReport
from app.db.engine import reading, writing
from app.db.tables.datasets import Example, Label
from app.db.tables.jobs import Job
from app.db.tables.models import Model, ModelPrediction
from app.db.words import ArrayState
from app.errors import DataProblem, Invalid
from app.progress import Progress
from app.worker import open_work
from tests.web.cast import Cast
from tests.web.console import command
from tests.web.seeded import Seeded, seed
from tests.web.test_arrays import npz

HERE = "/p/support-intents"
API = "/api/v1/projects/support-intents"
COUNT = 12

Push = Callable[..., Model]


def by_command(cast: Cast, name: str, content: bytes, **said: str) -> Model:
    folder: Path = cast.app.state.settings.data / "sent"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)
    options = [part for one, value in said.items() for part in (f"--{one}", value)]
    with contextlib.suppress(DataProblem):
        command(cast, "push", "support-intents", str(folder / name), *options)
    return newest(cast, said["model"])


def by_api(cast: Cast, name: str, content: bytes, **said: str) -> Model:
    form = {"name" if one == "model" else one: value for one, value in said.items()}
    reply = cast.lead.post(f"{API}/models", files={"file": (name, content)}, data=form)
    assert reply.status_code == 202, reply.text
    work(cast)
    return newest(cast, said["model"])


def work(cast: Cast) -> None:
    """Do every job that waits, as the worker would."""
    at_work = open_work(cast.engine, cast.app.state.settings)
    while at_work.one():
        pass


def newest(cast: Cast, name: str) -> Model:
    with reading(cast.engine) as session:
        found = [one for one in models_of(session, cast.project.id) if one.name == name]
    return found[0]


each_door = pytest.mark.parametrize("push", [by_command, by_api], ids=["command", "api"])


@pytest.fixture
def seeded(cast: Cast) -> Seeded:
    return seed(cast, count=COUNT)


def keys(cast: Cast) -> list[str]:
    with reading(cast.engine) as session:
        return list(session.scalars(select(Example.key).order_by(Example.id)))


def rename(cast: Cast, names: Mapping[int, str]) -> None:
    """Give examples other ids, by their places."""
    with writing(cast.engine) as session:
        ids = list(session.scalars(select(Example.id).order_by(Example.id)))
        for place, name in names.items():
            session.execute(update(Example).where(Example.id == ids[place]).values(key=name))


def predicted(cast: Cast, model: Model) -> dict[str, str]:
    with reading(cast.engine) as session:
        rows = session.execute(
            select(Example.key, Label.name)
            .join(ModelPrediction, ModelPrediction.example_id == Example.id)
            .join(Label, Label.id == ModelPrediction.label_id)
            .where(ModelPrediction.model_id == model.id)
        )
        return dict(rows.all())


def table(pairs: Mapping[str, str], head: str = "id,label") -> bytes:
    return "\n".join([head, *(f"{key},{label}" for key, label in pairs.items())]).encode()


@each_door
def test_a_table_of_ids_and_labels_is_kept(cast: Cast, seeded: Seeded, push: Push) -> None:
    said = {key: ("alpha", "beta")[place % 3 == 0] for place, key in enumerate(keys(cast))}
    model = push(cast, "a.csv", table(said), model="Small", version="v2", size="1200")
    assert (model.state, model.n_examples, model.size) == (ArrayState.READY, COUNT, 1200)
    assert (model.name, model.version, model.file_name, model.file) == ("Small", "v2", "a.csv", "")
    assert predicted(cast, model) == said
    with reading(cast.engine) as session:
        assert not session.scalar(select(func.count()).select_from(Job).where(Job.task == "score"))


@each_door
@pytest.mark.parametrize("head", ["example_id,prediction", "ID,y_pred", "uuid,Predicted"])
def test_any_of_the_usual_names_will_do(cast: Cast, seeded: Seeded, push: Push, head: str) -> None:
    said = dict.fromkeys(keys(cast), "beta")
    assert predicted(cast, push(cast, "m.csv", table(said, head), model="M")) == said


@each_door
def test_the_likeliest_label_of_an_array_is_what_it_predicts(
    cast: Cast, seeded: Seeded, push: Push
) -> None:
    every = keys(cast)
    probs = np.full((COUNT, 2), 0.2)
    probs[np.arange(COUNT), np.arange(COUNT) % 2] = 0.8
    ids = np.array([*every[::-1]])
    content = npz(pred_probs=probs, classes=np.array(["beta", "alpha"]), ids=ids)
    model = push(cast, "m.npz", content, model="Large")
    expected = {key: ("beta", "alpha")[row % 2] for row, key in enumerate(ids.tolist())}
    assert predicted(cast, model) == expected and model.probabilities
    blobs = cast.app.state.settings.blob_directory
    with np.load(blobs / model.probabilities[:2] / model.probabilities) as kept:
        assert kept["ids"].tolist() == ids.tolist() and kept["pred_probs"].shape == (COUNT, 2)


@each_door
def test_what_does_not_match_is_left_out_and_listed(cast: Cast, seeded: Seeded, push: Push) -> None:
    first, second, third, fourth, *_ = keys(cast)
    lines = [f"{first},alpha", f"{second},gamma", "nobody,beta", f"{first},beta", ",beta"]
    lines += [f"{third},", f"{fourth},NaN"]
    content = "\n".join(["id,label", *lines]).encode()
    model = push(cast, "m.csv", content, model="M")
    assert predicted(cast, model) == {first: "alpha"}
    counts = model.report["counts"]
    assert counts == {"E302": 2, "E114": 1, "E115": 1, "E301": 1, "W505": 1, "W506": COUNT - 1}
    told = {one["code"]: one["message"] for one in model.report["problems"]}
    assert "gamma in row 3" in model.report["problems"][0]["message"]
    assert "row 2" in told["E114"], "where the id came first"


@each_door
def test_ids_and_labels_that_are_numbers_in_another_type_match(
    cast: Cast, seeded: Seeded, push: Push
) -> None:
    rename(cast, {0: "1", 1: "2", 2: "007"})
    with writing(cast.engine) as session:
        session.execute(update(Label).where(Label.name == "beta").values(code="3"))
    rows = '{"id": 1, "label": "alpha"}\n{"id": 2.0, "label": 3}\n{"id": "007", "label": 3.0}\n'
    model = push(cast, "m.jsonl", rows.encode(), model="M")
    assert predicted(cast, model) == {"1": "alpha", "2": "beta", "007": "beta"}


@each_door
def test_ids_match_however_their_letters_are_composed(
    cast: Cast, seeded: Seeded, push: Push
) -> None:
    """File systems write é as one sign or as two; two ids that differ in it alone stay two."""
    rename(cast, {0: "e\u0301te", 1: "\u00e9tat", 2: "caf\u00e9", 3: "cafe\u0301"})
    said = {"e\u0301te": "alpha", "e\u0301tat": "beta", "caf\u00e9": "alpha", "cafe\u0301": "beta"}
    model = push(cast, "m.csv", table(said), model="M")
    assert predicted(cast, model) == {
        "e\u0301te": "alpha",
        "\u00e9tat": "beta",
        "caf\u00e9": "alpha",
        "cafe\u0301": "beta",
    }


def test_two_models_are_never_called_the_same(cast: Cast, seeded: Seeded) -> None:
    content = table(dict.fromkeys(keys(cast), "alpha"))
    by_api(cast, "m.csv", content, model="net", version="50 large")
    files = {"file": ("m.csv", content)}
    again = cast.lead.post(
        f"{API}/models", files=files, data={"name": "net 50", "version": "large"}
    )
    assert (again.status_code, again.json()["code"]) == (409, "model_called")
    assert "'50 large' of 'net'" in again.json()["detail"]
    assert [one["name"] for one in cast.lead.get(f"{API}/models").json()] == ["net"]


@each_door
def test_merged_labels_and_synonyms_count_as_what_stands_for_them(
    cast: Cast, seeded: Seeded, push: Push
) -> None:
    first, second, third, *_ = keys(cast)
    with writing(cast.engine) as session:
        alpha = session.get_one(Label, seeded.labels[0])
        alpha.synonyms = ["the first", "beta"]
        old = Label(project_id=cast.project.id, name="old", position=3, synonyms=[])
        session.add(old)
        old.retired_at, old.replaced_by, old.current_id = cast.now, alpha.id, alpha.id
    said = {first: "old", second: "the first", third: "beta"}
    model = push(cast, "m.csv", table(said), model="M")
    assert predicted(cast, model) == {first: "alpha", second: "alpha", third: "beta"}


@each_door
def test_ugly_names_stay_whole(cast: Cast, seeded: Seeded, push: Push) -> None:
    first, *_ = keys(cast)
    name = 'Größe "XL", 60 letters long — ' + "x" * 30
    label = "l" * 59 + "'"
    with writing(cast.engine) as session:
        session.execute(update(Label).where(Label.name == "alpha").values(name=label))
    model = push(cast, "m.csv", table({first: label}), model=name)
    assert model.name == name and predicted(cast, model) == {first: label}


@each_door
@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"id,label\n", "E106"),
        (b"", "E105"),
        (b"key_of_mine,label\na,alpha\n", "E109"),
        (b"id,label\nnobody,alpha\nno one,beta\n", "E505"),
        (b"id,label\nrow 1,gamma\n", "E505"),
    ],
)
def test_a_file_that_tells_nothing_is_refused_by_its_code(
    cast: Cast, seeded: Seeded, push: Push, content: bytes, code: str
) -> None:
    model = push(cast, "m.csv", content, model="M")
    assert model.state is ArrayState.STOPPED
    assert [one["code"] for one in model.report["stops"]] == [code]
    assert predicted(cast, model) == {}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"ids": None}, "E505"),
        ({"classes": None}, "E243"),
        ({"pred_probs": np.full((COUNT, 2), np.nan)}, "E501"),
        ({"pred_probs": np.full((3, 2), 0.5)}, "E505"),
        ({"classes": np.array(["a", "b", "c"])}, "E506"),
        ({"classes": np.array(["alpha", " alpha"])}, "E506"),
    ],
)
def test_an_array_with_a_flaw_is_refused_by_its_code(
    cast: Cast, seeded: Seeded, change: dict[str, Any], code: str
) -> None:
    arrays = {"pred_probs": np.full((COUNT, 2), 0.5), "classes": np.array(["alpha", "beta"])}
    arrays = {**arrays, "ids": np.array(keys(cast)), **change}
    content = npz(**{name: one for name, one in arrays.items() if one is not None})
    model = by_api(cast, "m.npz", content, model="M")
    assert [one["code"] for one in model.report["stops"]] == [code]


@each_door
def test_a_split_takes_its_own_examples_only(cast: Cast, seeded: Seeded, push: Push) -> None:
    every = keys(cast)
    with writing(cast.engine) as session:
        some = seeded.examples[:5]
        session.execute(update(Example).where(Example.id.in_(some)).values(split="test"))
    said = dict.fromkeys(every, "beta")
    model = push(cast, "m.csv", table(said), model="M", split="test")
    assert predicted(cast, model) == dict.fromkeys(every[:5], "beta")
    assert model.report["counts"] == {"W505": COUNT - 5}
    reply = cast.lead.post(
        f"{API}/models", files={"file": ("m.csv", b"x")}, data={"name": "M", "split": "tset"}
    )
    assert (reply.status_code, reply.json()["code"]) == (422, "no_split")
    assert "test" in reply.json()["next_step"]


@each_door
def test_the_same_bytes_are_the_same_and_others_take_their_place(
    cast: Cast, seeded: Seeded, push: Push
) -> None:
    every = keys(cast)
    first = push(cast, "m.csv", table(dict.fromkeys(every, "beta")), model="M")
    again = push(cast, "other.csv", table(dict.fromkeys(every, "beta")), model="M")
    assert (again.id, again.made_at, again.file_name) == (first.id, first.made_at, "m.csv")
    other = push(cast, "m.csv", table(dict.fromkeys(every[:4], "alpha")), model="M")
    assert other.id == first.id
    assert predicted(cast, other) == dict.fromkeys(every[:4], "alpha")
    newer = push(cast, "m.csv", table(dict.fromkeys(every, "beta")), model="M", version="2")
    assert newer.id != first.id


def test_erasing_takes_what_was_predicted_with_it(cast: Cast, seeded: Seeded) -> None:
    every = keys(cast)
    probs = np.full((COUNT, 2), 0.5)
    content = npz(pred_probs=probs, classes=np.array(["alpha", "beta"]), ids=np.array(every))
    before = by_api(cast, "m.npz", content, model="M")
    url = f"{API}/examples/{seeded.examples[3]}/erase"
    assert cast.lead.post(url, json={"confirm": every[3]}).status_code == 200
    work(cast)
    after = newest(cast, "M")
    left = [key for key in every if key != every[3]]
    assert sorted(predicted(cast, after)) == sorted(left)
    blobs = cast.app.state.settings.blob_directory
    assert not (blobs / before.probabilities[:2] / before.probabilities).exists()
    with np.load(blobs / after.probabilities[:2] / after.probabilities) as kept:
        assert kept["ids"].tolist() == left


def test_erasing_takes_rows_that_were_left_out_with_it(cast: Cast, seeded: Seeded) -> None:
    """The list of rows that were not used quotes ids."""
    rename(cast, {3: "patient-4711"})
    content = b"id,label\npatient-4711,alpha\npatient-4711,beta\n"
    model = by_api(cast, "m.csv", content, model="M")
    assert "patient-4711" in str(model.report)
    url = f"{API}/examples/{seeded.examples[3]}/erase"
    assert cast.lead.post(url, json={"confirm": "patient-4711"}).status_code == 200
    assert "patient-4711" not in cast.lead.get(f"{API}/models/{model.id}").text
    assert "patient-4711" not in str(newest(cast, "M").report)


def stored_files(cast: Cast) -> list[str]:
    return [one.name for one in cast.app.state.settings.blob_directory.rglob("*") if one.is_file()]


@pytest.mark.parametrize("door", ["models", "arrays"])
def test_a_push_that_is_refused_leaves_no_file(cast: Cast, seeded: Seeded, door: str) -> None:
    """At once, or when its check refuses it: neither by API nor by page nor by command."""
    sent = {"file": ("m.csv", b"id,label\nnobody,alpha\n")}
    form = {"name": "a" * 300}
    pages = {"models": f"{HERE}/test-audit/models", "arrays": f"{HERE}/scoring/arrays"}
    for url in (f"{API}/{door}", pages[door]):
        assert cast.lead.post(url, files=sent, data=form).status_code == 422
        assert stored_files(cast) == []
    assert cast.lead.post(f"{API}/{door}", files=sent, data={"name": "M"}).status_code == 202
    work(cast)
    [shown] = cast.lead.get(f"{API}/{door}").json()
    assert (shown["state"], stored_files(cast)) == ("stopped", [])


def test_a_command_that_is_refused_leaves_no_file(cast: Cast, seeded: Seeded) -> None:
    folder: Path = cast.app.state.settings.data / "sent"
    folder.mkdir(parents=True)
    (folder / "m.csv").write_bytes(b"id,label\nnobody,alpha\n")
    for name in (["--model", "a" * 300], ["--name", "a" * 300]):
        with pytest.raises(Invalid):
            command(cast, "push", "support-intents", str(folder / "m.csv"), *name)
        assert stored_files(cast) == []


@pytest.mark.parametrize(
    ("ids", "said"),
    [
        (np.arange(1.0, COUNT + 1), None),
        (np.arange(1.0, COUNT + 1) + 0.5, "ids has the type float64 with 1.5, which is no whole"),
        (np.where(np.arange(COUNT) == 2, np.nan, 7.0), "ids has the type float64 with nan"),
    ],
    ids=["whole", "halves", "missing"],
)
def test_ids_that_are_fractions_are_read_when_all_are_whole(
    cast: Cast, seeded: Seeded, ids: Any, said: str | None
) -> None:
    rename(cast, {place: str(place + 1) for place in range(COUNT)})
    probs = np.tile([0.3, 0.7], (COUNT, 1))
    content = npz(pred_probs=probs, classes=np.array(["alpha", "beta"]), ids=ids)
    model = by_api(cast, "m.npz", content, model="M")
    if said is None:
        assert predicted(cast, model) == {str(nth): "beta" for nth in range(1, COUNT + 1)}
    else:
        [stop] = model.report["stops"]
        assert stop["code"] == "E512" and said in stop["message"]


@each_door
def test_what_is_pushed_again_leaves_no_file_behind(cast: Cast, seeded: Seeded, push: Push) -> None:
    """A file that nobody names would keep the ids of erased examples for ever."""
    every = keys(cast)
    classes, probs = np.array(["alpha", "beta"]), np.full((COUNT, 2), 0.5)
    content = npz(pred_probs=probs, classes=classes, ids=np.array(every))
    push(cast, "m.npz", content, model="M")
    push(cast, "m.npz", content, model="M")
    last = push(cast, "m.csv", table(dict.fromkeys(every, "beta")), model="M")
    assert (last.state, last.probabilities) == (ArrayState.READY, "")
    blobs = cast.app.state.settings.blob_directory
    assert [one for one in blobs.rglob("*") if one.is_file()] == []


def test_a_model_that_is_taken_out_leaves_nothing(cast: Cast, seeded: Seeded) -> None:
    every = keys(cast)
    probs = np.full((COUNT, 2), 0.5)
    content = npz(pred_probs=probs, classes=np.array(["alpha", "beta"]), ids=np.array(every))
    model = by_api(cast, "m.npz", content, model="M")
    listed = cast.lead.get(f"{API}/models").json()
    assert [(one["name"], one["examples"], one["probabilities"]) for one in listed] == [
        ("M", COUNT, True)
    ]
    left = cast.lead.delete(f"{API}/models/{model.id}")
    assert (left.status_code, left.json()) == (200, [])
    blobs = cast.app.state.settings.blob_directory
    files = [one for one in blobs.rglob("*") if one.is_file()]
    assert files == [], "neither what came nor what was kept of it"


def test_a_check_that_was_overtaken_leaves_no_file_behind(
    cast: Cast, seeded: Seeded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The model is taken out while its file is read: the array would keep every id."""
    classes, probs = np.array(["alpha", "beta"]), np.full((COUNT, 2), 0.5)
    content = npz(pred_probs=probs, classes=classes, ids=np.array(keys(cast)))
    reply = cast.lead.post(f"{API}/models", files={"file": ("m.npz", content)}, data={"name": "M"})
    model_id = reply.json()["model"]["id"]

    def read_and_take_out(job: ParseJob, progress: Progress) -> ModelReport:
        report = read_predictions(job, progress)
        assert (report["good"], report["probabilities"]) == (COUNT, "pred_probs.npz")
        assert cast.lead.delete(f"{API}/models/{model_id}").status_code == 200
        return report

    monkeypatch.setattr(model_check, "read_predictions", read_and_take_out)
    blobs = BlobStore(cast.app.state.settings.blob_directory)
    check_pushed_model(Storage(cast.engine, blobs), model_id)
    assert [one for one in blobs.directory.rglob("*") if one.is_file()] == []


def test_nobody_but_a_lead_sends_predictions(cast: Cast, seeded: Seeded) -> None:
    for who in (cast.reviewer, cast.stranger):
        reply = who.post(f"{API}/models", files={"file": ("m.csv", b"id,label\n")})
        assert reply.status_code in (403, 404)
        assert who.get(f"{API}/models").status_code in (403, 404)
    with reading(cast.engine) as session:
        assert session.scalars(select(Model.id)).all() == []
