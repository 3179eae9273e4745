"""The closed sets of words that columns, payloads and screens share."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    REVIEWER = "reviewer"
    EXPERT = "expert"
    LEAD = "lead"


class DataType(StrEnum):
    TEXT = "text"
    IMAGE = "image"
    TABULAR = "tabular"


class Status(StrEnum):
    UNREVIEWED = "unreviewed"
    PENDING = "pending"
    DISAGREEMENT = "disagreement"
    CONFIRMED = "confirmed"
    RELABELED = "relabeled"
    REMOVED = "removed"
    ERASED = "erased"


LOOKED_AT = tuple(status for status in Status if status is not Status.UNREVIEWED)
FINAL = frozenset({Status.CONFIRMED, Status.RELABELED, Status.REMOVED})
DECIDED = FINAL | {Status.ERASED}
"""Its label is known, or nobody will ever ask for it."""

UNDECIDED = frozenset({Status.UNREVIEWED, Status.PENDING, Status.DISAGREEMENT})


class Verdict(StrEnum):
    CONFIRM = "confirm"
    RELABEL = "relabel"
    REMOVE = "remove"


class Reason(StrEnum):
    """Why an example is removed; the first two say that the label was wrong."""

    NO_LABEL = "no_label"
    SEVERAL_LABELS = "several_labels"
    UNREADABLE = "unreadable"
    DUPLICATE = "duplicate"
    PRIVATE = "private"
    OTHER = "other"


WRONG_LABEL = (Reason.NO_LABEL, Reason.SEVERAL_LABELS)

REASON_TEXT = {
    Reason.NO_LABEL: "No label fits",
    Reason.SEVERAL_LABELS: "Several labels fit",
    Reason.UNREADABLE: "Unreadable or broken",
    Reason.DUPLICATE: "Duplicate",
    Reason.PRIVATE: "Private data",
    Reason.OTHER: "Other reason",
}


class Mode(StrEnum):
    EVERYTHING = "everything"
    DECIDE_FIRST = "decide_first"
    BLIND = "blind"


class Stream(StrEnum):
    """Why an example was served."""

    QUEUE = "queue"
    AUDIT = "audit"
    PROBE = "probe"
    BULK_CHECK = "bulk_check"
    SOURCE_CHECK = "source_check"
    SPOT_CHECK = "spot_check"
    TEST_AUDIT = "test_audit"
    SPLIT_AUDIT = "split_audit"
    COPY = "copy"
    DIRECT = "direct"
    CARRIED = "carried"
    ERASED = "erased"


class ReadReason(StrEnum):
    """Why a read was asked for."""

    FIRST = "first"
    COIN = "coin"
    CONFIRM = "confirm"
    UNTIL_SURE = "until_sure"
    THIRD = "third"
    EXPERT = "expert"
    RECHECK = "recheck"
    KNOWN = "known"
    LATE = "late"


class Due(StrEnum):
    """Why a read is owed."""

    CONFIRM = "confirm"
    COIN = "coin"
    UNTIL_SURE = "until_sure"
    THIRD = "third"
    EXPERT = "expert"
    SKIPPED = "skipped"
    RETURNED = "returned"
    REOPENED = "reopened"
    BARRED = "barred"
    RECHECK = "recheck"


class Question(StrEnum):
    """What a lead finds under Disagreements."""

    DISAGREEMENT = "disagreement"
    NOT_CONFIRMED = "not_confirmed"
    DIFFERS = "differs"
    STUCK = "stuck"
    SKIPPED = "skipped"
    EXPERT = "expert"
    PRIVATE = "private"


class WhyEnded(StrEnum):
    """Why a lease is over; a live one has none of these."""

    ANSWERED = "answered"
    SKIPPED = "skipped"
    REFERRED = "referred"
    SKIP_UNDONE = "skip undone"
    REFERRAL_UNDONE = "referral undone"
    UNDONE = "undone"
    EXPIRED = "expired"
    RETURNED = "given back"
    MARKED = "marked"  # on a grid page, for the desk
    BATCH_CLOSED = "batch closed"
    LEFT = "left"  # its reviewer takes part no more
    LEFT_BATCH = "taken off"  # its batch is not for its reviewer any more
    OWN_LABEL = "own label"  # its reviewer turned out to have given the label
    CLOSED = "account closed"
    ROLE = "role lost"
    ARCHIVED = "archived"
    WITHDRAWN = "withdrawn"  # its example's import
    BULK_FIX = "bulk fix"  # gave its example another label
    ERASED = "erased"  # its example


UNDONE_AS = {
    WhyEnded.SKIPPED: WhyEnded.SKIP_UNDONE,
    WhyEnded.REFERRED: WhyEnded.REFERRAL_UNDONE,
}
"""What becomes of a lease whose example was put aside, once its reviewer takes that back."""

DEALT_WITH = frozenset({WhyEnded.ANSWERED, WhyEnded.UNDONE, *UNDONE_AS, *UNDONE_AS.values()})
"""Ends that the reviewer chose: the lease takes no further answer."""


class WhyDone(StrEnum):
    """Why a read is owed no more."""

    ANSWERED = "answered"
    DECIDED = "decided"
    NOT_PENDING = "no longer pending"
    REOPENED = "opened anew"
    UNDONE = "undone"
    RULED = "ruled"
    REFERRED = "referred"
    TO_LEAD = "to a lead"
    NO_READER = "no reader"
    MARKED = "marked"
    WITHDRAWN = "withdrawn"
    ERASED = "erased"


class WhyLeft(StrEnum):
    """Why an example is no member of a batch any more."""

    ELSEWHERE = "served elsewhere"
    DRAWN = "audit draw"  # its place went to one
    BATCH_CLOSED = "batch closed"
    BULK_FIX = "bulk fix"  # it has another label than those the batch is of
    ERASED = "erased"


class BatchState(StrEnum):
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"


class Routing(StrEnum):
    """Whose first reads the examples of a batch are."""

    ANYONE = "anyone"
    SKILL = "skill"  # an order and never a bar: each label first to who reads it best
    EXPERTS = "experts"


class BulkState(StrEnum):
    """How a bulk fix stands. Ready and refused follow from its checks and are stored nowhere."""

    CHECKING = "checking"
    READY = "ready"  # its checks prove what was asked for
    REFUSED = "refused"  # more of them failed than may
    APPLIED = "applied"
    UNDONE = "undone"
    GIVEN_UP = "given_up"


class ImportState(StrEnum):
    CHECKING = "checking"
    STAGED = "staged"
    IMPORTING = "importing"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"  # it was done; its rows are taken out again


class ArrayState(StrEnum):
    CHECKING = "checking"
    READY = "ready"  # part of the next ranking
    STOPPED = "stopped"  # something has to be mended or answered first


class JobState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    DEAD = "dead"


class RunState(StrEnum):
    RUNNING = "running"
    COMPLETE = "complete"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Belongs(StrEnum):
    """What a reference example shows of a label."""

    INCLUDE = "include"
    EXCLUDE = "exclude"


class EventKind(StrEnum):
    IMPORT = "import"
    SCHEMA = "schema"
    GUIDELINE = "guideline"
    POLICY = "policy"
    EPOCH = "epoch"
    DECISION = "decision"
    UNDO = "undo"
    REDO = "redo"
    SKIP = "skip"
    REFER = "refer"
    RESUME = "resume"  # a skip or a referral is taken back
    BULK = "bulk"
    ADJUDICATE = "adjudicate"
    REOPEN = "reopen"
    ERASE = "erase"
    WITHDRAW = "withdraw"
    RELEASE = "release"


class LinkKind(StrEnum):
    SETUP = "setup"
    INVITE = "invite"
    RESET = "reset"
    SIGNIN = "signin"
