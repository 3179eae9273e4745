"""One image of unknown origin: decoded in full, turned upright, written anew without metadata."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module

from PIL import AvifImagePlugin, Image, ImageFile, ImageOps, ImageStat, UnidentifiedImageError

from app.datasets.deep_pictures import Range, colors_of, gray_of, has_deep_colors, is_deep

MOST_PIXELS = 50_000_000
FORMATS = (
    *("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "PPM", "AVIF"),
    *("JPEG2000", "ICO", "PCX", "SGI", "QOI"),
)
MEDIA_TYPES = {
    "PNG": "image/png",
    "JPEG": "image/jpeg",
    "GIF": "image/gif",
    "WEBP": "image/webp",
    "BMP": "image/bmp",
    "TIFF": "image/tiff",
    "MPO": "image/jpeg",
    "PPM": "image/x-portable-anymap",
    "AVIF": "image/avif",
    "HEIF": "image/heic",
    "JPEG2000": "image/jp2",
    "ICO": "image/vnd.microsoft.icon",
    "PCX": "image/vnd.zbrush.pcx",
    "SGI": "image/sgi",
    "QOI": "image/qoi",
    "TGA": "image/x-tga",
}
_ICO, _PNG = b"\0\0\1\0", b"\x89PNG\r\n\x1a\n"
_ICO_STARTS, _ICO_ENTRY = 18, 16  # where its directory says where an image starts, each time
_TGA = (".tga", ".targa", ".icb", ".vda", ".vst")  # its bytes do not say what it is
_BEGINNINGS = (
    *(_PNG, b"\xff\xd8\xff", b"GIF87a", b"GIF89a"),
    *(b"BM", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),
    *(b"\0\0\0\x0cjP  ", b"\xffO\xffQ", _ICO, b"qoif", b"\x01\xda"),
)
_SCAN, _END = b"\xda", b"\xff\xd9"  # of a JPEG
_QUALITY = 92
_BEHIND, _BEHIND_WHITE = (255, 255, 255), (64, 64, 64)
"""What shows through where an image is transparent, and where what is drawn is white itself."""
_NEARLY_WHITE = 245
_ORIENTATION = 0x0112  # a tag of EXIF
_HEIF = frozenset((b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"))
_AVIF = frozenset((b"avif", b"avis"))

Image.MAX_IMAGE_PIXELS = None  # the size is checked here, as an error and not as a warning
ImageFile.LOAD_TRUNCATED_IMAGES = False
AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # each thread costs a part of the parser's memory


_BROKEN = (
    *(OSError, EOFError, ValueError, TypeError, AttributeError, AssertionError, SyntaxError),
    *(LookupError, ArithmeticError, RuntimeError, struct.error, zlib.error),
)
"""What Pillow raises on bytes that are no whole image."""


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
    range: Range | None = None  # of a deep image: what is shown black and white


def show(content: bytes, name: str = "") -> Shown:
    """Decode every pixel; what comes out holds nothing of the file but its pixels."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for size in _sizes_in_icon(content):
            _check_size(size)  # Pillow decodes an icon as it opens it
        try:
            image = Image.open(io.BytesIO(content), formats=_formats_for(content, name))
        except (UnidentifiedImageError, *_BROKEN) as error:
            raise Refused(_not_opened(content, name)) from error
        _check_size(image.size)
        try:
            if image.format in ("JPEG", "MPO") and not _has_end(content):
                raise Refused("E222")
            deep_colors = has_deep_colors(image)
            image.load()
            return _anew(image, deep_colors=deep_colors)
        except _BROKEN as error:
            raise Refused("E222") from error


