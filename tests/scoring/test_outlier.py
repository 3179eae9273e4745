import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.scoring.fences import OUTSIDE, fences
from app.scoring.outlier import FEWEST, MOST_REFERENCES, outlier


def draw_cloud(seed, n_examples, n_dimensions=8):
    rng = np.random.default_rng(seed)
    return (rng.normal(size=(n_examples, n_dimensions)) + 4.0).astype(np.float32)


def test_fences_worked_by_hand():
    values = np.arange(9.0)  # quartiles 2 and 6
    assert fences(values, OUTSIDE) == (-4.0, 12.0)
    assert fences(np.array([3.0]), 2.0) == (3.0, 3.0)
    for bad in ([], [np.nan]):
        with pytest.raises(ValueError):
            fences(np.array(bad), 1.0)


def test_an_example_of_another_kind_is_marked_and_its_own_kind_is_not():
    vectors = np.tile(np.array([1.0, 0.0], dtype=np.float32), (30, 1))
    vectors[7] = [0.0, 2.0]
    found = outlier(np.zeros(30, dtype=np.int64), vectors)
    assert np.flatnonzero(found.marked).tolist() == [7]
    assert found.scores[7] == pytest.approx(1.0)
    assert found.scores[8] == pytest.approx(0.0, abs=1e-6)


def test_a_score_worked_by_hand():
    """All others are at right angles but ten, whose cosine is a half."""
    vectors = np.eye(40, dtype=np.float32)[:30]
    vectors[1:11, 0] = np.float32(1 / np.sqrt(3))
    found = outlier(np.zeros(30, dtype=np.int64), vectors)
    assert found.scores[0] == pytest.approx(0.5, abs=1e-6)
    assert found.scores[20] == pytest.approx(1.0, abs=1e-6)


def test_small_labels_zero_vectors_and_missing_labels_never_fire():
    vectors = draw_cloud(0, 60)
    vectors[3] = -vectors[3]
    vectors[59] = 0.0
    labels = np.array([0] * (FEWEST - 1) + [1] * 30 + [-1] * 10 + [1])
    found = outlier(labels, vectors)
    assert np.isnan(found.scores[labels != 1]).all() and np.isnan(found.scores[59])
    assert not found.marked[labels != 1].any() and not found.marked[59]


def test_large_labels_are_compared_with_references_and_never_with_themselves():
    vectors = draw_cloud(1, MOST_REFERENCES * 3)
    vectors[100] *= -1
    found = outlier(np.zeros(len(vectors), dtype=np.int64), vectors)
    assert found.marked[100]
    assert found.scores[np.arange(len(vectors)) != 100].min() > 0
    assert found.marked.mean() < 0.1


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(20, 60))
def test_neither_the_order_of_examples_nor_their_lengths_matter(seed, n_examples):
    vectors = draw_cloud(seed, n_examples)
    labels = np.zeros(n_examples, dtype=np.int64)
    rng = np.random.default_rng(seed)
    order = rng.permutation(n_examples)
    lengths = rng.uniform(0.5, 2.0, (n_examples, 1)).astype(np.float32)
    once = outlier(labels, vectors).scores
    again = outlier(labels, (vectors * lengths)[order]).scores
    assert again == pytest.approx(once[order], abs=1e-5)
    assert ((once >= 0) & (once <= 2)).all()


def test_what_is_no_matrix_is_refused():
    with pytest.raises(ValueError):
        outlier(np.zeros(3, dtype=np.int64), np.zeros((2, 2), dtype=np.float32))
    with pytest.raises(ValueError):
        outlier(np.zeros(1, dtype=np.int64), np.full((1, 2), np.nan, dtype=np.float32))
    assert len(outlier(np.zeros(0, dtype=np.int64), np.zeros((0, 3), dtype=np.float32)).scores) == 0
