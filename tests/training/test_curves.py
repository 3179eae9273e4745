import numpy as np
import pytest

from app.training.curves import (
    HEADS,
    around,
    at_random,
    by_pairs,
    half_of_the_data,
    what_noise_costs,
    what_review_bought,
)
from app.training.material import Material, folds_of_a_curve
from app.training.race import Terms

from .worlds import clouds, material, one_way

LABELS = np.repeat([0, 1, 2], 200)


def rng():
    return np.random.default_rng(0)


@pytest.fixture(scope="module", autouse=True)
def narrow():
    """Heads of 64 instead of 512: the test is about labels, not about size."""
    patch = pytest.MonkeyPatch()
    patch.setattr("app.training.curves.LARGE", 64)
    patch.setattr("app.training.curves.HEADS", (0, 64))
    yield
    patch.undo()


def test_noise_at_random_turns_as_many_labels_as_asked_into_all_others():
    made = at_random(3)(LABELS, 120, rng())
    turned = made != LABELS
    assert turned.sum() == 120
    assert (np.bincount((made - LABELS)[turned] % 3) > 40)[1:].all()


def test_noise_by_pairs_keeps_to_what_was_measured():
    transition = np.array([[0.7, 0.3, 0.0], [0.0, 1.0, 0.0], [0.0, 0.1, 0.9]])
    made = by_pairs(transition)(LABELS, 100, rng())
    assert (made != LABELS).sum() == 100
    assert (made[LABELS != 1][made[LABELS != 1] != LABELS[LABELS != 1]] == 1).all()
    assert (made[LABELS == 1] == 1).all()
    of_zero, of_two = ((made != LABELS) & (one == LABELS) for one in (0, 2))
    assert of_zero.sum() > 1.8 * of_two.sum()
    assert (by_pairs(np.eye(3))(LABELS, 10, rng()) == LABELS).all()


def test_noise_around_a_group_takes_its_members_and_then_their_likes():
    vectors = np.arange(600, dtype=np.float32)[:, None]
    members = np.arange(600) < 50
    few = around(vectors, members, 2)(LABELS, 40, rng())
    assert (few != LABELS)[:50].sum() == 40 and (few != LABELS).sum() == 40
    many = around(vectors, members, 2)(LABELS, 80, rng())
    turned = np.flatnonzero(many != LABELS)
    assert len(turned) == 80 and turned.max() < 100 and (many[turned] == 2).all()


@pytest.fixture(scope="module")
def data():
    vectors, right = clouds(600)
    given = one_way(right, 0.8)
    found = np.flatnonzero(given != right)
    return material(vectors, right, given, checked=110, reviewed=found)


def right_share(data, point):
    return (point.favored == data.right).mean()


def test_review_that_finds_everything_is_seen_to_pay(data):
    decided = np.flatnonzero(data.reviewed)
    points = what_review_bought(data, decided, Terms())
    assert [(one.at, one.width) for one in points] == [
        (at, width) for at in (0, 0.25, 0.5, 1) for width in (0, 64)
    ]
    assert right_share(data, points[-1]) > right_share(data, points[1]) + 0.15


def test_noise_costs_more_the_more_there_is(data):
    steps = []
    terms = Terms(progress=lambda *told: steps.append(told))
    points = what_noise_costs(data, by_pairs(np.roll(np.eye(3), 1, 1)), today=0.07, terms=terms)
    large = [one for one in points if one.width]
    assert [one.at for one in large] == [0.07, 0.10, 0.20, 0.30, 0.40]
    assert all(one.favored.shape == (3, 110) for one in points)
    assert right_share(data, large[-1]) < right_share(data, large[0]) - 0.05
    assert steps[-1] == ("what noise costs", 30, 30)


def test_rates_that_cannot_be_reached_are_left_out(data):
    some = np.array([[0.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 1.0, 0.0]]) + np.diag([1, 0, 0])
    only = Material(**{**vars(data), "after": np.where(data.after == 2, 1, data.after)})
    few = np.where(np.cumsum(only.after == 1) <= 60, only.after, 0)
    only = Material(**{**vars(only), "after": np.where(few == 1, 2, few)})
    points = what_noise_costs(only, by_pairs(some), today=0.0, terms=Terms())
    assert {one.at for one in points} == {0.0, 0.05, 0.10}


def test_half_of_the_data_is_trained_on_half(data):
    half, whole = half_of_the_data(data, Terms())
    assert (half.at, whole.at) == (0.5, 1.0)
    assert right_share(data, whole) > 0.85


def test_few_checked_rows_are_held_out_at_once_many_in_folds(data):
    assert folds_of_a_curve(data) == 1
    vectors, right = clouds(200)
    assert folds_of_a_curve(material(vectors, right, right, checked=150)) == 4
    assert len(HEADS) == 2
