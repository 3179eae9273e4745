import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.learning.folds import make_folds


def fold(labels, n_classes=None, seed=0):
    labels = np.array(labels)
    return make_folds(labels, n_classes or int(labels.max()) + 1, np.random.default_rng(seed))


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(-1, 5), min_size=2, max_size=120), st.integers(0, 99))
def test_every_labelled_example_is_held_out_once_and_frequent_labels_evenly(labels, seed):
    labels = np.array([0, 1, *labels])
    folds = fold(labels, 6, seed)
    assert ((folds.fold_of >= 0) == (labels >= 0)).all()
    sizes = np.bincount(folds.fold_of[labels >= 0], minlength=folds.n_folds)
    assert np.ptp(sizes) <= 1
    for label in np.flatnonzero(folds.estimable):
        members = np.bincount(folds.fold_of[labels == label], minlength=folds.n_folds)
        assert np.ptp(members) <= 1
        assert members.min() >= 1


def test_a_label_rarer_than_the_folds_is_not_estimable_and_does_not_lower_them():
    folds = fold([0] * 50 + [1] * 50 + [2] * 3)
    assert folds.n_folds == 5
    assert folds.estimable.tolist() == [True, True, False]


def test_folds_are_lowered_where_most_labels_are_rare():
    assert fold([0, 0, 0, 1, 1, 1, 2, 2, 2]).n_folds == 3
    assert fold([0, 1]).n_folds == 2


def test_the_same_seed_deals_alike_and_another_does_not():
    labels = [0, 1] * 30
    assert (fold(labels, seed=1).fold_of == fold(labels, seed=1).fold_of).all()
    assert (fold(labels, seed=1).fold_of != fold(labels, seed=2).fold_of).any()


def test_one_label_only_is_refused_by_name():
    with pytest.raises(ValueError, match="one_given_label"):
        fold([2, 2, -1], 3)


@pytest.mark.parametrize("labels", [[], [-1, -1]])
def test_no_label_at_all_is_refused_by_name(labels):
    with pytest.raises(ValueError, match="no_given_labels"):
        fold(np.array(labels, dtype=int), 3)
