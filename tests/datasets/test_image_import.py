"""Images: by ZIP and column, by ZIP alone, by folder."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

from PIL import Image
from sqlalchemy import Engine, select

from app.datasets.blobs import BlobStore
from app.datasets.labels import labels_of
from app.db.engine import reading
from app.db.tables.datasets import Blob, Example, Project
from app.db.words import DataType, ImportState
from app.settings import Settings
from tests.datasets.bringing import bring_in


def picture(kind: str = "PNG", size: tuple[int, int] = (4, 3), **more: Any) -> bytes:
    target = io.BytesIO()
    Image.new(more.pop("mode", "RGB"), size, more.pop("color", None) or 0).save(
        target, kind, **more
    )
    return target.getvalue()


def packed(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def test_a_folder_of_folders_gives_images_with_labels(engine: Engine, tmp_path: Path) -> None:
    for name in ("cat/1.png", "dog/2.png", "dog/3.png"):
        path = tmp_path / "pets" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture(color=(int(path.stem), 2, 3)))
    settings = Settings(data=tmp_path / "data")
    result = bring_in(engine, settings, "pets", tmp_path / "pets")
    assert (result.state, result.rows_good) == (ImportState.DONE, 3)
    again = bring_in(engine, settings, "pets", tmp_path / "pets")
    assert again.already_there
    with reading(engine) as session:
        project = session.scalars(select(Project)).one()
        names = {label.id: label.name for label in labels_of(session, project.id)}
        rows = session.scalars(select(Example).order_by(Example.row)).all()
        kinds = {row.sha256: row.media_type for row in session.scalars(select(Blob))}
    assert project.data_type is DataType.IMAGE
    found = [(row.key, names[row.given_label_id or 0]) for row in rows]
    assert found == [("cat/1.png", "cat"), ("dog/2.png", "dog"), ("dog/3.png", "dog")]
    content = rows[0].content
    assert (content["width"], content["height"]) == (4, 3)
    assert kinds[content["image"]] == "image/png"
    blobs = BlobStore(settings.blob_directory)
    with blobs.open(content["original"]) as file:
        assert file.read() == (tmp_path / "pets" / "cat" / "1.png").read_bytes()


def test_what_is_served_is_upright_and_holds_no_metadata(engine: Engine, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "a maker of cameras"
    turned = picture("JPEG", (40, 20), exif=exif)
    media = packed(tmp_path / "m.zip", {"a.jpg": turned})
    (tmp_path / "rows.csv").write_text("file,label\na.jpg,x\n")
    settings = Settings(data=tmp_path / "data")
    bring_in(engine, settings, "p", tmp_path / "rows.csv", image="file", media=media)
    with reading(engine) as session:
        content = session.scalars(select(Example.content)).one()
    blobs = BlobStore(settings.blob_directory)
    served = blobs.path(content["image"]).read_bytes()
    assert Image.open(io.BytesIO(served)).size == (20, 40) == (content["width"], content["height"])
    assert b"maker" not in served and b"maker" in blobs.path(content["original"]).read_bytes()
