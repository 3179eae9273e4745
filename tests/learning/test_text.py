import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from app.learning.predict import out_of_sample
from app.learning.text import text_features

WORDS = {
    0: ["refund", "money", "charge", "payment", "fee"],
    1: ["card", "delivery", "arrive", "post", "address"],
    2: ["password", "login", "account", "email", "reset"],
}


def sentences(n_examples=300, seed=0):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, n_examples)
    texts = [f"please help with my {' '.join(rng.choice(WORDS[label], 2))}" for label in labels]
    return texts, labels


def predict(texts, labels, n_classes):
    features = text_features(texts, seed=0)
    return out_of_sample(features, np.asarray(labels), n_classes=n_classes, seed=0)


def test_planted_errors_are_found():
    texts, labels = sentences()
    given = labels.copy()
    given[:30] = (given[:30] + 1) % 3
    probs = predict(texts, given, 3).pred_probs
    quality = probs[np.arange(len(given)), given]
    assert roc_auc_score(given != labels, -quality) > 0.99


def test_the_same_seed_gives_the_same_bits():
    texts, _ = sentences()
    first, again = text_features(texts, seed=1), text_features(texts, seed=1)
    assert first.embeddings.tobytes() == again.embeddings.tobytes()


@pytest.mark.parametrize(
    "texts",
    [
        [""] * 20,
        ["same words"] * 20,
        ["", "a", "!", "  \n"] * 5,
        ["🙂", "🙃"] * 10,
        ["\x00", "\ud800", "\u202e"] * 7,
        ["hello there", ""] * 10,
        ["é" * 50_000, "b " * 50_000] * 5,
    ],
)
def test_strange_texts_are_survived(texts):
    found = predict(texts, np.arange(len(texts)) % 2, 2)
    assert found.pred_probs.sum(axis=1) == pytest.approx(1.0, abs=1e-5)


def test_texts_without_content_get_about_the_priors():
    found = predict([""] * 40, [0] * 30 + [1] * 10, 2)
    assert found.pred_probs[:, 0] == pytest.approx(0.75, abs=0.05)
    assert (found.neighbours == -1).all()
    assert "no_features" in found.notes


def test_identical_texts_are_each_others_neighbours():
    texts, labels = sentences(60)
    texts[7] = texts[42] = "entirely different thing altogether"
    found = predict(texts, labels, 3)
    assert found.neighbours[7, 0] == 42
    assert found.neighbours[42, 0] == 7
    assert found.similarities[7, 0] == pytest.approx(1.0, abs=1e-5)


def test_scripts_without_spaces_are_read():
    rng = np.random.default_rng(0)
    labels = np.arange(120) % 2
    texts = [f"{'退款付款' if label else '卡片邮寄'}{rng.integers(100)}" for label in labels]
    given = labels.copy()
    given[:6] = 1 - given[:6]
    probs = predict(texts, given, 2).pred_probs
    assert (probs.argmax(axis=1) == labels).mean() > 0.95


@pytest.mark.parametrize("n_examples", [0, 1])
def test_few_texts_have_features(n_examples):
    assert text_features(["only one"][:n_examples], seed=0).n_examples == n_examples


def test_many_texts_do_without_the_machine_on_all_spellings(monkeypatch):
    texts, _ = sentences(60)
    few = {view.name for view in text_features(texts, seed=0).views}
    monkeypatch.setattr("app.learning.text.MOST_FOR_MARGINS", 59)
    many = {view.name for view in text_features(texts, seed=0).views}
    assert few - many == {"all spelling"}
    assert many <= few
