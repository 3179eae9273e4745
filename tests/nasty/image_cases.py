"""Z1 to Z6 and I1 to I9: ZIP archives and the images in them."""

from __future__ import annotations

import io
import random
import stat
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image

from tests.nasty.making import Case, Given, built


def picture(kind: str = "PNG", mode: str = "RGB", size: Any = (6, 5), **more: Any) -> bytes:
    target = io.BytesIO()
    Image.new(mode, size, more.pop("color", 0)).save(target, kind, **more)
    return target.getvalue()


def noise(kind: str) -> bytes:
    target = io.BytesIO()
    content = random.Random(1).randbytes(48 * 48 * 3)
    Image.frombytes("RGB", (48, 48), content).save(target, kind)
    return target.getvalue()


def huge() -> bytes:
    """A one-bit PNG of 144 million pixels, a few kilobytes long, by hand."""
    side = 12_000
    line = zlib.compress(bytes(1 + side // 8) * side, 9)
    made = b"\x89PNG\r\n\x1a\n"
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    for name, body in ((b"IHDR", head), (b"IDAT", line), (b"IEND", b"")):
        made += struct.pack(">I", len(body)) + name + body
        made += struct.pack(">I", zlib.crc32(name + body))
    return made


def moving(kind: str) -> bytes:
    target = io.BytesIO()
    frames = [Image.new("RGB", (4, 4), color) for color in ("red", "green", "blue")]
    frames[0].save(target, kind, save_all=True, append_images=frames[1:])
    return target.getvalue()


def turned() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return picture("JPEG", size=(40, 20), exif=exif)


OK = picture()
Files = dict[str, bytes] | list[tuple[Any, bytes]]


def zipped(
    files: Files, names: list[str] | None = None, *, packing: int = zipfile.ZIP_DEFLATED
) -> Callable[[Path], Given]:
    """A ZIP, with rows that name its images unless it comes alone."""

    def make(folder: Path) -> Given:
        media = folder / "media.zip"
        entries = list(files.items()) if isinstance(files, dict) else files
        with warnings.catch_warnings(), zipfile.ZipFile(media, "w", packing) as archive:
            warnings.simplefilter("ignore")
            for name, content in entries:
                archive.writestr(name, content)
        if names is None:
            return Given(media, {})
        lines = [f"{at},{name},x" for at, name in enumerate(names)]
        (folder / "a.csv").write_text("id,file,label\n" + "\n".join(lines) + "\n")
        return Given(folder / "a.csv", {"image": "file", "media": media})

    return make


def link() -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("link.png")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def no_media(folder: Path) -> Given:
    (folder / "a.csv").write_text("id,file,label\n1,a.png,x\n")
    return Given(folder / "a.csv", {"image": "file"})


def cut(folder: Path) -> Given:
    path = folder / "media.zip"
    made = zipped({"a.png": OK})(folder).file.read_bytes()
    path.write_bytes(made[:-30])
    return Given(path, {})


CUT_PNG, CUT_JPEG = noise("PNG")[:3000], noise("JPEG")[:900]
GIF_HTML = picture("GIF") + b"<html><script>alert(1)</script></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
DEEP_MODES = {
    "deep.png": picture(mode="I;16", color=40_000),
    "palette.png": picture(mode="P"),
    "clear.png": picture(mode="RGBA"),
    "dot.png": picture(size=(1, 1)),
    "line.png": picture(size=(30_000, 1)),
}

IMAGE_CASES: list[Case] = [
    built("Z1", zipped({"../../x.png": OK, "a.png": OK}), "E215"),
    built("Z2", zipped({"/etc/x.png": OK}), "E215"),
    built("Z3", zipped({"C:evil.png": OK}), "E215"),
    built("Z4", zipped({"a\\b.png": OK, "c\\..\\..\\d.png": OK}), "E215"),
    built("Z4-windows", zipped({"cat\\a.png": OK, "dog\\b.png": OK}), "W233", 2, ("cat", "dog")),
    built("Z5", zipped([("a.png", OK), (link(), b"/etc/passwd")]), "E217"),
    built("Z6", zipped([("a.png", OK), ("a.png", OK)]), "E218"),
    built("Z-bomb", zipped({"a.png": OK, "b.png": bytes(100_000_000)}), "E216"),
    built("Z-nested", zipped({"a.png": OK, "more.zip": OK}), "E213"),
    built("Z-cut", cut, "E213"),
    built("Z-alone", zipped({"cat/a.png": OK, "dog/b.png": OK}), "", 2, ("cat", "dog")),
    built("I1", zipped({"a.png": CUT_PNG, "b.jpg": CUT_JPEG, "c.png": OK}), "E222", 1),
    built("I2", zipped({"a.png": huge(), "c.png": OK}), "E221", 1),
    built("I3", zipped({"a.jpg": turned()}, ["a.jpg"]), "", 1),
    built("I4", zipped({"a.jpg": picture("JPEG", "CMYK")}), "W223", 1),
    built("I5", zipped({"a.gif": moving("GIF"), "b.webp": moving("WEBP")}), "W224 W225", 2),
    built("I6", zipped({"a.png": SVG, "b.png": b"<html>", "c.png": b"no", "d.png": OK}), "E220", 1),
    built("I7", zipped(DEEP_MODES), "W225", 5),
    built("I8", zipped({"a.gif": GIF_HTML}), "W225", 1),
    built("I9", zipped({"a.png": OK, "b.png": OK, "C.PNG": OK, "d/e.png": OK},
                       ["a.png", "lost.png", "c.png", "e.png"]), "E219 W219 W226 W227", 3),
    built("T14", zipped({"a.png": OK}, ["a.png", "http://169.254.169.254/x.png"]), "E231", 1),
    built("T16", zipped({"a.png": OK}, ["a.png", "../../b.png", "C:a.png"]), "E214", 1),
    built("T16-up", zipped({"a.png": OK}, ["../../a.png"]), "W227", 1),
    built("I-no-zip", no_media, "E232"),
]  # fmt: skip
