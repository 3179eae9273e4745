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


grouped = st.lists(st.tuples(st.integers(-1, 4), st.integers(0, 25)), min_size=4, max_size=150)


def grouped_fold(rows, seed=0):
    labels = np.array([0, 1, *(label for label, _ in rows)])
    groups = np.array([100, 101, *(group for _, group in rows)])
    return labels, groups, make_folds(labels, 5, np.random.default_rng(seed), groups)


@settings(max_examples=200, deadline=None)
@given(grouped, st.integers(0, 99))
def test_no_group_straddles_and_no_fold_is_empty(rows, seed):
    labels, groups, folds = grouped_fold(rows, seed)
    labelled = labels >= 0
    assert ((folds.fold_of >= 0) == labelled).all()
    for group in np.unique(groups[labelled]):
        assert len(np.unique(folds.fold_of[labelled & (groups == group)])) == 1
    sizes = np.bincount(folds.fold_of[labelled], minlength=folds.n_folds)
    assert sizes.min() >= 1
    assert np.ptp(sizes) <= np.unique(groups[labelled], return_counts=True)[1].max()


@settings(max_examples=100, deadline=None)
@given(grouped, st.integers(0, 99))
def test_an_estimable_label_can_always_be_learnt_from_other_folds(rows, seed):
    labels, _, folds = grouped_fold(rows, seed)
    for label in np.flatnonzero(folds.estimable):
        assert len(np.unique(folds.fold_of[labels == label])) >= 2


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(-1, 5), min_size=2, max_size=120), st.integers(0, 99))
def test_groups_of_one_change_nothing(labels, seed):
    labels = np.array([0, 1, *labels])
    names = np.random.default_rng(5).permutation(len(labels)) + 7
    alone = make_folds(labels, 6, np.random.default_rng(seed), names)
    plain = fold(labels, 6, seed)
    assert (alone.fold_of == plain.fold_of).all()
    assert (alone.estimable == plain.estimable).all()
    assert alone.n_folds == plain.n_folds


def test_labels_are_dealt_evenly_where_groups_are_small():
    rng = np.random.default_rng(3)
    labels = rng.integers(0, 4, 600)
    groups = rng.integers(0, 300, 600)
    folds = make_folds(labels, 4, np.random.default_rng(0), groups)
    for label in range(4):
        members = np.bincount(folds.fold_of[labels == label], minlength=5)
        assert np.ptp(members) <= 4


def test_the_same_seed_deals_groups_alike():
    rng = np.random.default_rng(3)
    labels, groups = rng.integers(0, 3, 90), rng.integers(0, 40, 90)
    one, same, other = (
        make_folds(labels, 3, np.random.default_rng(seed), groups).fold_of for seed in (1, 1, 2)
    )
    assert (one == same).all()
    assert (one != other).any()


def test_a_label_needs_as_many_groups_as_there_are_folds():
    labels = [0] * 50 + [1] * 50 + [2] * 6
    groups = [*range(100), *[100] * 6]
    folds = make_folds(np.array(labels), 3, np.random.default_rng(0), np.array(groups))
    assert folds.estimable.tolist() == [True, True, False]


def test_one_group_for_all_is_not_heeded():
    labels = np.array([0, 1] * 20)
    folds = make_folds(labels, 2, np.random.default_rng(0), np.zeros(40, dtype=int))
    assert (folds.fold_of == fold(labels, 2).fold_of).all()


def test_groups_must_be_one_number_an_example():
    with pytest.raises(ValueError, match="one number"):
        make_folds(np.array([0, 1]), 2, np.random.default_rng(0), np.array([1]))
