"""Features of short and long texts in any script."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import normalize

from app.learning.directions import main_directions
from app.learning.features import Features, LearnerName, View
from app.learning.kernel import kernel_map
from app.learning.threads import one_thread
from app.progress import Progress, quiet

_DIMENSIONS = 256
_MOST_TERMS = 100_000
_FEW_TEXTS = 100
"""Below this many texts a term that occurs once is kept."""

_MOST_WORD_CHARACTERS = 50_000_000
_MOST_GRAM_CHARACTERS = 10_000_000
"""Long texts are read from their start until this many characters are spent in all."""

_WORDS = {"analyzer": "word", "ngram_range": (1, 2)}
_GRAMS = {"analyzer": "char_wb", "ngram_range": (2, 5)}

_LEARNERS_OF_ALL: Mapping[str, LearnerName] = MappingProxyType(
    {"words": "bayes", "spelling": "margin"}
)
"""What learns from all terms of a kind; from the main directions alone, another one does."""


MOST_FOR_MARGINS = 30_000
"""Texts above which the machine on all spellings is left out: it takes as long as all the rest."""


@one_thread
def text_features(texts: Sequence[str], *, seed: int, progress: Progress = quiet) -> Features:
    """Words, character n-grams, and the directions both vary along most.

    Parameters
    ----------
    texts : sequence of str
        May be empty strings.
    seed : int
    progress : callable
        Called with (step, done, total); may raise to cancel.

    Returns
    -------
    Features
        Views whose rows have unit length, or are zero where a text holds no known term.
        Without any term at all there are no views.
    """
    progress("features", 0, 3)
    words = _weighted_terms(texts, _WORDS, _MOST_WORD_CHARACTERS)
    progress("features", 1, 3)
    grams = _weighted_terms(texts, _GRAMS, _MOST_GRAM_CHARACTERS)
    progress("features", 2, 3)
    weighted = {"words": words, "spelling": grams}
    sides = {
        name: main_directions(terms, _DIMENSIONS, seed)
        for name, terms in weighted.items()
        if terms is not None
    }
    if not sides:
        return Features((), np.zeros((len(texts), 1), dtype=np.float32))
    embeddings = np.asarray(normalize(np.hstack(list(sides.values()))), dtype=np.float32)
    views = [View(name, side, "steady") for name, side in sides.items()]
    views += [
        View(f"all {name}", terms, _LEARNERS_OF_ALL[name])
        for name, terms in weighted.items()
        if terms is not None and (name != "spelling" or len(texts) <= MOST_FOR_MARGINS)
    ]
    views.append(View("likeness", kernel_map(embeddings, seed), "ridge"))
    progress("features", 3, 3)
    return Features(tuple(views), embeddings)


def _weighted_terms(texts: Sequence[str], terms: dict[str, Any], most_characters: int) -> Any:
    """TF-IDF of the terms, rows of unit length; None where no text holds any."""
    each = max(200, most_characters // max(1, len(texts)))
    vectorizer = TfidfVectorizer(
        **terms,
        strip_accents="unicode",
        sublinear_tf=True,
        min_df=2 if len(texts) >= _FEW_TEXTS else 1,
        max_features=_MOST_TERMS,
        dtype=np.float32,
    )
    try:
        return vectorizer.fit_transform(text[:each] for text in texts).tocsr()
    except ValueError:  # scikit-learn's only word for an empty vocabulary
        return None
