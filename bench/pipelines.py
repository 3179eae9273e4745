"""How well planted errors are found, end to end: ``python -m bench.pipelines``.

Not part of the test suite. Prints a table, then the same as JSON.
"""

import csv
import json
import resource
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.model_selection import cross_val_predict

from app.arrays import Labels, Probs
from app.learning.features import Features
from app.learning.image import image_features
from app.learning.predict import out_of_sample
from app.learning.text import text_features
from app.scoring.quality import label_quality
from app.scoring.vpv import vpv

BANKING77 = Path(__file__).parents[2] / "shared" / "data" / "banking77" / "examples.csv"
KINDS = ("random", "class", "instance")
NOISE = 0.1
SEED = 0


@dataclass(frozen=True)
class Row:
    """One planted kind of error in one dataset; ``seconds`` is features to scores."""

    case: str
    examples: int
    planted: int
    auroc: float
    average_precision: float
    auroc_of_quality: float
    accuracy: float
    seconds: float
    peak_mib: int


def measure(
    case: str, features: Features, *, given: Labels, true: Labels, seconds_before: float
) -> Row:
    """Predict, score and compare with the planted errors."""
    started = time.perf_counter()
    n_classes = int(true.max()) + 1
    probs = out_of_sample(features, given, n_classes=n_classes, seed=SEED).pred_probs
    priority = vpv(given, probs)
    seconds = seconds_before + time.perf_counter() - started
    wrong = given != true
    return Row(
        case=case,
        examples=len(given),
        planted=int(wrong.sum()),
        auroc=round(float(roc_auc_score(wrong, priority)), 4),
        average_precision=round(float(average_precision_score(wrong, priority)), 4),
        auroc_of_quality=round(float(roc_auc_score(wrong, -label_quality(given, probs))), 4),
        accuracy=round(float((probs.argmax(axis=1) == true).mean()), 4),
        seconds=round(seconds, 1),
        peak_mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    )


def planted(true: Labels, kind: str, *, probs: Probs, rng: np.random.Generator) -> Labels:
    """Turn a tenth of the labels wrong: uniformly, to the next class, or where it is hardest."""
    given = true.copy()
    n_classes = probs.shape[1]
    n_wrong = round(NOISE * len(true))
    rows = rng.choice(len(true), n_wrong, replace=False)
    if kind == "random":
        given[rows] = (true[rows] + rng.integers(1, n_classes, n_wrong)) % n_classes
    elif kind == "class":
        given[rows] = (true[rows] + 1) % n_classes
    else:
        others = probs.copy()
        others[np.arange(len(true)), true] = -1.0
        rows = np.argsort(probs[np.arange(len(true)), true])[:n_wrong]
        given[rows] = others[rows].argmax(axis=1)
    return given


def digits() -> Iterator[Row]:
    images, true = load_digits(return_X_y=True)
    pictures = np.rint(images * (255 / 16)).astype(np.uint8).reshape(-1, 8, 8)
    judge = LogisticRegression(max_iter=1000)
    probs = cross_val_predict(judge, images / 16, true, method="predict_proba")
    started = time.perf_counter()
    features = image_features(pictures, seed=SEED)
    seconds = time.perf_counter() - started
    for kind in KINDS:
        given = planted(true, kind, probs=probs, rng=np.random.default_rng(SEED))
        yield measure(f"digits {kind}", features, given=given, true=true, seconds_before=seconds)


def banking77() -> Iterator[Row]:
    if not BANKING77.exists():
        print(f"banking77 skipped: no data at {BANKING77}")
        return
    with BANKING77.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names, true = np.unique([row["true_label"] for row in rows], return_inverse=True)
    started = time.perf_counter()
    features = text_features([row["text"] for row in rows], seed=SEED)
    seconds = time.perf_counter() - started
    for kind in KINDS:
        given = np.searchsorted(names, [row[f"given_{kind}"] for row in rows])
        yield measure(f"banking77 {kind}", features, given=given, true=true, seconds_before=seconds)


def main() -> None:
    columns = list(Row.__dataclass_fields__)
    print("  ".join(f"{column:>18}" for column in columns))
    measured = []
    for dataset in (digits, banking77):
        for row in dataset():
            measured.append(asdict(row))
            print("  ".join(f"{value:>18}" for value in asdict(row).values()), flush=True)
    print(json.dumps(measured))


if __name__ == "__main__":
    main()
