import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.noise.like_examples import centres_of, how_many, nearest_centre, typical_words


def clumps(sizes, seed=0, dimensions=12):
    rng = np.random.default_rng(seed)
    middles = 6 * rng.normal(size=(len(sizes), dimensions))
    of = np.repeat(np.arange(len(sizes)), sizes)
    return (middles[of] + rng.normal(size=(len(of), dimensions))).astype(np.float32), of


@pytest.mark.parametrize(
    ("examples", "groups"),
    [(0, 0), (49, 0), (100, 0), (200, 2), (5_000, 10), (125_000, 50), (10**7, 50)],
)
def test_how_many_groups(examples, groups):
    assert how_many(examples) == groups


def test_what_is_alike_is_one_group_the_largest_first():
    vectors, of = clumps([300, 200, 100])
    group = nearest_centre(vectors, centres_of(vectors, 3))
    assert group.tolist() == of.tolist()
    assert nearest_centre(np.zeros((2, 12), dtype=np.float32), vectors[:3]).tolist() == [-1, -1]


@given(st.integers(0, 500), st.integers(1, 6), st.integers(1, 60))
@settings(max_examples=25)
def test_laws_of_groups(seed, groups, rows):
    vectors = np.random.default_rng(seed).normal(size=(rows, 4)).astype(np.float32)
    centres = centres_of(vectors, groups)
    assert 1 <= len(centres) <= groups
    assert np.array_equal(centres, centres_of(vectors, groups)), "no chance from outside"
    found = nearest_centre(vectors, centres)
    assert ((found >= 0) & (found < len(centres))).all()
    assert np.array_equal(found, nearest_centre(7 * vectors, centres)), "length does not matter"


def test_equal_vectors_are_one_group():
    assert len(centres_of(np.ones((40, 3), dtype=np.float32), 5)) == 1


@pytest.mark.parametrize(("rows", "groups"), [(0, 2), (5, 0)])
def test_nothing_to_group_is_refused(rows, groups):
    with pytest.raises(ValueError, match="at least one"):
        centres_of(np.ones((rows, 3), dtype=np.float32), groups)


def test_a_group_is_named_by_what_its_texts_have_and_others_lack():
    texts = ["my card was declined"] * 6 + ["the card is lost"] * 6 + ["the top up failed"] * 6
    words = typical_words(texts, np.repeat([0, 1, 2], 6))
    assert set(words[0]) == {"declined", "my", "was"}
    assert words[1][:2] == ["is", "lost"]
    assert typical_words(["", "?"], np.array([0, 1])) == [[], []]
    assert typical_words([], np.array([], dtype=np.intp)) == []
    assert typical_words(["Anna Smith", "b c", "b c", "b c"], np.array([0, -1, -1, -1])) == [[]]