def _check_size(size: tuple[int, int]) -> None:
    pixels = size[0] * size[1]
    if pixels > MOST_PIXELS:
        raise Refused("E221", -(-pixels // 1_000_000))


def _brands(content: bytes) -> set[bytes]:
    """What a file of the AVIF and HEIF family says it is."""
    if content[4:8] != b"ftyp":
        return set()
    head = content[8 : min(int.from_bytes(content[:4]), 256)]
    return {head[at : at + 4] for at in range(0, len(head), 4) if at != 4}  # there: a version


def _formats_for(content: bytes, name: str) -> tuple[str, ...]:
    """The formats that are tried; HEIC is one where the plugin for it is installed."""
    brands = _brands(content)
    if name.lower().endswith(_TGA):
        return (*FORMATS, "TGA")
    if brands & _AVIF or not brands & _HEIF:
        return FORMATS
    try:
        import_module("pillow_heif").register_heif_opener()
    except ImportError as error:
        raise Refused("E235") from error
    return (*FORMATS, "HEIF")


def _sizes_in_icon(content: bytes) -> Iterator[tuple[int, int]]:
    """The sizes of the images in an icon, which may be others than its directory says."""
    if not content.startswith(_ICO):
        return
    count = int.from_bytes(content[4:6], "little")
    for at in range(_ICO_STARTS, _ICO_STARTS + count * _ICO_ENTRY, _ICO_ENTRY):
        start = int.from_bytes(content[at : at + 4], "little")
        image = content[start : start + 24]
        if image.startswith(_PNG):
            yield int.from_bytes(image[16:20]), int.from_bytes(image[20:24])
        else:
            yield int.from_bytes(image[4:8], "little"), int.from_bytes(image[8:12], "little") // 2


def _not_opened(content: bytes, name: str) -> str:
    """An image that begins well is damaged; anything else is none."""
    webp = content[:4] == b"RIFF" and content[8:12] == b"WEBP"
    known = webp or content.startswith(_BEGINNINGS) or _brands(content) & (_AVIF | _HEIF)
    return "E222" if known or name.lower().endswith(_TGA) else "E220"


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


def _anew(image: Image.Image, *, deep_colors: bool) -> Shown:
    original = image.format or ""
    changes = []
    if getattr(image, "n_frames", 1) > 1 and original != "MPO":
        image.seek(0)
        changes.append("W224")
    if image.mode == "CMYK":
        changes.append("W223")
    deep = gray_of(image) if is_deep(image) else colors_of(image) if deep_colors else None
    if deep or _is_clear(image) or image.mode not in ("1", "L", "RGB", "CMYK", "YCbCr"):
        changes.append("W225")
    plain = _plain(_upright(image, deep.image if deep else image))
    plain.info.clear()
    target = io.BytesIO()
    lossy = original in ("JPEG", "MPO")
    if lossy:
        plain.save(target, "JPEG", quality=_QUALITY)
    else:
        plain.save(target, "PNG")
    media_type = "image/jpeg" if lossy else "image/png"
    width, height = plain.size
    shown = deep.range if deep else None
    return Shown(target.getvalue(), media_type, width, height, original, tuple(changes), shown)


def _upright(image: Image.Image, pixels: Image.Image) -> Image.Image:
    """The pixels turned as the image says."""
    if pixels is not image:
        pixels.getexif()[_ORIENTATION] = image.getexif().get(_ORIENTATION, 1)
    return ImageOps.exif_transpose(pixels)


def _is_clear(image: Image.Image) -> bool:
    """Whether a part of it can be seen through."""
    return image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info


def _plain(image: Image.Image) -> Image.Image:
    """Gray or RGB with 8 bits; transparency shows white, or gray behind what is white itself."""
    if _is_clear(image):
        clear = image.convert("RGBA")
        seen = clear.getchannel("A")
        light = ImageStat.Stat(clear.convert("L"), mask=seen.point(lambda value: value > 0 and 255))
        white = light.count[0] > 0 and light.mean[0] > _NEARLY_WHITE
        opaque = seen.getextrema()[0] == 255
        behind = _BEHIND_WHITE if white and not opaque else _BEHIND
        below = Image.new("RGBA", clear.size, (*behind, 255))
        return Image.alpha_composite(below, clear).convert("RGB")
    return image.convert("L" if image.mode in ("1", "L") else "RGB")
