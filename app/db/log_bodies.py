"""What the events of a log say, kind by kind. Standard library only: `verify` reads them offline.

Whoever reads an event names its kind once: `body: Body[SchemaData] = orjson.loads(text)`.
"""

from __future__ import annotations

from typing import Any, Generic, TypeAlias, TypedDict, TypeVar

Data = TypeVar("Data")


class Body(TypedDict, Generic[Data]):
    """An event as it is hashed and stored. `at` counts milliseconds, `v` is the record format."""

    actor: str | None
    at: int
    data: Data
    kind: str
    seq: int
    v: int


AnyBody: TypeAlias = Body[Any]
"""An event of whichever kind, before its kind was asked."""


BoundRows = TypedDict(
    "BoundRows", {"import": int, "rows": int, "left_out": int, "sha256": str, "lines": str}
)
"""`lines` is the SHA-256 over the hashes of its rows' lines, in order."""


class ImportData(BoundRows, total=False):
    """Imports of old have no `form`, and their lines say nothing of the cells."""

    form: str  # the hash of how the file looked


WithdrawData = TypedDict("WithdrawData", {"import": int, "rows": int})
"""Which import was taken out again, and how many examples it had brought."""


class LabelNamed(TypedDict):
    id: int
    name: str
    replaced_by: int | None


class LabelSaid(LabelNamed, total=False):
    """Events of old have no `code`."""

    code: str


class SchemaData(TypedDict):
    revision: int
    labels: list[LabelSaid]


class GuidelineData(TypedDict):
    """A new version of a rule: of a label, of a pair of them, or (no label) of the project."""

    revision: int
    version: int
    labels: list[int]
    text: str  # a salted hash


class PolicyData(TypedDict):
    confirmations: int


class EpochData(TypedDict):
    epoch: int
    reason: str
    pool: int


class ShownData(TypedDict):
    """What was sent beside the example: ids, in their order; shares in thousandths."""

    options: list[int]
    suggested: int | None
    quality: int | None
    difficulty: int | None
    neighbours: list[int]


class FirstAnswerData(TypedDict):
    """What was answered before the evidence was shown."""

    verdict: str
    labels: list[int]
    reason: str | None


class CoinsData(TypedDict):
    """Coins thrown as this answer made the example final: read it again? None: not thrown."""

    second: bool | None
    recheck: bool | None


CopyData = TypedDict("CopyData", {"with": int}, total=False)
"""Of an answer that was given to an identical example with another: the seq of that answer."""


class AnswerData(CopyData):
    """Of a decision and of a ruling. Format 1 had no coins, and lists of ids for what was shown."""

    example: int
    verdict: str
    labels: list[int]
    reason: str | None
    note: str | None  # a salted hash
    first_answer: FirstAnswerData | None
    mode: str
    read: str
    batch: int | None
    serve: int | None
    stream: str | None
    shown: ShownData | None
    coins: CoinsData
    position: int | None
    ms: int
    guideline: int
    run: int | None
    supersedes: int | None
    key: str


class ReversalData(TypedDict):
    """Of an undo and a redo: which answer it takes back or lets stand again."""

    example: int
    decision: int
    key: str


class ReopenData(TypedDict):
    example: int
    key: str


class BulkData(TypedDict):
    """One example of a bulk fix, or of its undoing: the labels that stand from then on."""

    bulk: int
    example: int
    labels: list[int]


class EraseData(TypedDict):
    example: int
    line: str  # the hash that stands for the line of the example


class SkipData(TypedDict):
    example: int
    batch: int | None
    serve: int | None


class ReferData(SkipData):
    note: str | None


class ResumeData(TypedDict):
    """A skip or a referral is taken back: `aside` is its seq."""

    example: int
    aside: int
    key: str


class FileFacts(TypedDict):
    sha256: str
    size: int


class Counts(TypedDict):
    """in_file = imported + left_out_at_import; imported = kept + removed + erased."""

    in_file: int
    left_out_at_import: int
    imported: int
    kept: int
    removed: int
    erased: int
    rows: int
    left_out: dict[str, int]  # kept, but not in the data file: why, and how many
    status: dict[str, int]


class ReleaseData(TypedDict):
    """What a release's own event binds; `manifest` is the SHA-256 of what the manifest says."""

    release: int
    up_to: int
    run: int | None
    counts: Counts
    files: dict[str, FileFacts]
    manifest: str
