"""Pictures that are blank, blurred or of an odd size."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FAR_OUT = 3.0
"""Quartile ranges beyond a quartile; Tukey (1977), Exploratory Data Analysis, ch. 2D."""

BLANK = 2.0
"""Standard deviation of brightness, of 255, up to which a picture shows nothing: rounding and the
noise of compression."""

RARE = 0.01
"""Where most pictures are of one size, another is odd below this share of them ..."""

ENOUGH = 100
"""... and among at least so many pictures; fewer have no odd one out."""

_FEWEST = 20
_FAINTEST = 1e-6


@dataclass(frozen=True)
class Look:
    """What one picture measures. ``spread``: standard deviation of brightness in ``[0, 127.5]``;
    ``sharpness``: variance of the Laplacian over the variance of brightness, 0 if that is 0."""

    spread: float
    sharpness: float
    height: int
    width: int


@dataclass(frozen=True)
class PictureQuality:
    """One entry a picture; nothing is marked where there was no picture."""

    blank: NDArray[np.bool_]
    blurred: NDArray[np.bool_]
    odd_size: NDArray[np.bool_]

    @property
    def any(self) -> NDArray[np.bool_]:
        return np.asarray(self.blank | self.blurred | self.odd_size, dtype=np.bool_)


def look(picture: NDArray[np.uint8], size: tuple[int, int] | None = None) -> Look:
    """Measure one picture.

    Parameters
    ----------
    picture : ndarray of uint8
        Shape (height, width), (height, width, 1) or (height, width, 3).
    size : tuple of int, optional
        Height and width before it was reduced; its own otherwise.

    Returns
    -------
    Look

    Raises
    ------
    ValueError
        If it has no pixel, another shape or another type.

    References
    ----------
    Pech-Pacheco et al. (2000), Diatom autofocusing in brightfield microscopy: variance of the
    Laplacian. Divided by the variance of brightness, so that a dim picture is not a blurred one.
    """
    if picture.dtype != np.uint8 or picture.ndim not in (2, 3) or picture.size == 0:
        raise ValueError("a picture must be an array of uint8, grey or RGB, and not empty")
    if picture.ndim == 3 and picture.shape[2] not in (1, 3):
        raise ValueError("a picture must have one channel or three")
    grey = picture.astype(np.float32)
    if grey.ndim == 3:
        grey = grey.mean(axis=2)
    height, width = size or grey.shape
    variance = float(grey.var())
    if variance <= _FAINTEST or min(grey.shape) < 3:
        return Look(variance**0.5, 0.0, height, width)
    inner = grey[1:-1, 1:-1]
    around = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:]
    return Look(variance**0.5, float((around - 4.0 * inner).var()) / variance, height, width)


def picture_quality(looks: list[Look | None]) -> PictureQuality:
    """Mark the pictures that stand apart from the rest of the dataset.

    Blank: brightness varies by at most 2 of 255. Blurred: not blank, and the logarithm of its
    sharpness lies far below the others'. Odd size: the logarithm of its area or of its height
    over its width lies far out, or, where most have the same, is not theirs and rare.

    Parameters
    ----------
    looks : list of Look
        From ``look``; None where there is no picture.

    Returns
    -------
    PictureQuality
        Masks of shape (n_pictures,). Blurred and odd need 20 pictures to compare.
    """
    there = np.array([one is not None for one in looks], dtype=np.bool_)
    table = np.array(
        [(one.spread, one.sharpness, one.height, one.width) for one in looks if one is not None],
        dtype=np.float64,
    ).reshape(-1, 4)
    spread, sharpness, height, width = table.T
    blank = spread <= BLANK
    blurred = np.zeros(len(table), dtype=np.bool_)
    sharp = np.log(np.maximum(sharpness, _FAINTEST))
    blurred[~blank] = _far_out(sharp[~blank], below_only=True)
    odd = _far_out(np.log(height * width)) | _far_out(np.log(height / width))
    return PictureQuality(*(_spread_over(there, mask) for mask in (blank, blurred, odd)))


def _far_out(values: NDArray[np.float64], *, below_only: bool = False) -> NDArray[np.bool_]:
    if len(values) < _FEWEST:
        return np.zeros(len(values), dtype=np.bool_)
    low, middle, high = np.quantile(values, [0.25, 0.5, 0.75])
    if high == low:
        other = values < middle if below_only else values != middle
        rare = len(values) >= ENOUGH and other.mean() < RARE
        return np.asarray(other & rare, dtype=np.bool_)
    reach = FAR_OUT * (high - low)
    beyond = values < low - reach
    return np.asarray(beyond if below_only else beyond | (values > high + reach), dtype=np.bool_)


def _spread_over(there: NDArray[np.bool_], mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    whole = np.zeros(len(there), dtype=np.bool_)
    whole[there] = mask
    return whole
