"""What stands in `manifest.json`, `labels.json` and a line of `given.jsonl`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from app.datasets.given import Writing
from app.db.log_bodies import Counts, FileFacts, LabelNamed, PolicyData
from app.releases.layout import FileShape, separator_of
from app.releases.options import ReleaseSpec, SpecSaid


class ProjectSaid(TypedDict):
    id: int
    slug: str
    name: str


class CsvSaid(TypedDict):
    separator: str
    encoding: str


ImportedBefore = TypedDict(
    "ImportedBefore",
    {
        "import": int,
        "seq": int,
        "file_name": str,
        "sha256": str,
        "rows": int,
        "left_out": int,
        "columns": list[str],
        "label": str | None,
        "id": str | None,
    },
)
"""One imported file; `label` and `id` name the columns that hold them, if any do."""


class _Typed(ImportedBefore, total=False):
    """Said only of a file whose columns of texts do not say it all."""

    writing: Writing


class ImportSaid(_Typed):
    separator: str | None


class LostPictures(TypedDict):
    """Pictures that are not stored any more, or no longer as they were imported."""

    missing: int
    altered: int
    ids: list[str]  # of the first examples they belong to


def csv_said(spec: ReleaseSpec, shapes: Sequence[FileShape]) -> CsvSaid | None:
    """What stands between cells, where something does."""
    if not spec.format.separated:
        return None
    return {"separator": separator_of(shapes), "encoding": "utf-8"}


class AuditedModel(TypedDict):
    """A model of a test-set audit; shares of right predictions on given and corrected labels."""

    name: str
    version: str
    sha256: str  # of the file that told what it predicts
    given: float
    corrected: float | None
    low: float
    high: float


class AuditedPair(TypedDict):
    """How far the second of two models is ahead of the first; both by their place in `models`."""

    first: int
    second: int
    differ: int
    reads: int
    estimate: float | None
    low: float
    high: float
    exact: bool
    words: str


class TestAuditSaid(TypedDict):
    """The newest test-set audit, as it was told up to an event of the log."""

    number: int
    split: str | None
    up_to: int
    examples: int
    differ: int
    decided: int
    models: list[AuditedModel]
    pairs: list[AuditedPair]
    words: str


class RankedWith(TypedDict):
    """A pushed model that was averaged into the ranking; `sha256` is of the file pushed."""

    name: str
    version: str
    sha256: str


class SplitAuditSaid(TypedDict):
    """Of so many `labels` of a split `found` were wrong, and `low` to `high` more are wrong still,
    by `draws` random reads; null where no number fits."""

    number: int
    split: str
    up_to: int
    labels: int
    found: int
    draws: int
    low: int | None
    high: int | None
    words: str


class _Lost(TypedDict, total=False):
    """Said only where pictures are lost, where models were compared, where splits were audited,
    and where models of somebody's own took part in the ranking of `scoring_run`."""

    lost: LostPictures
    test_audit: TestAuditSaid
    split_audits: list[SplitAuditSaid]
    ranked_with: list[RankedWith]


class _About(_Lost):
    format_version: int
    record_format: int
    project: ProjectSaid
    number: int
    spec: SpecSaid
    csv: CsvSaid | None
    columns: list[str]
    added: dict[str, str]
    up_to: int
    counts: Counts
    warnings: list[str]
    policy: PolicyData
    guideline_revision: int
    scoring_run: int | None
    versions: dict[str, str]


class AboutBefore(_About):
    """Of format version 1."""

    imports: list[ImportedBefore]


class About(_About):
    """The manifest's `release`: what the release's event binds by its hash."""

    imports: list[ImportSaid]
    values: dict[str, str]  # of each row file: the SHA-256 of what it says


class _Manifest(TypedDict):
    at: str
    events: int
    head: str
    files: dict[str, FileFacts]


class ManifestBefore(_Manifest):
    """Of format version 1."""

    release: AboutBefore


class Manifest(_Manifest):
    release: About


class LabelInFull(LabelNamed):
    code: str


Written = TypedDict("Written", {"import": int, "written": dict[str, int]})
"""How one imported file wrote labels: each spelling, and the label it stands for."""


class LabelsFile(TypedDict):
    labels: list[LabelInFull]
    imports: list[Written]


class GivenBefore(TypedDict):
    """A line of `given.jsonl` of an import whose event has no `form`."""

    example: int
    row: int
    key: str
    given: list[int]
    salt: str


class GivenLine(GivenBefore):
    """A line of `given.jsonl`: as it was imported. `absent` counts columns from 0."""

    absent: list[int]
    cells: str


class GivenTyped(GivenLine, total=False):
    """Of a row that holds what is no text, or has its cells in an order of its own."""

    json: list[int]
    order: list[int]


class ErasedLine(TypedDict):
    """What stands in the place of an erased line: its hash."""

    erased: str
    example: int
    row: int


class LineRead(TypedDict, total=False):
    """A line of whichever of the three kinds."""

    example: int
    row: int
    key: str
    given: list[int]
    salt: str
    absent: list[int]
    cells: str
    json: list[int]
    order: list[int]
    erased: str
