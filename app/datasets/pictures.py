"""One image of unknown origin: decoded in full, turned upright, written anew without metadata."""

from __future__ import annotations

import io
import struct
import warnings
from dataclasses import dataclass

from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

MOST_PIXELS = 50_000_000
FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF")
MEDIA_TYPES = {
    "PNG": "image/png",
    "JPEG": "image/jpeg",
    "GIF": "image/gif",
    "WEBP": "image/webp",
    "BMP": "image/bmp",
    "TIFF": "image/tiff",
    "MPO": "image/jpeg",
}
_BEGINNINGS = (
    *(b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a"),
    *(b"BM", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),
)
_SCAN, _END = b"\xda", b"\xff\xd9"  # of a JPEG
_QUALITY = 92
_BEHIND = (255, 255, 255)  # what shows through where an image is transparent

Image.MAX_IMAGE_PIXELS = None  # the size is checked here, as an error and not as a warning
ImageFile.LOAD_TRUNCATED_IMAGES = False


class Refused(Exception):
    """The bytes are no image that can be shown."""

    def __init__(self, code: str, million_pixels: int = 0) -> None:
        super().__init__(code)
        self.code = code
        self.million_pixels = million_pixels


@dataclass(frozen=True)
class Shown:
    """An image as reviewers see it."""

    content: bytes
    media_type: str
    width: int
    height: int
    original_format: str
    changes: tuple[str, ...]


def show(content: bytes) -> Shown:
    """Decode every pixel; what comes out holds nothing of the file but its pixels."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            image = Image.open(io.BytesIO(content), formats=FORMATS)
        except (UnidentifiedImageError, OSError, ValueError, SyntaxError, struct.error) as error:
            raise Refused(_not_opened(content)) from error
        width, height = image.size
        if width * height > MOST_PIXELS:
            raise Refused("E221", -(-width * height // 1_000_000))
        try:
            if image.format in ("JPEG", "MPO") and not _has_end(content):
                raise Refused("E222")
            image.load()
            return _anew(image)
        except (OSError, ValueError, SyntaxError, IndexError, struct.error) as error:
            raise Refused("E222") from error


def _not_opened(content: bytes) -> str:
    """An image that begins well is damaged; anything else is none."""
    webp = content[:4] == b"RIFF" and content[8:12] == b"WEBP"
    return "E222" if webp or content.startswith(_BEGINNINGS) else "E220"


def _has_end(jpeg: bytes) -> bool:
    """Whether the scan of a JPEG is closed: what decodes it takes zeros in its place for gray.

    A thumbnail has an end of its own, but stands in a segment before the scan.
    """
    at = 2
    while jpeg[at : at + 1] == b"\xff":
        kind = jpeg[at + 1 : at + 2]
        if kind == _SCAN:
            return jpeg.find(_END, at) >= 0
        at += 1 if kind == b"\xff" else 2 + int.from_bytes(jpeg[at + 2 : at + 4])
    return _END in jpeg


def _anew(image: Image.Image) -> Shown:
    original = image.format or ""
    changes = []
    if getattr(image, "n_frames", 1) > 1 and original != "MPO":
        image.seek(0)
        changes.append("W224")
    if image.mode == "CMYK":
        changes.append("W223")
    if image.mode not in ("1", "L", "RGB", "CMYK", "YCbCr"):
        changes.append("W225")
    upright = ImageOps.exif_transpose(image)
    plain = _plain(upright)
    plain.info.clear()
    target = io.BytesIO()
    lossy = original in ("JPEG", "MPO")
    if lossy:
        plain.save(target, "JPEG", quality=_QUALITY)
    else:
        plain.save(target, "PNG")
    media_type = "image/jpeg" if lossy else "image/png"
    width, height = plain.size
    return Shown(target.getvalue(), media_type, width, height, original, tuple(changes))


def _plain(image: Image.Image) -> Image.Image:
    """Gray or RGB with 8 bits: deep gray is scaled to its range, transparency shows white."""
    if image.mode.startswith(("I", "F")):
        return _scaled(image)
    if image.mode in ("1", "L"):
        return image.convert("L")
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        clear = image.convert("RGBA")
        behind = Image.new("RGBA", clear.size, (*_BEHIND, 255))
        return Image.alpha_composite(behind, clear).convert("RGB")
    return image.convert("RGB")


def _scaled(image: Image.Image) -> Image.Image:
    """16 bits by their upper half; other deep images from their least to their greatest value."""
    deep = image.convert("F")
    low, high = deep.getextrema()
    assert isinstance(low, float | int) and isinstance(high, float | int)
    if not (abs(low) < 1e30 and abs(high) < 1e30):
        raise ValueError("values that are not finite")
    if image.mode.startswith("I") and low >= 0 and high <= 65_535:
        low, high = (0, 255) if high <= 255 else (0, 65_535)
    factor = 255.0 / ((high - low) or 1.0)
    return deep.point(lambda value: value * factor - low * factor).convert("L")
