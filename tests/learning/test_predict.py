import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.metrics import roc_auc_score

from app.learning.features import Features, View
from app.learning.learners import LEARNERS
from app.learning.pool import threads
from app.learning.predict import Options, out_of_sample


def blobs(n_examples=120, n_classes=3, seed=0):
    rng = np.random.default_rng(seed)
    labels = np.arange(n_examples) % n_classes
    rows = np.eye(n_classes, 6, dtype=np.float32)[labels] * 2
    rows += rng.normal(scale=0.4, size=rows.shape).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    views = (View("a", rows, "softmax"), View("b", rows, "ridge"), View("c", rows, "forest"))
    return Features(views, rows), labels


def predict(features, labels, n_classes=3, *, seed=0, **options):
    options = Options(**options)
    return out_of_sample(
        features, np.asarray(labels), n_classes=n_classes, seed=seed, options=options
    )


def test_planted_errors_get_the_lowest_quality():
    features, labels = blobs()
    given = labels.copy()
    given[::10] = (given[::10] + 1) % 3
    found = predict(features, given)
    quality = found.pred_probs[np.arange(120), given]
    assert roc_auc_score(given != labels, -quality) > 0.99
    assert found.estimable.all()
    assert found.notes == ()


def test_rows_are_probabilities():
    probs = predict(*blobs()).pred_probs
    assert probs.dtype == np.float32
    assert probs.min() >= 0
    assert probs.sum(axis=1) == pytest.approx(1.0, abs=1e-5)


def test_pure_noise_predicts_nobodys_own_label():
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(300, 20)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    views = tuple(View(name, rows, name) for name in ("softmax", "ridge", "forest"))
    labels = rng.integers(0, 2, 300)
    probs = predict(Features(views, rows), labels, 2).pred_probs
    assert 0.4 < (probs.argmax(axis=1) == labels).mean() < 0.6


def test_the_same_seed_gives_the_same_bits():
    features, labels = blobs()
    first, again = predict(features, labels, seed=3), predict(features, labels, seed=3)
    assert first.pred_probs.tobytes() == again.pred_probs.tobytes()
    assert first.pred_probs.tobytes() != predict(features, labels, seed=4).pred_probs.tobytes()


def test_examples_without_a_label_are_predicted_and_not_estimable():
    features, labels = blobs()
    given = labels.copy()
    given[:12] = -1
    found = predict(features, given)
    assert (found.pred_probs[:12].argmax(axis=1) == labels[:12]).mean() > 0.9
    assert not found.estimable[:12].any()
    assert found.estimable[12:].all()


def test_a_rare_label_is_reported_and_not_estimable():
    features, labels = blobs()
    given = labels.copy()
    given[[0, 5]] = 3
    found = predict(features, given, 5)
    assert np.flatnonzero(~found.estimable).tolist() == [0, 5]
    assert found.notes == ("rare_labels",)
    assert np.isfinite(found.pred_probs).all()


def test_two_examples_of_two_labels_are_survived():
    features, _ = blobs(2)
    found = predict(features, [0, 1], 2)
    assert found.pred_probs.shape == (2, 2)
    assert found.notes == ("rare_labels", "fewer_folds")


def test_without_features_everyone_gets_the_priors():
    found = predict(Features((), np.zeros((4, 1), dtype=np.float32)), [0, 0, 0, 1], 2)
    assert found.pred_probs == pytest.approx(np.tile([4 / 6, 2 / 6], (4, 1)))
    assert "no_features" in found.notes


def test_progress_counts_every_fold_and_can_cancel():
    features, labels = blobs()
    told = []
    predict(features, labels, progress=lambda *step: told.append(step))
    assert [step for step in told if step[0] == "folds"] == [("folds", n, 15) for n in range(16)]
    assert ("neighbours", 1, 1) in told

    class Cancelled(Exception):
        pass

    def cancel(step, done, total):
        if done == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        predict(features, labels, progress=cancel)


def test_inputs_are_left_alone():
    features, labels = blobs()
    for array in (labels, features.embeddings, *(view.matrix for view in features.views)):
        array.flags.writeable = False
    predict(features, labels)


@pytest.mark.parametrize("labels", [[0, 1], [0, 1, 2, 3], [0, 1, -2]])
def test_labels_that_do_not_fit_are_refused(labels):
    features, _ = blobs(3)
    with pytest.raises(ValueError, match="given"):
        predict(features, labels)


