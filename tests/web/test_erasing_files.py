"""An example is erased: what lies in files beside the tables goes as well."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import Engine, select
from typer.testing import CliRunner

from app.actions.erasing import ERASE_FILES, erase_files, erase_from_console
from app.actions.storage import Storage
from app.cli.main import relabel
from app.datasets.blobs import BlobStore
from app.datasets.pushed_check import check_array
from app.db.engine import reading, writing
from app.db.tables.datasets import Blob, DataImport, Example, Prediction, Project
from app.db.tables.jobs import Job
from app.db.tables.releases import Release
from app.db.words import ArrayState, JobState, RunState, Status
from app.progress import quiet
from app.releases.build import Stored, build_release
from app.releases.shelf import ReleaseErased, check_has_files
from app.releases.verify import verify
from tests.conftest import NOON
from tests.datasets.test_withdraw import by_api as withdraw_by_api
from tests.releases.worlds import erase, logged_world, noted
from tests.web.cast import Cast
from tests.web.console import place_of
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
    page = cast.lead.get(f"/p/{SLUG}/import/{second}").text
    assert "The file was deleted on" in page and "read the file again" not in page
    withdraw_by_api(cast, second)
    assert "The file was deleted on" in cast.lead.get(f"/p/{SLUG}/import/{first}").text


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


def test_who_reads_on_has_the_file_written_again_later(cast: Cast) -> None:
    """SQLite cannot empty its log while somebody looks at what was there before."""
    if cast.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL does it by itself")
    bring(cast)
    example = id_of(cast)
    with reading(cast.engine) as session:
        session.execute(select(Example.id)).all()  # from here on this look is held
        cast.lead.post(f"{API}/examples/{example}/erase", json={"confirm": KEY})
        with cast.engine.connect() as other:
            other.exec_driver_sql("PRAGMA busy_timeout=50")
        assert not erased_cleanly(cast)
    delete_files(cast)
    assert traces(cast) == []


def erased_cleanly(cast: Cast) -> bool:
    """Do the job that waits, as a worker that has no time to wait for others."""
    with writing(cast.engine) as session:
        job = session.scalars(select(Job).where(Job.task == "erase_files")).one()
        job.state = JobState.DONE
    storage = Storage(cast.engine, store(cast))
    arguments = ERASE_FILES.read(job.arguments)
    return erase_files(storage, cast.app.state.settings, arguments, quiet)


def test_a_ranking_that_is_being_made_is_begun_once_more(cast: Cast) -> None:
    bring(cast)
    cast.lead.post(f"{API}/scoring", json={})
    jobs = select(Job).where(Job.task == "score").order_by(Job.id)
    with writing(cast.engine) as session:
        running, *rest = session.scalars(jobs).all()
        running.state = JobState.RUNNING
        for one in rest:
            one.state = JobState.DONE
    cast.lead.post(f"{API}/examples/{id_of(cast)}/erase", json={"confirm": KEY})
    with reading(cast.engine) as session:
        stopped, *others = session.scalars(jobs).all()
    assert stopped.cancel_asked
    assert [one.state for one in others if one.state is not JobState.DONE] == [JobState.WAITING]


def test_between_many_rows_nothing_is_left(cast: Cast) -> None:
    """Rows that move when a page of the database is split leave copies of themselves behind."""
    rows = "".join(f"row{n},{'w' * (n % 900)} mark{n}mark,sport\n" for n in range(3_000))
    bring(cast, f"id,text,label\n{rows}".encode())
    gone = [7, 1_500, 2_999]
    for n in gone:
        url = f"{API}/examples/{id_of(cast, f'row{n}')}/erase"
        assert cast.lead.post(url, json={"confirm": f"row{n}"}).status_code == 200
    delete_files(cast)
    assert traces(cast, tuple(f"mark{n}mark" for n in gone)) == []
    assert traces(cast, ("mark1499mark",)) != []


def test_at_the_console_the_id_is_asked_for(cast: Cast) -> None:
    bring(cast)
    words = ["erase", "example", SLUG, KEY, *place_of(cast)]
    refused = CliRunner().invoke(relabel, words, input="b\n")
    assert refused.exit_code == 1 and status_of(cast, id_of(cast)) is Status.UNREVIEWED
    example = id_of(cast)
    done = CliRunner().invoke(relabel, words, input=f"{KEY}\n")
    assert done.exit_code == 0, done.output
    assert status_of(cast, example) is Status.ERASED
