import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from app.scoring.favoured import favoured, outvoted


def test_worked_by_hand():
    found = favoured(np.array([[1, 0, 0, -1], [2, 0, 2, 0], [-1, -1, -1, -1]]))
    assert found.labels.tolist() == [0, 2, -1], "of equal ones the nearest's"
    assert found.votes.tolist() == [2, 2, 0]
    assert found.voters.tolist() == [3, 4, 0]


def test_more_than_half_of_at_least_five_outvote():
    near = np.array([[1, 1, 1, 0, 0], [1, 1, 1, 0, -1], [1, 1, 0, 0, 2], [1, 1, 1, 1, 1]])
    assert outvoted(np.zeros(4, dtype=np.int64), favoured(near)).tolist() == [
        True,
        False,
        False,
        True,
    ]
    assert not outvoted(np.array([1, 1, 1, -1]), favoured(near)).any()


def test_without_neighbours_nobody_is_outvoted():
    found = favoured(np.empty((2, 0), dtype=np.int64))
    assert found.labels.tolist() == [-1, -1]
    assert not outvoted(np.array([0, 1]), found).any()
    with pytest.raises(ValueError):
        favoured(np.zeros(2, dtype=np.int64))
    with pytest.raises(ValueError):
        outvoted(np.array([0]), found)


@given(arrays(np.int64, (6, 7), elements=st.integers(-1, 3)))
def test_votes_are_a_count_of_what_is_there(near):
    found = favoured(near)
    assert (found.votes <= found.voters).all()
    assert (found.voters == (near >= 0).sum(axis=1)).all()
    for row, label, votes in zip(near, found.labels, found.votes, strict=True):
        assert votes == ((row == label) & (row >= 0)).sum()
        assert votes == max([(row == one).sum() for one in row if one >= 0], default=0)
