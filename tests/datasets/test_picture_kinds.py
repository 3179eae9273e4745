"""Kinds of pictures that browsers do not show: opened where Pillow does, else refused in words."""

from __future__ import annotations

import io
import json
import struct
import zlib
from typing import Any

import pytest
from PIL import Image

from app.datasets.blobs import BlobStore
from app.datasets.pictures import Refused, show
from app.db.words import DataType, ImportState
from tests.datasets.doors import Door, Sent, each_door
from tests.datasets.test_image_doors import packed
from tests.web.cast import Cast

SIZE = (24, 20)


def drawn(kind: str, mode: str = "RGB", size: tuple[int, int] = SIZE, **more: Any) -> bytes:
    image = Image.linear_gradient("L").resize(size).convert(mode)
    target = io.BytesIO()
    image.save(target, kind, **more)
    return target.getvalue()


KINDS: dict[str, bytes] = {
    "a.jp2": drawn("JPEG2000"),
    "gray.j2k": drawn("JPEG2000", "L", no_jp2=True),
    "clear.jp2": drawn("JPEG2000", "RGBA"),
    "a.tga": drawn("TGA"),
    "packed.TGA": drawn("TGA", compression="tga_rle"),
    "gray.tga": drawn("TGA", "L"),
    "palette.tga": drawn("TGA", "P"),
    "clear.tga": drawn("TGA", "RGBA"),
    "a.ico": drawn("ICO", "RGBA", sizes=[(16, 16), (24, 20)]),
    "old.ico": drawn("ICO", sizes=[(24, 20)], bitmap_format="bmp"),
    "a.pcx": drawn("PCX"),
    "a.sgi": drawn("SGI"),
    "a.qoi": drawn("QOI"),
    "jp2 without ending": drawn("JPEG2000"),
    "a.avif": drawn("AVIF"),
    "a.webp": drawn("WEBP"),
    "a.tif": drawn("TIFF", compression="tiff_lzw"),
}


def pixels(cast: Cast, image: str) -> Image.Image:
    path = BlobStore(cast.app.state.settings.blob_directory).path(image)
    return Image.open(io.BytesIO(path.read_bytes()))


@each_door
def test_every_kind_is_shown_in_a_form_that_browsers_show(cast: Cast, door: Door) -> None:
    content = packed("plain.png", **KINDS)
    came = door(cast, Sent("p.zip", content, {"label": "-"}, data_type=DataType.IMAGE))
    assert came.state is ImportState.DONE, came.shown
    assert {row.key for row in came.rows} == {"plain.png", *KINDS}, came.shown
    for row in came.rows:
        stored = json.loads(row.content)
        seen = pixels(cast, stored["image"])
        assert seen.format == "PNG" and seen.size == (stored["width"], stored["height"])
        if row.key != "plain.png":
            assert seen.size == SIZE, row.key


OTHERS: dict[str, tuple[bytes, str]] = {
    "cut.jp2": (KINDS["a.jp2"][:200], "E222"),
    "cut.tga": (KINDS["a.tga"][:300], "E222"),
    "cut.ico": (KINDS["a.ico"][:60], "E222"),
    "bent.avif": (KINDS["a.avif"][:-40] + b"\xff" * 40, "E222"),
    "none.tga": (b"this is a text and no picture at all", "E222"),
    "none.ico": (b"this is a text", "E220"),
    "a.eps": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "E220"),
    "a.svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "E220"),
    "text.png": (b"some text, which a TGA could begin with", "E220"),
}


@each_door
def test_what_is_no_picture_is_refused_in_words(cast: Cast, door: Door) -> None:
    files = {name: content for name, (content, _) in OTHERS.items()}
    content = packed("plain.png", **files)
    came = door(cast, Sent("p.zip", content, {"label": "-"}, data_type=DataType.IMAGE))
    assert [row.key for row in came.rows] == ["plain.png"], came.shown
    wanted = [code for _, code in OTHERS.values()]
    assert {code: came.codes.get(code) for code in ("E220", "E222")} == {
        code: wanted.count(code) for code in ("E220", "E222")
    }


def icon_of(image: bytes) -> bytes:
    """An icon whose directory says 16 by 16, whatever is inside."""
    head = struct.pack("<HHH", 0, 1, 1)
    entry = struct.pack("<BBBBHHII", 16, 16, 0, 0, 1, 32, len(image), 22)
    return head + entry + image


def test_an_icon_does_not_hide_a_huge_picture() -> None:
    png = drawn("PNG")
    head = b"IHDR" + struct.pack(">II", 60_000, 60_000) + png[24:29]
    huge = png[:12] + head + struct.pack(">I", zlib.crc32(head)) + png[33:]
    bitmap = struct.pack("<IiiHHIIiiII", 40, 60_000, 120_000, 1, 32, 0, 0, 0, 0, 0, 0)
    for image in (huge, bitmap):
        with pytest.raises(Refused) as refused:
            show(icon_of(image))
        assert refused.value.code == "E221"
    assert (show(icon_of(png)).width, show(icon_of(png)).height) == SIZE


@pytest.mark.parametrize("name", KINDS)
def test_bytes_that_are_wrong_anywhere_are_refused_or_shown(name: str) -> None:
    """Damage ends in words, never in another error."""
    good = KINDS[name]
    for at in range(0, min(len(good), 400), 3):
        for value in (0, 255, good[at] ^ 0x80):
            bad = good[:at] + bytes([value]) + good[at + 1 :]
            try:
                assert show(bad, name).width > 0
            except Refused as refused:
                assert refused.code in ("E220", "E221", "E222")
