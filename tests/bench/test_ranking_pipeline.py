import numpy as np
import pytest

from bench.ranking import __main__ as ranking
from bench.ranking.pipeline import Texts, evaluate, found_first

CASE = Texts("some", ["a"] * 8, np.array([1, 1, 0, 0, 0, 0, 0, 0]), np.zeros(8, dtype=int))


def test_what_was_found_comes_first_and_the_rest_follows_least_confident_first():
    confidence = np.array([0.9, 0.1, 0.5, 0.2, 0.1])
    assert found_first(np.array([3, 2]), confidence).tolist() == [3, 2, 1, 4, 0]
    assert found_first(np.array([], dtype=int), confidence).tolist() == [1, 4, 3, 2, 0]


def test_any_pipeline_can_be_judged():
    judged = {
        "knows": lambda _texts, _given: np.arange(8),
        "fears": lambda _texts, _given: np.arange(8)[::-1],
    }
    knows, fears = evaluate(judged, cases=[CASE])
    assert (knows.share, knows.case, knows.pipeline) == (1.0, "some", "knows")
    assert fears.share < 0.0
    assert knows.seconds >= 0.0


@pytest.mark.parametrize("protocol", ["E", "F"])
def test_a_missing_set_is_skipped(protocol, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("RELABEL_BENCH_DATA", str(tmp_path))
    monkeypatch.setattr("sys.argv", ["ranking", "--only", protocol, "--quick"])
    ranking.main()
    assert f"{protocol}: skipped: no data" in capsys.readouterr().out


def test_the_loop_is_asked_for_by_name_and_left_out_otherwise():
    assert ranking.arguments(["--loop"]).only == ("E",)
    assert "E" not in ranking.arguments([]).only
