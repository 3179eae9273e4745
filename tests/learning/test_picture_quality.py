import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.learning.picture_quality import look, picture_quality


def noise(seed, height=16, width=16):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def blurred(picture):
    """Means of nine by nine."""
    wide = np.pad(picture.astype(float), ((4, 4), (4, 4), (0, 0)), mode="edge")
    height, width = picture.shape[:2]
    total = sum(
        wide[down : down + height, right : right + width] for down in range(9) for right in range(9)
    )
    return (total / 81).astype(np.uint8)


def test_a_look_worked_by_hand():
    """One bright pixel in nine: the only inner pixel's Laplacian has no variance."""
    picture = np.zeros((3, 3), dtype=np.uint8)
    picture[1, 1] = 90
    found = look(picture)
    assert found.spread == pytest.approx(np.sqrt(800))
    assert (found.sharpness, found.height, found.width) == (0.0, 3, 3)
    stripes = np.tile(np.array([0, 100], dtype=np.uint8), (6, 3))  # Laplacian: 200 or -200
    assert look(stripes).sharpness == pytest.approx(40_000 / 2_500)


def test_blank_blurred_and_odd_pictures_are_told_apart():
    looks = [look(noise(seed)) for seed in range(150)]
    looks += [
        look(np.full((16, 16), 200, dtype=np.uint8)),
        look(blurred(noise(1))),
        look(noise(2, 64, 8)),
        None,
    ]
    found = picture_quality(looks)
    assert np.flatnonzero(found.blank).tolist() == [150]
    assert np.flatnonzero(found.blurred).tolist() == [151]
    assert np.flatnonzero(found.odd_size).tolist() == [152]
    assert np.flatnonzero(found.any).tolist() == [150, 151, 152]


def test_a_dim_picture_is_not_a_blurred_one():
    pictures = [noise(seed) for seed in range(40)]
    found = picture_quality([look(one) for one in pictures] + [look(pictures[0] // 8)])
    assert not found.any.any()


def test_the_size_is_that_of_the_file_where_it_is_known():
    looks = [look(noise(seed), (300 + seed, 400)) for seed in range(40)]
    found = picture_quality([*looks, look(noise(3), (9000, 12_000)), look(noise(4), (10, 400))])
    assert np.flatnonzero(found.odd_size).tolist() == [40, 41]


def test_sizes_that_many_have_or_few_pictures_are_not_odd():
    many = [look(noise(seed, 8 if seed % 10 == 0 else 16)) for seed in range(200)]
    assert not picture_quality(many).odd_size.any()
    few = [look(noise(0, 99)), *[look(noise(seed)) for seed in range(10)]]
    assert not picture_quality(few).any.any()
    assert len(picture_quality([]).blank) == 0


@pytest.mark.parametrize(
    "bad", [np.zeros((2, 2)), np.zeros((0, 2), dtype=np.uint8), np.zeros((2, 2, 4), dtype=np.uint8)]
)
def test_what_is_no_picture_is_refused(bad):
    with pytest.raises(ValueError):
        look(bad)


@given(st.integers(0, 1000), st.integers(1, 9), st.integers(1, 9))
def test_any_size_can_be_looked_at(seed, height, width):
    found = look(noise(seed, height, width))
    assert 0 <= found.spread <= 127.5
    assert np.isfinite(found.sharpness) and found.sharpness >= 0
    assert look(noise(seed, height, width)[::-1]).sharpness == pytest.approx(found.sharpness)
