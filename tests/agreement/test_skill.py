import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.agreement.skill import lower_skills
from app.noise.limits import wilson
from app.noise.shrinking import shrunken_rates


def test_one_reviewer_and_one_label_worked_by_hand():
    # Alone, 36 of 40 are right: shares are drawn to the common (36 + 0.5) / 41 with a weight of
    # 200, no cell spreads, and so 10 answers are expected ones.
    common = 36.5 / 41
    own = (36 + 200 * common) / 240
    anybody = (40 * own + 200 * common) / 240
    odds = own / (1 - own) * (own / (1 - own)) / (anybody / (1 - anybody))
    expected = odds / (1 + odds)
    found = lower_skills(np.array([[36]]), np.array([[40]]))
    assert found[0, 0] == pytest.approx(wilson(36 + 10 * expected, 50)[0])


def test_two_who_read_two_labels_differently():
    right = np.array([[48, 30], [30, 48]])
    found = lower_skills(right, np.full((2, 2), 50))
    assert found[0, 0] > 0.8 > 0.65 > found[0, 1]
    assert found == pytest.approx(found[::-1, ::-1])


def test_who_never_met_a_hard_label_does_not_seem_to_read_it_best():
    # All read the second label badly; the third reviewer has not met it.
    right = np.array([[95, 50], [95, 50], [95, 0]])
    answers = np.array([[100, 100], [100, 100], [100, 0]])
    found = lower_skills(right, answers)
    assert found[2, 1] < found[0, 1] < found[2, 0]
    raw = shrunken_rates(right.sum(axis=1), answers.sum(axis=1))
    assert raw[2] > raw[0], "by the shares on all labels they would"


def test_few_answers_lean_on_the_reviewer_and_nothing_fails_without_any():
    right, answers = np.array([[90, 1], [60, 1]]), np.array([[100, 1], [100, 1]])
    found = lower_skills(right, answers)
    assert found[0, 1] > found[1, 1]
    nobody = lower_skills(np.zeros((2, 3), np.int64), np.zeros((2, 3), np.int64))
    assert (nobody == nobody[0, 0]).all()
    assert lower_skills(np.zeros((0, 3), np.int64), np.zeros((0, 3), np.int64)).shape == (0, 3)


@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=3, max_size=3),
        min_size=1,
        max_size=4,
    )
)
@settings(max_examples=20)
def test_limits_are_shares_whatever_the_order(rows):
    right = np.array([[hits for hits, _ in row] for row in rows])
    answers = right + np.array([[misses for _, misses in row] for row in rows])
    found = lower_skills(right, answers)
    assert ((found >= 0) & (found < 1)).all()
    turned = lower_skills(right[::-1, ::-1], answers[::-1, ::-1])
    assert turned[::-1, ::-1] == pytest.approx(found)


def test_what_cannot_be_counted_is_refused():
    with pytest.raises(ValueError, match="one count of each kind"):
        lower_skills(np.array([1]), np.array([1]))
    with pytest.raises(ValueError, match="between 0 and all"):
        lower_skills(np.array([[2]]), np.array([[1]]))
