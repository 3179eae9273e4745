import numpy as np
import pytest
from scipy.signal import correlate2d

from app.learning.encoders import pictures
from app.learning.encoders.pictures import PictureEncoder


def within(kernels, planes, step):
    """A window of one channel as it is usually worked out: nothing around, steps taken after."""
    side, window = planes.shape[-1], kernels.shape[-1]
    after = -(-side // step)
    around = max(0, (after - 1) * step + window - side)
    first = around // 2
    wide = np.pad(planes, [(0, 0), (0, 0), (first, around - first), (first, around - first)])
    return np.stack(
        [
            [correlate2d(one, kernel, mode="valid")[::step, ::step] for one in channel]
            for channel, kernel in zip(wide, kernels, strict=True)
        ]
    )


@pytest.mark.parametrize("side", [4, 6, 8, 9, 16])
@pytest.mark.parametrize(("window", "step"), [(3, 1), (3, 2), (5, 1), (5, 2)])
def test_a_window_as_a_matrix_is_the_same_convolution(side, window, step):
    rng = np.random.default_rng(0)
    kernels = rng.uniform(0, 0.1, (2, window, window)).astype(np.float32)
    planes = rng.uniform(0, 1, (2, 3, side, side)).astype(np.float32)
    shift = np.full((2, 1), 0.5, dtype=np.float32)
    matrices = pictures._matrices(kernels, side, step)
    found = pictures._Within(matrices, shift, window, step, side)(planes.reshape(2, -1))
    wanted = within(kernels, planes, step) + 0.5
    np.testing.assert_allclose(found, wanted.reshape(2, -1), rtol=1e-5)


def test_other_weights_are_refused_in_words():
    with pytest.raises(ValueError, match="EfficientNet-Lite0"):
        PictureEncoder({})


def test_a_picture_and_its_mirror_image_are_one_and_its_vector_is_its_own():
    encoder = PictureEncoder(any_weights())
    rng = np.random.default_rng(2)
    picture = rng.integers(0, 255, (pictures.SIDE, pictures.SIDE, 3)).astype(np.uint8)
    other = np.zeros_like(picture)
    found = encoder([picture, picture[:, ::-1], other])
    assert found.shape == (3, pictures.WIDTH)
    assert (found >= 0).all()
    np.testing.assert_allclose(found[0], found[1], atol=1e-4)
    assert np.abs(found[0] - found[2]).max() > 1e-3
    np.testing.assert_allclose(encoder([picture])[0], found[0], atol=1e-4)
    assert encoder([]).shape == (0, pictures.WIDTH)


def any_weights():
    """Weights of the right shapes, drawn by chance."""
    rng = np.random.default_rng(1)
    weights = {}

    def layer(name, norm, out, wide, window=1):
        shape = (out, wide, window, window)
        weights[name] = rng.normal(scale=(wide * window**2) ** -0.5, size=shape)
        weights.update({f"{norm}.{part}": np.ones(out) for part in ("weight", "running_var")})
        weights.update({f"{norm}.{part}": np.zeros(out) for part in ("bias", "running_mean")})

    layer("_conv_stem.weight", "_bn0", 32, 3, 3)
    wide = 32
    narrow = [16, 24, 40, 80, 112, 192, 320]
    nth = 0
    for (window, count, _), out in zip(pictures._STAGES, narrow, strict=True):
        for _ in range(count):
            block = f"_blocks.{nth}."
            inner = wide if nth == 0 else 6 * wide
            if nth:
                layer(f"{block}_expand_conv.weight", f"{block}_bn0", inner, wide)
            layer(f"{block}_depthwise_conv.weight", f"{block}_bn1", inner, 1, window)
            layer(f"{block}_project_conv.weight", f"{block}_bn2", out, inner)
            wide, nth = out, nth + 1
    layer("_conv_head.weight", "_bn1", 1280, wide)
    return weights
