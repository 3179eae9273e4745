import numpy as np
import pytest

from app.noise.serves import Serves
from tests.noise.plain import serves_of


def test_what_stood_before_each_draw_is_counted_by_hand():
    serves = serves_of(20, 8, every=2, wrong=(1, 4), opened=(3, 6))
    draws = serves.draws()
    assert draws.unserved.tolist() == [19, 17, 15, 13]
    assert draws.wrong_before.tolist() == [1, 1, 2, 2]
    assert draws.open_before.tolist() == [0, 1, 1, 2]
    assert draws.outcome.tolist() == [0, 1, -1, 0]
    assert (serves.prefix, serves.found(), serves.found(3), serves.unserved) == (2, 2, 1, 12)
    assert draws.between(1, 3).unserved.tolist() == [17, 15]


def test_without_an_open_answer_the_prefix_is_everything():
    assert serves_of(20, 8).prefix == 8
    assert Serves.none(5).prefix == 0 and len(Serves.none(5).draws()) == 0


@pytest.mark.parametrize(
    ("pool", "drawn", "outcome", "words"),
    [
        (1, [True, False], [0, 0], "2 serves from a pool of 1 examples"),
        (9, [True], [0, 0], "one value for each serve"),
        (9, [[True]], [[0]], "one value for each serve"),
        (9, [True], [2], "0 .right., 1 .wrong. or -1 .open."),
        (9, [True], [-2], "0 .right., 1 .wrong. or -1 .open."),
        (9, [1], [0], "True for a random draw"),
        (-1, [], [], "serves from a pool of -1"),
    ],
)
def test_what_are_no_serves_is_refused_in_words(pool, drawn, outcome, words):
    kind = np.int64 if words.startswith("True") else np.bool_
    with pytest.raises(ValueError, match=words):
        Serves(pool, np.array(drawn, dtype=kind), np.array(outcome, dtype=np.int8))


def test_outcomes_of_another_type_are_refused():
    with pytest.raises(ValueError, match="give int8"):
        Serves(3, np.zeros(1, dtype=np.bool_), np.zeros(1, dtype=np.float64))
