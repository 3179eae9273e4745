import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from app.noise.joint import joint, most_confused, transition_matrix

CONFIDENT = np.array([[80, 20], [10, 90]])
NOTHING = np.zeros((2, 2), dtype=int)
SIZES = np.array([100, 100])

tables = st.integers(2, 5).flatmap(
    lambda k: st.tuples(
        arrays(np.int64, (k, k), elements=st.integers(0, 50)),
        arrays(np.int64, (k, k), elements=st.integers(0, 20)),
        arrays(np.int64, k, elements=st.integers(1, 500)),
    )
)


def test_before_the_audit_it_is_what_the_model_suspects():
    shares = joint(CONFIDENT, NOTHING, SIZES).shares()
    # (20 · 0.8 + 0.25) / 20.5
    assert shares[0] == pytest.approx([16.25 / 20.5, 4.25 / 20.5])


def test_the_audit_sets_the_level_by_hand():
    # The model suspects 15 %, the audit finds 3 of 100: off-diagonals are multiplied by 0.2,
    # 0.8 : 0.04 is 0.95238 : 0.04762.
    audited = np.array([[48, 2], [1, 49]])
    found = joint(CONFIDENT, audited, SIZES)
    wrong = 0.04 / 0.84
    assert found.posterior[0] == pytest.approx([20 * (1 - wrong) + 48.25, 20 * wrong + 2.25])
    low, high = found.share_limits()
    assert low[0, 1] < found.shares()[0, 1] < high[0, 1]
    assert (low[0, 1], high[0, 1]) == pytest.approx((0.0103, 0.1045), abs=5e-4)


def test_a_clean_audit_scales_by_a_tenth_and_no_less():
    audited = np.array([[50, 0], [0, 50]])
    found = joint(CONFIDENT, audited, SIZES)
    wrong = 0.02 / 0.82
    assert found.posterior[0, 1] == pytest.approx(20 * wrong + 0.25)


def test_audit_answers_outweigh_a_weak_model():
    """A model that suspects five times too much is put right by 300 random checks."""
    rng = np.random.default_rng(4)
    truth = np.full((4, 4), 0.01) + 0.96 * np.eye(4)
    weak = np.full((4, 4), 0.08) + 0.68 * np.eye(4)
    misses = []
    for _ in range(50):
        audited = np.stack([rng.multinomial(75, row) for row in truth])
        found = joint(1000 * weak, audited, np.full(4, 1250))
        off = ~np.eye(4, dtype=bool)
        misses.append(np.sqrt(np.mean((found.shares() - truth)[off] ** 2)))
    assert np.mean(misses) < 0.015


def test_the_limits_hold_what_is_true():
    rng = np.random.default_rng(6)
    truth = np.array([[0.9, 0.08, 0.02], [0.03, 0.95, 0.02], [0.1, 0.1, 0.8]])
    inside = []
    for _ in range(200):
        audited = np.stack([rng.multinomial(100, row) for row in truth])
        low, high = joint(1000 * truth, audited, np.full(3, 500)).share_limits()
        inside.append((low <= truth) & (truth <= high))
    assert np.mean(inside) >= 0.93


def test_the_transition_matrix_turns_given_into_right():
    found = transition_matrix(joint(CONFIDENT * 10, NOTHING, np.array([100, 300])))
    counts = joint(CONFIDENT * 10, NOTHING, np.array([100, 300])).counts()
    assert found[0, 1] == pytest.approx(counts[1, 0] / counts[:, 0].sum())


def test_the_most_confused_pairs_come_first():
    confident = np.array([[90, 10, 0], [0, 95, 5], [0, 0, 100]])
    found = joint(confident, np.zeros((3, 3)), np.array([100, 100, 100]))
    assert most_confused(found, 2) == [(0, 1), (1, 2)]
    assert len(most_confused(found, 99)) == 6


@settings(deadline=None)
@given(tables)
def test_rows_sum(case):
    confident, audited, sizes = case
    found = joint(confident, audited, sizes)
    assert found.shares().sum(axis=1) == pytest.approx(np.ones(len(sizes)))
    assert found.counts().sum(axis=1) == pytest.approx(sizes)
    assert transition_matrix(found).sum(axis=1) == pytest.approx(np.ones(len(sizes)))
    low, high = found.share_limits()
    assert ((low >= 0) & (low <= high) & (high <= 1)).all()


@settings(deadline=None)
@given(tables, st.randoms(use_true_random=False))
def test_the_order_of_classes_is_irrelevant(case, shuffle):
    confident, audited, sizes = case
    order = list(range(len(sizes)))
    shuffle.shuffle(order)
    both = np.ix_(order, order)
    moved = joint(confident[both], audited[both], sizes[order])
    assert moved.posterior == pytest.approx(joint(confident, audited, sizes).posterior[both])


@pytest.mark.parametrize(
    ("confident", "audited", "sizes"),
    [
        (np.ones((2, 3)), NOTHING, SIZES),
        (np.zeros((0, 0)), NOTHING, SIZES),
        (-CONFIDENT, NOTHING, SIZES),
        (CONFIDENT * np.nan, NOTHING, SIZES),
        (CONFIDENT, np.zeros((3, 3)), SIZES),
        (CONFIDENT, NOTHING, np.array([1, 2, 3])),
        (CONFIDENT, NOTHING, np.array([-1, 2])),
    ],
)
def test_tables_that_do_not_fit_are_refused(confident, audited, sizes):
    with pytest.raises(ValueError, match=r"count|class"):
        joint(confident, audited, sizes)
