import numpy as np
import pytest

from app.learning.encoded import beside
from app.learning.features import Encoded, Features, View
from app.learning.predict import Options, out_of_sample

TRUTH = np.arange(120) % 3
SIDES = {"encoder", "encoder likeness", "encoder neighbors"}


def noise(rng, width=6):
    rows = rng.normal(size=(120, width)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def built_in():
    rows = noise(np.random.default_rng(0))
    rows[:, 0] += (TRUTH == 0) * 0.8
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return Features((View("own", rows, "softmax"), View("likeness", rows, "ridge")), rows)


def knowing():
    """Vectors that tell the classes apart, far from the origin as those of networks are."""
    rng = np.random.default_rng(1)
    return (np.eye(3, 6)[TRUTH] + rng.normal(scale=0.2, size=(120, 6)) + 5.0).astype(np.float32)


def predicted(vectors, **more):
    given = TRUTH.copy()
    given[:6] = (given[:6] + 1) % 3
    features = (
        beside(built_in(), [Encoded("encoder", vectors)], seed=0) if len(vectors) else built_in()
    )
    return out_of_sample(features, given, n_classes=3, seed=0, options=Options(**more))


def test_an_encoder_that_knows_the_classes_enters_and_its_neighbours_are_shown():
    found, without = predicted(knowing()), predicted([])
    assert set(found.averaged) >= SIDES
    assert found.embeddings.shape == (120, 6)
    same = TRUTH[found.neighbours] == TRUTH[:, None]
    assert same.mean() > (TRUTH[without.neighbours] == TRUTH[:, None]).mean() + 0.3
    assert (found.pred_probs.argmax(1) == TRUTH).mean() > 0.95
    assert (without.pred_probs.argmax(1) == TRUTH).mean() < 0.8


def test_an_encoder_that_knows_nothing_here_is_left_out_and_changes_nothing():
    found, without = predicted(noise(np.random.default_rng(7)) + 3), predicted([])
    assert not SIDES & set(found.averaged)
    assert {one.name for one in found.tried if not one.enters} >= SIDES
    assert found.pred_probs.tobytes() == without.pred_probs.tobytes()
    assert found.neighbours.tobytes() == without.neighbours.tobytes()


def test_examples_without_a_vector_have_no_neighbours_by_it_and_are_still_predicted():
    vectors = knowing()
    vectors[[3, 50]] = 0.0
    found = predicted(vectors)
    assert (found.neighbours[[3, 50]] == -1).all()
    np.testing.assert_allclose(found.pred_probs.sum(axis=1), 1.0, rtol=1e-5)


def test_nobody_of_ones_own_group_is_heard_among_an_encoders_neighbours():
    vectors = knowing()
    vectors[60:] = vectors[:60]  # every example has a twin in its group
    given = TRUTH.copy()
    features = beside(built_in(), [Encoded("encoder", vectors)], seed=0)
    groups = np.tile(np.arange(60), 2)
    kept = out_of_sample(features, given, n_classes=3, seed=0, options=Options(groups=groups))
    free = out_of_sample(features, given, n_classes=3, seed=0)
    assert kept.pred_probs.tobytes() != free.pred_probs.tobytes()


def test_all_vectors_alike_or_none_at_all_are_no_harm():
    for vectors in (np.zeros((120, 6), np.float32), np.ones((120, 600), np.float32)):
        found = predicted(vectors)
        assert np.isfinite(found.pred_probs).all()
        assert not {"encoder neighbors"} & set(found.averaged)


@pytest.mark.parametrize("vectors", [np.zeros((119, 6)), np.full((120, 6), np.nan)])
def test_other_rows_or_what_is_not_finite_is_refused(vectors):
    with pytest.raises(ValueError, match="encoded vectors"):
        beside(built_in(), [Encoded("encoder", vectors.astype(np.float32))], seed=0)
