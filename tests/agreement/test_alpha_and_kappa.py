import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import cohen_kappa_score

from app.agreement.by_items import Agreement, counts_of
from app.agreement.kappa import cohen, cohen_with_limits, fleiss, fleiss_with_limits
from app.agreement.krippendorff import alpha, alpha_with_limits, coincidences

KRIPPENDORFF = (
    np.array(
        [
            [1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0],
            [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3],
            [0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0],
            [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0],
        ]
    ).T
    - 1
)
"""Krippendorff (2011), section C: twelve items, four observers, some did not answer."""

FLEISS = """00060 03003 01401 00006 03030 20400 00402 20310 20040 00006 10050 11040 03300 10050
02031 00501 30012 51000 02040 10203 00006 01050 02013 20040 10041 05010 40002 02040 10500 00006"""
"""Fleiss (1971), table 1: thirty patients, six psychiatrists, five diagnoses."""

COHEN = np.array([[88, 14, 18], [10, 40, 10], [2, 6, 12]])
"""Cohen (1960), table 1, of 200 patients."""


def fleiss_table():
    return np.array([[int(digit) for digit in row] for row in FLEISS.split()])


def rng(seed=0):
    return np.random.default_rng(seed)


def test_published_alpha():
    assert alpha(KRIPPENDORFF) == pytest.approx(0.743, abs=5e-4)
    # As the package krippendorff 0.9.0 computes it.
    assert alpha(KRIPPENDORFF) == pytest.approx(0.743421052631579, abs=1e-12)
    table = coincidences(KRIPPENDORFF, 5)
    assert table[0].tolist() == pytest.approx([7, 4 / 3, 1 / 3, 1 / 3, 0])
    assert table.sum() == pytest.approx(40)


def test_published_kappa_of_several():
    assert fleiss(fleiss_table()) == pytest.approx(0.430, abs=5e-4)
    # As statsmodels 0.15.0 computes it.
    assert fleiss(fleiss_table()) == pytest.approx(0.43024452006014074, abs=1e-12)


def test_published_kappa_of_two():
    kappa, error = cohen(COHEN)
    assert kappa == pytest.approx(0.492, abs=5e-4)
    # As statsmodels 0.15.0 computes both.
    assert kappa == pytest.approx(0.49152542372881347, abs=1e-12)
    assert error == pytest.approx(0.05100181557607786, abs=1e-12)


def test_alpha_worked_by_hand():
    # Two annotators, three items: 0 0, 0 1, 1 1. One of three items disagrees: 2 of 6 ordered
    # pairs. By chance 2 * 3 * 3 of 6 * 5: 1 - (1/3) / (18/30) = 4/9.
    votes = np.array([[0, 0], [0, 1], [1, 1], [1, -1]])
    assert alpha(votes) == pytest.approx(4 / 9)


def test_under_fifty_shared_items_nothing_is_said():
    few = np.tile(KRIPPENDORFF[:7], (7, 1))
    assert alpha_with_limits(few, rng=rng()) == Agreement(None, None, None, 49)
    assert not alpha_with_limits(few, rng=rng()).is_enough
    assert cohen_with_limits(few[:, 1], few[:, 3]) == Agreement(None, None, None, 49)
    assert fleiss_with_limits(fleiss_table(), rng=rng()) == Agreement(None, None, None, 30)


def test_limits_hold_the_value_and_shrink():
    widths = []
    for times in (5, 20):
        found = alpha_with_limits(np.tile(KRIPPENDORFF, (times, 1)), rng=rng())
        assert found.shared == 11 * times
        assert found.low < found.value < found.high
        widths.append(found.high - found.low)
    assert widths[0] == pytest.approx(2 * widths[1], rel=0.15)
    several = fleiss_with_limits(np.tile(fleiss_table(), (2, 1)), rng=rng())
    assert several.value == pytest.approx(fleiss(fleiss_table()))
    assert several.low < several.value < several.high
    first, second = (np.repeat(side, COHEN.ravel()) for side in np.indices((3, 3)).reshape(2, 9))
    two = cohen_with_limits(first, second)
    assert (two.shared, two.value) == (200, pytest.approx(0.4915254237288136))
    assert (two.low, two.high) == pytest.approx((0.3915637020535469, 0.59148714540408))


