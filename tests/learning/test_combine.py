import numpy as np
import pytest

from app.learning.combine import calibrated, mean_of
from app.learning.softmax_regression import softmax, softmax_scores


def test_overconfident_scores_are_softened_to_the_share_that_is_right():
    rng = np.random.default_rng(0)
    said = rng.integers(0, 3, 5000)
    right = np.where(rng.random(5000) < 0.7, said, rng.integers(0, 3, 5000))
    probs = calibrated(np.eye(3, dtype=np.float32)[said] * 12, right)
    assert probs.max(axis=1).mean() == pytest.approx((said == right).mean(), abs=0.01)
    assert (probs.argmax(axis=1) == said).all()


def test_examples_without_a_label_do_not_move_the_calibration():
    rng = np.random.default_rng(1)
    scores = rng.normal(size=(200, 3)).astype(np.float32)
    labels = scores.argmax(axis=1)
    labels[:100] = rng.integers(0, 3, 100)
    more = np.concatenate([scores, rng.normal(size=(50, 3)).astype(np.float32)])
    unlabelled = np.concatenate([labels, np.full(50, -1)])
    assert calibrated(more, unlabelled)[:200] == pytest.approx(calibrated(scores, labels))


def test_the_mean_of_views_is_their_plain_mean():
    views = [np.array([[1.0, 0.0]]), np.array([[0.5, 0.5]])]
    assert mean_of(views) == pytest.approx(np.array([[0.75, 0.25]]))


@pytest.mark.parametrize("views", [[], [np.ones((1, 1)), np.ones((2, 1))]])
def test_views_that_do_not_match_are_refused(views):
    with pytest.raises(ValueError, match="shape"):
        mean_of(views)


def test_regression_finds_the_probabilities_that_made_the_labels():
    rng = np.random.default_rng(2)
    inputs = rng.normal(size=(4000, 2)).astype(np.float32)
    weights = np.array([[1.5, -1.0, 0.0], [0.0, 0.7, -0.7]], dtype=np.float32)
    truth = softmax(inputs @ weights + np.array([0.3, 0.0, -0.3], dtype=np.float32))
    labels = (truth.cumsum(axis=1) < rng.random((4000, 1))).sum(axis=1)
    fitted = softmax(softmax_scores(inputs, labels, inputs, n_classes=3, penalty=0.1))
    assert np.abs(fitted - truth).mean() < 0.02
