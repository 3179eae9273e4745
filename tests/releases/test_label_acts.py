"""What a lead does with labels and rules is in the log, and every release of it can be verified."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from sqlalchemy import Engine

from app.accounts.people import Who
from app.actions import guidelines, labels
from app.actions.turn import Caller
from app.datasets.label_changes import LabelChange
from app.db.engine import writing
from app.db.tables.datasets import Project
from app.releases.verify import verify
from tests.releases.worlds import History, logged_world, release


@pytest.mark.parametrize("undone", [False, True])
def test_a_release_after_merges_and_rules_is_verified(
    engine: Engine, tmp_path: Path, undone: bool
) -> None:
    world = logged_world(engine, examples=24, confirmations=1)
    history = History(world, random.Random(4))
    history.live(30)
    a, b, _ = world.labels
    lead = history.lead
    who = Who(lead.person_id, lead.pseudonym, lead.name, "", False)
    with writing(engine) as session:
        slug = session.get_one(Project, world.project_id).slug
        caller = Caller(session, who, world.now, random.Random(1))
        change = LabelChange(display="First of all", key="q")
        labels.change_label(caller, slug, a, change)
        guidelines.write_guideline(caller, slug, [a, b], "How to *tell* them apart.")
    with writing(engine) as session:
        caller = Caller(session, who, world.now, random.Random(1))
        labels.retire_label(caller, slug, b, replaced_by=a)
        if undone:
            labels.restore_label(caller, slug, b)
    history.live(10)
    release(world, tmp_path / "made")
    assert verify(tmp_path / "made").sound
    events = [json.loads(one) for one in (tmp_path / "made/events.jsonl").read_text().splitlines()]
    rule = next(one["data"] for one in events if one["kind"] == "guideline")
    assert (rule["labels"], rule["version"]) == (sorted([a, b]), 1)
    assert "How to" not in str(events) and "First of all" not in str(events)
    names = json.loads((tmp_path / "made/labels.json").read_text())["labels"]
    assert [one["replaced_by"] for one in names if one["id"] == b] == [None if undone else a]