def test_where_everybody_always_says_the_same_there_is_no_coefficient():
    same = np.zeros((60, 3), dtype=np.int64)
    assert alpha(same) is None
    assert alpha_with_limits(same, rng=rng()) == Agreement(None, None, None, 60)
    assert alpha_with_limits(same, rng=rng()).is_enough
    assert fleiss(counts_of(same)) is None
    assert cohen_with_limits(same[:, 0], same[:, 1]) == Agreement(None, None, None, 60)
    assert alpha(np.array([[0, -1], [-1, 1]])) is None
    assert alpha(np.empty((0, 3), dtype=np.int64)) is None


VOTES = arrays(
    np.int64, st.tuples(st.integers(2, 30), st.integers(2, 5)), elements=st.integers(-1, 3)
)


@given(VOTES, st.randoms(use_true_random=False))
@settings(max_examples=50)
def test_the_order_of_items_annotators_and_classes_is_irrelevant(votes, chance):
    found = alpha(votes)
    order = list(range(len(votes)))
    chance.shuffle(order)
    names = [0, 1, 2, 3, -1]
    renamed = np.array([*chance.sample(names[:4], 4), -1])[votes]
    for other in (votes[order], votes[:, ::-1], renamed, np.vstack([votes, -np.ones_like(votes)])):
        assert alpha(other) == (None if found is None else pytest.approx(found))
    assert found is None or found <= 1


@given(arrays(np.int64, (40, 2), elements=st.integers(0, 3)))
@settings(max_examples=50)
def test_kappa_of_two_is_sklearns_and_its_error_that_of_the_delta_method(votes):
    table = np.zeros((4, 4), dtype=np.int64)
    np.add.at(table, (votes[:, 0], votes[:, 1]), 1)
    found = cohen(table)
    if found is None:
        assert len(np.unique(votes)) == 1
        return
    kappa, error = found
    assert kappa == pytest.approx(cohen_kappa_score(*votes.T), abs=1e-12)
    shares, step = table / 40, 1e-6
    slope = np.zeros((4, 4))
    for cell in np.ndindex(4, 4):
        up, down = shares.copy(), shares.copy()
        up[cell] += step
        down[cell] -= step
        slope[cell] = (_kappa(up) - _kappa(down)) / (2 * step)
    variance = (shares * slope**2).sum() - (shares * slope).sum() ** 2
    assert error == pytest.approx(max(0.0, variance / 40) ** 0.5, abs=1e-4)


def _kappa(shares):
    chance = shares.sum(axis=1) @ shares.sum(axis=0)
    return (np.trace(shares) - chance) / (1 - chance)


@given(arrays(np.int64, (12, 3), elements=st.integers(0, 2)))
@settings(max_examples=50)
def test_alpha_of_complete_votes_is_fleiss_with_a_small_correction(votes):
    """1 - alpha = (1 - kappa) (1 - 1 / votes): both compare with chance, alpha without repeats."""
    kappa = fleiss(counts_of(votes))
    if kappa is None:
        assert alpha(votes) is None
    else:
        assert 1 - alpha(votes) == pytest.approx((1 - kappa) * (1 - 1 / votes.size))


@pytest.mark.parametrize(
    "votes", [np.array([0, 1]), np.array([[0.0, 1.0]]), np.array([[0, -2]])], ids=str
)
def test_what_are_no_votes_is_refused(votes):
    with pytest.raises(ValueError):
        alpha(votes)


def test_tables_that_cannot_be_are_refused():
    with pytest.raises(ValueError):
        cohen(np.array([[1, 2, 3], [4, 5, 6]]))
    with pytest.raises(ValueError):
        cohen(np.array([[1, -2], [4, 5]]))
    with pytest.raises(ValueError):
        fleiss(np.array([[2, 0], [2, 1]]))
    with pytest.raises(ValueError):
        fleiss(np.array([[1, 0], [0, 1]]))
    with pytest.raises(ValueError):
        cohen_with_limits(np.array([0]), np.array([0, 1]))
    with pytest.raises(ValueError):
        counts_of(np.array([[3]]), 3)
