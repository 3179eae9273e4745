import numpy as np
import pytest

from app.learning.features import Features, View
from app.learning.groups import kept_apart, others_only, united
from app.learning.neighbours import Neighbours, nearest_neighbours
from app.learning.predict import Options, out_of_sample


def vectors(count, seed=0, width=12):
    made = np.random.default_rng(seed).normal(size=(count, width)).astype(np.float32)
    return made / np.linalg.norm(made, axis=1, keepdims=True)


def predict(matrix, labels, groups=None, learner="softmax"):
    features = Features((View("own", matrix, learner),), matrix)
    return out_of_sample(
        features, labels, n_classes=int(labels.max()) + 1, seed=0, options=Options(groups=groups)
    )


@pytest.mark.parametrize("learner", ["softmax", "forest"])
def test_a_duplicate_does_not_tell_its_label_when_groups_are_kept_apart(learner):
    """Labels are random, so nothing can be known: what is known comes from the twin."""
    single = vectors(150, width=200)
    matrix = np.repeat(single, 2, axis=0)
    labels = np.repeat(np.random.default_rng(1).integers(0, 3, 150), 2)
    twins = np.repeat(np.arange(150), 2)
    leaky, kept = (
        float((predict(matrix, labels, groups, learner).pred_probs.argmax(axis=1) == labels).mean())
        for groups in (None, twins)
    )
    assert leaky > 0.75
    assert kept < 0.45


def test_near_duplicates_are_kept_apart_with_the_groups():
    single = vectors(150, width=200)
    matrix = np.repeat(single, 2, axis=0)
    matrix[1::2] += vectors(150, seed=2, width=200) * np.float32(0.02)
    labels = np.repeat(np.random.default_rng(1).integers(0, 3, 150), 2)
    found = predict(matrix, labels, np.arange(300), "forest").pred_probs
    assert float((found.argmax(axis=1) == labels).mean()) < 0.45


def test_groups_of_one_give_the_same_bits():
    matrix = vectors(120)
    labels = np.random.default_rng(2).integers(0, 3, 120)
    plain, alone = predict(matrix, labels), predict(matrix, labels, np.arange(120))
    assert (plain.pred_probs == alone.pred_probs).all()
    assert plain.notes == alone.notes


def test_grouped_predictions_are_the_same_bits_each_time():
    matrix = vectors(120)
    labels = np.random.default_rng(2).integers(0, 3, 120)
    groups = np.arange(120) // 3
    one, two = predict(matrix, labels, groups), predict(matrix, labels, groups)
    assert (one.pred_probs == two.pred_probs).all()


def test_groups_that_leave_nothing_to_learn_from_are_given_up_and_told():
    matrix = vectors(120)
    labels = np.random.default_rng(2).integers(0, 3, 120)
    found = predict(matrix, labels, labels.copy())
    assert "few_groups" in found.notes
    assert (found.pred_probs == predict(matrix, labels).pred_probs).all()


def test_groups_are_joined_through_shared_members():
    found = united(np.array([5, 5, 7, 8, 9]), np.array([1, 2, 2, 3, 4])).tolist()
    assert len(set(found[:3])) == 1
    assert len(set(found)) == 3
    with pytest.raises(ValueError, match="one number"):
        united(np.array([1]), np.array([1, 2]))


def test_a_dense_region_is_no_group_of_near_duplicates():
    crowd = np.ones((80, 3), dtype=np.float32) + vectors(80, width=3) * np.float32(1e-3)
    matrix = np.vstack([crowd, vectors(200, width=3)])
    labels = np.random.default_rng(0).integers(0, 2, 280)
    groups = kept_apart(np.arange(280), nearest_neighbours(matrix), labels)
    assert groups is not None
    assert len(np.unique(groups[:80])) > 40


def test_only_neighbours_of_other_groups_have_a_say():
    near = Neighbours(np.array([[1, 2], [0, -1], [0, 1]]), np.ones((3, 2), dtype=np.float32))
    assert others_only(near, np.array([4, 4, 6])).tolist() == [[-1, 2], [-1, -1], [0, 1]]
