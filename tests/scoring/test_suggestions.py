import numpy as np
import pytest

from app.scoring.suggestions import suggestions


def test_the_likeliest_come_first_with_their_probability():
    found = suggestions(np.array([[0.1, 0.6, 0.3]]), count=2)
    assert found.labels.tolist() == [[1, 2]]
    assert found.probabilities[0] == pytest.approx([0.6, 0.3])


def test_equal_ones_come_in_the_order_of_classes():
    assert suggestions(np.full((1, 4), 0.25)).labels.tolist() == [[0, 1, 2, 3]]


def test_certainty_still_lists_every_other_class_once():
    assert sorted(suggestions(np.eye(4)[[2]]).labels[0].tolist()) == [0, 1, 2, 3]


def test_nine_are_offered_of_a_thousand_and_agree_with_sorting():
    probs = np.random.default_rng(0).dirichlet(np.ones(1000), size=200).astype(np.float32)
    found = suggestions(probs)
    assert found.labels.shape == (200, 9)
    assert (found.labels == np.argsort(-probs, axis=1, kind="stable")[:, :9]).all()


def test_a_read_only_array_is_left_alone():
    probs = np.full((3, 2), 0.5)
    probs.flags.writeable = False
    assert suggestions(probs).labels.shape == (3, 2)


@pytest.mark.parametrize("count", [0, -1])
def test_less_than_one_suggestion_is_refused(count):
    with pytest.raises(ValueError, match="count"):
        suggestions(np.array([[1.0]]), count=count)


def test_a_row_that_is_not_a_number_is_refused():
    with pytest.raises(ValueError, match="probabilities"):
        suggestions(np.array([[np.nan, 1.0]]))
