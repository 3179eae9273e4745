import pytest

from app.training.advice import RULES, Findings, advice
from app.training.kinds import NoiseKind


def names(**found):
    given = {"rate": 0.03, "kind": NoiseKind.RANDOM} | found
    return [one.name for one in advice(Findings(**given))]


@pytest.mark.parametrize(
    ("rate", "band"),
    [
        (0.0, "under_1"),
        (0.0099, "under_1"),
        (0.01, "from_1_to_5"),
        (0.05, "from_5_to_10"),
        (0.10, "from_10"),
        (0.9, "from_10"),
    ],
)
def test_one_band_speaks_whatever_the_rate(rate, band):
    assert names(rate=rate) == [band]


def test_source_comes_before_pattern_and_pattern_before_rate():
    assert names(source="Vendor B", group="split is test", kind=NoiseKind.GROUP) == [
        "source_first",
        "group",
        "from_1_to_5",
    ]
    assert names(kind=NoiseKind.PAIRS) == ["pairs", "from_1_to_5"]


def test_advice_names_what_was_measured():
    found = Findings(
        rate=0.2,
        kind=NoiseKind.RANDOM,
        source="Vendor B",
        cleaning=0.052,
        doubling=0.011,
        crossed=0.3,
    )
    words = " ".join(one.words for one in advice(found))
    assert "Vendor B brought in most" in words
    assert "+5.2 points" in words and "+1.1 points" in words and "With 30%" in words


def test_scaling_that_gains_more_is_not_advised_against():
    assert "clean_before_you_scale" not in names(cleaning=0.01, doubling=0.02)
    assert "clean_before_you_scale" not in names(cleaning=-0.01, doubling=-0.02)
    assert "clean_before_you_scale" in names(cleaning=0.03, doubling=0.02)


def test_every_piece_of_advice_stands_with_its_rule():
    assert len({one.rule for one in RULES}) == len(RULES)
    assert all(
        one.rule in {rule.rule for rule in RULES} for one in advice(Findings(0.2, NoiseKind.PAIRS))
    )
