"""What a JSON column holds of a record is the same record again."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

import orjson
import pytest
from pydantic import ValidationError

from app.db.records import read_record


@dataclass(frozen=True, slots=True)
class Leaf:
    value: float
    name: str = "none"


@dataclass(frozen=True, slots=True)
class Tree:
    first: Leaf
    other: Leaf | None
    leaves: list[Leaf]
    pairs: list[tuple[int, float]]
    since: list[Leaf] = field(default_factory=list)


TREE = Tree(Leaf(0.5), None, [Leaf(1.0, "a"), Leaf(2.0, "b")], [(1, 0.25), (2, 0.5)])


def test_records_within_records_come_back_as_they_were() -> None:
    stored = orjson.loads(orjson.dumps(asdict(TREE)))
    found = read_record(Tree, stored)
    assert found == TREE
    assert type(found.leaves[1]) is Leaf and found.pairs[0] == (1, 0.25)


def test_what_an_older_version_did_not_write_has_its_default() -> None:
    stored = asdict(TREE)
    del stored["since"]
    assert read_record(Tree, stored).since == []


def test_what_is_no_such_record_is_refused() -> None:
    with pytest.raises(ValidationError, match="leaves"):
        read_record(Tree, {**asdict(TREE), "leaves": [{"name": "without a value"}]})
