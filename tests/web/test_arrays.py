"""Arrays pushed while people work: checked, scored with, listed, taken out again."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from sqlalchemy import func, select

from app.db.engine import reading, writing
from app.db.tables.audit import AuditEpoch
from app.db.tables.datasets import DataImport, Label, Prediction, Project
from app.db.tables.jobs import Job
from app.db.tables.ranking import ScoringRun
from app.db.tables.review import Lease
from app.db.words import JobState
from app.ranking.runs import current_run
from app.worker import open_work
from tests.web.cast import Cast
from tests.web.seeded import Seeded, claim, open_batch, seed

API = "/api/v1/projects/support-intents/arrays"
PAGE = "/p/support-intents/scoring"


def keys_of(cast: Cast, count: int = 30) -> list[str]:
    found = cast.lead.get("/api/v1/projects/support-intents/examples?sort=row&limit=100").json()
    return [one["key"] for one in found["examples"]][:count]


def npz(**arrays: Any) -> bytes:
    held = io.BytesIO()
    np.savez(held, **arrays)
    return held.getvalue()


def honest(keys: list[str], *, sure: float = 0.7) -> bytes:
    """Probabilities of alpha and beta that follow the labels in most rows."""
    probs = np.full((len(keys), 2), 1 - sure)
    for row in range(len(keys)):
        probs[row, row % 2 if row % 6 else (row + 1) % 2] = sure
    return npz(pred_probs=probs, classes=np.array(["alpha", "beta"]), ids=np.array(keys))


def push(cast: Cast, content: bytes, status: int = 202, **form: str) -> dict[str, Any]:
    files = {"file": (form.pop("file", "model.npz"), content)}
    reply = cast.lead.post(API, files=files, data=form)
    assert reply.status_code == status, reply.text
    told: dict[str, Any] = reply.json()
    return told


def work_once(cast: Cast) -> None:
    """Run the oldest job, as the worker would."""
    assert open_work(cast.engine, cast.app.state.settings).one()


def listed(cast: Cast) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = cast.lead.get(API).json()
    return found


def standing(cast: Cast) -> tuple[Any, ...]:
    """What a push must leave alone."""
    with reading(cast.engine) as session:
        leases = session.execute(select(Lease.token, Lease.ended_at, Lease.expires_at)).all()
        return (
            [tuple(row) for row in leases],
            session.scalar(select(func.count()).select_from(AuditEpoch)),
            session.scalar(select(func.count()).select_from(DataImport)),
            session.get_one(Project, cast.project.id).run_id,
        )


@pytest.fixture
def seeded(cast: Cast) -> Seeded:
    return seed(cast)


def test_a_push_is_checked_then_scored_with_and_disturbs_nobody(cast: Cast, seeded: Seeded) -> None:
    claim(cast.reviewer, open_batch(cast, size=10), 2)
    before = standing(cast)
    told = push(cast, honest(keys_of(cast)), name="resnet", kind="pred_probs")
    assert (told["array"]["state"], told["job"]["task"]) == ("checking", "array_check")
    work_once(cast)
    (found,) = listed(cast)
    assert (found["name"], found["kind"], found["state"]) == ("resnet", "pred_probs", "ready")
    assert (found["rows"], found["report"]["names"]) == (30, ["alpha", "beta"])
    jobs = f"/api/v1/projects/support-intents/jobs/{told['job']['id']}"
    scoring = cast.lead.get(jobs).json()["result"]["scoring"]
    with reading(cast.engine) as session:
        job = session.get_one(Job, scoring)
        assert (job.task, job.state) == ("score", JobState.WAITING)
    assert standing(cast) == before
    work_once(cast)
    with reading(cast.engine) as session:
        run = current_run(session, cast.project.id)
    assert run is not None and run.id != before[-1]
    assert "uploaded_pred_probs_1" in run.artefacts
    assert standing(cast)[:3] == before[:3]


def test_the_ranking_in_use_says_how_the_next_one_is_made(cast: Cast, seeded: Seeded) -> None:
    with writing(cast.engine) as session:
        run = session.get_one(ScoringRun, seeded.run_id)
        run.method, run.settings = "phi", {"eps": 0.3, "seed": 5, "eps_measured": False}
    push(cast, honest(keys_of(cast)))
    work_once(cast)
    with reading(cast.engine) as session:
        job = session.scalars(select(Job).where(Job.task == "score")).one()
    assert job.arguments["method"] == "phi"
    assert (job.arguments["settings"]["eps"], job.arguments["settings"]["seed"]) == (0.3, 5)


@pytest.mark.parametrize(
    ("arrays", "code"),
    [
        ({"pred_probs": np.full((29, 2), 0.5), "classes": np.array(["alpha", "beta"])}, "E505"),
        ({"pred_probs": np.full((30, 2), np.nan), "classes": np.array(["alpha", "beta"])}, "E501"),
        ({"pred_probs": np.full((30, 2), 0.5), "classes": np.array(["alpha", "gamma"])}, "E506"),
        ({"losses": np.full((30, 2), -1.0)}, "E510"),
    ],
)
def test_a_problem_is_told_by_its_code_and_nothing_is_scored(
    cast: Cast, seeded: Seeded, arrays: Mapping[str, Any], code: str
) -> None:
    push(cast, npz(**arrays))
    work_once(cast)
    (found,) = listed(cast)
    assert (found["state"], [one["code"] for one in found["stops"]]) == ("stopped", [code])
    with reading(cast.engine) as session:
        assert session.scalars(select(Job).where(Job.task == "score")).all() == []
    page = cast.lead.get(PAGE).text
    assert code in page and "not used" in page


def test_logits_are_asked_about_and_read_as_answered(cast: Cast, seeded: Seeded) -> None:
    keys = keys_of(cast)
    logits = np.random.default_rng(0).normal(size=(30, 2)) * 4
    content = npz(pred_probs=logits, classes=np.array(["alpha", "beta"]), ids=np.array(keys))
    told = push(cast, content)
    work_once(cast)
    page = cast.lead.get(PAGE).text
    assert "These are logits: apply softmax" in page
    array = told["array"]["id"]
    answered = cast.lead.post(
        f"{PAGE}/arrays/{array}/answer", data={"code": "E502", "choice": "softmax"}
    )
    assert answered.status_code == 303
    work_once(cast)
    assert [one["state"] for one in listed(cast)] == ["ready"]
    again = push(cast, content, name="other", choices='{"E502": "softmax"}')
    reply = cast.lead.post(f"{API}/{again['array']['id']}/answers", json={"choices": {}})
    assert reply.status_code == 202
    assert reply.json()["job"]["id"] == again["job"]["id"]


def test_in_sample_predictions_wait_for_an_answer(cast: Cast, seeded: Seeded) -> None:
    keys = keys_of(cast)
    sure = np.eye(2)[np.arange(30) % 2]
    content = npz(pred_probs=sure, classes=np.array(["alpha", "beta"]), ids=np.array(keys))
    array = push(cast, content)["array"]["id"]
    work_once(cast)
    found = cast.lead.get(f"{API}/{array}").json()
    assert (found["state"], found["questions"][0]["code"]) == ("stopped", "W341")
    cast.lead.post(f"{API}/{array}/answers", json={"choices": {"W341": "use"}})
    work_once(cast)
    assert cast.lead.get(f"{API}/{array}").json()["state"] == "ready"


def test_the_same_push_again_is_the_same_array(cast: Cast, seeded: Seeded) -> None:
    content = honest(keys_of(cast))
    one, same = push(cast, content), push(cast, content)
    assert (one["array"]["id"], one["job"]["id"]) == (same["array"]["id"], same["job"]["id"])
    other = push(cast, honest(keys_of(cast), sure=0.8))
    assert other["array"]["id"] != one["array"]["id"]


def test_an_array_is_taken_out_of_the_next_ranking_and_kept(cast: Cast, seeded: Seeded) -> None:
    array = push(cast, honest(keys_of(cast)))["array"]["id"]
    work_once(cast)
    gone = cast.lead.delete(f"{API}/{array}")
    assert (gone.status_code, gone.json()) == (200, [])
    assert cast.lead.delete(f"{API}/{array}").status_code == 404
    with reading(cast.engine) as session:
        kept = session.get_one(Prediction, array)
    blobs = cast.app.state.settings.blob_directory
    assert kept.removed_at == cast.now
    assert (blobs / kept.blob[:2] / kept.blob).is_file()


def test_the_page_lists_pushes_and_removes(cast: Cast, seeded: Seeded) -> None:
    assert "No array of your own." in cast.lead.get(PAGE).text
    sent = {"file": ("vit.npz", honest(keys_of(cast)))}
    form = {"kind": "pred_probs", "name": ""}
    assert cast.lead.post(f"{PAGE}/arrays", files=sent, data=form).status_code == 303
    assert "being checked" in cast.lead.get(PAGE).text
    work_once(cast)
    page = cast.lead.get(PAGE).text
    assert "vit.npz" in page and ">ready<" in page and "Probabilities" in page
    array = listed(cast)[0]["id"]
    assert cast.lead.post(f"{PAGE}/arrays/{array}/remove").status_code == 303
    assert "No array of your own." in cast.lead.get(PAGE).text


def test_ranking_by_loss_is_offered_where_losses_are(cast: Cast, seeded: Seeded) -> None:
    scoring = "/api/v1/projects/support-intents/scoring"
    refused = cast.lead.post(scoring, json={"method": "loss"})
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_method")
    assert "Mean loss" not in cast.lead.get(PAGE).text
    losses = np.linspace(0, 4, 60).reshape(30, 2)
    push(cast, npz(losses=losses, ids=np.array(keys_of(cast))))
    work_once(cast)
    assert "Mean loss over the epochs" in cast.lead.get(PAGE).text
    assert cast.lead.post(scoring, json={"method": "loss"}).status_code == 200


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"name": "two\nlines"}, "array_name"),
        ({"name": "n" * 201}, "array_name"),
        ({"choices": "[]"}, "choices"),
        ({"choices": '{"E502": 1}'}, "choices"),
        ({"choices": "{"}, "choices"),
        ({"kind": "scores"}, "invalid"),
    ],
)
def test_a_push_that_makes_no_sense_is_refused(
    cast: Cast, seeded: Seeded, form: dict[str, str], code: str
) -> None:
    assert push(cast, b"x", 422, **form)["code"] == code


def test_no_file_says_which_to_choose(cast: Cast) -> None:
    reply = cast.lead.post(API, files={"name": (None, b"mine")})
    assert reply.status_code == 422
    assert "NPZ" in reply.json()["next_step"]


def test_only_leads_push_and_see(cast: Cast, seeded: Seeded) -> None:
    array = push(cast, honest(keys_of(cast)))["array"]["id"]
    for who in (cast.reviewer, cast.expert, cast.stranger):
        assert who.get(API).status_code == 404
        assert who.delete(f"{API}/{array}").status_code == 404
        assert who.post(API, files={"file": ("m.npz", b"x")}).status_code == 404


def test_a_label_that_was_replaced_is_meant_by_its_successor(cast: Cast, seeded: Seeded) -> None:
    """Examples keep the retired label; the array has a column for what it stands for."""
    with writing(cast.engine) as session:
        made = Label(project_id=cast.project.id, name="gamma", position=3, synonyms=[])
        session.add(made)
        session.flush()
        old = session.get_one(Label, seeded.labels[1])
        old.retired_at, old.replaced_by = cast.now, made.id
    keys = keys_of(cast)
    probs = np.full((30, 2), 0.5)
    content = npz(pred_probs=probs, classes=np.array(["alpha", "gamma"]), ids=np.array(keys))
    push(cast, content)
    work_once(cast)
    assert [one["state"] for one in listed(cast)] == ["ready"]


def test_the_list_costs_as_many_statements_for_any_number_of_arrays(
    cast: Cast, seeded: Seeded, statements: Any
) -> None:
    keys = keys_of(cast)
    push(cast, honest(keys))
    with statements() as few:
        listed(cast)
    for nth in range(6):
        push(cast, honest(keys), name=f"model {nth}")
    with statements() as many:
        listed(cast)
    assert len(many) == len(few)
