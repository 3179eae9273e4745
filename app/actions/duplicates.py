"""Have one example of each group of identical ones with different labels read."""

from __future__ import annotations

from app.actions.batches import make
from app.actions.turn import Caller, work_by_slug
from app.db.tables.datasets import Project
from app.db.tables.review import Batch
from app.db.words import Role
from app.errors import Conflict
from app.insights.duplicates import to_review
from app.review.batches.plan import BatchPlan

MOST_GROUPS = 1_000  # in one batch


def review_duplicates(caller: Caller, slug: str) -> Batch:
    """A batch picked by hand: the answer to each of its examples goes to the copies as well."""
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        project = turn.session.get_one(Project, turn.project_id)
        examples = tuple(to_review(turn.session, project, most=MOST_GROUPS))
    if not examples:
        raise Conflict(
            "No group with different labels is left to read: all are reviewed, handed out or in "
            "another open batch.",
            next_step="Look at the batches that are open.",
            code="nothing_fits",
        )
    name = "Duplicates with different labels"
    plan = BatchPlan(name=name, by="hand", example_ids=examples, size=len(examples))
    return make(caller, project.id, plan)
