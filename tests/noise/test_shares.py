import pytest

from app.noise.shares import audit_share


@pytest.mark.parametrize(
    ("planned", "needed", "share"),
    [(4_500, 450, 10), (4_499, 450, 20), (2_250, 450, 20), (1_300, 450, 35), (900, 450, 50)],
)
def test_the_smallest_share_is_taken_that_draws_enough(planned, needed, share):
    assert audit_share(planned, needed) == share


def test_where_none_suffices_it_is_the_largest():
    assert audit_share(20, 67) == 50 and audit_share(0, 67) == 50


def test_what_needs_no_draw_takes_the_smallest():
    assert audit_share(0, 0) == 10
