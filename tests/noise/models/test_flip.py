import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.noise.limits import wilson
from app.noise.models.flip import Flip, FlipPoint, Pair, accuracy_at, band_at, flip_point


def at(clean, mislabeled, seed=0, resamples=400):
    return flip_point(clean, mislabeled, rng=np.random.default_rng(seed), resamples=resamples)


CLEAN = Pair(first_only=400, second_only=500, both=8_000, neither=500)
MISLED = Pair(first_only=90, second_only=30, both=300, neither=180)


def test_worked_by_hand():
    # On 9,400 clean examples the second leads by 100 / 9,400, on 600 mislabeled ones it is behind
    # by 60 / 600: the lines cross at (1 / 94) / (1 / 94 + 1 / 10) = 10 / 104.
    found = at(CLEAN, MISLED)
    assert found.flip is Flip.AT
    assert found.share == pytest.approx(10 / 104)
    assert found.low < 10 / 104 < found.high
    assert found.high - found.low < 0.2
    first = accuracy_at(10 / 104, 8_400 / 9_400, 390 / 600)
    second = accuracy_at(10 / 104, 8_500 / 9_400, 330 / 600)
    assert first == pytest.approx(second)


def test_few_wrong_labels_give_words_and_no_number():
    few = Pair(40, 20, 150, 89)
    assert few.size == 299
    assert at(CLEAN, few) == FlipPoint(Flip.POSSIBLE)
    assert at(CLEAN, Pair(20, 40, 150, 89)) == FlipPoint(Flip.NOT_SEEN)
    assert at(CLEAN, Pair(0, 0, 0, 0)) == FlipPoint(Flip.NOT_SEEN)


def test_who_is_ahead_on_both_kinds_is_never_overtaken():
    assert at(CLEAN, Pair(30, 150, 300, 120)) == FlipPoint(Flip.NEVER)
    # Ahead by one example of 600: nothing flips in the sample, but it might.
    close = at(CLEAN, Pair(60, 61, 300, 179))
    assert close.flip is Flip.POSSIBLE
    assert close.share is None
    assert 0 < close.low < close.high == 1.0


counts = st.integers(0, 200)
clean_pairs = st.builds(Pair, counts, counts, st.just(2_000), counts)
wrong_pairs = st.builds(Pair, counts, counts, st.just(300), counts)


@given(clean_pairs, wrong_pairs)
@settings(max_examples=40)
def test_laws(clean, mislabeled):
    found = at(clean, mislabeled, resamples=100)
    assert found == at(clean, mislabeled, resamples=100), "the seed tells all"
    if found.share is not None:
        assert 0 <= found.low <= found.share <= found.high <= 1
    other = at(
        *(Pair(of.second_only, of.first_only, of.both, of.neither) for of in (clean, mislabeled)),
        resamples=100,
    )
    assert found.share == pytest.approx(other.share)


def test_bands_are_wilsons_at_the_ends_and_narrower_between():
    clean, mislabeled = (8_400, 9_400), (390, 600)
    assert band_at(0.0, clean, mislabeled) == pytest.approx(wilson(*clean))
    assert band_at(1.0, clean, mislabeled) == pytest.approx(wilson(*mislabeled))
    low, high = band_at(0.1, clean, mislabeled)
    middle = accuracy_at(0.1, 8_400 / 9_400, 390 / 600)
    assert low < middle < high
    assert band_at(0.3, clean, (0, 0))[1] == pytest.approx(1.0, abs=0.1)


def test_fewer_than_none_are_refused():
    with pytest.raises(ValueError):
        Pair(-1, 0, 0, 0)
