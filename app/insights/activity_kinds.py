"""Every kind of act in words, the group by which it is looked for, and the page it leads to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.accounts.activity import ActivityKind
from app.db.log_bodies import AnyBody
from app.db.words import EventKind

ACTIVITY_WORDS: dict[str, str] = {
    ActivityKind.PROJECT_CREATED: "Made the project",
    ActivityKind.PROJECT_CHANGED: "Changed the settings",
    ActivityKind.JOINED: "Joined",
    ActivityKind.MEMBER_ADDED: "Added a member",
    ActivityKind.INVITED: "Made an invitation",
    ActivityKind.INVITE_WITHDRAWN: "Withdrew an invitation",
    ActivityKind.ROLE_CHANGED: "Changed a role",
    ActivityKind.MEMBER_REMOVED: "Removed a member",
    ActivityKind.STANDING_CHANGED: "Changed what an account may do",
    ActivityKind.RESET_LINK_MADE: "Made a password link",
    ActivityKind.PASSWORD_CHANGED: "Changed the password",
    ActivityKind.TOKEN_MADE: "Made an API token",
    ActivityKind.TOKEN_REVOKED: "Revoked an API token",
    ActivityKind.SOURCE_LINKED: "Said which member gave labels",
    ActivityKind.SOURCE_UNLINKED: "Said that labels are of no member",
    ActivityKind.BATCH_CREATED: "Made batch {batch}",
    ActivityKind.BATCH_STATE: "Set batch {batch} to {state}",
    ActivityKind.BATCH_PEOPLE: "Handed batch {batch} to other people",
    ActivityKind.BATCH_ROUTING: "Changed the routing of batch {batch} to {routing}",
    ActivityKind.RECURRING_ADDED: "Had a batch made again and again:",
    ActivityKind.RECURRING_CHANGED: "Changed a recurring batch:",
    ActivityKind.RECURRING_PAUSED: "Paused a recurring batch:",
    ActivityKind.RECURRING_RESUMED: "Resumed a recurring batch:",
    ActivityKind.RECURRING_DELETED: "Ended a recurring batch:",
    ActivityKind.RECURRING_MADE: "Made batch {batch}, as it does again and again:",
    ActivityKind.RECURRING_STUCK: "Made no batch, since nobody it is for takes part any more:",
    ActivityKind.VIEW_SAVED: "Saved a view of the list:",
    ActivityKind.VIEW_RENAMED: "Renamed the view {was}:",
    ActivityKind.VIEW_DELETED: "Deleted a view of the list:",
    ActivityKind.LABEL_CHANGED: "Changed a label: {what}",
    ActivityKind.LABEL_MERGED: "Merged a label into {into}:",
    ActivityKind.LABEL_RETIRED: "Retired a label:",
    ActivityKind.LABEL_RESTORED: "Brought a label back:",
    ActivityKind.LABEL_SPLIT: "Split a label: {examples} examples are asked about as",
    ActivityKind.REFERENCE_CHANGED: "Changed the reference examples of",
    ActivityKind.READ_AGAIN: "Had {examples} examples read again by a newer rule",
    ActivityKind.LEFT_AS_IS: "Left a label as it is",
    ActivityKind.THIRD_ASKED: "Asked for a third read",
    ActivityKind.CLOSING_CHECKS: "Turned closing checks {state}",
    ActivityKind.MODEL_PUSHED: "Sent predictions of model {name}",
    ActivityKind.TEST_AUDIT_OPENED: "Opened test-set audit {number}",
    ActivityKind.TEST_AUDIT_CLOSED: "Closed test-set audit {number}",
    ActivityKind.SPLIT_AUDIT_OPENED: "Opened an audit of split {split}",
    ActivityKind.SPLIT_AUDIT_CLOSED: "Closed the audit of split {split}",
    ActivityKind.BULK_STARTED: "Began bulk fix {number}",
    ActivityKind.BULK_APPLIED: "Applied bulk fix {number}",
    ActivityKind.BULK_UNDONE: "Undid bulk fix {number}",
    ActivityKind.BULK_GIVEN_UP: "Gave bulk fix {number} up",
    ActivityKind.RELEASE_STARTED: "Asked for a release",
    ActivityKind.EXAMPLE_ERASED: "Erased an example",
    ActivityKind.PERSON_ERASED: "Erased a person",
    ActivityKind.PROJECT_DELETED: "Deleted the project",
    ActivityKind.PROJECT_RESTORED: "Brought the project back",
}


@dataclass(frozen=True, slots=True)
class ActGroup:
    """Acts that are looked for together; each kind stands in one group."""

    name: str
    words: str
    acts: frozenset[ActivityKind]
    events: frozenset[EventKind]


GROUPS: Mapping[str, ActGroup] = {
    group.name: group
    for group in (
        ActGroup(
            "answers",
            "Answers of reviewers",
            frozenset(),
            frozenset(
                {
                    EventKind.DECISION,
                    EventKind.UNDO,
                    EventKind.REDO,
                    EventKind.SKIP,
                    EventKind.REFER,
                    EventKind.RESUME,
                }
            ),
        ),
        ActGroup(
            "rulings",
            "Rulings and reopened examples",
            frozenset({ActivityKind.LEFT_AS_IS, ActivityKind.THIRD_ASKED}),
            frozenset({EventKind.ADJUDICATE, EventKind.REOPEN}),
        ),
        ActGroup(
            "batches",
            "Batches and audits",
            frozenset(
                {
                    ActivityKind.BATCH_CREATED,
                    ActivityKind.BATCH_STATE,
                    ActivityKind.BATCH_PEOPLE,
                    ActivityKind.BATCH_ROUTING,
                    ActivityKind.RECURRING_ADDED,
                    ActivityKind.RECURRING_CHANGED,
                    ActivityKind.RECURRING_PAUSED,
                    ActivityKind.RECURRING_RESUMED,
                    ActivityKind.RECURRING_DELETED,
                    ActivityKind.RECURRING_MADE,
                    ActivityKind.RECURRING_STUCK,
                    ActivityKind.VIEW_SAVED,
                    ActivityKind.VIEW_RENAMED,
                    ActivityKind.VIEW_DELETED,
                    ActivityKind.CLOSING_CHECKS,
                    ActivityKind.MODEL_PUSHED,
                    ActivityKind.TEST_AUDIT_OPENED,
                    ActivityKind.TEST_AUDIT_CLOSED,
                    ActivityKind.SPLIT_AUDIT_OPENED,
                    ActivityKind.SPLIT_AUDIT_CLOSED,
                }
            ),
            frozenset({EventKind.EPOCH}),
        ),
        ActGroup(
            "bulk",
            "Bulk fixes",
            frozenset(
                {
                    ActivityKind.BULK_STARTED,
                    ActivityKind.BULK_APPLIED,
                    ActivityKind.BULK_UNDONE,
                    ActivityKind.BULK_GIVEN_UP,
                }
            ),
            frozenset({EventKind.BULK}),
        ),
        ActGroup(
            "data",
            "Data, labels and releases",
            frozenset(
                {
                    ActivityKind.SOURCE_LINKED,
                    ActivityKind.SOURCE_UNLINKED,
                    ActivityKind.LABEL_CHANGED,
                    ActivityKind.LABEL_MERGED,
                    ActivityKind.LABEL_RETIRED,
                    ActivityKind.LABEL_RESTORED,
                    ActivityKind.LABEL_SPLIT,
                    ActivityKind.REFERENCE_CHANGED,
                    ActivityKind.READ_AGAIN,
                    ActivityKind.RELEASE_STARTED,
                    ActivityKind.EXAMPLE_ERASED,
                }
            ),
            frozenset(
                {
                    EventKind.IMPORT,
                    EventKind.WITHDRAW,
                    EventKind.SCHEMA,
                    EventKind.GUIDELINE,
                    EventKind.ERASE,
                    EventKind.RELEASE,
                }
            ),
        ),
        ActGroup(
            "people",
            "People and settings",
            frozenset(
                {
                    ActivityKind.PROJECT_CREATED,
                    ActivityKind.PROJECT_CHANGED,
                    ActivityKind.PROJECT_DELETED,
                    ActivityKind.PROJECT_RESTORED,
                    ActivityKind.JOINED,
                    ActivityKind.MEMBER_ADDED,
                    ActivityKind.INVITED,
                    ActivityKind.INVITE_WITHDRAWN,
                    ActivityKind.ROLE_CHANGED,
                    ActivityKind.MEMBER_REMOVED,
                    ActivityKind.STANDING_CHANGED,
                    ActivityKind.RESET_LINK_MADE,
                    ActivityKind.PASSWORD_CHANGED,
                    ActivityKind.TOKEN_MADE,
                    ActivityKind.TOKEN_REVOKED,
                    ActivityKind.PERSON_ERASED,
                }
            ),
            frozenset({EventKind.POLICY}),
        ),
    )
}

_PATHS: Mapping[str, str] = {
    ActivityKind.BATCH_CREATED: "/batches/{batch}",
    ActivityKind.BATCH_STATE: "/batches/{batch}",
    ActivityKind.BATCH_PEOPLE: "/batches/{batch}",
    ActivityKind.BATCH_ROUTING: "/batches/{batch}",
    ActivityKind.RECURRING_ADDED: "/batches",
    ActivityKind.RECURRING_CHANGED: "/batches",
    ActivityKind.RECURRING_PAUSED: "/batches",
    ActivityKind.RECURRING_RESUMED: "/batches",
    ActivityKind.RECURRING_MADE: "/batches/{batch}",
    ActivityKind.RECURRING_STUCK: "/batches",
    ActivityKind.VIEW_SAVED: "/examples",
    ActivityKind.VIEW_RENAMED: "/examples",
    ActivityKind.LEFT_AS_IS: "/disagreements/{case}",
    ActivityKind.THIRD_ASKED: "/disagreements/{case}",
    ActivityKind.BULK_STARTED: "/insights/bulk/{number}",
    ActivityKind.BULK_APPLIED: "/insights/bulk/{number}",
    ActivityKind.BULK_UNDONE: "/insights/bulk/{number}",
    ActivityKind.BULK_GIVEN_UP: "/insights/bulk/{number}",
    ActivityKind.TEST_AUDIT_OPENED: "/test-audit",
    ActivityKind.TEST_AUDIT_CLOSED: "/test-audit",
    ActivityKind.SPLIT_AUDIT_OPENED: "/test-audit",
    ActivityKind.SPLIT_AUDIT_CLOSED: "/test-audit",
    ActivityKind.MODEL_PUSHED: "/test-audit",
    ActivityKind.LABEL_CHANGED: "/labels",
    ActivityKind.LABEL_MERGED: "/labels",
    ActivityKind.LABEL_RETIRED: "/labels",
    ActivityKind.LABEL_RESTORED: "/labels",
    ActivityKind.LABEL_SPLIT: "/labels",
    ActivityKind.REFERENCE_CHANGED: "/labels",
    EventKind.GUIDELINE: "/guidelines",
    ActivityKind.RELEASE_STARTED: "/releases",
    ActivityKind.PROJECT_CHANGED: "/settings/general",
    ActivityKind.JOINED: "/people",
    ActivityKind.MEMBER_ADDED: "/people",
    ActivityKind.INVITED: "/people",
    ActivityKind.ROLE_CHANGED: "/people",
    EventKind.IMPORT: "/import/{import}",
    EventKind.WITHDRAW: "/import/{import}",
    EventKind.SCHEMA: "/labels",
    EventKind.POLICY: "/settings/general",
    EventKind.BULK: "/insights/bulk/{bulk}",
    EventKind.RELEASE: "/releases/{release}",
}


def path_of(kind: str, detail: Mapping[str, object]) -> str:
    """The page an act is about, below its project; "" where there is none."""
    try:
        return _PATHS.get(kind, "").format_map(detail)
    except KeyError:  # acts of old do not say which
        return ""


def event_path(event: AnyBody) -> str:
    return path_of(event["kind"], event["data"])
