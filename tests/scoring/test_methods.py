import subprocess
import sys

import numpy as np
import pytest
from cleanlab import rank

from app.scoring.methods import priority
from app.scoring.phi import phi
from app.scoring.product import product
from app.scoring.quality import difficulty, label_quality


def draw_case(seed, n_examples, n_classes):
    rng = np.random.default_rng(seed)
    probs = rng.dirichlet(np.ones(n_classes), size=n_examples).astype(np.float32)
    return rng.integers(0, n_classes, n_examples), probs


def test_chance_comes_from_the_generator_alone():
    labels, probs = draw_case(0, 20, 3)
    once, again = (
        priority("random", labels, probs, rng=np.random.default_rng(5)) for _ in range(2)
    )
    assert once.tolist() == again.tolist()
    with pytest.raises(ValueError, match="rng"):
        priority("random", labels, probs)


def test_an_unknown_method_is_named_with_the_known_ones():
    with pytest.raises(ValueError, match=r"'magic'.*vpv"):
        priority("magic", np.array([0]), np.array([[1.0]]))


def test_eps_reaches_the_default_method():
    labels, probs = draw_case(3, 20, 4)
    assert (priority("vpv", labels, probs, eps=0.3) != priority("vpv", labels, probs)).any()


@pytest.mark.parametrize(
    ("method", "theirs"),
    [
        ("self_confidence", rank.get_self_confidence_for_each_label),
        ("normalized_margin", rank.get_normalized_margin_for_each_label),
        ("confidence_weighted_entropy", rank.get_confidence_weighted_entropy_for_each_label),
    ],
)
@pytest.mark.parametrize("n_classes", [2, 5, 200])
def test_cleanlab_agrees(method, theirs, n_classes):
    labels, probs = draw_case(1, 400, n_classes)
    probs = probs.astype(np.float64)
    probs /= probs.sum(axis=1, keepdims=True)
    assert priority(method, labels, probs) == pytest.approx(1.0 - theirs(labels, probs), abs=1e-6)


def test_phi_worked_by_hand():
    probs = np.array([[0.25, 0.75]])
    entropy = -(0.25 * np.log(0.25) + 0.75 * np.log(0.75))
    assert phi(np.array([0]), probs)[0] == pytest.approx(np.log(4) - entropy)


def test_product_worked_by_hand():
    assert product(np.array([0, 0]), np.array([[0.5, 0.5], [0.0, 1.0]])) == pytest.approx([0, 1])


def test_quality_is_the_probability_of_the_given_label_and_difficulty_the_entropy_in_nats():
    probs = np.array([[0.2, 0.8, 0.0], [1 / 3, 1 / 3, 1 / 3]])
    assert label_quality(np.array([1, 2]), probs) == pytest.approx([0.8, 1 / 3])
    expected = -(0.2 * np.log(0.2) + 0.8 * np.log(0.8))
    assert difficulty(probs) == pytest.approx([expected, np.log(3)])


def test_rows_slightly_off_are_scaled():
    probs = np.array([[0.5, 0.4995], [0.5, 0.5005]])
    assert label_quality(np.array([0, 0]), probs) == pytest.approx([0.5 / 0.9995, 0.5 / 1.0005])


def test_scoring_loads_nothing_but_numpy():
    code = (
        "import sys, app.scoring.methods, app.scoring.suggestions;"
        "heavy = {'scipy', 'sklearn', 'cleanlab', 'faiss', 'pandas'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
