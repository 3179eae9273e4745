import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from app.noise.detectable import SHARES, Hurdle, detectable, power_at
from app.noise.probe import (
    Probe,
    ProbeState,
    judged,
    limit_share,
    next_checks,
    price,
    wrong_needed,
)
from app.noise.strata import Answers


def walked(share, limit, rng, size=200):
    """Ask until the probe is over."""
    probe = Probe(0, 0, size)
    while more := next_checks(probe, limit):
        probe = Probe(probe.wrong + int(rng.binomial(more, share)), probe.asked + more, size)
    return probe


def test_the_limit_is_one_in_ten_or_twice_the_rate():
    assert [limit_share(rate) for rate in (0.0, 0.03, 0.08, 0.9)] == [0.10, 0.10, 0.16, 0.95]


def test_the_rule_of_the_design():
    """Five groups share 5 %: with one in ten, 5 wrong of 12 confirm."""
    assert wrong_needed(12, 0.10, groups=5) == 5
    assert wrong_needed(20, 0.10) == 7


def test_five_at_first_and_no_more_when_none_is_wrong():
    assert next_checks(Probe(0, 0, 50), 0.1) == 5
    assert next_checks(Probe(0, 5, 50), 0.1) == 0
    assert next_checks(Probe(1, 5, 50), 0.1) == 15
    assert judged(Probe(0, 5, 50), 0.1) is ProbeState.NOT_CONFIRMED
    assert judged(Probe(1, 5, 50), 0.1) is ProbeState.ASKING
    assert judged(Probe(7, 20, 50), 0.1) is ProbeState.CONFIRMED
    assert judged(Probe(6, 20, 50), 0.1) is ProbeState.NOT_CONFIRMED
    assert judged(Probe(7, 8, 50), 0.1) is ProbeState.CONFIRMED


def test_the_price_is_that_of_a_few_groups_that_go_on():
    assert price([200] * 12) == (65, 105)
    assert price([200]) == (5, 20)
    assert price([3]) == (3, 3)
    assert price([]) == (0, 0)


def test_the_sum_is_the_binomial_distribution():
    for limit in (0.1, 0.16, 0.95):
        for asked in range(1, 21):
            needed = wrong_needed(asked, limit)
            assert binom.sf(needed - 2, asked, limit) > 0.05 / 12
            assert needed > asked or binom.sf(needed - 1, asked, limit) <= 0.05 / 12


def test_what_cannot_be_reached_is_given_up():
    assert next_checks(Probe(1, 15, 50), 0.1) == 0


@pytest.mark.parametrize("size", [0, 1, 3])
def test_a_group_with_hardly_any_fresh_examples_is_not_confirmed(size):
    probe = walked(0.5, 0.1, np.random.default_rng(0), size)
    assert probe.asked == min(size, 5)
    assert judged(Probe(0, size, size), 0.1) is ProbeState.NOT_CONFIRMED


def test_twelve_groups_at_the_limit_are_seldom_confirmed():
    rng = np.random.default_rng(1)
    states = [
        any(judged(walked(0.1, 0.1, rng), 0.1) is ProbeState.CONFIRMED for _ in range(12))
        for _ in range(300)
    ]
    assert np.mean(states) <= 0.05


def test_a_group_mostly_wrong_is_nearly_always_confirmed():
    rng = np.random.default_rng(2)
    states = [judged(walked(0.6, 0.1, rng), 0.1) for _ in range(300)]
    assert states.count(ProbeState.CONFIRMED) > 0.95 * 300


@given(st.integers(0, 40), st.floats(0.1, 0.95), st.data())
def test_a_probe_ends_and_says_what_it_is(size, limit, data):
    probe = Probe(0, 0, size)
    for _ in range(3):
        more = next_checks(probe, limit)
        state = judged(probe, limit)
        assert (state is ProbeState.ASKING) == (more > 0)
        if more:
            wrong = probe.wrong + data.draw(st.integers(0, more))
            probe = Probe(wrong, probe.asked + more, size)
    assert next_checks(probe, limit) == 0
    assert probe.asked <= min(20, size)


def test_a_probe_that_cannot_be_is_refused():
    with pytest.raises(ValueError, match="wrong must be"):
        Probe(2, 1, 5)


def reviewed(n, seed=0):
    """The worst by quality of 10,000, 3 % of whose labels are wrong, and a tenth at random."""
    rng = np.random.default_rng(seed)
    wrong = rng.random(10_000) < 0.03
    quality = rng.normal(size=10_000) - 1.8 * wrong
    rows = np.argsort(quality)[: int(0.9 * n)]
    rows = np.union1d(rows, rng.choice(10_000, n - len(rows), replace=False))
    return Answers(wrong[rows], quality[rows], rng.integers(0, 4, len(rows))), quality


def test_the_more_answers_the_smaller_the_group_that_shows():
    shares = []
    for n in (200, 500, 1000, 3000):
        answers, quality = reviewed(n)
        rng = np.random.default_rng(n)
        shares.append(detectable(answers, quality, Hurdle(1.0, 0.1), rng=rng).share)
    assert shares == sorted(shares, reverse=True)
    assert 0.01 <= shares[1] <= 0.03


def test_larger_groups_show_more_easily():
    answers, quality = reviewed(500)
    rng = np.random.default_rng(3)
    power = [power_at(share, answers, quality, Hurdle(1.0, 0.1), rng=rng) for share in SHARES]
    assert power[0] < 0.3 and power[-1] > 0.9
    assert (np.diff(power) > -0.05).all()


def test_a_higher_hurdle_hides_more():
    answers, quality = reviewed(500)
    rng = np.random.default_rng(4)
    low, high = (
        power_at(0.02, answers, quality, Hurdle(evidence, 0.1), rng=rng) for evidence in (0.0, 6.0)
    )
    assert high < low


def test_a_handful_of_answers_hides_everything():
    answers, quality = reviewed(20)
    found = detectable(answers, quality, Hurdle(0.0, 0.1), rng=np.random.default_rng(0))
    assert found.share is None
