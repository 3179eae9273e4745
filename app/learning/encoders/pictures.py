"""Pictures as vectors: what the last layer but one of EfficientNet-Lite0 sees in them.

Tan and Le (2019), arXiv:1905.11946, in the form without squeezing and with ReLU6. All is products
of matrices: a convolution within a channel is one with the matrix of its rows, which is full of
zeros and yet faster than to add up shifted pictures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.arrays import Embeddings

WIDTH = 1280
SIDE = 128
"""Pixels a side: at 96 it takes half as long, and sees less."""

_STAGES = ((3, 1, 1), (3, 2, 2), (5, 2, 2), (3, 3, 2), (5, 3, 1), (5, 4, 2), (3, 1, 1))
"""Size of the window, blocks, and steps of the first of them."""

_STEM = 3
_EPS = 1e-3
_WHOLE_UP_TO = 6
"""Pixels a side up to which a channel is one matrix; above it is one a row."""

_GREY, _SCALE = 127.0, 128.0
_HIGHEST = 6.0

Dense = NDArray[np.float32]


@dataclass(frozen=True)
class _Mixed:
    """Each new channel is a sum of all channels."""

    weights: Dense
    shift: Dense

    def __call__(self, planes: Dense) -> Dense:
        return np.asarray(self.weights @ planes + self.shift, dtype=np.float32)


@dataclass(frozen=True)
class _Within:
    """A window of each channel; `matrices` has shape (channels, inputs, outputs)."""

    matrices: Dense
    shift: Dense
    window: int
    step: int
    side: int

    @property
    def side_after(self) -> int:
        return _sides(self.side, self.step)

    def __call__(self, planes: Dense) -> Dense:
        channels = len(planes)
        rows = planes.reshape(channels, -1, self.side, self.side)
        if self.matrices.shape[1] == self.side**2:
            seen = rows.reshape(channels, -1, self.side**2)
        else:
            seen = self._rows_around(rows)
        found = np.matmul(seen, self.matrices).reshape(channels, -1)
        return _bent(found + self.shift)

    def _rows_around(self, planes: Dense) -> Dense:
        """For each row of the result, the rows that its window covers, side by side."""
        channels, pictures, side, _ = planes.shape
        after, before = self.side_after, _before(side, self.window, self.step)
        around = np.zeros((channels, pictures, after, self.window, side), dtype=np.float32)
        for nth in range(self.window):
            first = max(0, -(-(before - nth) // self.step))
            last = min(after - 1, (side - 1 - nth + before) // self.step)
            start = first * self.step + nth - before
            stop = last * self.step + nth - before + 1
            around[:, :, first : last + 1, nth] = planes[:, :, start : stop : self.step]
        return around.reshape(channels, pictures * after, self.window * side)


@dataclass(frozen=True)
class _Block:
    wider: _Mixed | None
    within: _Within
    narrower: _Mixed

    def __call__(self, planes: Dense) -> Dense:
        wide = planes if self.wider is None else _bent(self.wider(planes))
        found = self.narrower(self.within(wide))
        return found + planes if found.shape == planes.shape else found


class PictureEncoder:
    """What the weights of one file make of pictures."""

    def __init__(self, weights: Mapping[str, NDArray[Any]]) -> None:
        self._stem = _mixed(weights, "_conv_stem.weight", "_bn0")
        self._blocks = _blocks(weights)
        self._head = _mixed(weights, "_conv_head.weight", "_bn1")

    def __call__(self, pictures: Sequence[NDArray[np.uint8]]) -> Embeddings:
        """Vectors of pictures of 128 × 128 × 3 bytes, shape (n_pictures, 1280), none below 0.

        Each is looked at as it is and mirrored; roots keep one strong feature from drowning many.
        """
        if not pictures:
            return np.empty((0, WIDTH), dtype=np.float32)
        plain = np.stack(pictures)
        pixels = np.concatenate([plain, plain[:, :, ::-1]]).astype(np.float32)
        planes = _bent(self._stem(_windows((pixels - _GREY) / _SCALE)))
        for block in self._blocks:
            planes = block(planes)
        seen = _bent(self._head(planes)).reshape(WIDTH, 2, len(pictures), -1)
        return np.ascontiguousarray(np.sqrt(seen.mean(axis=(1, 3))).T)


def _bent(planes: Dense) -> Dense:
    return np.clip(planes, 0.0, _HIGHEST, out=planes)


def _sides(side: int, step: int) -> int:
    return -(-side // step)


def _before(side: int, window: int, step: int) -> int:
    """Pixels of nothing before the first: as few as there must be, the odd one behind the last."""
    return max(0, (_sides(side, step) - 1) * step + window - side) // 2


def _windows(pixels: Dense) -> Dense:
    """Every window of the pictures as a column, for the first convolution."""
    pictures, side = pixels.shape[:2]
    after, before = _sides(side, 2), _before(side, _STEM, 2)
    wide = np.zeros((pictures, side + _STEM, side + _STEM, 3), dtype=np.float32)
    wide[:, before : before + side, before : before + side] = pixels
    columns = np.empty((3, _STEM, _STEM, pictures, after, after), dtype=np.float32)
    for down in range(_STEM):
        for right in range(_STEM):
            part = wide[:, down : down + 2 * after : 2, right : right + 2 * after : 2]
            columns[:, down, right] = part.transpose(3, 0, 1, 2)
    return columns.reshape(3 * _STEM**2, -1)


def _blocks(weights: Mapping[str, NDArray[Any]]) -> list[_Block]:
    blocks: list[_Block] = []
    side = _sides(SIDE, 2)
    for window, count, first_step in _STAGES:
        for nth in range(count):
            name = f"_blocks.{len(blocks)}."
            step = first_step if nth == 0 else 1
            kernels, shift = _folded(weights, f"{name}_depthwise_conv.weight", f"{name}_bn1")
            if kernels.shape[2:] != (window, window):
                raise ValueError("these are not the weights of EfficientNet-Lite0")
            wider = f"{name}_expand_conv.weight"
            blocks.append(
                _Block(
                    _mixed(weights, wider, f"{name}_bn0") if wider in weights else None,
                    _Within(_matrices(kernels[:, 0], side, step), shift, window, step, side),
                    _mixed(weights, f"{name}_project_conv.weight", f"{name}_bn2"),
                )
            )
            side = _sides(side, step)
    return blocks


def _folded(weights: Mapping[str, NDArray[Any]], name: str, norm: str) -> tuple[Dense, Dense]:
    """A convolution with the normalization that follows it in one."""
    if name not in weights:
        raise ValueError("these are not the weights of EfficientNet-Lite0")
    gain = weights[f"{norm}.weight"] / np.sqrt(weights[f"{norm}.running_var"] + _EPS)
    shift = weights[f"{norm}.bias"] - weights[f"{norm}.running_mean"] * gain
    kernels = weights[name] * gain[:, None, None, None]
    return kernels.astype(np.float32), shift[:, None].astype(np.float32)


def _mixed(weights: Mapping[str, NDArray[Any]], name: str, norm: str) -> _Mixed:
    kernels, shift = _folded(weights, name, norm)
    return _Mixed(kernels.reshape(len(kernels), -1), shift)


def _matrices(kernels: Dense, side: int, step: int) -> Dense:
    """The convolution of each channel as a matrix: of all its pixels, or of the rows of a window.

    Shape (channels, inputs, outputs).
    """
    rows = _of_rows(kernels, side, step)
    channels, window, _, after = rows.shape
    if side > _WHOLE_UP_TO:
        return rows.reshape(channels, window * side, after)
    before = _before(side, window, step)
    whole = np.zeros((channels, side, side, after, after), dtype=np.float32)
    for row in range(after):
        for nth in range(window):
            came = row * step + nth - before
            if 0 <= came < side:
                whole[:, came, :, row] = rows[:, nth]
    return whole.reshape(channels, side * side, after * after)


def _of_rows(kernels: Dense, side: int, step: int) -> Dense:
    """Shape (channels, rows of the window, pixels of a row, pixels of the row that results)."""
    channels, window, _ = kernels.shape
    after, before = _sides(side, step), _before(side, window, step)
    rows = np.zeros((channels, window, side, after), dtype=np.float32)
    for place in range(after):
        for nth in range(window):
            came = place * step + nth - before
            if 0 <= came < side:
                rows[:, :, came, place] = kernels[:, :, nth]
    return rows
