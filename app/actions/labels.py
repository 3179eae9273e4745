"""The labels of a project: added, changed, merged, split, taken out of use and brought back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.accounts.activity import ActivityKind
from app.accounts.turn import Turn
from app.actions.activity import note
from app.actions.turn import Caller, work_by_slug
from app.audit.epochs import open_epoch
from app.datasets import label_changes, labels, reference_examples
from app.datasets.guidelines import next_revision
from app.datasets.label_changes import LabelChange, label_in_use
from app.datasets.labels import NewLabel
from app.db.tables.audit import AuditEpoch
from app.db.tables.datasets import Example, Label
from app.db.tables.review import Batch
from app.db.words import Belongs, Role
from app.errors import Conflict, Invalid
from app.insights.label_counts import is_carried
from app.review.answering import retired_labels
from app.review.batches.batch import create_batch
from app.review.batches.picking import may_join
from app.review.batches.plan import BatchPlan

MOST_SPLIT = 1_000


def add_label(caller: Caller, slug: str, label: NewLabel) -> Label:
    """Add a label that examples may be given from now on; the log says so."""
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        return labels.add_label(turn.lock, label, actor=turn.member.pseudonym, now=turn.now)


def change_label(
    caller: Caller, slug: str, label_id: int, wanted: LabelChange, before: LabelChange | None = None
) -> Label:
    """Change what screens call a label, what it means, its other words, its key."""
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        label, what = label_changes.change_label(turn.lock, label_id, wanted, before=before)
        if what:
            words = ", ".join(what)
            note(turn, ActivityKind.LABEL_CHANGED, label=label.id, name=label.shown, what=words)
        return label


def retire_label(caller: Caller, slug: str, label_id: int, *, replaced_by: int) -> None:
    """Merge a label into another; the answers that carry it follow, now or by a job."""
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        retired_labels.retire(turn, label_id, replaced_by=replaced_by)
        old, new = (turn.session.get_one(Label, one) for one in (label_id, replaced_by))
        note(turn, ActivityKind.LABEL_MERGED, label=old.id, name=old.shown, into=new.shown)


def retire_unused(caller: Caller, slug: str, label_id: int) -> None:
    """Take a label out of use that no example and no answer carries."""
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        label = label_in_use(turn.lock, label_id)
        if is_carried(turn.session, turn.project_id, label_id):
            raise Conflict(
                f"Examples or answers carry the label {label.shown}.",
                next_step="Merge it into another label: they follow it.",
                code="label_carried",
            )
        labels.retire_alone(turn.lock, label, actor=turn.member.pseudonym, now=turn.now)
        note(turn, ActivityKind.LABEL_RETIRED, label=label.id, name=label.shown)


def restore_label(caller: Caller, slug: str, label_id: int) -> Label:
    """Bring a retired label back; what carried it carries it again.

    An estimate that was opened since counted both as one label, so it begins anew.
    """
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        since = turn.session.get(Label, label_id)
        retired_at = since.retired_at if since is not None else None
        label = retired_labels.restore(turn, label_id)
        if _opened_since(turn, retired_at):
            open_epoch(turn.lock, reason="label restored", now=turn.now, rng=turn.rng)
        note(turn, ActivityKind.LABEL_RESTORED, label=label.id, name=label.shown)
        return label


def _opened_since(turn: Turn, then: datetime | None) -> bool:
    """Whether the estimate that runs began after that time."""
    epoch = turn.session.get(AuditEpoch, turn.lock.epoch_id) if turn.lock.epoch_id else None
    opened = epoch.opened_at if epoch is not None else None
    return opened is not None and then is not None and opened >= then


@dataclass(frozen=True, slots=True)
class Split:
    """A new label, and the batch in which people say which examples have it."""

    label: Label
    batch: Batch
    left: int  # examples that are read, or waiting, elsewhere already


def split_label(
    caller: Caller, slug: str, label_id: int, new: NewLabel, examples: Sequence[int]
) -> Split:
    """Add a label for some of another one's examples, and ask reviewers which; nothing changes."""
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        old = label_in_use(turn.lock, label_id)
        if len(examples) > MOST_SPLIT:
            raise Invalid(
                f"{MOST_SPLIT:,} examples are the most at once.", next_step="Take fewer of them."
            )
        made = labels.add_label(turn.lock, new, actor=turn.member.pseudonym, now=turn.now)
        asked = _may_be_asked(turn, examples)
        plan = BatchPlan(
            name=f"{old.shown} or {made.shown}"[:200], by="hand", example_ids=asked, size=len(asked)
        )
        batch = create_batch(turn, plan)
        note(turn, ActivityKind.LABEL_SPLIT, label=old.id, name=made.shown, examples=batch.size)
        return Split(made, batch, len(set(examples)) - len(asked))


def _may_be_asked(turn: Turn, examples: Sequence[int]) -> tuple[int, ...]:
    query = select(Example.id).where(*may_join(turn.project_id), Example.id.in_(set(examples)))
    return tuple(turn.session.scalars(query))


def add_reference(
    caller: Caller, slug: str, label_id: int, example_id: int, belongs: Belongs
) -> None:
    """Name a decided example that shows what belongs under a label, or what does not."""
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        label = label_in_use(turn.lock, label_id)
        reference_examples.add_reference(turn, label, example_id, belongs)
        next_revision(turn.lock)
        note(
            turn,
            ActivityKind.REFERENCE_CHANGED,
            label=label.id,
            name=label.shown,
            example=example_id,
        )


def remove_reference(caller: Caller, slug: str, label_id: int, example_id: int) -> None:
    """Take a reference example out again; the example itself stays as it is."""
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        label = label_in_use(turn.lock, label_id)
        reference_examples.remove_reference(turn, label_id, example_id)
        next_revision(turn.lock)
        note(
            turn,
            ActivityKind.REFERENCE_CHANGED,
            label=label.id,
            name=label.shown,
            example=example_id,
        )
