"""Pictures with more than 8 bits a value: shown by what they use, so that an eye sees them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

_DEPTHS = (8, 10, 12, 14, 16)
_MOST = (1 << _DEPTHS[-1]) - 1
_NARROW = 8  # less than this part of a depth is used: shown from its least to its greatest value
_OUTSIDE = 0.1  # percent of the values at either end that may be errors of a sensor
_BAND = 256  # rows
_MANY = 1_000  # values; of fewer none is left out
_FAR = 4  # bits: as much as 16 times brighter
_SAMPLE = 1_000_000  # values that tell a percentile well enough
_PHOTOMETRIC, _WHITE_IS_ZERO = 262, 0  # a tag of TIFF
_UPPER_HALF = ";16"  # of colors with 16 bits Pillow gives the upper 8

Values = NDArray[np.number[Any]]


class Range(NamedTuple):
    """What is shown black and what white; `bits` where that is a depth."""

    low: float
    high: float
    bits: int = 0

    def words(self) -> str:
        depth = f" ({self.bits} bits)" if self.bits else ""
        return f"{_number(self.low)} to {_number(self.high)}{depth}"


class Scaled(NamedTuple):
    """Eight bits a value, and what they stand for."""

    image: Image.Image
    range: Range


def is_deep(image: Image.Image) -> bool:
    return image.mode.startswith(("I", "F"))


def has_deep_colors(image: Image.Image) -> bool:
    """Whether colors have 16 bits in the file; asked before it is decoded."""
    return not is_deep(image) and any(
        _UPPER_HALF in str(tile) for tile in getattr(image, "tile", ())
    )


def gray_of(image: Image.Image) -> Scaled:
    """Gray with 8 bits; values that are no numbers are black."""
    values = np.asarray(image)
    finite = np.isfinite(values)
    if not finite.any():
        raise ValueError("no value is a number")
    whole = image.mode.startswith("I")
    shown = _range_of(values if finite.all() else values[finite], whole=whole)
    gray = Image.fromarray(_scaled(values, shown))
    tags = getattr(image, "tag_v2", {})
    inverted = whole and tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO
    return Scaled(ImageOps.invert(gray) if inverted else gray, shown)


def _scaled(values: Values, shown: Range) -> NDArray[np.uint8]:
    """Band by band: a picture of 50 million values is not held several times as floats."""
    scaled = np.empty(values.shape, dtype=np.uint8)
    factor = 255.0 / ((shown.high - shown.low) or 1.0)
    for top in range(0, len(values), _BAND):
        band = values[top : top + _BAND].astype(np.float64)
        band = np.nan_to_num((band - shown.low) * factor, nan=0.0, posinf=255.0, neginf=0.0)
        scaled[top : top + _BAND] = np.clip(band, 0, 255)
    return scaled


def colors_of(image: Image.Image) -> Scaled | None:
    """Colors whose 16 bits are not used to the top, made brighter; None where they are."""
    colors = [band for band in image.getbands() if band != "A"]
    highest = max(int(np.asarray(image.getchannel(band)).max()) for band in colors)
    bits = next(bits for bits in _DEPTHS if highest < 1 << (bits - 8))
    if bits == _DEPTHS[-1] or not highest:
        return None
    factor = 255 / ((1 << (bits - 8)) - 1)
    brighter = [
        image.getchannel(band).point(lambda value: value * factor) if band in colors
        else image.getchannel(band)
        for band in image.getbands()
    ]  # fmt: skip
    return Scaled(Image.merge(image.mode, brighter), Range(0, (1 << bits) - 1, bits))


def _range_of(values: Values, *, whole: bool) -> Range:
    low, high = float(values.min()), float(values.max())
    least, greatest = _inner(values) if values.size >= _MANY else (low, high)
    if whole and low >= 0 and high <= _MOST:
        bits = _bits(high)
        if _bits(greatest) + _FAR <= bits:  # a few values of an error are far above the others
            bits, high = _bits(greatest), greatest
        most = (1 << bits) - 1
        if low == high or bits == _DEPTHS[0] or (high - low) * _NARROW >= most:
            return Range(0, most, bits)
    return Range(least, greatest) if greatest > least else Range(low, high)


def _inner(values: Values) -> tuple[float, float]:
    """The least and the greatest value without the few at either end."""
    step = max(1, values.size // _SAMPLE)
    inner = np.percentile(values.reshape(-1)[::step], [_OUTSIDE, 100 - _OUTSIDE])
    return float(inner[0]), float(inner[1])


def _bits(value: float) -> int:
    """The depth that fits a value."""
    return next(bits for bits in _DEPTHS if value < 1 << bits)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:.4g}"
