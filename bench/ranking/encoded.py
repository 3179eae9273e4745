"""Vectors of the encoders for the benchmark, read and run as the worker does."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from app.learning.encoded import beside
from app.learning.features import Encoded, Features
from app.learning.threads import one_thread
from app.ranking.encoders.encoder import Encoder
from app.ranking.encoders.files import read_files
from app.ranking.encoders.runners import RUNNERS


@one_thread
def with_encoder(
    features: Features, encoder: Encoder, inputs: Sequence[Any], seed: int
) -> Features:
    """The features with what an encoder sees in the same examples, kept by half the digits."""
    runner = RUNNERS[encoder.name]
    run = runner.load(read_files(encoder))
    parts = [
        run(list(inputs[at : at + runner.at_once])).astype(np.float16)
        for at in range(0, len(inputs), runner.at_once)
    ]
    vectors = np.concatenate(parts).astype(np.float32)
    return beside(features, [Encoded(encoder.name, vectors)], seed=seed)
