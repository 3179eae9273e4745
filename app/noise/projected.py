"""Between what further random draws would likely leave the bounds."""

from __future__ import annotations

import numpy as np

from app.noise.left import ALPHA, Left, wrong_left
from app.noise.serves import Outcome, Serves

USUAL_SHARE = 0.03
"""Wrong labels that are expected where nothing was drawn yet."""


def likely_after(
    serves: Serves, left: Left, draws: int, *, alpha: float = ALPHA
) -> tuple[int, int] | None:
    """Bounds on what is left if the next draws find as much as is expected by now, evenly spread.

    Parameters
    ----------
    serves : Serves
        What was served so far. Open answers are taken as right.
    left : Left
        What these say.
    draws : int
        Further draws, from 0 to the unserved.
    alpha : float
        As in `wrong_left`.

    Returns
    -------
    tuple of int or None
        Lower and upper limit; None if no count fits what was drawn.

    Raises
    ------
    ValueError
        If there are not so many unserved, or ``alpha`` is out of range.
    """
    if not 0 <= draws <= serves.unserved:
        raise ValueError(f"{draws:,} draws from {serves.unserved:,} unserved examples")
    known = np.maximum(serves.outcome, np.int8(Outcome.RIGHT))
    share = USUAL_SHARE
    if left.estimate is not None:
        share = left.estimate / max(1, serves.unserved + left.open_answers)
    more = np.diff(np.floor(share * np.arange(draws + 1) + 0.5)).astype(np.int8)
    then = wrong_left(
        Serves(
            serves.pool,
            np.append(serves.drawn, np.ones(draws, dtype=np.bool_)),
            np.append(known, more),
        ),
        alpha=alpha,
    )
    return None if then.low is None or then.high is None else (then.low, then.high)
