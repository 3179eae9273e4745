import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.learning.neighbours import nearest_neighbours
from app.learning.shares import class_priors, label_shares


def cloud(n_examples, n_dimensions=8, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n_examples, n_dimensions)).astype(np.float32)


def by_hand(vectors, count):
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    cosines = unit @ unit.T
    np.fill_diagonal(cosines, -2)
    order = np.argsort(-cosines, axis=1, kind="stable")[:, :count]
    return order, np.take_along_axis(cosines, order, axis=1)


def test_the_nearest_are_those_a_full_comparison_finds():
    vectors = cloud(200)
    found = nearest_neighbours(vectors)
    indices, cosines = by_hand(vectors, 15)
    assert (found.indices == indices).all()
    assert found.similarities == pytest.approx(cosines, abs=1e-5)


@settings(max_examples=50, deadline=None)
@given(st.integers(2, 40), st.integers(1, 6), st.integers(0, 999))
def test_nobody_is_their_own_neighbour_and_none_is_named_twice(n_examples, n_different, seed):
    rng = np.random.default_rng(seed)
    vectors = cloud(n_different, 3, seed)[rng.integers(0, n_different, n_examples)]
    found = nearest_neighbours(vectors, count=5)
    assert found.indices.shape == (n_examples, min(5, n_examples - 1))
    for row, near in enumerate(found.indices):
        named = near[near >= 0]
        assert row not in named
        assert len(set(named)) == len(named)
        copies = np.flatnonzero((vectors == vectors[row]).all(axis=1))
        expected = min(found.indices.shape[1], len(copies) - 1)
        assert np.isin(named[:expected], copies).all()
    assert (np.diff(found.similarities, axis=1) <= 1e-5).all()


def test_moving_the_examples_moves_the_neighbours_with_them():
    vectors = cloud(60)
    order = np.random.default_rng(3).permutation(60)
    found, moved = nearest_neighbours(vectors), nearest_neighbours(vectors[order])
    assert (order[moved.indices] == found.indices[order]).all()


def test_the_length_of_a_vector_does_not_matter():
    vectors = cloud(50)
    longer = vectors * np.linspace(0.5, 9, 50, dtype=np.float32)[:, None]
    assert (nearest_neighbours(vectors).indices == nearest_neighbours(longer).indices).all()


def test_an_example_without_content_has_no_neighbours_and_is_nobodys():
    vectors = cloud(20)
    vectors[4] = 0.0
    found = nearest_neighbours(vectors, count=18)
    assert (found.indices[4] == -1).all()
    assert 4 not in found.indices


@pytest.mark.parametrize("n_examples", [0, 1])
def test_alone_there_are_no_neighbours(n_examples):
    assert nearest_neighbours(cloud(n_examples)).indices.shape == (n_examples, 0)


def test_all_empty_is_survived():
    assert (nearest_neighbours(np.zeros((5, 2), dtype=np.float32)).indices == -1).all()


def test_the_graph_finds_nearly_all_that_the_full_search_finds_even_among_copies():
    vectors = cloud(1500, 16)[np.r_[0:1500, np.zeros(500, dtype=int)]]
    exact = nearest_neighbours(vectors)
    graph = nearest_neighbours(vectors, exact_up_to=100)
    shared = [len(set(a) & set(b)) for a, b in zip(exact.indices, graph.indices, strict=True)]
    assert np.mean(shared) >= 0.97 * 15
    again = nearest_neighbours(vectors, exact_up_to=100)
    assert (graph.indices == again.indices).all()


def test_embeddings_that_are_not_numbers_are_refused():
    with pytest.raises(ValueError, match="finite"):
        nearest_neighbours(np.array([[np.nan], [1.0]], dtype=np.float32))


def test_shares_count_labelled_neighbours_only():
    near = np.array([[1, 2, 3], [0, -1, -1], [3, -1, -1], [-1, -1, -1]])
    shares = label_shares(near, np.array([0, 1, 1, -1]), 2)
    assert shares[0] == pytest.approx([0.0, 1.0])
    assert shares[1] == pytest.approx([1.0, 0.0])
    priors = class_priors(np.array([0, 1, 1, -1]), 2)
    assert shares[2] == pytest.approx(priors)
    assert shares[3] == pytest.approx(priors)


def test_shares_are_even_when_nothing_is_labelled():
    assert label_shares(np.array([[1], [0]]), np.array([-1, -1]), 4) == pytest.approx(0.25)


def test_renaming_labels_renames_the_shares():
    rng = np.random.default_rng(0)
    near, labels = rng.integers(0, 50, (50, 15)), rng.integers(0, 6, 50)
    names = rng.permutation(6)
    renamed = label_shares(near, names[labels], 6)
    assert (renamed[:, names] == label_shares(near, labels, 6)).all()


def test_a_label_out_of_range_is_refused():
    with pytest.raises(ValueError, match="n_classes"):
        label_shares(np.array([[0]]), np.array([3]), 2)
