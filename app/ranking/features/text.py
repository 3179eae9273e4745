"""What models learn from texts."""

from __future__ import annotations

from app.datatypes.registry import TYPES
from app.learning.text import text_features
from app.ranking.features.feature_maker import Examples, FeatureMaker, MadeFeatures


def _make(examples: Examples) -> MadeFeatures:
    part = TYPES[examples.data.data_type].stored_as
    texts = [str(content.get(part, "")) for content in examples.data.contents]
    return MadeFeatures(text_features(texts, seed=examples.seed, progress=examples.progress))


TEXT = FeatureMaker(_make)
