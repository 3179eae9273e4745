import numpy as np
import pytest

from app.training.losses import cross_entropy
from app.training.network import LARGE, LINEAR, SMALL, Recipe, Rows, _slopes, _start, fit

from .worlds import clouds


def test_both_heads_learn_what_can_be_learned():
    vectors, right = clouds()
    for width in (LINEAR, SMALL):
        rows = Rows(vectors[:400], right[:400], 3)
        network = fit(rows, width, Recipe(), rng=np.random.default_rng(0))
        assert (network.favored(vectors[400:]) == right[400:]).mean() > 0.9


def test_a_hidden_layer_learns_what_no_line_can_cut():
    vectors = np.array([[-1, -1], [-1, 1], [1, -1], [1, 1]] * 40, dtype=np.float32)
    labels = np.array([0, 1, 1, 0] * 40)
    found = {
        width: fit(Rows(vectors, labels, 2), width, Recipe(), rng=np.random.default_rng(0)).favored(
            vectors
        )
        for width in (LINEAR, SMALL)
    }
    assert (found[SMALL] == labels).all()
    assert not (found[LINEAR] == labels).all()


@pytest.mark.parametrize("recipe", [Recipe(), Recipe(dropout=0.5), Recipe(mixup=0.2)])
def test_the_same_seed_gives_the_same_bits(recipe):
    vectors, right = clouds(300)
    rows = Rows(vectors, right, 3)
    one, two, other = (
        fit(rows, SMALL, recipe, rng=np.random.default_rng(seed)).logits(vectors)
        for seed in (5, 5, 6)
    )
    assert one.tobytes() == two.tobytes() != other.tobytes()


@pytest.mark.parametrize("width", [LINEAR, 6])
@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_slopes_of_weights_agree_with_finite_differences(width, dropout):
    vectors, right = clouds(12)
    weights = [
        one.astype(np.float64) + 0.01 for one in _start(8, width, 3, np.random.default_rng(0))
    ]
    recipe = Recipe(dropout=dropout)
    keep = 1.0
    if dropout:
        drawn = np.random.default_rng(3).random((12, width or 8), dtype=np.float32)
        keep = (drawn >= dropout) / (1 - dropout)

    def cost():
        last = vectors.astype(np.float64)
        if width:
            last = np.maximum(last @ weights[0] + weights[1], 0)
        if dropout:
            last = last * keep
        return cross_entropy(last @ weights[-2] + weights[-1], right)[0].mean()

    found = _slopes(weights, vectors, right, recipe, rng=np.random.default_rng(3))
    if dropout and not width:
        assert found[0].shape == weights[0].shape
    for weight, slope in zip(weights, found, strict=True):
        for place in list(np.ndindex(*weight.shape))[::5]:
            before = weight[place]
            weight[place] = before + 1e-4
            up = cost()
            weight[place] = before - 1e-4
            down = cost()
            weight[place] = before
            assert slope[place] == pytest.approx((up - down) / 2e-4, abs=2e-3)


def test_watched_rows_keep_the_best_weights():
    """Labels are partly noise: the longer it learns, the worse it gets on what is watched."""
    vectors, right = clouds(400, spread=2.0)
    noisy = np.where(np.random.default_rng(0).random(400) < 0.4, (right + 1) % 3, right)
    rows, watch = Rows(vectors[:200], noisy[:200], 3), Rows(vectors[200:], right[200:], 3)
    long, short = (
        fit(rows, LARGE, Recipe(weight_decay=0), rng=np.random.default_rng(0), watch=watched)
        for watched in (None, watch)
    )
    hits = [int((one.favored(watch.vectors) == watch.labels).sum()) for one in (long, short)]
    assert hits[1] > hits[0] + 5


def test_nothing_to_train_on_is_refused():
    empty = Rows(np.zeros((0, 4), np.float32), np.zeros(0, np.int64), 2)
    with pytest.raises(ValueError, match="nothing to train on"):
        fit(empty, LINEAR, Recipe(), rng=np.random.default_rng(0))


def test_labels_beyond_the_classes_are_refused():
    with pytest.raises(ValueError, match="between 0 and 1"):
        Rows(np.zeros((1, 4), np.float32), np.array([2]), 2)
