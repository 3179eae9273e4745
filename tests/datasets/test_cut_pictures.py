"""A picture that is cut off is named as damaged; none is shown with a part of it missing."""

from __future__ import annotations

import io
import random
import zipfile
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import Engine, select

from app.datasets.pictures import Refused, show
from app.db.engine import reading
from app.db.tables.datasets import Example, LeftOut
from app.settings import Settings
from tests.datasets.bringing import bring_in

KINDS: dict[str, dict[str, Any]] = {
    "png": {"format": "PNG"},
    "interlaced-palette.png": {"format": "PNG", "mode": "P"},
    "jpg": {"format": "JPEG"},
    "progressive.jpg": {"format": "JPEG", "progressive": True},
    "gif": {"format": "GIF", "mode": "P"},
    "lossy.webp": {"format": "WEBP"},
    "lossless.webp": {"format": "WEBP", "lossless": True},
    "bmp": {"format": "BMP"},
    "tiff": {"format": "TIFF"},
    "packed.tiff": {"format": "TIFF", "compression": "tiff_lzw"},
}
ZEROS_MEAN_SOMETHING = {"bmp", "tiff", "lossy.webp", "lossless.webp"}
"""Formats without an end mark or checksum: a flat picture has long runs of zeros as well."""


def noise(*, format: str, mode: str = "RGB", **more: Any) -> bytes:
    target = io.BytesIO()
    content = random.Random(7).randbytes(64 * 48 * (3 if mode == "RGB" else 1))
    Image.frombytes(mode, (64, 48), content).save(target, format, **more)
    return target.getvalue()


@pytest.mark.parametrize("kind", KINDS)
def test_no_cut_shows_less_than_the_whole_picture(kind: str) -> None:
    whole = noise(**KINDS[kind])
    pixels = Image.open(io.BytesIO(show(whole).content)).tobytes()
    for length in range(8, len(whole), max(1, len(whole) // 150)):
        try:
            shown = show(whole[:length])
        except Refused as refused:
            assert refused.code == "E222" or length < 12
        else:
            assert Image.open(io.BytesIO(shown.content)).tobytes() == pixels, length


@pytest.mark.parametrize("kind", sorted(KINDS.keys() - ZEROS_MEAN_SOMETHING))
def test_a_download_that_ends_in_zeros_is_no_picture(kind: str) -> None:
    """Its room was made before its bytes came: as long as the whole, and half of it empty."""
    whole = noise(**KINDS[kind])
    half = whole[: len(whole) // 2]
    with pytest.raises(Refused, match="E222"):
        show(half + bytes(len(whole) - len(half)))


def test_cut_pictures_are_named_row_by_row_and_the_others_are_kept(
    engine: Engine, tmp_path: Path
) -> None:
    with zipfile.ZipFile(tmp_path / "media.zip", "w") as archive:
        for kind, said in KINDS.items():
            whole = noise(**said)
            archive.writestr(f"whole.{kind}", whole)
            archive.writestr(f"cut.{kind}", whole[: len(whole) // 2])
    result = bring_in(engine, Settings(data=tmp_path / "data"), "cut", tmp_path / "media.zip")
    assert result.rows_good == len(KINDS)
    with reading(engine) as session:
        kept = session.scalars(select(Example.key)).all()
        left = session.execute(select(LeftOut.code, LeftOut.message)).all()
    assert set(kept) == {f"whole.{kind}" for kind in KINDS}
    assert {code for code, _ in left} == {"E222"}
    for kind in KINDS:
        assert any(f"cut.{kind}" in message for _, message in left)
