"""Who did what when, outside the log of decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from sqlalchemy.orm import Session

from app.db.tables.accounts import Activity

Detail: TypeAlias = str | int | float | bool | Sequence[int]


class ActivityKind(StrEnum):
    """Everything that is written down; `insights.activity` has its words."""

    PROJECT_CREATED = "project_created"
    PROJECT_CHANGED = "project_changed"
    JOINED = "joined"
    MEMBER_ADDED = "member_added"
    INVITED = "invited"
    INVITE_WITHDRAWN = "invite_withdrawn"
    ROLE_CHANGED = "role_changed"
    MEMBER_REMOVED = "member_removed"
    STANDING_CHANGED = "standing_changed"
    RESET_LINK_MADE = "reset_link_made"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  # a kind, not a password
    TOKEN_MADE = "token_made"  # noqa: S105
    TOKEN_REVOKED = "token_revoked"  # noqa: S105
    SOURCE_LINKED = "source_linked"
    SOURCE_UNLINKED = "source_unlinked"
    BATCH_CREATED = "batch_created"
    BATCH_STATE = "batch_state"
    BATCH_PEOPLE = "batch_people"
    BATCH_ROUTING = "batch_routing"
    RECURRING_ADDED = "recurring_added"
    RECURRING_CHANGED = "recurring_changed"
    RECURRING_PAUSED = "recurring_paused"
    RECURRING_RESUMED = "recurring_resumed"
    RECURRING_DELETED = "recurring_deleted"
    RECURRING_MADE = "recurring_made"
    RECURRING_STUCK = "recurring_stuck"
    VIEW_SAVED = "view_saved"
    VIEW_RENAMED = "view_renamed"
    VIEW_DELETED = "view_deleted"
    LABEL_CHANGED = "label_changed"
    LABEL_MERGED = "label_merged"
    LABEL_RETIRED = "label_retired"
    LABEL_RESTORED = "label_restored"
    LABEL_SPLIT = "label_split"
    REFERENCE_CHANGED = "reference_changed"
    READ_AGAIN = "read_again"
    LEFT_AS_IS = "left_as_is"
    THIRD_ASKED = "third_asked"
    CLOSING_CHECKS = "closing_checks"
    MODEL_PUSHED = "model_pushed"
    TEST_AUDIT_OPENED = "test_audit_opened"
    TEST_AUDIT_CLOSED = "test_audit_closed"
    SPLIT_AUDIT_OPENED = "split_audit_opened"
    SPLIT_AUDIT_CLOSED = "split_audit_closed"
    BULK_STARTED = "bulk_started"
    BULK_APPLIED = "bulk_applied"
    BULK_UNDONE = "bulk_undone"
    BULK_GIVEN_UP = "bulk_given_up"
    RELEASE_STARTED = "release_started"
    EXAMPLE_ERASED = "example_erased"
    PERSON_ERASED = "person_erased"
    PROJECT_DELETED = "project_deleted"
    PROJECT_RESTORED = "project_restored"


@dataclass(frozen=True, slots=True)
class Act:
    """What was done, by whom (nobody: from the console) and in which project (none: outside)."""

    kind: ActivityKind
    person_id: int | None
    project_id: int | None
    detail: Mapping[str, Detail] = field(default_factory=dict)


def record(session: Session, act: Act, *, now: datetime) -> None:
    session.add(
        Activity(
            at=now,
            person_id=act.person_id,
            project_id=act.project_id,
            kind=act.kind.value,
            detail=dict(act.detail),
        )
    )
