"""Rows that links join into groups."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components


def connected(one: NDArray[np.int64], other: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """The group of each node when every pair is joined.

    Parameters
    ----------
    one, other : ndarray of shape (n_links,)
        Nodes that belong together, in ``[0, count)``.
    count : int
        Number of nodes.

    Returns
    -------
    ndarray of int64, shape (count,)
        A number for each group; a node without a link has its own.

    Raises
    ------
    ValueError
        If shapes disagree or a node is out of range.
    """
    links = coo_array((np.ones(len(one), dtype=np.bool_), (one, other)), shape=(count, count))
    return np.asarray(connected_components(links, directed=False)[1], dtype=np.int64)
