"""What a data type hands to the learners."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from app.arrays import Embeddings

LearnerName = Literal["softmax", "steady", "ridge", "forest", "margin", "bayes"]

Dense = NDArray[np.float32]
Rows: TypeAlias = Dense | csr_matrix
"""One row an example. Terms of texts are sparse, float32 and never negative."""


@dataclass(frozen=True)
class View:
    """One way to look at the examples, and the learner that suits it."""

    name: str
    matrix: Rows
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
