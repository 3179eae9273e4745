import numpy as np
import pytest
from cleanlab.multiannotator import get_label_quality_multiannotator

from app.agreement.consensus import Method, consensus


def crowd(seed=0, items=80, people=5, classes=3, missing=0.4):
    rng = np.random.default_rng(seed)
    right = rng.integers(classes, size=items)
    votes = np.where(
        rng.random((items, people)) < 0.75,
        right[:, None],
        rng.integers(classes, size=(items, people)),
    )
    votes[rng.random(votes.shape) < missing] = -1
    probs = 0.6 * rng.dirichlet(np.ones(classes), size=items)
    probs[np.arange(items), right] += 0.4
    return votes, probs, right


@pytest.mark.parametrize("seed", range(4))
def test_consensus_and_posterior_are_cleanlabs(seed):
    votes, probs, _ = crowd(seed, classes=2 + seed)
    votes[7] = -1
    found = consensus(votes, 2 + seed, probs)
    voted = (votes >= 0).any(axis=1)
    its = get_label_quality_multiannotator(
        np.where(votes >= 0, votes, np.nan)[voted], probs[voted], verbose=False
    )
    assert found.method is Method.CROWDLAB
    assert found.labels[voted].tolist() == its["label_quality"]["consensus_label"].tolist()
    sure = found.posterior[voted, found.labels[voted]]
    assert sure == pytest.approx(its["label_quality"]["consensus_quality_score"], abs=1e-9)
    quality = its["annotator_stats"]["annotator_quality"].sort_index()
    assert found.annotators == pytest.approx(quality, abs=1e-9)
    assert found.posterior.sum(axis=1) == pytest.approx(1.0)
    assert set(found.labels[~voted]) == {-1}
    assert found.posterior[~voted] == pytest.approx(probs[~voted])


def test_who_did_not_vote_has_no_quality():
    votes, probs, _ = crowd()
    votes[:, 2] = -1
    found = consensus(votes, 3, probs)
    assert np.isnan(found.annotators).tolist() == [False, False, True, False, False]


def test_model_and_votes_together_are_right_more_often_than_the_majority():
    votes, probs, right = crowd(items=400, missing=0.5)
    both, alone = consensus(votes, 3, probs), consensus(votes, 3)
    assert (both.labels == right).mean() > (alone.labels == right).mean() + 0.05


def test_without_a_model_the_majority_decides_and_a_tie_stays_open():
    votes = np.array([[0, 0, 1], [0, 1, -1], [2, -1, -1], [-1, -1, -1]])
    found = consensus(votes, 3)
    assert found.method is Method.MAJORITY
    assert found.labels.tolist() == [0, -1, 2, -1]
    assert found.posterior == pytest.approx(
        np.array([[2 / 3, 1 / 3, 0], [0.5, 0.5, 0], [0, 0, 1], [1 / 3, 1 / 3, 1 / 3]])
    )
    assert found.annotators is None


def test_where_every_item_has_one_vote_it_is_the_label():
    """cleanlab refuses such votes. By Bayes' rule with 0.9 for the vote: 0.2 * 0.9 to 0.8 * 0.1."""
    votes, probs = np.array([[1, -1], [-1, -1]]), np.array([[0.8, 0.2], [0.3, 0.7]])
    found = consensus(votes, 2, probs)
    assert found.method is Method.ONE_VOTE
    assert found.labels.tolist() == [1, -1]
    assert found.posterior[0] == pytest.approx([0.08 / 0.26, 0.18 / 0.26])
    assert found.posterior[1] == pytest.approx([0.3, 0.7])
    nobody = consensus(np.full((2, 2), -1), 2, probs)
    assert nobody.labels.tolist() == [-1, -1]


def test_annotators_who_never_agree_are_no_failure():
    votes = np.array([[0, 1], [1, 0], [0, 1]])
    found = consensus(votes, 2, np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]]))
    assert found.method is Method.CROWDLAB
    assert np.isfinite(found.posterior).all()


def test_what_does_not_belong_together_is_refused():
    with pytest.raises(ValueError):
        consensus(np.array([[0, 3]]), 3)
    with pytest.raises(ValueError):
        consensus(np.array([[0, 1]]), 3, np.array([[0.5, 0.5]]))
    with pytest.raises(ValueError):
        consensus(np.array([[0, 1]]), 2, np.array([[0.5, 0.6]]))
