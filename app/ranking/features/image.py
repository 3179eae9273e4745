"""What models learn from images, each decoded once."""

from __future__ import annotations

from app.learning.image import image_features
from app.progress import Progress
from app.ranking.features.feature_maker import Examples, FeatureMaker, MadeFeatures


def _make(examples: Examples) -> MadeFeatures:
    from app.ranking.pictures import Pictures  # Pillow is loaded for images only

    pictures = Pictures(examples.blobs, examples.data.contents)
    progress = _of(len(examples.data), examples.progress)
    return MadeFeatures(image_features(pictures, seed=examples.seed, progress=progress), pictures)


def _of(total: int, progress: Progress) -> Progress:
    """Fill in the total that a reader of a stream cannot know."""
    return lambda step, done, known: progress(step, done, known or total)


IMAGE = FeatureMaker(_make)
