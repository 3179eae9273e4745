"""Models of a sample: small networks trained on its labels as they came, errors and all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from app.arrays import Embeddings
from app.samples.sample import SampleModel, as_csv
from app.training.network import LARGE, LINEAR, SMALL, Recipe, Rows, fit

_SEED = 20261130


NAMED = (("Linear", LINEAR), ("64 wide", SMALL), ("512 wide", LARGE))
"""The same training, more and more room to learn labels by heart."""


def sample_models(
    vectors: Embeddings, labels: Sequence[str], ids: Sequence[str], test: Sequence[bool]
) -> tuple[SampleModel, ...]:
    """Trained on all but the test rows; what each predicts for those."""
    names = sorted(set(labels))
    place = {name: nth for nth, name in enumerate(names)}
    classes = np.array([place[one] for one in labels])
    tested = np.array(test, dtype=np.bool_)
    middle, spread = vectors[~tested].mean(axis=0), vectors[~tested].std(axis=0) + 1e-3
    even = ((vectors - middle) / spread).astype(np.float32)
    train = Rows(even[~tested], classes[~tested], len(names))
    keys = [key for key, is_test in zip(ids, test, strict=True) if is_test]
    made = []
    for name, width in NAMED:
        network = fit(train, width, Recipe(), rng=np.random.default_rng([_SEED, width]))
        said = [names[one] for one in network.favored(even[tested])]
        parameters = sum(weights.size for weights in network.weights)
        made.append(SampleModel(name, parameters, as_csv(keys, {"label": said})))
    return tuple(made)
