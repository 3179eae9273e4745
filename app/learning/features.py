"""What a data type hands to the learners."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from app.arrays import Embeddings

LearnerName = Literal["softmax", "ridge", "forest"]


@dataclass(frozen=True)
class View:
    """One way to look at the examples, and the learner that suits it."""

    name: str
    matrix: NDArray[np.float32]
    learner: LearnerName


@dataclass(frozen=True)
class Features:
    """Independent views of the same examples, and vectors whose cosine means likeness.

    ``embeddings`` has shape (n_examples, n_dimensions); a row of zeros has no neighbours.
    """

    views: tuple[View, ...]
    embeddings: Embeddings

    @property
    def n_examples(self) -> int:
        return len(self.embeddings)
