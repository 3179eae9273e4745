"""A project filled straight into the tables, for tests of what comes after import."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, insert

from app.datasets.projects import ProjectPlan, create_project
from app.db.engine import writing
from app.db.tables.datasets import DataImport, Example, Label
from app.db.words import DataType, ImportState
from tests.conftest import NOON

TOPICS = {
    name: words.split(",")
    for name, words in {
        "weather": "rain,snow,wind,storm,cloud,sunny,forecast,cold,warm,thunder",
        "cooking": "butter,flour,oven,recipe,sugar,boil,fry,onion,garlic,pan",
        "sports": "goal,match,team,score,player,win,league,coach,ball,race",
        "music": "song,guitar,drum,melody,concert,chord,album,singer,piano,tune",
    }.items()
}


@dataclass(frozen=True)
class Filled:
    project_id: int
    labels: dict[str, int]
    examples: list[int]


def sentences(count: int, *, seed: int = 1) -> tuple[list[str], list[str]]:
    """Easy texts and their true topics."""
    chance = random.Random(seed)
    topics = [chance.choice(sorted(TOPICS)) for _ in range(count)]
    return [" ".join(chance.choices(TOPICS[topic], k=8)) for topic in topics], topics


def fill(
    engine: Engine,
    contents: Sequence[Mapping[str, Any]],
    given: Sequence[str | None],
    *,
    data_type: DataType = DataType.TEXT,
    more_labels: Sequence[str] = (),
) -> Filled:
    with writing(engine) as session:
        project = create_project(
            session, ProjectPlan("Filled", data_type, confirmations=1), now=NOON
        )
        names = sorted({name for name in given if name is not None} | set(more_labels))
        labels = {}
        for position, name in enumerate(names):
            label = Label(project_id=project.id, position=position, name=name)
            session.add(label)
            session.flush()
            labels[name] = label.id
        source = DataImport(
            project_id=project.id,
            state=ImportState.DONE,
            file_name="filled.csv",
            sha256="0" * 64,
            size=1,
            mapping_hash="0" * 64,
            created_at=NOON,
        )
        session.add(source)
        session.flush()
        rows = [
            {
                "project_id": project.id,
                "import_id": source.id,
                "row": row,
                "key": f"k{row}",
                "content": dict(content),
                "columns": {},
                "salt": "00",
                "content_hash": hashlib.sha256(repr(content).encode()).hexdigest(),
                "given_label_id": None if name is None else labels[name],
            }
            for row, (content, name) in enumerate(zip(contents, given, strict=True), start=1)
        ]
        examples = list(session.execute(insert(Example).returning(Example.id), rows).scalars())
        return Filled(project.id, labels, examples)
