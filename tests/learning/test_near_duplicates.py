import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.learning.near_duplicates import NEARLY_SAME, near_duplicates, nearly_same
from app.learning.neighbours import nearest_neighbours


def groups_of(vectors, threshold=NEARLY_SAME):
    near = nearest_neighbours(np.asarray(vectors, dtype=np.float32), count=3)
    return near_duplicates(near.indices, near.similarities, threshold=threshold).tolist()


def test_chains_are_joined_and_the_rest_stay_alone():
    neighbours = np.array([[1, 3], [2, -1], [1, -1], [0, -1], [-1, -1]])
    likeness = np.array([[0.99, 0.5], [0.98, 0], [0.98, 0], [0.5, 0], [0, 0]], dtype=np.float32)
    found = near_duplicates(neighbours, likeness, threshold=0.98)
    assert found.tolist() == [0, 0, 0, 1, 2]


def test_equal_vectors_are_joined_whatever_the_threshold():
    assert groups_of([[1, 2, 3], [0, 1, 0], [1, 2, 3], [0, -1, 5]], threshold=1.0) == [0, 1, 0, 2]


def test_where_all_lie_close_together_only_the_much_closer_are_the_same():
    assert nearly_same(np.full((5, 3), 0.5, dtype=np.float32)) == NEARLY_SAME
    assert nearly_same(np.full((5, 3), 0.9, dtype=np.float32)) == pytest.approx(0.99)
    assert nearly_same(np.full((5, 3), 0.999, dtype=np.float32)) == pytest.approx(0.9999)
    assert nearly_same(np.empty((5, 0), dtype=np.float32)) == NEARLY_SAME
    assert nearly_same(np.ones((5, 3), dtype=np.float32)) == 1.0


def test_what_is_no_neighbour_is_refused():
    likeness = np.ones((1, 1), dtype=np.float32)
    for bad in (np.array([[1]]), np.array([[-2]]), np.array([0])):
        with pytest.raises(ValueError):
            near_duplicates(bad, likeness, threshold=0.9)
    with pytest.raises(ValueError):
        nearly_same(np.ones(3, dtype=np.float32))
    empty = np.empty((0, 0), dtype=np.int64)
    assert len(near_duplicates(empty, empty.astype(np.float32), threshold=0.9)) == 0


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_the_order_of_examples_is_irrelevant(seed):
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(8, 3))[rng.integers(0, 8, 14)] + rng.normal(size=(14, 3)) * 1e-3
    order = rng.permutation(14)
    one, two = np.array(groups_of(vectors)), np.array(groups_of(vectors[order]))
    together = one[:, None] == one
    assert ((two[:, None] == two) == together[np.ix_(order, order)]).all()
    assert one[0] == 0 and sorted(set(one)) == list(range(one.max() + 1))
