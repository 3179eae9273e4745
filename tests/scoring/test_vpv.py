import numpy as np
import pytest

from app.scoring.vpv import summarise, vote_outcome, vpv

CASES = [
    ([0.6, 0.3, 0.1], 0, 0.2),
    ([0.34, 0.33, 0.33], 1, 0.2),
    ([0.05, 0.9, 0.05], 0, 0.3),
    ([0.25, 0.25, 0.25, 0.25], 2, 0.3),
    ([0.5, 0.2, 0.1, 0.1, 0.05, 0.05], 4, 0.3),
    ([0.7, 0.3], 1, 0.2),
    ([0.1] * 10, 3, 0.2),
    ([0.9, 0.05, 0.05], 0, 0.05),
]


def simulate(probs, given, truth, eps, *, rounds=20_000):
    """Vote until one class leads alone; share that ends at the truth, and mean fresh votes."""
    rng = np.random.default_rng(7)
    ballots = eps * np.asarray(probs)
    ballots[truth] += 1.0 - eps
    counts = np.zeros((rounds, len(probs)), dtype=int)
    counts[:, given] = 1
    spent = np.zeros(rounds)
    open_rounds = np.arange(rounds)
    while len(open_rounds):
        votes = rng.choice(len(probs), size=len(open_rounds), p=ballots / ballots.sum())
        counts[open_rounds, votes] += 1
        spent[open_rounds] += 1
        leaders = np.sort(counts[open_rounds], axis=1)[:, -2:]
        open_rounds = open_rounds[leaders[:, 1] == leaders[:, 0]]
    return (counts.argmax(axis=1) == truth).mean(), spent.mean()


@pytest.mark.parametrize(("probs", "given", "eps"), CASES)
def test_the_formula_agrees_with_a_simulation_of_the_voting(probs, given, eps):
    row = summarise(np.array([given]), np.array([probs]))
    for truth in range(min(4, len(probs))):
        right, votes = vote_outcome(
            row, np.array([probs[truth]]), eps, given_is_true=truth == given
        )
        simulated_right, simulated_votes = simulate(probs, given, truth, eps)
        assert abs(right[0] - simulated_right) <= 0.02
        assert abs(votes[0] - simulated_votes) <= 0.2


def test_two_classes_worked_by_hand():
    # eps = 0, truth z with weight p_z: the first vote is z. If z is the given label it ends
    # there (1 vote, no gain); otherwise it is one all, and the second vote settles it (2 votes).
    score = vpv(np.array([0]), np.array([[0.25, 0.75]]), eps=0.0)
    assert score[0] == pytest.approx(0.75 / (0.25 * 1 + 0.75 * 2))


def test_two_classes_with_doubtful_votes_worked_by_hand():
    # eps = 0.2, p = (0.5, 0.5): a fresh vote is right with 0.9.
    # Truth = given: F = 0.9 + 0.1·0.9 = 0.99, C = 0.9 + 2·0.1 = 1.1.
    # Truth = other: F = 0.9² = 0.81, C = 0.1 + 2·0.9 = 1.9.
    score = vpv(np.array([0]), np.array([[0.5, 0.5]]), eps=0.2)
    assert score[0] == pytest.approx((0.5 * (0.99 - 1) + 0.5 * 0.81) / (0.5 * 1.1 + 0.5 * 1.9))


def test_a_certain_right_label_gains_nothing_and_a_certain_wrong_one_half_a_label_a_vote():
    probs = np.eye(3, dtype=np.float32)[[0, 0]]
    scores = vpv(np.array([0, 1]), probs)
    assert scores == pytest.approx([0.0, 0.5], abs=1e-6)


def test_one_class_has_nothing_to_gain():
    assert vpv(np.array([0, 0]), np.ones((2, 1))).tolist() == [0.0, 0.0]


def test_without_doubt_in_reviewers_the_order_is_that_of_self_confidence():
    rng = np.random.default_rng(0)
    probs = rng.dirichlet(np.ones(2), size=200)
    given = rng.integers(0, 2, 200)
    quality = probs[np.arange(200), given]
    assert (np.argsort(vpv(given, probs, eps=0.0)) == np.argsort(-quality)).all()


def test_a_surely_wrong_easy_example_comes_before_a_wrong_hard_one():
    probs = np.array([[0.02, 0.96, 0.01, 0.01], [0.02, 0.33, 0.33, 0.32]])
    easy, hard = vpv(np.array([0, 0]), probs)
    assert easy > hard


def test_only_the_given_label_and_the_two_best_others_are_weighed():
    probs = np.array([[0.4, 0.3, 0.2, 0.1]])
    row = summarise(np.array([3]), probs)
    assert [other[0] for other in row.others] == pytest.approx([0.4, 0.3])
    assert row.given[0] == pytest.approx(0.1)


@pytest.mark.parametrize("eps", [-0.01, 0.51, np.nan])
def test_an_unreliability_out_of_range_is_refused(eps):
    with pytest.raises(ValueError, match="eps"):
        vpv(np.array([0]), np.array([[0.5, 0.5]]), eps=eps)


def test_chunks_make_no_difference():
    rng = np.random.default_rng(1)
    probs = rng.dirichlet(np.ones(1000), size=300).astype(np.float32)
    given = rng.integers(0, 1000, 300)
    one_by_one = [vpv(given[i : i + 1], probs[i : i + 1])[0] for i in range(300)]
    assert vpv(given, probs).tolist() == one_by_one


def test_a_memory_mapped_file_scores_like_an_array(tmp_path):
    probs = np.random.default_rng(2).dirichlet(np.ones(5), size=100).astype(np.float32)
    np.save(tmp_path / "probs.npy", probs)
    given = np.arange(100) % 5
    mapped = np.load(tmp_path / "probs.npy", mmap_mode="r")
    assert vpv(given, mapped).tolist() == vpv(given, probs).tolist()
    del mapped
