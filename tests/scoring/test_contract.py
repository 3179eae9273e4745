"""What every score keeps to, whatever it measures."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.arrays import SMALLEST_PROBABILITY
from app.scoring.methods import METHOD_NAMES, METHODS, priority

RANGES = {
    "vpv": lambda n_classes: (-1.0, 1.0),
    "phi": lambda n_classes: (-np.log(n_classes), -np.log(SMALLEST_PROBABILITY)),
    "self_confidence": lambda n_classes: (0.0, 1.0),
    "normalized_margin": lambda n_classes: (0.0, 1.0),
    "confidence_weighted_entropy": lambda n_classes: (0.0, 1.0),
    "product": lambda n_classes: (0.0, 1.0),
    "random": lambda n_classes: (0.0, 1.0),
}
ROUNDING = 1e-6

every_score = pytest.mark.parametrize("method", METHOD_NAMES)
every_score_but_chance = pytest.mark.parametrize("method", METHODS)


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


def score(method, labels, probs):
    return priority(method, labels, probs, rng=np.random.default_rng(0))


def check_answer(method, scores, probs):
    assert scores.shape == (len(probs),)
    assert scores.dtype == np.float64
    lowest, highest = RANGES[method](probs.shape[1])
    assert ((lowest - ROUNDING <= scores) & (scores <= highest + ROUNDING)).all()


def test_every_score_has_a_documented_range():
    assert set(RANGES) == set(METHOD_NAMES)


@every_score
@settings(max_examples=40, deadline=None)
@given(case=cases)
def test_scores_are_float64_in_their_range(method, case):
    labels, probs = case
    check_answer(method, score(method, labels, probs), probs)


@every_score
@pytest.mark.parametrize(("n_examples", "n_classes"), [(1, 4), (5, 1), (1, 1), (50, 2), (50, 1000)])
def test_one_example_one_class_two_classes_and_a_thousand_are_scored(method, n_examples, n_classes):
    labels, probs = draw_case(1, n_examples, n_classes)
    check_answer(method, score(method, labels, probs), probs)


@every_score
def test_no_examples_have_no_scores(method):
    probs = np.empty((0, 4))
    check_answer(method, score(method, np.empty(0, dtype=int), probs), probs)


@every_score
def test_certainty_is_scored(method):
    probs = np.eye(4)[[0, 0]]
    check_answer(method, score(method, np.array([0, 1]), probs), probs)


@every_score_but_chance
@settings(max_examples=40, deadline=None)
@given(case=cases, seed=st.integers(0, 1000))
def test_the_order_of_examples_and_of_classes_is_irrelevant(method, case, seed):
    labels, probs = case
    rng = np.random.default_rng(seed)
    rows, columns = rng.permutation(len(labels)), rng.permutation(probs.shape[1])
    scores = score(method, labels, probs)
    assert (score(method, labels[rows], probs[rows]) == scores[rows]).all()
    renamed = score(method, np.argsort(columns)[labels], probs[:, columns])
    assert np.allclose(renamed, scores, atol=ROUNDING)


@every_score_but_chance
def test_rows_that_are_alike_score_alike_wherever_they_stand(method):
    labels, probs = draw_case(2, 3, 1000)
    scores = score(method, np.tile(labels, 200), np.tile(probs, (200, 1)))
    assert (scores.reshape(200, 3) == scores[:3]).all()


@every_score_but_chance
@pytest.mark.parametrize("n_classes", [2, 3, 1000])
def test_more_doubt_in_the_given_label_never_scores_lower(method, n_classes):
    rest = np.random.default_rng(0).dirichlet(np.ones(n_classes - 1)) * 0.2
    shares = np.linspace(0.0, 0.8, 9)
    probs = np.array([[share, 0.8 - share + rest[0], *rest[1:]] for share in shares])
    scores = score(method, np.zeros(9, dtype=int), probs)
    assert scores[0] == scores.max()
    if method in ("self_confidence", "normalized_margin", "vpv"):
        assert (np.diff(scores) <= 1e-12).all()


@every_score
def test_inputs_may_be_read_only_and_are_left_alone(method):
    labels, probs = draw_case(3, 40, 7)
    before = labels.copy(), probs.copy()
    score(method, labels, probs)
    assert (labels == before[0]).all()
    assert (probs == before[1]).all()
    for array in (labels, probs):
        array.flags.writeable = False
    check_answer(method, score(method, labels, probs), probs)


@every_score
def test_neither_strides_nor_the_order_of_bytes_matter(method):
    labels, probs = draw_case(4, 40, 7)
    expected = score(method, labels, probs)
    wide = np.repeat(np.repeat(probs, 2, axis=0), 3, axis=1)[::2, ::3]
    backward = np.ascontiguousarray(probs[::-1])[::-1]
    for same in (np.asfortranarray(probs), wide, backward, probs.astype(">f4")):
        assert (score(method, labels, same) == expected).all()
    for same in (np.repeat(labels, 2)[::2], labels.astype(np.uint64), labels.astype(">i2")):
        assert (score(method, same, probs) == expected).all()


@every_score
@pytest.mark.parametrize("kind", [np.float16, np.float32, np.longdouble])
@pytest.mark.parametrize("n_classes", [2, 10, 300])
def test_every_float_type_scores_like_float64(method, kind, n_classes):
    labels, probs = draw_case(5, 60, n_classes)
    stored = probs.astype(kind)
    scores = score(method, labels, stored)
    check_answer(method, scores, stored)
    assert scores == pytest.approx(score(method, labels, stored.astype(np.float64)), abs=ROUNDING)


@every_score
@pytest.mark.parametrize(
    "row", [[np.nan, np.nan], [np.nan, 1.0], [np.inf, 0.0], [-0.1, 1.1], [0.4, 0.4]]
)
def test_a_row_that_is_no_list_of_probabilities_is_refused_by_its_number(method, row):
    with pytest.raises(ValueError, match="row 1"):
        score(method, np.array([0, 1, 0]), np.array([[0.5, 0.5], row, [1.0, 0.0]]))


@every_score
@pytest.mark.parametrize("labels", [[0, 2], [0, -1], [0], [0, 1, 0], [[0, 1]], [0.0, 1.0]])
def test_labels_that_are_not_one_column_a_row_are_refused(method, labels):
    with pytest.raises(ValueError, match="given"):
        score(method, np.array(labels), np.array([[0.5, 0.5], [0.25, 0.75]]))


@every_score
@pytest.mark.parametrize("probs", [np.array([0.5, 0.5]), np.eye(2, dtype=int), np.empty((2, 0))])
def test_what_is_no_matrix_of_floats_is_refused(method, probs):
    with pytest.raises(ValueError, match="pred_probs"):
        score(method, np.array([0, 0]), probs)
