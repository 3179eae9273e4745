"""A batch of n is n first reads, also when a new audit epoch opens meanwhile."""

from __future__ import annotations

import random

from app.db.engine import writing
from app.db.tables.audit import Serve
from app.db.words import Role
from tests.review.conftest import World
from tests.steps import open_epoch


def test_a_new_epoch_gives_an_open_batch_no_more_to_read(world: World) -> None:
    lead, anna = world.person("lead", Role.LEAD), world.person("anna")
    batch = world.batch(lead, size=6, audit_share=20)
    for card in world.claim(anna, batch, want=4).cards[:3]:
        world.answer(anna, card["lease"])
    with writing(world.engine) as session:
        open_epoch(session, world.project_id, reason="import", now=world.now, rng=random.Random(2))
    while cards := world.claim(anna, batch).cards:
        for card in cards:
            world.answer(anna, card["lease"])
    served = {serve.example_id for serve in world.all(Serve, Serve.batch_id == batch.id)}
    assert len(served) == 6
    assert world.claim(anna, batch).state == "done"
