"""The labels of a project: added, changed, merged, split, taken out of use and brought back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.accounts.activity import ActivityKind, Detail
from app.accounts.turn import By
from app.actions.activity import note, note_by
from app.actions.turn import Caller, at_console, work_by_slug
from app.audit.epochs import open_epoch
from app.datasets import label_changes, labels, reference_examples
from app.datasets.guidelines import next_revision
from app.datasets.label_changes import LabelChange, label_in_use
from app.datasets.labels import NewLabel, label_named
from app.db.log import ProjectLock
from app.db.tables.audit import AuditEpoch
from app.db.tables.datasets import Label
from app.db.tables.review import Batch
from app.db.words import Belongs, Role
from app.errors import Conflict, Invalid
from app.insights.by_key import examples_by_key
from app.insights.label_counts import is_carried
from app.review.answering import retired_labels
from app.review.batches.batch import Opening, open_batch
from app.review.batches.picking import may_be_asked
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
        return _change(turn.lock, By.of(turn), label_id, wanted, before)


def retire_label(caller: Caller, slug: str, label_id: int, *, replaced_by: int) -> None:
    """Merge a label into another; the answers that carry it follow, now or by a job."""
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        _merge(turn.lock, By.of(turn), label_id, replaced_by)


def retire_unused(caller: Caller, slug: str, label_id: int) -> None:
    """Take a label out of use that no example and no answer carries."""
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        _retire(turn.lock, By.of(turn), label_id)


def restore_label(caller: Caller, slug: str, label_id: int) -> Label:
    """Bring a retired label back; what carried it carries it again.

    An estimate that was opened since counted both as one label, so it begins anew.
    """
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        return _restore(turn.lock, By.of(turn), label_id)


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
        return _split(turn.lock, By.of(turn), label_id, new, examples)


def add_from_console(session: Session, named: str, label: NewLabel) -> Label:
    with at_console(session, named) as (lock, by):
        return labels.add_label(lock, label, actor=by.pseudonym, now=by.now)


def change_from_console(session: Session, named: str, label: str, wanted: LabelChange) -> Label:
    with at_console(session, named) as (lock, by):
        return _change(lock, by, label_named(session, lock.project_id, label).id, wanted)


def merge_from_console(session: Session, named: str, label: str, into: str) -> None:
    with at_console(session, named) as (lock, by):
        old, new = (label_named(session, lock.project_id, one) for one in (label, into))
        _merge(lock, by, old.id, new.id)


def retire_from_console(session: Session, named: str, label: str) -> None:
    with at_console(session, named) as (lock, by):
        _retire(lock, by, label_named(session, lock.project_id, label).id)


def restore_from_console(session: Session, named: str, label: str) -> Label:
    with at_console(session, named) as (lock, by):
        return _restore(lock, by, label_named(session, lock.project_id, label).id)


def split_from_console(
    session: Session, named: str, label: str, new: NewLabel, keys: Sequence[str]
) -> Split:
    with at_console(session, named) as (lock, by):
        examples = examples_by_key(session, lock.project_id, keys)
        return _split(lock, by, label_named(session, lock.project_id, label).id, new, examples)


def _change(
    lock: ProjectLock,
    by: By,
    label_id: int,
    wanted: LabelChange,
    before: LabelChange | None = None,
) -> Label:
    label, what = label_changes.change_label(lock, label_id, wanted, before=before)
    if what:
        _note(lock, by, ActivityKind.LABEL_CHANGED, label, what=", ".join(what))
    return label


def _merge(lock: ProjectLock, by: By, label_id: int, into: int) -> None:
    retired_labels.retire_by(lock, label_id, by, replaced_by=into)
    old, new = (lock.session.get_one(Label, one) for one in (label_id, into))
    _note(lock, by, ActivityKind.LABEL_MERGED, old, into=new.shown)


def _retire(lock: ProjectLock, by: By, label_id: int) -> None:
    label = label_in_use(lock, label_id)
    if is_carried(lock.session, lock.project_id, label_id):
        raise Conflict(
            f"Examples or answers carry the label {label.shown}.",
            next_step="Merge it into another label: they follow it.",
            code="label_carried",
        )
    labels.retire_alone(lock, label, actor=by.pseudonym, now=by.now)
    _note(lock, by, ActivityKind.LABEL_RETIRED, label)


def _restore(lock: ProjectLock, by: By, label_id: int) -> Label:
    since = lock.session.get(Label, label_id)
    retired_at = since.retired_at if since is not None else None
    label = retired_labels.restore_by(lock, label_id, by)
    if _opened_since(lock, retired_at):
        open_epoch(lock, reason="label restored", now=by.now, rng=by.rng)
    _note(lock, by, ActivityKind.LABEL_RESTORED, label)
    return label


def _opened_since(lock: ProjectLock, then: datetime | None) -> bool:
    """Whether the estimate that runs began after that time."""
    epoch = lock.session.get(AuditEpoch, lock.epoch_id) if lock.epoch_id else None
    opened = epoch.opened_at if epoch is not None else None
    return opened is not None and then is not None and opened >= then


def _split(
    lock: ProjectLock, by: By, label_id: int, new: NewLabel, examples: Sequence[int]
) -> Split:
    old = label_in_use(lock, label_id)
    if len(examples) > MOST_SPLIT:
        raise Invalid(
            f"{MOST_SPLIT:,} examples are the most at once.", next_step="Take fewer of them."
        )
    made = labels.add_label(lock, new, actor=by.pseudonym, now=by.now)
    asked = may_be_asked(lock.session, lock.project_id, examples)
    plan = BatchPlan(
        name=f"{old.shown} or {made.shown}"[:200], by="hand", example_ids=asked, size=len(asked)
    )
    batch = open_batch(lock, plan, Opening(by.person_id, by.now))
    kind, size = ActivityKind.LABEL_SPLIT, batch.size
    note_by(lock, by, kind, label=old.id, name=made.shown, examples=size)
    return Split(made, batch, len(set(examples)) - len(asked))


def _note(lock: ProjectLock, by: By, kind: ActivityKind, label: Label, **more: Detail) -> None:
    note_by(lock, by, kind, label=label.id, name=label.shown, **more)


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
