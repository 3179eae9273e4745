"""A stored picture that is missing or was altered: nobody is shown it, everybody is told."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog
from PIL import Image
from sqlalchemy import select

from app.accounts.membership import join
from app.datasets.blobs import BlobStore
from app.db.engine import reading, writing
from app.db.tables.datasets import Example, Project
from app.db.words import Role
from app.releases.verify import verify
from app.settings import Settings
from app.web.logs import configure_logs
from app.worker import open_work
from tests.datasets.bringing import bring_in
from tests.web.cast import Cast

BROWSER = {"accept": "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"}
COLORS = ("red", "green", "blue")


@dataclass
class Album:
    slug: str
    ids: list[int]
    shown: list[Path]  # where the pictures lie, as they are shown
    originals: list[Path]


@pytest.fixture
def album(cast: Cast, settings: Settings, tmp_path: Path) -> Album:
    with zipfile.ZipFile(tmp_path / "album.zip", "w") as archive:
        for color in COLORS:
            target = io.BytesIO()
            Image.new("RGB", (8, 6), color).save(target, "PNG", compress_level=0)
            archive.writestr(f"{color}.png", target.getvalue())
    bring_in(cast.engine, settings, "album", tmp_path / "album.zip")
    blobs = BlobStore(settings.blob_directory)
    with writing(cast.engine) as session:
        project = session.scalars(select(Project).where(Project.name == "album")).one()
        join(session, project.id, cast.lead.person.id, Role.LEAD, now=cast.now)
        rows = session.execute(
            select(Example.id, Example.key, Example.content)
            .where(Example.project_id == project.id)
            .order_by(Example.key)
        ).all()
    assert [row.key for row in rows] == ["blue.png", "green.png", "red.png"]
    return Album(
        project.slug,
        [row.id for row in rows],
        [blobs.path(row.content["image"]) for row in rows],
        [blobs.path(row.content["original"]) for row in rows],
    )


def alter(path: Path) -> None:
    """One bit of it, as a bad disk does."""
    content = bytearray(path.read_bytes())
    content[-20] ^= 1
    path.chmod(0o600)
    path.write_bytes(bytes(content))


@pytest.mark.parametrize(
    ("harm", "code", "words"),
    [(alter, "file_altered", "was altered"), (Path.unlink, "file_gone", "is missing")],
)
def test_the_place_of_a_lost_picture_says_so(
    cast: Cast, album: Album, harm: Callable[[Path], None], code: str, words: str
) -> None:
    whole, lost = (f"/media/{album.ids[place]}" for place in (0, 1))
    before = cast.lead.get(lost)
    assert before.status_code == 200 and before.content == album.shown[1].read_bytes()
    harm(album.shown[1])
    stream = io.StringIO()
    configure_logs("INFO", stream)
    drawn = cast.lead.get(lost, headers=BROWSER)
    assert (drawn.status_code, drawn.headers["content-type"]) == (410, "image/svg+xml")
    assert words in drawn.text and "<script" not in drawn.text
    program = cast.lead.get(lost, headers={"accept": "application/json"})
    assert (program.status_code, program.json()["code"]) == (410, code)
    assert "backup" in program.json()["next_step"]
    page = cast.lead.get(lost, headers={"accept": "text/html"})
    assert page.status_code == 410 and "backup" in page.text
    for client in (cast.stranger, cast.reviewer):
        assert client.get(lost, headers=BROWSER).status_code == 404
    assert cast.lead.get(whole).content == album.shown[0].read_bytes()
    assert code in stream.getvalue() and album.shown[1].name in stream.getvalue()
    structlog.reset_defaults()


def test_a_release_says_which_pictures_are_lost_and_leaves_no_row_out(
    cast: Cast, album: Album, settings: Settings
) -> None:
    api = f"/api/v1/projects/{album.slug}/releases"
    for number, harm in enumerate((None, alter, Path.unlink), start=1):
        if harm:
            harm(album.originals[number - 2])
        assert cast.lead.post(api, json={}).status_code == 201
        open_work(cast.engine, settings).until_idle()
        made = cast.lead.get(f"{api}/{number}").json()
        assert made["state"] == "complete" and made["counts"]["rows"] == len(COLORS)
        manifest = cast.lead.get(f"{api}/{number}/files/manifest.json").json()["release"]
        assert manifest["warnings"] == made["warnings"]
        page = cast.lead.get(f"/p/{album.slug}/releases/{number}").text
        if harm is None:
            assert not made["warnings"] and "lost" not in manifest
            continue
        missing = number - 2
        assert manifest["lost"] == {
            "missing": missing, "altered": 1, "ids": ["blue.png", "green.png"][: number - 1],
        }  # fmt: skip
        [warning] = made["warnings"]
        assert warning in page and "1 altered" in warning and "blue.png" in warning
        assert ("1 missing" in warning) == bool(missing)
        with reading(cast.engine) as session:
            directory = settings.data / "releases"
            assert session and all(
                verify(one).problems.lines() == [] for one in directory.iterdir() if one.is_dir()
            )
