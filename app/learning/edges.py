"""Where a picture's edges run: histograms of oriented gradients."""

import numpy as np
from numpy.typing import NDArray
from sklearn.preprocessing import normalize

_ORIENTATIONS = 9
_LARGEST_SHARE = 0.2
_FAINTEST = 1e-2


def edge_histograms(grey: NDArray[np.float32], cell: int) -> NDArray[np.float32]:
    """Gradient directions counted in square cells, each block of 2 × 2 cells set to unit length.

    Parameters
    ----------
    grey : ndarray of shape (n_pictures, side, side)
        Brightness in ``[0, 1]``.
    cell : int
        Pixels along a cell; ``side`` holds at least two.

    Returns
    -------
    ndarray of float32, shape (n_pictures, n_features)
        Rows of unit length, or zero for a flat picture.

    References
    ----------
    Dalal and Triggs (2005), Histograms of oriented gradients for human detection.
    """
    down, across = _gradients(np.sqrt(grey))
    strength = np.hypot(across, down)
    place = (np.arctan2(down, across) % np.pi) / np.pi * _ORIENTATIONS
    below = np.floor(place)
    part = place - below
    n_pictures, side, _ = grey.shape
    n_cells = side // cell
    cells = np.empty((n_pictures, n_cells, n_cells, _ORIENTATIONS), dtype=np.float32)
    for orientation in range(_ORIENTATIONS):
        here = (below % _ORIENTATIONS == orientation) * (1.0 - part)
        here += ((below + 1) % _ORIENTATIONS == orientation) * part
        votes = (strength * here)[:, : n_cells * cell, : n_cells * cell]
        shape = (n_pictures, n_cells, cell, n_cells, cell)
        cells[..., orientation] = votes.reshape(shape).sum(axis=(2, 4))
    return _blocks(cells)


def _gradients(grey: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    down, across = np.zeros_like(grey), np.zeros_like(grey)
    down[:, 1:-1] = grey[:, 2:] - grey[:, :-2]
    across[:, :, 1:-1] = grey[:, :, 2:] - grey[:, :, :-2]
    return down, across


def _blocks(cells: NDArray[np.float32]) -> NDArray[np.float32]:
    """Neighbouring cells by fours, so that a shadow over part of a picture matters little."""
    last = cells.shape[1] - 1
    corners = [cells[:, y : last + y, x : last + x] for y in (0, 1) for x in (0, 1)]
    blocks = np.concatenate(corners, axis=-1)
    blocks /= np.sqrt(np.square(blocks).sum(axis=-1, keepdims=True) + _FAINTEST)
    np.minimum(blocks, _LARGEST_SHARE, out=blocks)
    return np.asarray(normalize(blocks.reshape(len(cells), -1)), dtype=np.float32)
