"""Let somebody new practise on examples whose right label is settled."""

from __future__ import annotations

from app.accounts.membership import person_in
from app.actions.batches import make
from app.actions.turn import Caller, work_by_slug
from app.db.tables.review import Batch
from app.db.words import Role
from app.errors import Conflict, Invalid
from app.review.batches.plan import BatchPlan
from app.review.serving.known import known_answers

LEAST, MOST = 1, 100


def practise(caller: Caller, slug: str, person_id: int, size: int) -> Batch:
    """A lead gives one person a batch of known answers; at its end they see how they did.

    Its reads are of examples that are decided already: no label, audit or estimate changes.
    """
    if not LEAST <= size <= MOST:
        raise Invalid(
            f"A practice batch has {LEAST} to {MOST} known answers.",
            next_step="Choose another number.",
        )
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        project_id = turn.project_id
        person_in(turn.session, project_id, person_id)  # nobody else is known here
        settled = known_answers(turn.session, project_id, person_id)
        chosen = turn.rng.sample(settled, min(size, len(settled)))
    if not chosen:
        raise Conflict(
            "There is no settled example that this person has not answered.",
            next_step="Rule on disagreements, or have more examples read twice.",
            code="nothing_settled",
        )
    plan = BatchPlan(
        by="practice", example_ids=tuple(chosen), size=len(chosen), people=(person_id,)
    )
    return make(caller, project_id, plan)
