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
    """One way to look at the examples, and the learner that suits it.

    ``asked``: it is averaged in only where it shows its worth, whatever its learner.
    """

    name: str
    matrix: Rows
    learner: LearnerName
    asked: bool = False


@dataclass(frozen=True)
class Encoded:
    """What a network that was trained elsewhere makes of the examples.

    ``vectors`` has shape (n_examples, width); cosine means likeness, and a row of zeros has no
    neighbours.
    """

    name: str
    vectors: Embeddings


@dataclass(frozen=True)
class Features:
    """Independent views of the same examples, and vectors whose cosine means likeness.

    ``embeddings`` has shape (n_examples, n_dimensions); a row of zeros has no neighbours.
    ``encoded`` holds other such vectors, which serve where their neighbours show their worth.
    """

    views: tuple[View, ...]
    embeddings: Embeddings
    encoded: tuple[Encoded, ...] = ()

    @property
    def n_examples(self) -> int:
        return len(self.embeddings)
