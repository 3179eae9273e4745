import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.noise.candidates import SliceRule, candidates
from app.noise.columns import DAY, HOW, LENGTH, NUMBER, Band, Column, Value, Word

LABELS = ["cat", "dog"]


def column(how, values, name="x"):
    return Column(name, HOW[how], np.array(values))


def said(found, labels=LABELS):
    return [rule.said(labels) for rule in found.rules]


def test_values_alone_and_with_each_given_label():
    site = column("metadata", ["7"] * 12 + ["8"] * 13 + [""] * 5, "site")
    given_labels = np.array([0] * 5 + [1] * 25)
    found = candidates([site], given_labels)
    assert said(found) == [
        "site is 8",
        "site is 7",
        "site is empty",
        "site is 7 and the given label is dog",
        "site is 7 and the given label is cat",
    ]  # 8 with dog, and empty with dog, are the very answers of 8 and of empty
    assert found.members.sum(axis=1).tolist() == [13, 12, 5, 7, 5]
    assert found.log_prior == pytest.approx([0, 0, 0, -np.log(2), -np.log(2)])


def test_words_are_read_from_the_text():
    texts = ["the red sea"] * 6 + ["the blue sky"] * 8
    found = candidates([column("words", texts, "text")], np.zeros(14, dtype=int))
    assert said(found) == ["text has the word “red”"]  # "sea" is in the very same texts


def test_where_most_texts_have_a_word_those_that_lack_it_are_a_group():
    texts = ["good morning"] * 20 + ["?"] * 6
    found = candidates([column("words", texts, "text")], np.zeros(26, dtype=int))
    assert said(found) == ["text lacks the word “good”"]


def test_bands_of_numbers_lengths_and_dates():
    numbers = np.arange(50.0)
    numbers[:6] = np.nan
    texts = ["a" * (1 + place) for place in range(50)]
    days = 19_000.0 + (np.arange(50) * 7) % 50
    found = candidates(
        [
            column("number", numbers, "age"),
            column("length", texts, "text"),
            column("date", days, "made"),
        ],
        np.zeros(50, dtype=int),
    )
    words = said(found)
    assert "age is empty" in words
    assert "age is 41 or more" in words
    assert "text is shorter than 11 characters" in words
    assert "made is from 2022-01-18 to before 2022-01-28" in words, words


def test_a_column_of_many_values_leaves_room_for_others():
    many = column("metadata", [f"v{place // 5}" for place in range(500)], "many")
    few = column("source", ["a", "b", "c", "d", "e"] * 100, "few")
    found = candidates([many, few], np.zeros(500, dtype=int), most=10)
    assert sum(rule.column == "few" for rule in found.rules) == 5


def test_more_than_half_is_no_group():
    found = candidates([column("split", ["train"] * 20 + ["test"] * 10)], np.zeros(30, dtype=int))
    assert said(found) == ["its split is test"]


@pytest.mark.parametrize("how", HOW)
def test_a_rule_covers_the_same_answers_later(how):
    """Whatever the kind: its groups found among answers can be found again among all."""
    rng = np.random.default_rng(0)
    if how in ("number", "date"):
        values = rng.integers(0, 100, 60).astype(float)
        values[:7] = np.nan
    else:
        values = rng.choice(["red cat", "blue cat", "red dog", "", "a b"], 60)
    one, given_labels = column(how, values), rng.integers(0, 2, 60)
    found = candidates([one], given_labels)
    assert found.rules
    for rule, row in zip(found.rules, found.members.toarray(), strict=True):
        assert np.array_equal(rule.covers(one, given_labels), row > 0)
        assert rule.said(LABELS)
        assert 5 <= row.sum() <= 30


def test_rules_cover_examples_that_were_not_answered():
    everything = column("words", ["A red, red sea", "redder", "", "RED"], "text")
    rule = SliceRule("text", Word("red"), given=1)
    assert rule.covers(everything, np.array([1, 1, 1, 0])).tolist() == [True, False, False, False]
    lacks = SliceRule("text", Word("red", has=False))
    assert lacks.covers(everything, np.zeros(4, int)).tolist() == [False, True, True, False]
    ages = column("number", [1.0, 5.0, np.nan, 9.0])
    assert Band(5, 9, NUMBER).covers(ages).tolist() == [False, True, False, False]
    assert Band(None, None, NUMBER).covers(ages).tolist() == [False, False, True, False]
    assert Band(None, 5, LENGTH).said("text") == "text is shorter than 5 characters"
    assert Band(0, None, DAY).said("made") == "made is 1970-01-01 or later"
    assert Value("x", "{column} is {value}").said("{odd}") == "{odd} is x"


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 1000))
def test_the_order_of_answers_is_irrelevant(seed):
    rng = np.random.default_rng(seed)
    values, labels = rng.choice(list("abcdef"), 80), rng.integers(0, 3, 80)
    order = rng.permutation(80)
    one = candidates([column("metadata", values)], labels)
    other = candidates([column("metadata", values[order])], labels[order])
    assert set(said(one, "xyz")) == set(said(other, "xyz"))


@pytest.mark.parametrize("values", [[""] * 9, ["..."] * 9, ["a"] * 9])
def test_texts_without_words_have_no_groups_by_word(values):
    assert candidates([column("words", values)], np.zeros(9, dtype=int)).rules == ()


def test_no_columns_no_candidates():
    found = candidates([], np.zeros(3, dtype=int))
    assert found.rules == () and found.members.shape == (0, 3)


def test_columns_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="one value an answer"):
        candidates([column("metadata", ["a"])], np.zeros(2, dtype=int))
    with pytest.raises(ValueError, match="one name"):
        candidates([column("metadata", ["a"])] * 2, np.zeros(1, dtype=int))


def test_dates_are_cut_into_years_quarters_and_months():
    days = np.arange("2022-11-01", "2024-02-01", dtype="datetime64[D]").astype(float)
    values = np.concatenate([days, np.full(9, np.nan)])
    one, none = column("date", values, "made"), np.zeros(len(values), dtype=int)
    found = {rule.said(LABELS): rule for rule in candidates([one], none).rules}
    for words, count in [
        ("made is in 2022", 61),
        ("made is in quarter 2 of 2023", 91),
        ("made is in February 2023", 28),
        ("made is empty", 9),
    ]:
        assert found[words].covers(one, none).sum() == count
    assert "made is in 2023" not in found, "more than half is no group"
