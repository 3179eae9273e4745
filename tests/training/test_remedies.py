"""What holds of every remedy, whichever it is."""

import numpy as np
import pytest

from app.training.network import LARGE, LINEAR, SMALL
from app.training.remedies.registry import REMEDIES
from app.training.remedies.remedy import Simplicity

from .worlds import clouds, material, one_way


@pytest.fixture(scope="module")
def data():
    vectors, right = clouds(300)
    given = one_way(right, 0.4)
    given[7] = -1  # came without a label
    return material(vectors, right, given, checked=100, difficulty=np.linspace(0, 1, 300))


@pytest.mark.parametrize("name", REMEDIES)
def test_a_remedy_names_labels_and_heads_and_edits_nothing(data, name):
    remedy = REMEDIES[name]
    before, after = data.before.tobytes(), data.after.tobytes()
    labels = remedy.labels(data)
    assert remedy.name == name and remedy.words and remedy.trained.endswith(".")
    assert labels.shape == data.before.shape and labels.min() >= -1 and labels.max() < 3
    assert set(remedy.widths) <= {LINEAR, SMALL, LARGE} and remedy.widths
    assert (data.before.tobytes(), data.after.tobytes()) == (before, after)
    values, slope = remedy.recipe(data).loss(np.zeros((2, 3), np.float32), np.array([0, 2]))
    assert np.isfinite(values).all() and slope.shape == (2, 3)


def test_they_stand_in_the_order_of_simplicity():
    order = [one.simplicity for one in REMEDIES.values()]
    assert order == sorted(order) and order[0] is Simplicity.NOTHING
    assert len({one.words for one in REMEDIES.values()}) == len(REMEDIES)


def test_removing_leaves_out_the_share_that_looks_worst(data):
    left = REMEDIES["remove_10"].labels(data)
    gone = (left < 0) & (data.before >= 0)
    assert gone.sum() == 29  # of 299 with a label
    assert (data.quality[gone] == 0.1).all()


def test_the_control_leaves_out_as_many_that_are_hard_but_consistent(data):
    left = REMEDIES["remove_hard_10"].labels(data)
    gone = np.flatnonzero((left < 0) & (data.before >= 0))
    kept = np.flatnonzero((left >= 0) & data.consistent)
    assert len(gone) == 29 and data.consistent[gone].all()
    assert data.difficulty[gone].min() > data.difficulty[kept].max()


def test_after_relabeling_what_people_read_is_not_removed(data):
    left = REMEDIES["relabel_remove"].labels(data)
    assert (left[data.checked] == data.right).all()
    assert ((left < 0) & (data.after >= 0) & ~data.reviewed).sum() > 0
