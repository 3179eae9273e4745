import numpy as np
import pytest

from app.learning.gate import Part, choose

LABELS = np.array([0, 0, 1, 1, -1])


def part(name, of_first, *, always=False):
    """Says `of_first` for the first class of rows labelled 0, and its mirror for the others."""
    first = np.where(LABELS == 1, 1 - of_first, of_first)
    return Part(name, np.column_stack([first, 1 - first]).astype(np.float32), always)


def test_a_view_that_helps_enters_and_one_that_harms_is_left_out_with_both_numbers():
    parts = [part("bad", 0.2), part("base", 0.6, always=True), part("good", 0.9)]
    chosen = choose(parts, LABELS)
    assert chosen.names == ("base", "good")
    good, bad = chosen.tried
    assert (good.name, good.enters, bad.name, bad.enters) == ("good", True, "bad", False)
    assert good.without == pytest.approx(-np.log(0.6))
    assert good.with_it == pytest.approx(-np.log(0.75)) == pytest.approx(bad.without)
    assert bad.with_it == pytest.approx(-np.log((0.6 + 0.9 + 0.2) / 3))


def test_a_part_that_is_always_in_stays_however_bad():
    assert choose([part("a", 0.9), part("b", 0.01, always=True)], LABELS).names == ("a", "b")


def test_without_such_a_part_the_best_one_begins():
    chosen = choose([part("worse", 0.6), part("best", 0.9)], LABELS)
    assert chosen.names == ("best",)
    assert [one.name for one in chosen.tried] == ["worse"]


def test_the_order_of_parts_is_irrelevant():
    parts = [part(str(of_first), of_first) for of_first in (0.3, 0.9, 0.7, 0.95)]
    forth, back = choose(parts, LABELS), choose(parts[::-1], LABELS)
    assert forth.names == back.names[::-1]
    assert forth.tried == back.tried


def test_a_view_that_changes_nothing_is_left_out():
    chosen = choose([part("a", 0.8, always=True), part("same", 0.8)], LABELS)
    assert chosen.names == ("a",)


def test_a_probability_of_nothing_stays_finite_and_no_part_is_refused():
    chosen = choose([part("never", 0.0), part("a", 0.8, always=True)], LABELS)
    assert np.isfinite(chosen.tried[0].with_it)
    with pytest.raises(ValueError, match="part"):
        choose([], LABELS)


def test_without_a_label_nothing_is_shown_to_help():
    none = np.full(5, -1)
    chosen = choose([part("a", 0.8, always=True), part("b", 0.9)], none)
    assert chosen.names == ("a",)
    assert chosen.tried[0].with_it == 0.0
