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
