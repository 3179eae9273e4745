"""The guideline of a project: a rule written anew, and what was answered before it read again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from app.accounts.activity import ActivityKind
from app.accounts.turn import Turn
from app.actions.activity import note
from app.actions.turn import Caller, work_by_slug
from app.audit.epochs import open_epoch
from app.datasets.guidelines import Written, labels_for_rule, versions_of, write_rule
from app.db.tables.guidelines import Guideline
from app.db.words import Role
from app.errors import Conflict
from app.insights.label_counts import count_overturned, overturned
from app.review.answering.disagreements import reopen

AT_ONCE = 200  # examples opened again in one act, which holds up the project's answers


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A rule as it holds now, and how many answers were given by an older one."""

    rule: Guideline
    may_overturn: int


def write_guideline(
    caller: Caller, slug: str, labels: Collection[int], text: str, *, base: int | None = None
) -> Rewritten:
    """Write the next version of the rule for the project, a label, or a pair of labels."""
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        member = turn.member
        new = Written(text, base, member.pseudonym, member.person_id, turn.now)
        rule = write_rule(turn.lock, labels, new)
        overturns = count_overturned(turn.session, turn.project_id, labels, before=rule.revision)
        return Rewritten(rule, overturns)


@dataclass(frozen=True, slots=True)
class ReadAgain:
    """How many examples were opened again, and how many are left for the next time."""

    opened: int
    left: int


def read_again(
    caller: Caller, slug: str, labels: Collection[int], *, version: int, expected: int | None = None
) -> ReadAgain:
    """Open those again that were decided by an older version of a rule; the estimate restarts.

    `version` is the one that whoever asks has read, `expected` the number they were shown.
    """
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        rule = _rule(turn, labels, version)
        total = count_overturned(turn.session, turn.project_id, labels, before=rule.revision)
        if expected is not None and total != expected:
            raise Conflict(
                f"{total:,} examples were decided by an older rule now; {expected:,} were shown.",
                next_step="Look at the number again, then choose.",
                code="guideline_count",
            )
        query = overturned(turn.project_id, labels, before=rule.revision).limit(AT_ONCE)
        examples = list(turn.session.scalars(query))
        if not examples:
            raise Conflict(
                "No answer was given by an older version of this rule.",
                next_step="Nothing more to do.",
                code="guideline_nothing",
            )
        for example_id in examples:
            reopen(turn, example_id, key=f"rule-{rule.id}-{turn.lock.log_seq}-{example_id}")
        if turn.lock.epoch_id is not None:
            open_epoch(turn.lock, reason="guideline", now=turn.now, rng=turn.rng)
        note(turn, ActivityKind.READ_AGAIN, examples=len(examples), guideline=rule.id)
        return ReadAgain(len(examples), total - len(examples))


def _rule(turn: Turn, labels: Collection[int], version: int) -> Guideline:
    labels_for_rule(turn.session, turn.project_id, labels)
    rule = next(iter(versions_of(turn.session, turn.project_id, labels)), None)
    standing = rule.version if rule is not None else 0
    if rule is None or standing != version:
        raise Conflict(
            f"Somebody wrote v{standing} of this rule meanwhile."
            if rule is not None
            else "There is no such rule yet.",
            next_step="Read it first.",
            code="guideline_changed",
        )
    return rule
