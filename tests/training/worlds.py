"""Small worlds whose best remedy is known."""

import numpy as np

from app.training.material import Material, standardized


def clouds(n=600, *, classes=3, spread=1.0, seed=0):
    """Points around one corner a label; vectors and right labels."""
    rng = np.random.default_rng(seed)
    right = rng.integers(classes, size=n)
    vectors = rng.normal(scale=spread, size=(n, 8)).astype(np.float32)
    vectors[np.arange(n), right] += 3
    return standardized(vectors), right


def material(vectors, right, given, *, checked=200, reviewed=(), classes=3, seed=1, **more):
    """Some rows drawn at random and decided rightly, further ones reviewed."""
    rng = np.random.default_rng(seed)
    drawn = np.sort(rng.choice(len(right), checked, replace=False))
    looked_at = np.zeros(len(right), dtype=np.bool_)
    looked_at[drawn] = True
    looked_at[list(reviewed)] = True
    wrong = given != right
    parts = {
        "quality": np.where(wrong, 0.1, 0.9),
        "difficulty": np.zeros(len(right)),
        "consistent": ~wrong,
        "transition": np.eye(classes),
    }
    return Material(
        vectors=vectors,
        before=given,
        after=np.where(looked_at, right, given),
        checked=drawn,
        right=right[drawn],
        reviewed=looked_at,
        **(parts | more),
    )


def one_way(right, share, *, seed=2, classes=3):
    """Some of label 0 given as label 1: structured noise."""
    rng = np.random.default_rng(seed)
    given = right.copy()
    of_zero = np.flatnonzero(right == 0)
    given[rng.choice(of_zero, int(share * len(of_zero)), replace=False)] = 1
    return given
