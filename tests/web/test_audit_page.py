"""The page of the test-set audit, its command, and what a release says of it."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import update

from app.db.engine import writing
from app.db.tables.datasets import Label
from app.errors import NotFound
from app.releases.verify import verify
from tests.review.conftest import World
from tests.web.cast import Cast
from tests.web.console import command
from tests.web.seeded import Seeded, statements
from tests.web.test_models import keys, table
from tests.web.test_models import work as do_jobs
from tests.web.test_releases import filled, work
from tests.web.test_test_audit import (
    API,
    COUNT,
    HERE,
    answered,
    begin,
    order,
    other,
    put_model,
    read,
    seeded,
    told,
)
from tests.web.test_work import text

__all__ = ["filled", "seeded", "work"]

PAGE = f"{HERE}/test-audit"
LONG = 'Größe "XL" & <b>sons</b>, sixty letters and more of a name 12345'


def page(cast: Cast) -> str:
    reply = cast.lead.get(PAGE)
    assert reply.status_code == 200, reply.text
    return reply.text


def test_without_models_it_says_how_they_come(cast: Cast, seeded: Seeded) -> None:
    said = text(page(cast))
    assert "relabel push support-intents predictions.csv --model NAME --split test" in said
    assert f'href="{PAGE}"' in page(cast), "it stands in the rail"
    put_model(cast, seeded, "Alone", ())
    assert "One more model is needed." in text(page(cast))


def test_predictions_come_in_by_the_page(cast: Cast, seeded: Seeded) -> None:
    every = keys(cast)
    said = table(dict.fromkeys(every, "alpha") | {"nobody": "beta", every[0]: "gamma"})
    form = {"name": LONG, "version": "2.1", "size": "22,000,000", "split": ""}
    sent = cast.lead.post(f"{PAGE}/models", files={"file": ("m.csv", said)}, data=form)
    assert (sent.status_code, sent.headers["location"]) == (303, f"{PAGE}#models")
    assert "being checked" in page(cast)
    do_jobs(cast)
    shown = unescape(page(cast))
    assert LONG in shown and "22,000,000" in shown and f"{COUNT - 1}</td>" in shown
    assert "The label gamma in row 2 is not in the list" in shown
    assert "1 row of predictions belongs to no imported example." in shown
    assert LONG not in page(cast), "as text, not as markup"


def test_an_audit_is_opened_read_and_told_on_its_page(cast: Cast, seeded: Seeded) -> None:
    large = put_model(cast, seeded, LONG, ())
    small = put_model(cast, seeded, "Small", [*range(12), *range(30, 34)])
    with writing(cast.engine) as session:
        session.execute(update(Label).where(Label.name == "beta").values(name="b" * 60))
    sent = cast.lead.post(PAGE, data={"models": [str(large), str(small)], "split": ""})
    assert sent.status_code == 303, sent.text
    assert "The models are being compared." in page(cast)
    do_jobs(cast)
    shown = unescape(page(cast))
    assert f"{LONG} and Small differ on 16 of 60; 16 reads give" in shown
    assert "Read 16 more" in shown and "No random check of these examples yet." in shown
    sent = cast.lead.post(f"{PAGE}/read", data={"count": "16"})
    assert sent.headers["location"].startswith(f"{HERE}/batches/1")
    wrong = {seeded.examples[place] for place in range(12)}
    batch = 1
    answered(cast, batch, lambda one: other(seeded, one) if one in wrong else {})
    assert cast.lead.post(f"{PAGE}/again").status_code == 303
    do_jobs(cast)
    shown = unescape(page(cast))
    assert f"Small is ahead of {LONG} by 13.3 points." in shown
    assert "more</button>" not in shown, "nothing is left to read"
    assert "a flip is possible." in shown and "12 wrong labels are found" in shown
    assert cast.lead.post(f"{PAGE}/close").status_code == 303
    assert "closed, opened" in page(cast)


def test_random_checks_tell_how_good_each_model_is(cast: Cast, seeded: Seeded) -> None:
    """All of the split is read at random: both rankings, and a line for each model."""
    large = put_model(cast, seeded, "Large", ())
    small = put_model(cast, seeded, "Small", range(12))
    begin(cast, [large, small])
    made = cast.lead.post(f"{API}/batches", json={"by": "audit", "size": COUNT}).json()
    wrong = {seeded.examples[place] for place in range(12)}
    answered(cast, made["id"], lambda one: other(seeded, one) if one in wrong else {})
    shown = told(cast)
    assert [one["corrected"]["estimate"] for one in shown["models"]] == [
        pytest.approx(48 / 60),
        pytest.approx(1.0),
    ]
    assert shown["wrong"]["estimate"] == pytest.approx(12 / 60)
    html = page(cast)
    assert "chart-slope-moves" in html
    assert "Large 100%, then 80%; Small 80%, then 100%." in html
    assert "up 1 in rank" in html and "down 1 in rank" in html


def test_earlier_audits_keep_their_reports(cast: Cast, seeded: Seeded) -> None:
    large = put_model(cast, seeded, LONG, ())
    small = put_model(cast, seeded, "Small", range(12))
    third = put_model(cast, seeded, "Third", range(5))
    assert cast.lead.get(f"{API}/test-audit/earlier").json() == []
    begin(cast, [large, small])
    told(cast)
    begin(cast, [small, third])
    told(cast)
    [one] = cast.lead.get(f"{API}/test-audit/earlier").json()
    assert (one["number"], one["models"]) == (1, [LONG, "Small"]) and one["closed_at"]
    assert f"With given labels you would pick {LONG}." in one["headline"]
    assert cast.lead.get(f"{API}/test-audit/1").json()["headline"] == one["headline"]
    assert cast.lead.get(f"{API}/test-audit/3").status_code == 404
    shown = unescape(page(cast))
    assert one["headline"] in shown and f'href="{PAGE}/1"' in shown
    report = cast.lead.get(f"{PAGE}/1")
    assert report.status_code == 200
    assert f"{LONG} and Small differ on 12 of 60" in unescape(report.text)
    assert "Work it out again" not in report.text and LONG not in report.text
    assert cast.lead.get(f"{PAGE}/3").status_code == 404


def test_it_costs_as_many_statements_for_five_models_as_for_two(cast: Cast, seeded: Seeded) -> None:
    ids = [put_model(cast, seeded, f"M{nth}", range(nth)) for nth in range(5)]
    begin(cast, ids[:2])
    told(cast)
    with statements(cast.engine) as two:
        page(cast)
    begin(cast, ids)
    told(cast)
    with statements(cast.engine) as five:
        page(cast)
    assert len(five) == len(two)


def test_the_command_opens_reads_and_tells(cast: Cast, seeded: Seeded) -> None:
    project = "support-intents"
    assert "No test-set audit yet." in command(cast, "test-audit", project)
    put_model(cast, seeded, "Large", ())
    put_model(cast, seeded, "Small", range(10))
    with pytest.raises(NotFound, match="no model 'Lage'"):
        command(cast, "test-audit", project, "--model", "Lage", "--model", "Small")
    said = command(
        cast, "test-audit", project, "--model", "Large", "--model", "Small", "--read", "4"
    )
    assert "Batch 1 asks 4 examples, read blind." in said
    assert "the models differ on 10, 0 of these are decided" in said.replace("\n", " ")
    answered(cast, 1, lambda _: {})
    answered(cast, read(cast, 99), lambda _: {})
    said = " ".join(command(cast, "test-audit", project).split())
    assert "Large is ahead of Small by 16.7 points." in said
    assert "Large: 100% on given labels" in said
    assert len(order(cast)) == 10


def test_a_release_says_which_model_was_better(
    cast: Cast, filled: World, work: Callable[[], int], tmp_path: Path
) -> None:
    world = Seeded(filled.labels, filled.examples, 0)
    with writing(cast.engine) as session:
        first, second = (_of_all(session, cast, world, name, place) for name, place in MODELS)
    assert cast.lead.post(f"{API}/releases", json={}).status_code == 201
    work()
    assert "test_audit" not in manifest(cast, 1)["release"]
    begin(cast, [first, second])
    work()
    assert cast.lead.post(f"{API}/releases", json={}).status_code == 201
    work()
    said = manifest(cast, 2)["release"]["test_audit"]
    assert [one["name"] for one in said["models"]] == ["First", "Second"]
    assert (said["number"], said["differ"], said["pairs"][0]["reads"]) == (1, 2, 0)
    settings = cast.app.state.settings
    folder = next(settings.data.rglob("manifest.json")).parent.parent / "2"
    assert verify(folder).problems.lines() == []


MODELS = (("First", 0), ("Second", 5))


def _of_all(session: Any, cast: Cast, world: Seeded, name: str, place: int) -> int:
    from app.db.tables.models import Model, ModelPrediction
    from app.db.words import ArrayState

    model = Model(
        project_id=cast.project.id,
        name=name,
        file_name="m.csv",
        sha256="0" * 64,
        state=ArrayState.READY,
        made_at=cast.now,
        n_examples=12,
    )
    session.add(model)
    session.flush()
    for nth, example in enumerate(world.examples):
        label = world.labels[1 if nth == place else 0]
        session.add(ModelPrediction(model_id=model.id, example_id=example, label_id=label))
    return model.id


def manifest(cast: Cast, number: int) -> dict[str, Any]:
    reply = cast.lead.get(f"{HERE}/releases/{number}/files/manifest.json")
    assert reply.status_code == 200, reply.text
    said: dict[str, Any] = orjson.loads(reply.content)
    return said
