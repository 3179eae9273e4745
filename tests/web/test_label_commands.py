"""Labels at the console: the same acts as on their page, and the same words in the activity."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from app.db.engine import reading
from app.db.tables.accounts import Activity
from app.db.tables.datasets import Example, Label
from app.errors import Conflict, Invalid, NotFound
from tests.web.cast import Cast
from tests.web.console import command
from tests.web.seeded import claim, open_batch, seed

NAME = "Support intents"


def labels(cast: Cast, *words: str) -> str:
    return command(cast, "labels", words[0], NAME, *words[1:])


def stored(cast: Cast, name: str) -> Label:
    with reading(cast.engine) as session:
        return session.scalars(select(Label).where(Label.name == name)).one()


def test_a_label_is_added_changed_retired_and_restored(cast: Cast) -> None:
    seed(cast, count=6)
    labels(cast, "add", "gamma", "--description", "The third one.")
    said = labels(
        cast, "change", "gamma", "--name", "Third", "--synonyms", "c, three", "--key", "q"
    )
    assert said.strip() == "gamma is shown as Third."
    gamma = stored(cast, "gamma")
    assert (gamma.synonyms, gamma.key, gamma.description) == (["c", "three"], "q", "The third one.")
    assert "gamma (shown as Third): given 0, final 0, not reviewed 0" in labels(cast, "list")
    labels(cast, "retire", "Third")  # by the name on screens as well
    assert "gamma: retired" in labels(cast, "list")
    labels(cast, "restore", "gamma")
    assert stored(cast, "gamma").retired_at is None
    with reading(cast.engine) as session:
        acts = session.execute(
            select(Activity.kind, Activity.person_id).order_by(Activity.id)
        ).all()
    kinds = ["label_changed", "label_retired", "label_restored"]
    assert acts[-3:] == [(kind, None) for kind in kinds]


def test_a_merge_is_told_before_and_done_after(cast: Cast) -> None:
    seed(cast, count=6)
    said = labels(cast, "merge", "beta", "--into", "alpha", "--preview")
    assert "beta would count as alpha: 3 examples, 0 of them decided" in said
    assert stored(cast, "beta").retired_at is None
    labels(cast, "merge", "beta", "--into", "alpha")
    assert "alpha: given 6, final 0, not reviewed 6" in labels(cast, "list")
    assert "beta: retired, now alpha" in labels(cast, "list")
    labels(cast, "restore", "beta")
    assert "beta: given 3" in labels(cast, "list")


def test_a_split_asks_people_about_the_examples_that_nobody_has(cast: Cast, tmp_path: Path) -> None:
    seeded = seed(cast, count=8)
    batch = open_batch(cast, size=1, audit_share=0)
    (card,) = claim(cast.reviewer, batch)
    with reading(cast.engine) as session:
        alpha = select(Example.key).where(Example.given_label_id == seeded.labels[0])
        keys = list(session.scalars(alpha))
    file = tmp_path / "ids.txt"
    file.write_text("\ufeff" + "\r\n".join([*keys, "", keys[0]]), encoding="utf-8")
    taken = int(card["key"] in keys)
    more = " 1 more are read, or waiting, elsewhere already." if taken else ""
    said = labels(cast, "split", "alpha", "delta", "--examples", str(file), "--preview")
    would = f"A batch would ask about {4 - taken} examples of alpha.{more} Nothing is changed yet."
    assert said.strip() == would
    said = labels(cast, "split", "alpha", "delta", "--examples", str(file))
    assert said.strip() == f"Batch 2 asks about {4 - taken} examples: alpha, or delta?{more}"
    assert len(claim(cast.second, batch + 1, 8)) == 4 - taken


def test_what_cannot_be_done_is_said_in_words(cast: Cast, tmp_path: Path) -> None:
    seed(cast, count=4)
    with pytest.raises(Conflict, match="carry the label alpha"):
        labels(cast, "retire", "alpha")
    with pytest.raises(NotFound, match="no label 'nothing'"):
        labels(cast, "merge", "nothing", "--into", "alpha")
    with pytest.raises(Invalid, match="cannot replace itself"):
        labels(cast, "merge", "alpha", "--into", "alpha")
    with pytest.raises(Invalid, match="Nothing is to be changed"):
        labels(cast, "change", "alpha")
    empty = tmp_path / "ids.txt"
    empty.write_bytes(b"")
    with pytest.raises(NotFound, match="No id is named"):
        labels(cast, "split", "alpha", "delta", "--examples", str(empty))
    empty.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Invalid, match="not UTF-8"):
        labels(cast, "split", "alpha", "delta", "--examples", str(empty))
