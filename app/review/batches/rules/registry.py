"""Every rule by which a batch can be picked: a new one is its file and its line here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from app.db.tables.json_columns import StoredRule
from app.errors import Invalid
from app.review.batches.plan import BatchPlan
from app.review.batches.rules.audit import AUDIT
from app.review.batches.rules.bulk_check import BULK_CHECK
from app.review.batches.rules.filtered import FILTER
from app.review.batches.rules.grid import GRID
from app.review.batches.rules.hand import HAND
from app.review.batches.rules.label import LABEL
from app.review.batches.rules.pair import PAIR
from app.review.batches.rules.practice import PRACTICE
from app.review.batches.rules.priority import PRIORITY
from app.review.batches.rules.probe import PROBE
from app.review.batches.rules.rule import Draws, Rule
from app.review.batches.rules.source_check import SOURCE_CHECK
from app.review.batches.rules.split_audit import SPLIT_AUDIT
from app.review.batches.rules.spot_check import SPOT_CHECK
from app.review.batches.rules.test_audit import TEST_AUDIT
from app.review.batches.rules.view import VIEW

RULES = {
    rule.name: rule
    for rule in (
        *(PRIORITY, LABEL, PAIR, GRID, AUDIT, SPOT_CHECK, VIEW, FILTER, HAND),
        *(PROBE, BULK_CHECK, SOURCE_CHECK, TEST_AUDIT, SPLIT_AUDIT, PRACTICE),
    )
}
"""In the order of the form."""

BY_NAME = tuple(name for name, rule in RULES.items() if rule.by_name)
"""Those that a form or a program may ask for."""

BY_PERSON = frozenset(name for name, rule in RULES.items() if rule.by_person)
"""Those whose answers say nothing of the ranking, nor of what it did not pick."""


def rule_named(name: str) -> Rule:
    """The rule a lead asks for."""
    rule = RULES.get(name)
    if rule is None:
        raise _no_rule(name, RULES)
    return rule


def rule_by_name(name: str) -> Rule:
    """The rule a person or program asks for; what another act makes is not asked for by name."""
    if name not in BY_NAME:
        raise _no_rule(name, BY_NAME)
    return RULES[name]


def _no_rule(name: str, there: Iterable[str]) -> Invalid:
    return Invalid(
        f"There is no batch rule called {name!r}.",
        next_step=f"Pick by one of {', '.join(there)}.",
    )


def for_its_rule(plan: BatchPlan) -> BatchPlan:
    """The plan without what its rule has no use for; forms send every field they have.

    A batch of examples that are named one by one is as large as what was named.
    """
    rule = rule_named(plan.by)
    examples = tuple(sorted(set(plan.example_ids))) if rule.asks_examples else ()
    return replace(
        plan,
        given_label_id=plan.given_label_id if rule.asks_label else None,
        suggested_id=plan.suggested_id if rule.asks_suggested else None,
        wanted=plan.wanted if rule.asks_filter else None,
        words=plan.words if rule.asks_filter else "",
        view_id=plan.view_id if rule.asks_view else None,
        view=plan.view if rule.asks_view else "",
        most_each=plan.most_each if rule.capped else None,
        example_ids=examples,
        size=max(1, len(examples)) if rule.asks_examples else plan.size,
        known_share=0 if rule.on_grid else plan.known_share,
        audit_share=plan.audit_share if rule.draws is Draws.COIN else None,
    )


def rule_of(stored: StoredRule) -> Rule:
    """The rule of a batch that was made; one that this version does not know is a defect."""
    return RULES[stored["by"]]
