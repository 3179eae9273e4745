import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from app.learning.predict import out_of_sample
from app.learning.tabular import column_features, tabular_features


def people(n_examples=400, seed=0):
    rng = np.random.default_rng(seed)
    labels = np.arange(n_examples) % 2
    columns = {
        "age": [f"{value:.1f}" for value in rng.normal(40 + 25 * labels, 8)],
        "town": [rng.choice(["Oslo", "Rome"] if label else ["Lima", "Oslo"]) for label in labels],
        "note": [rng.choice(["", "NA", "seen"]) for _ in labels],
    }
    return columns, labels


def predict(columns, labels, n_classes=2):
    features = tabular_features(columns, seed=0)
    return out_of_sample(features, np.asarray(labels), n_classes=n_classes, seed=0)


def test_planted_errors_are_found():
    columns, labels = people()
    given = labels.copy()
    given[:40] = 1 - given[:40]
    probs = predict(columns, given).pred_probs
    quality = probs[np.arange(400), given]
    assert roc_auc_score(given != labels, -quality) > 0.95


def test_either_or_is_learnt_although_no_column_tells_alone():
    rng = np.random.default_rng(0)
    left, right = rng.integers(0, 2, (2, 300))
    columns = {"left": [str(v) for v in left], "right": [str(v) for v in right]}
    probs = predict(columns, left ^ right).pred_probs
    assert (probs.argmax(axis=1) == (left ^ right)).mean() > 0.95


def test_the_order_of_columns_is_irrelevant():
    columns, _ = people(50)
    turned = dict(reversed(columns.items()))
    first, again = tabular_features(columns, seed=0), tabular_features(turned, seed=0)
    assert first.embeddings.tobytes() == again.embeddings.tobytes()


def test_numbers_as_text_are_numbers_and_keep_their_order():
    spread = column_features(["1", " 2.5", "1e1", "-3", "100"])[:, 0]
    assert (np.argsort(spread) == [3, 0, 1, 2, 4]).all()


def test_missing_is_a_value_of_its_own():
    features = column_features(["1", "2", "3", "", "NaN", "4"])
    assert features[:, -1].tolist() == [1, 1, 1, 0, 0, 1]
    assert np.isfinite(features).all()


def test_categories_have_a_column_each_and_a_cap():
    assert column_features(["a", "b", "a", "b", "c"]).shape[1] == 3
    many = [f"v{n % 200}" for n in range(1000)]
    assert column_features(many).shape[1] == 31


@pytest.mark.parametrize(
    "values",
    [
        [""] * 20,
        ["7"] * 20,
        ["x"] * 20,
        ["inf", "-inf", "nan", "1"] * 5,
        ["1e308", "-1e308", "0", "5"] * 5,
        [str(n) for n in range(20)],
        [f"id-{n}" for n in range(20)],
        ["0"] * 19 + ["1"],
    ],
)
def test_strange_columns_are_survived(values):
    found = predict({"only": values}, np.arange(20) % 2)
    assert found.pred_probs.sum(axis=1) == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize("columns", [{}, {"a": ["1"], "b": ["1", "2"]}])
def test_columns_that_do_not_match_are_refused(columns):
    with pytest.raises(ValueError, match="columns"):
        tabular_features(columns, seed=0)
