import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.noise.limits import wilson
from app.noise.models.accuracy import Accuracy, Corrections, accuracy

NONE = Corrections(0, 0, 0)


def test_worked_by_hand():
    # 9,100 of 10,000 by given labels. The queue read 1,000: 30 gained, 150 lost, so -120. Of the
    # other 9,000, 400 were drawn: 4 gained, 8 lost, so 9,000 * -0.01 = -90.
    found = accuracy(9_100, 10_000, Corrections(30, 150, 1_000), Corrections(4, 8, 400))
    assert found.on_given == 0.91
    assert found.estimate == pytest.approx(0.91 - 0.012 - 0.009)
    (gained_low, gained_high), (lost_low, lost_high) = wilson(4, 400), wilson(8, 400)
    cross = 2 * 0.01 * 0.02 / (0.01 * 0.99 * 0.02 * 0.98) ** 0.5
    down = (0.01 - gained_low) ** 2 + (lost_high - 0.02) ** 2
    down += cross * (0.01 - gained_low) * (lost_high - 0.02)
    up = (gained_high - 0.01) ** 2 + (0.02 - lost_low) ** 2
    up += cross * (gained_high - 0.01) * (0.02 - lost_low)
    left = (8_600 / 9_000) ** 0.5
    assert found.low == pytest.approx(0.889 - 0.9 * left * down**0.5)
    assert found.high == pytest.approx(0.889 + 0.9 * left * up**0.5)


def test_all_reviewed_is_exact_and_nothing_reviewed_says_nothing():
    whole = accuracy(9, 10, Corrections(1, 3, 6), Corrections(0, 1, 4))
    assert whole == Accuracy(0.9, 0.6, 0.6, 0.6, exact=True)
    assert accuracy(9, 10, NONE, NONE) == Accuracy(0.9, None, 0.0, 1.0, exact=False)
    queue = accuracy(9, 10, Corrections(1, 3, 6), NONE)
    assert (queue.estimate, queue.low, queue.high) == (None, pytest.approx(0.3), 0.7)


counts = st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(0, 200)).map(
    lambda of: Corrections(of[0], of[1], sum(of))
)


@given(counts, counts, st.integers(0, 500), st.floats(0, 1))
def test_laws(queue, draws, unread, share):
    n = queue.reviewed + draws.reviewed + unread
    least, most = queue.lost + draws.lost, n - queue.gained - draws.gained
    right = least + round(share * (most - least))
    if n == 0:
        return
    found = accuracy(right, n, queue, draws)
    assert 0 <= found.low <= found.high <= 1
    if found.estimate is not None:
        assert found.low <= found.estimate <= found.high
    assert found.exact is (unread == 0)
    # A model with every prediction turned from right to wrong gains what this one loses.
    swapped = [Corrections(of.lost, of.gained, of.reviewed) for of in (queue, draws)]
    mirror = accuracy(n - right, n, *swapped)
    assert (1 - mirror.high, 1 - mirror.low) == pytest.approx((found.low, found.high))


def test_more_draws_bring_the_bounds_together():
    widths = []
    for times in (1, 4, 16):
        found = accuracy(9_000, 10_000, NONE, Corrections(times, 3 * times, 100 * times))
        widths.append(found.high - found.low)
    assert widths[0] > 1.8 * widths[1] > 3.2 * widths[2]


def test_counts_that_disagree_are_refused():
    for bad in ((11, 10, NONE, NONE), (5, 10, Corrections(0, 0, 8), Corrections(0, 0, 3))):
        with pytest.raises(ValueError):
            accuracy(*bad)
    with pytest.raises(ValueError):
        accuracy(0, 0, NONE, NONE)
    for counts_of in ((-1, 0, 3), (2, 2, 3)):
        with pytest.raises(ValueError):
            Corrections(*counts_of)
