"""Pictures of every depth, color and turn are shown as an eye should see them."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from PIL import Image

from app.datasets.pictures import Refused, Shown, show

SLOPE = np.linspace(0, 1, 64 * 64, dtype=np.float64).reshape(64, 64)


def saved(image: Image.Image, kind: str, **more: Any) -> bytes:
    target = io.BytesIO()
    image.save(target, kind, **more)
    return target.getvalue()


def seen(shown: Shown) -> np.ndarray[Any, Any]:
    return np.asarray(Image.open(io.BytesIO(shown.content)).convert("RGB"), dtype=float)


def gray(values: np.ndarray[Any, Any], kind: str) -> Shown:
    return show(saved(Image.fromarray(values), kind))


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
def test_a_slope_of_any_depth_goes_from_black_to_white(bits: int, kind: str) -> None:
    shown = gray((SLOPE * (2**bits - 1)).astype(np.uint16), kind)
    pixels = seen(shown)
    assert (pixels.min(), pixels.max()) == (0, 255) and abs(pixels.mean() - 127.5) < 2
    assert shown.range is not None and shown.range.words() == f"0 to {2**bits - 1:,} ({bits} bits)"


@pytest.mark.parametrize(("low", "high"), [(0, 1), (-1, 1), (0, 255), (-1000, 3000), (0, 1e-3)])
def test_floats_are_shown_by_their_range(low: float, high: float) -> None:
    values = (SLOPE * (high - low) + low).astype(np.float32)
    assert abs(seen(gray(values, "TIFF")).mean() - 127.5) < 2


@pytest.mark.parametrize("odd", [1e9, np.nan, np.inf, -np.inf])
def test_one_odd_value_does_not_darken_a_picture(odd: float) -> None:
    values = SLOPE.astype(np.float32).copy()
    values[0, 0] = odd
    assert abs(seen(gray(values, "TIFF")).mean() - 127.5) < 2


def test_a_hot_pixel_does_not_darken_twelve_bits() -> None:
    values = (SLOPE * 4095).astype(np.uint16)
    values[0, 0] = 65_535
    assert abs(seen(gray(values, "PNG")).mean() - 127.5) < 2


def test_whole_numbers_below_zero_or_in_a_narrow_range_are_seen() -> None:
    for low, high in ((-300_000, 700_000), (31_000, 34_000)):
        values = (SLOPE * (high - low) + low).astype(np.int32)
        assert abs(seen(gray(values, "TIFF")).mean() - 127.5) < 2


def test_a_plain_picture_stays_as_plain_as_it_is() -> None:
    pixels = seen(gray(np.full((40, 40), 20_000, np.uint16), "PNG"))
    assert len(set(pixels.ravel())) == 1 and 0 < pixels[0, 0, 0] < 255


def deep_colors(values: np.ndarray[Any, Any]) -> bytes:
    """A PNG with three colors of 16 bits, which Pillow does not write."""
    height, width, _ = values.shape
    lines = b"".join(b"\0" + values[row].astype(">u2").tobytes() for row in range(height))
    head = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    made = b"\x89PNG\r\n\x1a\n"
    for name, body in ((b"IHDR", head), (b"IDAT", zlib.compress(lines)), (b"IEND", b"")):
        made += struct.pack(">I", len(body)) + name + body
        made += struct.pack(">I", zlib.crc32(name + body))
    return made


@pytest.mark.parametrize("bits", [12, 16])
def test_colors_of_twelve_bits_are_not_dark(bits: int) -> None:
    shown = show(deep_colors(np.stack([SLOPE * (2**bits - 1)] * 3, axis=-1)))
    assert abs(seen(shown).mean() - 127.5) < 2
    assert ("W225" in shown.changes) == (bits == 12)


def two_halves() -> Image.Image:
    image = Image.new("RGB", (80, 40), (250, 0, 0))
    image.paste((0, 0, 250), (40, 0, 80, 40))
    return image


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_a_turned_picture_of_any_format_is_upright(kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    pixels = seen(show(saved(two_halves(), kind, exif=exif)))
    assert pixels.shape[:2] == (80, 40)
    assert pixels[5, 20, 0] > 200 > 50 > pixels[5, 20, 2]
    assert pixels[75, 20, 2] > 200 > 50 > pixels[75, 20, 0]


def test_a_deep_picture_is_turned_as_well() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    image = Image.fromarray((SLOPE[:32] * 4095).astype(np.uint16))
    assert seen(show(saved(image, "PNG", exif=exif))).shape[:2] == (64, 32)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "AVIF", "TIFF"])
def test_of_several_frames_the_first_is_shown(kind: str) -> None:
    frames = [Image.new("RGB", (16, 16), color) for color in ("red", "lime")]
    shown = show(saved(frames[0], kind, save_all=True, append_images=frames[1:]))
    assert "W224" in shown.changes
    red, green, _ = seen(shown)[8, 8]
    assert red > 200 and green < 50


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_inks_are_shown_in_their_colors(kind: str) -> None:
    shown = show(saved(Image.new("CMYK", (16, 16), (0, 255, 255, 0)), kind))
    red, green, blue = seen(shown)[8, 8]
    assert red > 240 and green < 15 and blue < 15 and shown.changes == ("W223",)


def test_what_is_transparent_shows_white_whatever_color_it_hides() -> None:
    palette = Image.new("P", (16, 16), 0)
    palette.putpalette([255, 0, 0, 0, 0, 255])
    palette.paste(1, (0, 0, 8, 16))
    for content in (
        saved(palette, "PNG", transparency=0),
        saved(palette, "GIF", transparency=0),
        saved(Image.new("L", (16, 16), 10), "PNG", transparency=10),
        saved(Image.new("LA", (16, 16), (10, 0)), "PNG"),
    ):
        assert tuple(seen(show(content))[8, 15]) == (255, 255, 255)
    assert tuple(seen(show(saved(palette, "PNG", transparency=0)))[8, 2]) == (0, 0, 255)


def test_white_on_nothing_can_be_seen() -> None:
    drawn = Image.new("RGBA", (16, 16), (255, 255, 255, 0))
    drawn.paste((255, 255, 255, 255), (4, 4, 12, 12))
    pixels = seen(show(saved(drawn, "PNG")))
    assert pixels[8, 8, 0] == 255 and pixels[0, 0, 0] < 128


def test_avif_and_ppm_are_read_and_heic_says_what_to_do() -> None:
    for kind in ("AVIF", "PPM"):
        shown = show(saved(Image.new("RGB", (16, 16), (9, 200, 30)), kind))
        assert abs(seen(shown)[8, 8] - (9, 200, 30)).max() < 6
    whole = saved(two_halves(), "AVIF")
    with pytest.raises(Refused, match="E222"):
        show(whole[: len(whole) - 40])
    heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100)
    with pytest.raises(Refused, match=r"E235|E222"):  # E222 where the plugin is installed
        show(heic)
