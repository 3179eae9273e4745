"""The samples are real data, and the planted errors are what the page says they are."""

from __future__ import annotations

import csv
import io
import zipfile
from collections import Counter

import pytest
from PIL import Image

from app.samples.catalogue import RATE, SAMPLES
from app.samples.docstrings import docstrings, first_sentence
from app.samples.planting import any_other, look_alike, plant
from app.samples.sample import Sample


@pytest.fixture(scope="module")
def samples() -> dict[str, Sample]:
    return {name: build() for name, build in SAMPLES.items()}


def labels_of(sample: Sample) -> dict[str, str]:
    rows = csv.DictReader(io.StringIO(sample.content.decode()))
    return {row["id"]: row["label"] for row in rows}


def test_digits_are_the_1797_images_of_scikit_learn(samples: dict[str, Sample]) -> None:
    sample = samples["Digits"]
    assert len(labels_of(sample)) == 1797
    assert sample.media is not None
    with zipfile.ZipFile(io.BytesIO(sample.media)) as archive:
        assert len(archive.namelist()) == 1797
        with archive.open(archive.namelist()[0]) as file, Image.open(file) as image:
            assert image.size == (8, 8)
            assert image.getextrema() == (0, 239)


def test_docstrings_are_sentences_of_three_packages(samples: dict[str, Sample]) -> None:
    labels = labels_of(samples["Docstrings"])
    assert len(labels) > 1500
    assert {name.split(".")[0] for name in labels.values()} == {"numpy", "scipy", "sklearn"}
    assert min(Counter(labels.values()).values()) >= 15
    assert all(docstrings().contents)


@pytest.mark.parametrize("name", ["Digits", "Docstrings"])
def test_planted_errors_are_five_per_cent_and_nothing_else_changed(
    samples: dict[str, Sample], name: str
) -> None:
    plain, spoilt = samples[name], samples[f"{name} with planted errors"]
    right, given = labels_of(plain), labels_of(spoilt)
    changed = {key for key in right if right[key] != given[key]}
    assert spoilt.planted is not None
    assert changed == set(spoilt.planted.truth)
    assert all(spoilt.planted.truth[key] == right[key] for key in changed)
    assert len(changed) == round(RATE * len(right))
    assert "5%" in spoilt.about
    assert plain.planted is None


def test_what_was_planted_is_not_in_the_file(samples: dict[str, Sample]) -> None:
    header = samples["Digits with planted errors"].content.splitlines()[0]
    assert header == b"id,image,label,scanner,split"


def test_a_sample_is_the_same_every_time() -> None:
    for build in SAMPLES.values():
        assert build() == build()


def test_a_uniform_error_is_never_the_right_label() -> None:
    labels = [str(number % 3) for number in range(300)]
    ids = [str(number) for number in range(300)]
    changed, truth = plant(ids, labels, any_other(labels), rate=0.5, seed=1)
    assert len(truth) == 150
    assert all(changed[int(key)] != right for key, right in truth.items())
    assert {changed[int(key)] for key, right in truth.items() if right == "0"} == {"1", "2"}


def test_the_partner_of_a_label_shares_its_words() -> None:
    texts = ["rain wind", "wind snow rain", "butter flour", "flour oven"]
    labels = ["weather", "storms", "cooking", "baking"]
    assert look_alike(texts, labels)["weather"] == ["storms"]
    assert look_alike(texts, labels)["cooking"] == ["baking"]


def test_the_first_sentence_has_no_signature_and_no_second_sentence() -> None:
    doc = "sin(x, /, out=None)\n\nSine, element-wise. More\nof it.\n\nParameters"
    assert first_sentence(doc, "sin") == "Sine, element-wise."
    assert first_sentence("One line without an end", "f") == "One line without an end"
    assert first_sentence("", "f") == ""


def test_half_of_one_scanner_is_wrong_and_little_else(samples: dict[str, Sample]) -> None:
    spoilt = samples["Digits with planted errors"]
    assert spoilt.planted is not None and spoilt.half_reviewed is not None
    rows = list(csv.DictReader(io.StringIO(spoilt.content.decode())))
    wrong = {row["id"] for row in rows if row["label"] != spoilt.half_reviewed[row["id"]]}
    assert wrong == set(spoilt.planted.truth)
    on_c = [row for row in rows if row["scanner"] == "C"]
    assert len(on_c) == round(0.06 * len(rows))
    broken = [row for row in on_c if row["id"] in wrong]
    assert len(broken) == round(len(on_c) / 2)
    next_one = {str(digit): str((digit + 1) % 10) for digit in range(10)}
    right = spoilt.half_reviewed
    assert all(row["label"] == next_one[right[row["id"]]] for row in broken)
    assert "3% of their answers are wrong on purpose" in spoilt.about
