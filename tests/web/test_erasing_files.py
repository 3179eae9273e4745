"""An example is erased: what lies in files beside the tables goes as well."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import Engine, select

from app.actions.erasing import erase_from_console
from app.datasets.blobs import BlobStore
from app.datasets.pushed_check import check_array
from app.db.engine import reading, writing
from app.db.tables.datasets import Blob, DataImport, Example, Prediction, Project
from app.db.tables.releases import Release
from app.db.words import ArrayState, RunState, Status
from app.releases.build import Stored, build_release
from app.releases.shelf import ReleaseErased, check_has_files
from app.releases.verify import verify
from tests.conftest import NOON
from tests.datasets.test_withdraw import by_api as withdraw_by_api
from tests.releases.worlds import erase, logged_world, noted
from tests.web.cast import Cast
from tests.web.seeded import answer, claim, open_batch
from tests.web.test_erasing import (
    API,
    KEY,
    SLUG,
    bring,
    by_api,
    delete_files,
    id_of,
    status_of,
    traces,
    whole,
    work,
)


def store(cast: Cast) -> BlobStore:
    return BlobStore(cast.app.state.settings.blob_directory)


def test_arrays_are_written_again_without_its_row(cast: Cast) -> None:
    bring(cast)
    rows = f"id,first\n{KEY},0.5\nb,0.25\nc,0.1\nd,0.2\ne,0.4\n".encode()
    pushed = cast.lead.post(
        f"{API}/arrays", data={"kind": "losses"}, files={"file": ("net.csv", rows)}
    )
    assert pushed.status_code in (200, 201, 202), pushed.text
    with reading(cast.engine) as session:
        array = session.scalars(select(Prediction)).one()
    checked = check_array(cast.engine, store(cast), array.id, when_ready=lambda *_: None)
    assert (checked.state, checked.rows) == (ArrayState.READY, 5)
    by_api(cast, id_of(cast))
    with reading(cast.engine) as session:
        array = session.scalars(select(Prediction)).one()
    assert (array.rows, array.file, array.state) == (4, "", ArrayState.READY)
    with store(cast).open(array.blob) as file, np.load(file) as archive:
        assert [str(one) for one in archive["ids"]] == ["b", "c", "d", "e"]
        assert archive["losses"][:, 0].tolist() == pytest.approx([0.25, 0.1, 0.2, 0.4])
    assert not store(cast).exists(checked.blob)
    assert traces(cast) == []


def test_an_array_that_waits_is_asked_for_again(cast: Cast) -> None:
    bring(cast)
    rows = f"id,first\n{KEY},0.5\nb,0.25\n".encode()
    cast.lead.post(f"{API}/arrays", data={"kind": "losses"}, files={"file": ("net.csv", rows)})
    by_api(cast, id_of(cast))
    with reading(cast.engine) as session:
        array = session.scalars(select(Prediction)).one()
    assert array.state is ArrayState.STOPPED and "push it again" in array.report["message"]
    assert cast.lead.get(f"/p/{SLUG}/scoring").status_code == 200
    assert traces(cast) == []


def picture(color: str) -> bytes:
    held = io.BytesIO()
    Image.new("RGB", (9, 9), color).save(held, "PNG")
    return held.getvalue()


def test_a_picture_goes_unless_another_example_shows_it(cast: Cast) -> None:
    made = cast.lead.post("/api/v1/projects", json={"name": "Pets", "data_type": "image"})
    slug = made.json()["slug"]
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, color in (("cat/1", "red"), ("cat/2", "red"), ("dog/3", "blue")):
            archive.writestr(f"{name}.png", picture(color))
    base = f"/api/v1/projects/{slug}"
    reply = cast.lead.post(f"{base}/imports", files={"file": ("pets.zip", held.getvalue())})
    assert reply.status_code == 200, reply.text
    work(cast)
    reply = cast.lead.post(f"{base}/imports/{reply.json()['id']}/commit")
    assert reply.status_code == 200, reply.text
    work(cast)
    with reading(cast.engine) as session:
        files = session.scalars(select(DataImport.sha256)).all()
        rows = session.scalars(select(Example).order_by(Example.row)).all()
    assert len(rows) == 3
    blue = rows[-1]
    reds = [one for one in rows if one.content["image"] != blue.content["image"]]
    assert len(reds) == 2
    for example, left in ((blue, False), (reds[0], True), (reds[1], False)):
        url = f"{base}/examples/{example.id}/erase"
        reply = cast.lead.post(url, json={"confirm": example.key})
        assert reply.status_code == 200, reply.text
        delete_files(cast)
        names = {example.content["image"], example.content["original"]}
        assert {store(cast).exists(name) for name in names} == {left}
        with reading(cast.engine) as session:
            kept = session.scalars(select(Blob.sha256).where(Blob.sha256.in_(names))).all()
        assert bool(kept) is left
        assert cast.lead.get(f"/p/{slug}/examples/{example.id}").status_code == 200
        assert cast.lead.get(f"/p/{slug}/examples").status_code == 200
    assert not any(store(cast).exists(one) for one in files)


def test_a_random_check_that_is_erased_is_decided(cast: Cast) -> None:
    bring(cast)
    batch = open_batch(cast, by="audit", size=4)
    held = claim(cast.reviewer, batch, want=4)
    gone = held[0]["example"]
    with reading(cast.engine) as session:
        key = session.get_one(Example, gone).key
    cast.lead.post(f"{API}/examples/{gone}/erase", json={"confirm": key})
    for one in held[1:]:
        answer(cast.reviewer, one["lease"])
    estimate = cast.lead.get(f"{API}/estimate").json()
    assert status_of(cast, gone) is Status.ERASED
    assert estimate is not None
    whole(cast)


def test_an_import_whose_file_went_is_not_read_again(cast: Cast) -> None:
    first = bring(cast)
    later = f'id,text,label\n"{KEY}",other,sport\nz,new rain,weather\n'.encode()
    second = bring(cast, later, name="later.csv")
    by_api(cast, id_of(cast))
    for one, code in ((first, "import_answered"), (second, "file_erased")):
        reply = cast.lead.post(f"{API}/imports/{one}/withdraw", json={"again": True})
        assert (reply.status_code, reply.json()["code"]) == (409, code)
    assert "deleted on" in reply.text
    withdraw_by_api(cast, second)
    assert cast.lead.get(f"/p/{SLUG}/import/{first}").status_code == 200


def test_a_release_that_is_being_made_is_made_without_it(engine: Engine, tmp_path: Path) -> None:
    world = logged_world(engine)
    example = world.examples[2]
    made = noted(world)
    stored = Stored(engine, BlobStore(tmp_path / "blobs"))
    meanwhile: list[int] = []

    def progress(step: str, *rest: object) -> None:
        if step == "putting the release in place" and not meanwhile:
            meanwhile.append(example)
            erase(world, example)

    out = build_release(stored, made.id, tmp_path / "made", now=NOON, progress=progress)
    assert meanwhile == [example]
    verified = verify(out)
    assert verified.problems.lines() == [] and verified.counts["erased"] == 1
    with reading(engine) as session:
        row = session.get_one(Release, made.id)
        assert (row.state, row.erased_at) == (RunState.COMPLETE, None)
        check_has_files(row)
        other = session.get_one(Example, world.examples[3]).key
        slug = session.get_one(Project, world.project_id).slug
    with writing(engine) as session:
        erase_from_console(session, slug, other, now=NOON)
    with reading(engine) as session, pytest.raises(ReleaseErased, match="2026-05-04"):
        check_has_files(session.get_one(Release, made.id))
