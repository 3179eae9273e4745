import pytest

from app.noise.kinds import KINDS, Kind
from app.noise.probe import ProbeState
from app.noise.verdict import Evidence, kind_of

CONFIRMED, ASKING, NOT, UNFINISHED = (
    ProbeState.CONFIRMED,
    ProbeState.ASKING,
    ProbeState.NOT_CONFIRMED,
    ProbeState.NOT_FINISHED,
)


@pytest.mark.parametrize(
    ("evidence", "kind"),
    [
        (Evidence(0.9, 0.001, [NOT, CONFIRMED], 0.02), Kind.STRUCTURED),
        (Evidence(0.01, 0.001, [], 0.02), Kind.STRUCTURED),
        (Evidence(0.05, 0.9, [ASKING, NOT], 0.02), Kind.STRUCTURED),
        (Evidence(0.05, 0.9, [UNFINISHED, NOT], 0.02), Kind.STRUCTURED),
        (Evidence(0.01, 0.04, [NOT], 0.02), Kind.CLASS_DEPENDENT),
        (Evidence(0.06, 0.05, [], 0.02), Kind.CLASS_DEPENDENT),
        (Evidence(0.01, 0.9, [NOT], 0.02), Kind.RANDOM),
        (Evidence(0.9, 0.9, [], 0.05), Kind.RANDOM),
        (Evidence(0.9, 0.9, [], 0.07), Kind.NO_PATTERN),
        (Evidence(0.9, 0.9, [], None), Kind.NO_PATTERN),
    ],
)
def test_the_kind_is_named(evidence, kind):
    assert kind_of(evidence).kind is kind


def test_every_kind_says_what_it_means_and_what_to_do():
    assert set(KINDS) == set(Kind)
    for kind, record in KINDS.items():
        assert record.kind is kind
        assert record.meaning.endswith(".") and record.advice.endswith(".")


def test_the_words_are_those_of_the_pages():
    assert [kind.value for kind in Kind] == [
        "structured",
        "class-dependent",
        "random",
        "no pattern found",
    ]
