import pytest

from app.agreement.anchoring import Anchoring, anchoring


def test_published_limits_of_a_difference():
    """Newcombe (1998), Stat. Med. 17:873, table II, method 10: 56 of 70 and 48 of 80."""
    found = anchoring((56, 48), (70, 80))
    assert found.effect == pytest.approx(0.2)
    assert (found.low, found.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    mirror = anchoring((48, 56), (80, 70))
    assert (mirror.low, mirror.high) == pytest.approx((-found.high, -found.low))


def test_under_twenty_reads_of_either_kind_nothing_is_said():
    assert anchoring((9, 3), (19, 100)) == Anchoring(None, None, None)
    assert anchoring((9, 3), (100, 19)) == Anchoring(None, None, None)
    assert anchoring((9, 3), (20, 20)).effect == pytest.approx(0.3)


def test_more_changes_than_reads_are_refused():
    with pytest.raises(ValueError):
        anchoring((30, 3), (20, 20))
