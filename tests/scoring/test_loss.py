import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from app.scoring.loss import loss

NAN = np.nan


def test_worked_by_hand():
    """With two classes an even guess costs 0.69."""
    found = loss(
        np.array(
            [
                [0.7, 0.8, 0.9, 1.0, 0.1],  # high in four of five
                [0.7, 0.8, 0.9, 0.1, 0.1],
                [0.1, NAN, NAN, NAN, NAN],
                [2.0, NAN, NAN, NAN, NAN],
                [NAN] * 5,
            ]
        ),
        2,
    )
    assert found.marked.tolist() == [True, False, False, True, False]
    assert found.scores[:4] == pytest.approx([0.7, 0.52, 0.1, 2.0])
    assert np.isnan(found.scores[4])


def test_one_class_or_no_epoch_marks_nothing():
    assert not loss(np.full((3, 2), 5.0), 1).marked.any()
    assert not loss(np.empty((3, 0)), 4).marked.any()


@pytest.mark.parametrize("bad", [np.zeros(3), np.array([[-0.1]]), np.array([[np.inf]])])
def test_what_is_no_loss_is_refused(bad):
    with pytest.raises(ValueError):
        loss(bad, 2)
    with pytest.raises(ValueError):
        loss(np.zeros((1, 1)), 0)


@given(arrays(np.float64, (12, 5), elements=st.floats(0, 20)), st.integers(2, 50))
def test_epochs_may_come_in_any_order_and_a_mark_means_a_high_loss(losses, n_classes):
    found = loss(losses, n_classes)
    assert loss(losses[:, ::-1], n_classes).scores == pytest.approx(found.scores)
    assert loss(losses[::-1], n_classes).marked.tolist() == found.marked[::-1].tolist()
    assert (np.median(losses, axis=1)[found.marked] > np.log(n_classes)).all()