def test_every_view_tells_what_the_judged_label_costs():
    features, labels = blobs()
    judged = labels.copy()
    judged[0], judged[1] = (labels[0] + 1) % 3, -1
    found, plain = predict(features, labels, judged=judged), predict(features, labels)
    assert found.losses.shape == (120, 3)
    assert (found.losses[0] > np.log(3)).all()
    assert np.isnan(found.losses[1]).all()
    assert (found.losses[2:] < np.log(3)).all()
    assert found.losses[2:].tobytes() == plain.losses[2:].tobytes()
    assert found.pred_probs.tobytes() == plain.pred_probs.tobytes()
    with pytest.raises(ValueError):
        predict(features, labels, judged=judged[1:])


def with_errors(every=10):
    features, labels = blobs()
    given = labels.copy()
    given[::every] = (given[::every] + 1) % 3
    return features, labels, given


def test_the_second_fit_leaves_out_what_looks_wrong():
    features, labels, given = with_errors()
    once = predict(features, given, second_fit="never")
    twice = predict(features, given, second_fit="always")
    assert not once.left_out.any()
    assert twice.left_out.any()
    assert (given != labels)[twice.left_out].all()
    wrong = given != labels
    rows = np.arange(120)
    assert twice.pred_probs[rows, given][wrong].mean() < once.pred_probs[rows, given][wrong].mean()
    assert twice.pred_probs.sum(axis=1) == pytest.approx(1.0, abs=1e-5)
    assert twice.estimable.all()


def test_decided_examples_train_the_second_fit():
    features, _, given = with_errors()
    free = predict(features, given, second_fit="always")
    settled = predict(features, given, second_fit="always", decided=np.ones(120, dtype=np.bool_))
    assert not settled.left_out.any()
    assert settled.pred_probs.tobytes() != free.pred_probs.tobytes()


def test_a_second_fit_that_finds_nothing_to_leave_out_changes_nothing():
    features, labels = blobs()
    told = []
    once = predict(features, labels, second_fit="never")
    twice = predict(features, labels, second_fit="always", progress=lambda *step: told.append(step))
    assert once.pred_probs.tobytes() == twice.pred_probs.tobytes()
    assert "second fit" not in {step for step, _, _ in told}


def test_the_second_fit_tells_its_progress_and_keeps_groups_together():
    features, _, given = with_errors()
    told = []
    groups = np.arange(120) // 2
    found = predict(
        features,
        given,
        second_fit="always",
        groups=groups,
        progress=lambda *step: told.append(step),
    )
    again = [step for step in told if step[0] == "second fit"]
    assert found.left_out.any()
    assert again[-1][1] == again[-1][2] > 0


def test_any_number_of_threads_gives_the_same_bits():
    features, _, given = with_errors()
    found = []
    for workers in (1, 3):
        with threads(workers) as pool:
            found.append(predict(features, given, second_fit="always", pool=pool))
    assert found[0].pred_probs.tobytes() == found[1].pred_probs.tobytes()
    assert found[0].tried == found[1].tried


def test_a_view_of_chance_is_tried_and_left_out():
    features, labels = blobs()
    chance = np.random.default_rng(5).normal(size=(120, 6)).astype(np.float32)
    views = (*features.views, View("chance", chance, "softmax"))
    found = predict(Features(views, features.embeddings), labels)
    assert "chance" not in found.averaged
    [left_out] = [one for one in found.tried if one.name == "chance"]
    assert left_out.with_it >= left_out.without
    assert {"b", "neighbors"} <= set(found.averaged)


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("learner", LEARNERS)
def test_every_learner_finds_planted_errors_and_survives_rows_of_nothing(learner, n_classes):
    features, labels = blobs(n_classes=n_classes)
    rows = np.maximum(features.embeddings, 0.0)
    rows[:2] = 0.0
    matrix = csr_matrix(rows) if learner in ("bayes", "margin") else rows
    given = labels.copy()
    given[::10] = (given[::10] + 1) % n_classes
    alone = Features((View("only", matrix, learner),), np.zeros((120, 1), dtype=np.float32))
    probs = predict(alone, given, n_classes).pred_probs
    assert np.isfinite(probs).all()
    assert roc_auc_score(given != labels, -probs[np.arange(120), given]) > 0.9


@pytest.mark.parametrize("learner", LEARNERS)
def test_no_learner_reads_the_label_of_what_it_predicts(learner):
    """Rows that nobody shares anything with: only the own label could tell."""
    rows = np.eye(200, dtype=np.float32)
    labels = np.random.default_rng(2).integers(0, 2, 200)
    matrix = csr_matrix(rows) if learner in ("bayes", "margin") else rows
    alone = Features((View("only", matrix, learner),), np.zeros((200, 1), dtype=np.float32))
    probs = predict(alone, labels, 2, second_fit="always").pred_probs
    assert (probs.argmax(axis=1) == labels).mean() < 0.65
