import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.metrics import roc_auc_score

from app.learning.image import image_features, resized
from app.learning.predict import out_of_sample


def test_planted_errors_among_digits_are_found():
    pixels, labels = load_digits(return_X_y=True)
    pictures = np.rint(pixels[:900] * (255 / 16)).astype(np.uint8).reshape(-1, 8, 8)
    labels = labels[:900]
    rng = np.random.default_rng(0)
    given = labels.copy()
    wrong = rng.choice(900, 90, replace=False)
    given[wrong] = (given[wrong] + rng.integers(1, 10, 90)) % 10
    found = out_of_sample(image_features(pictures, seed=0), given, n_classes=10, seed=0)
    quality = found.pred_probs[np.arange(900), given]
    assert roc_auc_score(given != labels, -quality) >= 0.97


def test_colour_alone_can_tell_pictures_apart():
    rng = np.random.default_rng(0)
    labels = np.arange(80) % 2
    pictures = rng.integers(0, 60, (80, 20, 24, 3), dtype=np.uint8)
    pictures[labels == 0, ..., 0] += 90
    pictures[labels == 1, ..., 2] += 90
    found = out_of_sample(image_features(pictures, seed=0), labels, n_classes=2, seed=0)
    assert (found.pred_probs.argmax(axis=1) == labels).mean() > 0.95


@pytest.mark.parametrize("shape", [(1, 1), (8, 8), (8, 8, 1), (32, 32, 3), (300, 7, 3)])
def test_every_size_becomes_32_by_32(shape):
    picture = np.full(shape, 200, dtype=np.uint8)
    small = resized(picture)
    assert small.shape == (32, 32, 3)
    assert (small == 200).all()


def test_shrinking_averages_and_keeps_the_mean():
    picture = np.random.default_rng(0).integers(0, 256, (320, 320), dtype=np.uint8)
    assert resized(picture).mean() == pytest.approx(picture.mean(), abs=2.0)
    assert resized(picture).std() < 20


def test_a_picture_of_that_size_is_left_as_it_is():
    picture = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    assert (resized(picture) == picture).all()


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((4, 4), dtype=np.float32),
        np.zeros((0, 4), dtype=np.uint8),
        np.zeros((4, 4, 2), dtype=np.uint8),
        np.zeros(4, dtype=np.uint8),
    ],
)
def test_what_is_no_picture_is_refused(picture):
    with pytest.raises(ValueError, match="picture"):
        resized(picture)


def test_pictures_all_alike_get_the_priors():
    pictures = [np.full((8, 8), 7, dtype=np.uint8)] * 20
    found = out_of_sample(image_features(pictures, seed=0), np.arange(20) % 2, n_classes=2, seed=0)
    assert found.pred_probs == pytest.approx(0.5)


def test_mixed_sizes_blank_pictures_and_an_iterator_are_survived():
    rng = np.random.default_rng(0)
    sizes = [(5, 9), (64, 64, 3), (8, 8, 1), (40, 3, 3)] * 6
    pictures = (
        rng.integers(0, 256, size, dtype=np.uint8) * (n % 3) for n, size in enumerate(sizes)
    )
    features = image_features(pictures, seed=0)
    found = out_of_sample(features, np.arange(24) % 2, n_classes=2, seed=0)
    assert np.isfinite(found.pred_probs).all()


def test_no_pictures_have_no_features():
    assert image_features([], seed=0).n_examples == 0
