"""What the desk gets of an example, and of those like it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine, update

from app.datatypes.shown import content_of
from app.db.engine import writing
from app.db.tables.datasets import Example
from app.db.tables.ranking import Score, ScoringRun
from app.db.words import Mode, RunState
from app.review.serving.cards import Look, card_query, cards
from tests.conftest import NOON
from tests.review.conftest import make_world


@pytest.mark.parametrize(
    ("content", "language"),
    [
        ({"text": "x"}, None),
        ({"text": "x", "lang": "de"}, "de"),
        ({"text": "x", "meta": [["split", "de"], ["Language", "pt_BR"]]}, "pt-BR"),
        ({"text": "x", "meta": [["lang", "English"]]}, None),
        ({"text": "x", "meta": [["locale", "zh-Hant-TW"]]}, "zh-Hant-TW"),
        ({"text": "x", "meta": [["lang", 'de" onclick="x']]}, None),
    ],
)
def test_a_language_is_told_where_it_is_known(content: dict[str, Any], language: str | None):
    assert content_of(1, content)["lang"] == language


def test_fields_come_with_whether_they_are_unusual_and_never_as_nothing():
    fields = [["age", "30"], ["town", None], ["income", "9", True]]
    assert content_of(1, {"fields": fields}, unusual=["age"])["fields"] == [
        ("age", "30", True),
        ("town", "", False),
        ("income", "9", True),
    ]


def shown(
    engine: Engine, contents: list[dict[str, Any]], mode: Mode, *, signals: int = 0, **facts: Any
):
    """The first example's card, when all others are like it."""
    world = make_world(engine, examples=len(contents))
    with writing(engine) as session:
        for example, content in zip(world.examples, contents, strict=True):
            session.execute(update(Example).where(Example.id == example).values(content=content))
        first, *others = world.examples
        run = ScoringRun(
            project_id=world.project_id, number=1, state=RunState.COMPLETE, seed=1, started_at=NOON
        )
        session.add(run)
        session.flush()
        near = [[other, 0.5] for other in others]
        found = {"neighbours": near, "facts": facts, "signals": signals}
        session.add(Score(run_id=run.id, example_id=first, **found))
        session.flush()
        rows = session.execute(card_query(run.id).where(Example.id == first)).all()
        return cards(session, rows, looks={first: Look(mode, bare=False)}, rule="all")[first]


@pytest.mark.parametrize("mode", list(Mode))
def test_similar_texts_say_where_they_are_cut(engine: Engine, mode: Mode):
    card = shown(engine, [{"text": "a"}, {"text": "b" * 400}, {"text": "c" * 401}], mode)
    whole, cut = card["neighbours"]
    assert (len(whole["text"]), whole.get("cut")) == (400, None)
    assert (len(cut["text"]), cut.get("cut")) == (400, True)
    assert ("label" in whole) is (mode is Mode.EVERYTHING)


def test_similar_rows_come_with_their_fields(engine: Engine):
    fields = [["age", "30"], ["note", "x" * 300]]
    card = shown(engine, [{"fields": fields}, {"fields": fields}], Mode.BLIND, unusual=["age"])
    assert card["neighbours"][0]["fields"] == [("age", "30"), ("note", "x" * 200)]
    assert card["neighbours"][0]["text"].startswith("age: 30, note: xxx")
    assert card["content"]["fields"][0] == ("age", "30", True)


def test_similar_images_come_with_their_size(engine: Engine):
    image = {"image": "0" * 64, "width": 28, "height": 20}
    near = shown(engine, [image, image], Mode.BLIND)["neighbours"][0]
    assert (near["width"], near["height"]) == (28, 20)
    assert near["url"] == f"/media/{near['example']}"
