import numpy as np
import pytest

from app.training.material import Material, folds
from app.training.race import Entry, Terms, race
from app.training.remedies.registry import REMEDIES
from app.training.scores import Judge, exact_difference, plain_costs, recommended

from .worlds import clouds, material, one_way

CHEAP = ("as_it_is", "relabel")


def judge_of(data, costs=None):
    return Judge.of(
        data.right, plain_costs(3) if costs is None else costs, np.random.default_rng(0)
    )


@pytest.fixture(scope="module")
def planted():
    """Most of label 0 came as label 1, and people found nearly all of them."""
    vectors, right = clouds(500)
    given = one_way(right, 0.7)
    found = np.flatnonzero(given != right)[: int(0.9 * (given != right).sum())]
    return material(vectors, right, given, reviewed=found)


def run(data, names=CHEAP, **more):
    linear = [REMEDIES[name] for name in names]
    return race(data, linear, Terms(n_folds=3, **more))


@pytest.fixture(scope="module")
def entries(planted):
    return run(planted)


def test_a_known_winner_wins(planted, entries):
    judge = judge_of(planted)
    pick = recommended(entries, judge)
    assert pick.remedy.name == "relabel"
    as_it_is = entries[0]
    gain = judge.gain(as_it_is.favored, pick.favored)
    assert gain.low > 0.05 and judge.hits(pick.favored).mean() > 0.9


def test_without_noise_nothing_is_the_answer():
    vectors, right = clouds(300)
    data = material(vectors, right, right)
    assert recommended(run(data), judge_of(data)).remedy.name == "as_it_is"


def test_no_row_is_scored_by_a_network_that_trained_on_it(planted):
    seen = np.zeros(len(planted.checked), dtype=int)
    for fold in folds(planted, 4, np.random.default_rng(0)):
        seen[fold.scored] += 1
        assert not set(fold.scored) & set(fold.known)
        sizes = np.bincount(planted.right[fold.scored], minlength=3)
        assert (np.abs(sizes - np.bincount(planted.right) / 4) <= 1).all()
    assert (seen == 1).all()


def test_what_the_checked_rows_came_as_never_reaches_their_own_network():
    """Nonsense as labels of the scored rows changes nothing for them: they are held out."""
    vectors, right = clouds(300)
    data = material(vectors, right, right)
    fold = next(folds(data, 3, np.random.default_rng(0)))
    scored = data.checked[fold.scored]
    other = data.before.copy()
    other[scored] = (other[scored] + 1) % 3
    changed = Material(**{**vars(data), "before": other})
    first, second = (run(one, ("linear_model",))[0].favored for one in (data, changed))
    assert (first[fold.scored] == second[fold.scored]).all()


def test_the_same_seed_gives_the_same_answers_however_calls_are_spread(planted):
    again = run(planted, ("linear_model",), spread=lambda call, over: iter([*map(call, over)]))
    first = run(planted, ("linear_model",))
    assert (again[0].favored == first[0].favored).all()


def test_it_tells_how_far_it_is_and_stops_when_asked(planted):
    told = []

    def listen(step, done, total):
        told.append((done, total))
        if done == 2:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        run(planted, ("linear_model",), progress=listen)
    assert told == [(0, 3), (1, 3), (2, 3)]


def test_too_few_checked_rows_are_refused():
    vectors, right = clouds(30)
    data = material(vectors, right, right, checked=2)
    with pytest.raises(ValueError, match="2 checked rows"):
        run(data)


@pytest.mark.parametrize(
    ("won", "lost", "excludes"), [(6, 0, True), (5, 0, False), (9, 1, True), (8, 2, False)]
)
def test_the_interval_leaves_out_nothing_exactly_as_mcnemars_test_does(won, lost, excludes):
    """Two-sided p: 6:0 .031, 5:0 .0625, 9:1 .021, 8:2 .109."""
    first = np.array([False] * won + [True] * lost + [True] * 40)
    second = np.array([True] * won + [False] * lost + [True] * 40)
    found = exact_difference(first, second)
    assert found.value == pytest.approx((won - lost) / (won + lost + 40))
    assert found.above is excludes and found.low < found.value < found.high
    turned = exact_difference(second, first)
    assert (turned.low, turned.high) == pytest.approx((-found.high, -found.low))


def test_two_that_never_differ_may_still_differ_a_little():
    same = np.ones(100, dtype=bool)
    found = exact_difference(same, same)
    assert found.value == 0 and -0.04 < found.low < 0 < found.high < 0.04


def test_scores_worked_by_hand():
    right, favored = np.array([0, 0, 0, 1]), np.array([0, 0, 1, 0])
    costs = np.array([[0.0, 2.0], [20.0, 0.0]])
    judge = Judge.of(right, costs, np.random.default_rng(0))
    assert judge.balanced(favored).value == pytest.approx((2 / 3 + 0) / 2)
    cost = judge.cost(favored)
    assert cost.value == pytest.approx((2 + 20) / 4) and cost.low < 5.5 < cost.high
    assert judge.saved(favored, right).value == pytest.approx(5.5)


def test_a_cost_matrix_may_turn_the_choice():
    """The rival is right less often, but never misses what is dear."""
    right = np.array([0] * 150 + [1] * 50)
    plain = np.where(np.arange(200) < 170, right, 0)  # misses 30 of the dear ones
    rival = np.where(np.arange(200) >= 50, right, 1)  # cries wolf 50 times
    entries = [
        Entry(REMEDIES[name], REMEDIES[name].widths[0], favored, np.zeros((0, 0)))
        for name, favored in (("as_it_is", plain), ("dropout", rival))
    ]
    dear = np.array([[0.0, 1.0], [20.0, 0.0]])
    rng = np.random.default_rng(0)
    names = [
        recommended(entries, Judge.of(right, costs, rng)).remedy.name
        for costs in (plain_costs(2), dear)
    ]
    assert names == ["as_it_is", "dropout"]


def test_a_control_is_never_recommended():
    right = np.zeros(100, dtype=int)
    entries = [
        Entry(REMEDIES[name], REMEDIES[name].widths[0], favored, np.zeros((0, 0)))
        for name, favored in (("as_it_is", right + 1), ("remove_hard_5", right))
    ]
    judge = Judge.of(right, plain_costs(2), np.random.default_rng(0))
    assert recommended(entries, judge).remedy.name == "as_it_is"
