"""Rows of a large array worked on side by side."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

THREADS = 2
"""Blocks worked on at a time; NumPy lets other threads run while it computes."""

_MOST_ROWS = 2**14
"""Enough that threads seldom wait for each other, few enough to stay in the cache."""


def in_blocks(n_rows: int, work: Callable[[slice], None], *, threads: int = THREADS) -> None:
    """Call ``work`` once for every block of rows; blocks do not depend on ``threads``.

    Parameters
    ----------
    n_rows : int
    work : callable
        Takes the rows of one block and writes its results where no other block does.
    threads : int
        At least 1.

    Raises
    ------
    ValueError
        If ``threads`` is below 1, and whatever the first block to fail (by its rows) raises.
    """
    if threads < 1:
        raise ValueError("threads must be at least 1")
    rows = -(-n_rows // max(1, -(-n_rows // _MOST_ROWS)))  # blocks of one size end together
    blocks = [slice(start, min(start + rows, n_rows)) for start in range(0, n_rows, max(1, rows))]
    if threads == 1 or len(blocks) < 2:
        for block in blocks:
            work(block)
        return
    with ThreadPoolExecutor(threads) as pool:
        waiting = [pool.submit(work, block) for block in blocks]
        try:
            for future in waiting:
                future.result()
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
