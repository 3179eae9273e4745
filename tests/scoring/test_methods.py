import subprocess
import sys

import numpy as np
import pytest
from cleanlab import rank
from hypothesis import given, settings
from hypothesis import strategies as st

from app.scoring.methods import METHOD_NAMES, METHODS, priority
from app.scoring.phi import phi
from app.scoring.product import product
from app.scoring.quality import difficulty, label_quality


def draw_case(seed, n_examples, n_classes, sharpness=1.0):
    rng = np.random.default_rng(seed)
    probs = rng.dirichlet(np.full(n_classes, sharpness), size=n_examples).astype(np.float32)
    return rng.integers(0, n_classes, n_examples), probs


cases = st.builds(
    draw_case,
    st.integers(0, 2**32 - 1),
    st.integers(1, 30),
    st.integers(1, 12),
    st.sampled_from([0.05, 1.0, 20.0]),
)


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=60, deadline=None)
@given(case=cases, seed=st.integers(0, 1000))
def test_the_order_of_examples_and_classes_is_irrelevant(method, case, seed):
    labels, probs = case
    rng = np.random.default_rng(seed)
    rows, columns = rng.permutation(len(labels)), rng.permutation(probs.shape[1])
    scores = priority(method, labels, probs)
    moved = priority(method, np.argsort(columns)[labels][rows], probs[rows][:, columns])
    assert np.isfinite(scores).all()
    assert np.allclose(moved, scores[rows], atol=1e-6)


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=40, deadline=None)
@given(case=cases)
def test_copies_of_an_example_score_alike_and_inputs_are_left_alone(method, case):
    labels, probs = case
    twice_labels, twice = np.tile(labels, 2), np.tile(probs, (2, 1))
    for array in (twice_labels, twice):
        array.flags.writeable = False
    first, second = np.split(priority(method, twice_labels, twice), 2)
    assert first.tolist() == second.tolist()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("n_classes", [2, 3, 1000])
def test_more_doubt_in_the_given_label_never_scores_lower(method, n_classes):
    rest = np.random.default_rng(0).dirichlet(np.ones(n_classes - 1)) * 0.2
    shares = np.linspace(0.0, 0.8, 9)
    probs = np.array([[share, 0.8 - share + rest[0], *rest[1:]] for share in shares])
    scores = priority(method, np.zeros(9, dtype=int), probs)
    assert scores[0] == scores.max()
    if method in ("self_confidence", "normalized_margin", "vpv"):
        assert (np.diff(scores) <= 1e-12).all()


@pytest.mark.parametrize("method", METHOD_NAMES)
def test_every_method_refuses_a_row_that_is_not_a_number(method):
    probs = np.array([[0.5, 0.5], [np.nan, np.nan]])
    with pytest.raises(ValueError, match="row 1"):
        priority(method, np.array([0, 1]), probs, rng=np.random.default_rng(0))


@pytest.mark.parametrize("method", METHOD_NAMES)
def test_every_method_answers_for_one_example_none_and_one_hot_rows(method):
    rng = np.random.default_rng(0)
    assert len(priority(method, np.array([1]), np.array([[0.2, 0.8]]), rng=rng)) == 1
    assert len(priority(method, np.empty(0, dtype=int), np.empty((0, 4)), rng=rng)) == 0
    scores = priority(method, np.array([0, 1]), np.eye(4)[[0, 0]], rng=rng)
    assert np.isfinite(scores).all()


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
