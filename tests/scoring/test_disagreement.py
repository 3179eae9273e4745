import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import entropy

from app.scoring.disagreement import disagreement


def test_worked_by_hand():
    labels = np.array([[1, 1, 1], [1, 1, 0], [0, 1, 2], [2, -1, -1], [-1, -1, -1], [3, -1, 2]])
    found = disagreement(labels)
    assert found.share == pytest.approx([0, 1 / 3, 2 / 3, 0, 0, 1 / 2])
    third = entropy([1 / 3, 2 / 3])
    assert found.entropy == pytest.approx([0, third, np.log(3), 0, 0, np.log(2)])


@given(
    arrays(np.int64, st.tuples(st.integers(0, 8), st.integers(0, 6)), elements=st.integers(-1, 4))
)
def test_neither_annotators_nor_the_names_of_classes_have_an_order(labels):
    found = disagreement(labels)
    renamed = np.where(labels >= 0, 4 - labels, -1)[:, ::-1]
    assert disagreement(renamed).share == pytest.approx(found.share)
    assert disagreement(renamed).entropy == pytest.approx(found.entropy)
    for row, share, nats in zip(labels, found.share, found.entropy, strict=True):
        counts = np.unique(row[row >= 0], return_counts=True)[1]
        assert nats == pytest.approx(entropy(counts) if len(counts) else 0.0, abs=1e-12)
        assert (share > 0) == (len(counts) > 1) == (nats > 0)


@pytest.mark.parametrize("bad", [np.zeros(2, dtype=np.int64), np.zeros((1, 1)), np.array([[-2]])])
def test_what_are_no_labels_is_refused(bad):
    with pytest.raises(ValueError):
        disagreement(bad)
