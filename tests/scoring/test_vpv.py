import numpy as np
import pytest

from app.scoring.vpv import stray_votes, summarise, vote_outcome, vpv

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


def plain_outcome(probs, given, truth, eps):
    """Right labels and votes if ``truth`` is true, as the design writes them down."""
    square, cube = (probs**2).sum(), (probs**3).sum()
    d_truth = eps * probs[truth] + 1 - eps
    d_given = d_truth if truth == given else eps * probs[given]
    s2 = eps**2 * (square - probs[truth] ** 2) + d_truth**2
    s3 = eps**3 * (cube - probs[truth] ** 3) + d_truth**3
    second = d_given * (1 - d_given) + s2 - d_given**2
    tie = 1 - d_given - second
    weight = 2 * ((1 - d_given) * (s2 - d_given**2) - (s3 - d_given**3)) + tie * d_given
    votes = d_given + 2 * second + 3.5 * tie
    share = tie / weight if tie > 1e-12 and weight > 0 else 0.0
    if truth == given:
        return d_given + d_given * (1 - d_given) + share * tie * d_given, votes
    return d_truth**2 + share * 2 * d_truth**2 * (1 - d_given - d_truth), votes


def plain_vpv(labels, pred_probs, eps):
    scores = []
    for given, row in zip(labels, pred_probs.astype(np.float64), strict=True):
        probs = row / row.sum()
        others = [at for at in np.argsort(-probs, kind="stable") if at != given]
        gain = cost = 0.0
        for truth in (given, *others[:2]):
            right, votes = plain_outcome(probs, given, truth, eps)
            gain += probs[truth] * (right - (truth == given))
            cost += probs[truth] * votes
        scores.append(gain / cost)
    return np.array(scores)


@pytest.mark.parametrize("n_classes", [2, 3, 10, 48, 49, 200, 1000])
@pytest.mark.parametrize("sharpness", [0.05, 1.0, 20.0])
@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
def test_scores_are_those_of_plain_float64(n_classes, sharpness, kind):
    rng = np.random.default_rng(n_classes)
    probs = rng.dirichlet(np.full(n_classes, sharpness), size=60).astype(kind)
    probs[:2] = np.eye(n_classes)[[0, 1]]
    given = rng.integers(0, n_classes, 60)
    for eps in (0.0, 0.05, 0.3, 0.5):
        assert vpv(given, probs, eps=eps) == pytest.approx(plain_vpv(given, probs, eps), abs=1e-6)


@pytest.mark.parametrize(("probs", "given", "eps"), CASES)
def test_the_formula_agrees_with_a_simulation_of_the_voting(probs, given, eps):
    row = summarise(np.array([given]), np.array([probs]))
    for truth in range(min(4, len(probs))):
        stray = stray_votes(row, eps)
        right, votes = vote_outcome(
            stray, np.array([probs[truth]]), eps, given_is_true=truth == given
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


@pytest.mark.parametrize("n_classes", [1, 2, 3, 48, 49, 200, 201])
def test_a_row_scores_the_same_bits_alone_and_in_company(n_classes):
    rng = np.random.default_rng(1)
    probs = rng.dirichlet(np.ones(n_classes), size=200).astype(np.float32)
    given = rng.integers(0, n_classes, 200)
    one_by_one = [vpv(given[i : i + 1], probs[i : i + 1])[0] for i in range(200)]
    assert vpv(given, probs).tolist() == one_by_one


def test_the_number_of_threads_makes_no_difference():
    rng = np.random.default_rng(3)
    probs = rng.dirichlet(np.ones(4), size=50_000).astype(np.float32)
    given = rng.integers(0, 4, 50_000)
    alone = vpv(given, probs, threads=1)
    for threads in (2, 3):
        assert (vpv(given, probs, threads=threads) == alone).all()
    probs[[17_000, 49_000]] = np.nan
    with pytest.raises(ValueError, match="row 17000 "):
        vpv(given, probs, threads=3)
    with pytest.raises(ValueError, match="threads"):
        vpv(given, probs, threads=0)


def test_a_row_on_the_edge_of_the_tolerance_is_judged_in_float64_and_changes_no_other():
    probs = np.tile(np.array([[0.25, 0.75]], dtype=np.float32), (3, 1))
    alone = vpv(np.zeros(3, dtype=int), probs)
    probs[1] = [0.25, 0.750995]
    scores = vpv(np.zeros(3, dtype=int), probs)
    assert scores[[0, 2]].tolist() == alone[[0, 2]].tolist()
    probs[1] = [0.25, 0.751005]
    with pytest.raises(ValueError, match="row 1 "):
        vpv(np.zeros(3, dtype=int), probs)


@pytest.mark.parametrize("n_classes", [3, 100, 300])
def test_a_negative_zero_is_a_zero(n_classes):
    probs = np.full((2, n_classes), -0.0, dtype=np.float32)
    probs[:, 1] = 1.0
    given = np.array([1, 2])
    assert vpv(given, probs).tolist() == vpv(given, np.abs(probs)).tolist()


def test_a_memory_mapped_file_scores_like_an_array(tmp_path):
    probs = np.random.default_rng(2).dirichlet(np.ones(5), size=100).astype(np.float32)
    np.save(tmp_path / "probs.npy", probs)
    given = np.arange(100) % 5
    mapped = np.load(tmp_path / "probs.npy", mmap_mode="r")
    assert vpv(given, mapped).tolist() == vpv(given, probs).tolist()
    del mapped
