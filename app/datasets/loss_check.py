"""Are these losses, one column an epoch?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.datasets.findings import Stop
from app.datasets.prob_check import bad_rows

Numbers = NDArray[np.float32]


def check_losses(values: Numbers, ids: Sequence[str] | None) -> None:
    """Refuse what no loss can be; that they are finite is known."""
    if values.shape[1] == 0:
        raise Stop("E511")
    below = np.asarray((values < 0).any(axis=1))
    if below.any():
        raise Stop("E510", count=int(below.sum()), excerpt=bad_rows(below, ids))
