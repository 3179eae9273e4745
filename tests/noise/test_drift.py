import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import fisher_exact
from sklearn.metrics import roc_auc_score

from app.noise import drift
from app.noise.drift import FEWEST_ROWS, MOST_ROWS, error_gap, two_sample
from app.noise.moves import MOVES, Content, Move, Often, content_of, move_of, often_of


def cloud(rows, seed, *, shift=0.0, scale=1.0, dimensions=8):
    rng = np.random.default_rng(seed)
    return (rng.normal(size=(rows, dimensions)) * scale + shift).astype(np.float32)


def compared(first, second, seed=0, **more):
    return two_sample(first, second, rng=np.random.default_rng(seed), **more)


@pytest.mark.parametrize("other", [cloud(300, 2, shift=0.6), cloud(300, 2, scale=1.8)])
def test_a_shift_and_a_wider_spread_are_told_apart(other):
    found = compared(other, cloud(900, 1))
    assert found.told_apart > 0.65
    assert found.p == pytest.approx(1 / 201)
    assert found.rows == (300, 900)
    assert 0.5 < found.shows < found.told_apart


@given(st.integers(0, 10_000), st.integers(50, 90), st.integers(50, 90), st.integers(1, 5))
@settings(max_examples=25)
def test_laws_of_the_comparison(seed, n_first, n_second, dimensions):
    first = cloud(n_first, seed, dimensions=dimensions)
    second = cloud(n_second, seed + 1, dimensions=dimensions)
    found = compared(first, second, seed, permutations=19)
    assert 0 <= found.told_apart <= 1
    assert 1 / 20 <= found.p <= 1
    assert 0 <= found.shows <= 1
    assert found == compared(first, second, seed, permutations=19), "the seed tells all"
    one = compared(1000 * first, 1000 * second, seed, permutations=19)
    assert one.told_apart == pytest.approx(found.told_apart, abs=0.02), "the unit does not matter"


def test_p_is_at_most_as_often_small_as_it_says_where_nothing_differs():
    p = [
        compared(cloud(60, 2 * k), cloud(240, 2 * k + 1), k, permutations=39).p for k in range(200)
    ]
    for level in (0.05, 0.25, 0.5):
        assert np.mean(np.array(p) <= level) <= level + 2.5 * (level * (1 - level) / 200) ** 0.5


def test_copies_count_once():
    rows = cloud(200, 3)
    assert compared(np.repeat(rows[:40], 9, axis=0), rows[40:]) is None, "40 different ones"
    again = compared(np.repeat(rows[:80], 9, axis=0), rows[80:])
    assert again.rows == (80, 120)
    assert again.p > 0.05


def test_few_rows_or_no_spread_say_nothing():
    assert compared(cloud(FEWEST_ROWS - 1, 1), cloud(400, 2)) is None
    assert compared(np.zeros((90, 3)), np.zeros((90, 3))) is None
    assert compared(np.zeros((90, 0)), np.zeros((90, 0))) is None


def test_large_sets_and_long_vectors_are_cut():
    found = compared(cloud(MOST_ROWS + 900, 1, dimensions=700), cloud(300, 2, dimensions=700))
    assert found.rows == (MOST_ROWS, 300)
    assert found.p > 0.01


@pytest.mark.parametrize("far", [1e30, 1e-30])
def test_odd_numbers_do_no_harm(far):
    rows = cloud(300, 5)
    rows[0] *= np.float32(far)
    found = compared(rows[:150], rows[150:])
    assert np.isfinite([found.told_apart, found.p, found.shows]).all()


@pytest.mark.parametrize(
    ("first", "second", "more"),
    [
        (np.zeros((60, 2)), np.zeros((60, 3)), {}),
        (np.zeros(60), np.zeros(60), {}),
        (np.full((60, 2), np.nan), np.zeros((60, 2)), {}),
        (cloud(60, 1), cloud(60, 2), {"permutations": 0}),
    ],
)
def test_what_cannot_be_compared_is_refused(first, second, more):
    with pytest.raises(ValueError, match=r"must|needed"):
        compared(first, second, **more)


@given(st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=2, max_size=40))
def test_auroc_is_that_of_the_textbook(rows):
    scores = np.array([[row[0]] for row in rows], dtype=float)
    is_first = np.array([[row[1]] for row in rows])
    assume(0 < is_first.sum() < len(rows))
    expected = roc_auc_score(is_first[:, 0], scores[:, 0])
    assert drift._auroc(scores, is_first)[0] == pytest.approx(expected)


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))
def test_gap_of_shares(wrong, right, other_wrong, other_right):
    checked = (wrong + right, other_wrong + other_right)
    found = error_gap((wrong, other_wrong), checked)
    swapped = error_gap((other_wrong, wrong), checked[::-1])
    assert (found.low, found.high) == pytest.approx((-swapped.high, -swapped.low))
    assert -1 <= found.low <= found.high <= 1
    if 0 not in checked:
        gap = wrong / checked[0] - other_wrong / checked[1]
        assert found.low - 1e-9 <= gap <= found.high + 1e-9
        table = [[wrong, other_wrong], [right, other_right]]
        assert found.p == pytest.approx(fisher_exact(table).pvalue)


def test_the_published_limits_of_a_difference():
    """Newcombe (1998), Table II, method 10: 56/70 against 48/80, and 9/10 against 3/10."""
    found = error_gap((56, 48), (70, 80))
    assert (found.low, found.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    found = error_gap((9, 3), (10, 10))
    assert (found.low, found.high) == pytest.approx((0.1705, 0.8090), abs=5e-5)


def test_what_is_said_of_each_finding():
    assert set(MOVES) == set(Move)
    assert content_of(0.71, 0.01) is Content.DIFFERS
    assert content_of(0.52, 0.01) is Content.LITTLE
    assert content_of(0.71, 0.06) is Content.ALIKE
    assert often_of(0.01, (0.02, 0.1), fewest_checks=20) is Often.MORE
    assert often_of(0.01, (-0.1, -0.02), fewest_checks=20) is Often.FEWER
    assert often_of(0.4, (-0.04, 0.03), fewest_checks=300) is Often.AS_OFTEN
    assert often_of(0.4, (-0.04, 0.30), fewest_checks=30) is Often.UNKNOWN, "not seen is not equal"
    assert often_of(0.01, (0.02, 0.1), fewest_checks=19) is Often.UNKNOWN
    assert move_of(Content.DIFFERS, Often.AS_OFTEN) is Move.DRIFT
    assert move_of(Content.DIFFERS, Often.UNKNOWN) is Move.DRIFT_AT_LEAST
    assert move_of(Content.DIFFERS, Often.FEWER) is Move.BOTH
    assert move_of(Content.LITTLE, Often.AS_OFTEN) is Move.NOTHING
    assert move_of(Content.TOO_FEW, Often.MORE) is Move.NOISE
    assert move_of(Content.TOO_FEW, Often.AS_OFTEN) is Move.NOT_ENOUGH
