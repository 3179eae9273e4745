import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.learning.unusual import unusual_values


def marked(values):
    return np.flatnonzero(unusual_values({"column": values})[:, 0]).tolist()


def test_a_number_far_out_of_its_column_is_marked():
    values = [str(value) for value in range(20, 60)]  # with one more above: quartiles 30 and 50
    assert marked([*values, "111"]) == [40]  # three ranges above are at 110
    assert marked([*values, "110"]) == []
    assert marked([*values, "-40", "700"]) == [40, 41]


def test_a_value_that_many_share_is_not_unusual():
    values = [str(value % 40) for value in range(400)]
    assert marked([*values, *["9999"] * 20]) == []
    assert marked(["5"] * 99 + ["6"]) == []


def test_a_long_tail_is_marked_at_its_end_only():
    numbers = np.exp(np.random.default_rng(0).normal(0, 2, 2_000))
    assert 0 < len(marked([f"{number:.4f}" for number in numbers])) <= 10


def test_rare_names_and_gaps_are_marked_where_others_repeat():
    assert marked(["nurse", "driver"] * 100 + ["astronaut"]) == [200]
    assert marked(["nurse", "driver"] * 100 + [""]) == [200]
    assert marked([f"name {n}" for n in range(200)]) == []
    assert marked(["nurse", "driver"] * 10 + ["astronaut"]) == [], "too few to say"
    assert marked(["", "NA"] * 100) == []


def test_what_is_no_number_among_numbers_is_marked():
    assert marked([*(str(value) for value in range(99)), "12 or 13"]) == [99]


def test_columns_keep_their_order():
    table = {"b": [*map(str, range(40)), "900"], "a": ["x"] * 41}
    assert unusual_values(table).sum(axis=0).tolist() == [1, 0]
    with pytest.raises(ValueError):
        unusual_values({})
    with pytest.raises(ValueError):
        unusual_values({"a": ["1"], "b": []})


@given(
    st.lists(st.sampled_from(["", "1", "2", "3.5", "900", "-1e9", "nan", "x", "y"]), max_size=150),
    st.randoms(use_true_random=False),
)
def test_the_order_of_examples_is_irrelevant(values, chance):
    order = list(range(len(values)))
    chance.shuffle(order)
    straight = unusual_values({"column": values})[:, 0]
    assert (
        straight[order].tolist()
        == unusual_values({"column": [values[n] for n in order]})[:, 0].tolist()
    )
