"""What stands in `manifest.json`, `labels.json` and a line of `given.jsonl`."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from app.db.log_bodies import Counts, FileFacts, LabelSaid, PolicyData
from app.releases.options import SpecSaid


class ProjectSaid(TypedDict):
    id: int
    slug: str
    name: str


class CsvSaid(TypedDict):
    separator: str
    encoding: str


ImportSaid = TypedDict(
    "ImportSaid",
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


class LostPictures(TypedDict):
    """Pictures that are not stored any more, or no longer as they were imported."""

    missing: int
    altered: int
    ids: list[str]  # of the first examples they belong to


class About(TypedDict):
    """The manifest's `release`: what the release's event binds by its hash."""

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
    imports: list[ImportSaid]
    versions: dict[str, str]
    lost: NotRequired[LostPictures]


class Manifest(TypedDict):
    release: About
    at: str
    events: int
    head: str
    files: dict[str, FileFacts]


class LabelInFull(LabelSaid):
    code: str


Written = TypedDict("Written", {"import": int, "written": dict[str, int]})
"""How one imported file wrote labels: each spelling, and the label it stands for."""


class LabelsFile(TypedDict):
    labels: list[LabelInFull]
    imports: list[Written]


class GivenLine(TypedDict, total=False):
    """A line of `given.jsonl`: as it was imported, or `erased` with the hash in its place."""

    example: int
    row: int
    key: str
    given: list[int]
    salt: str
    erased: str
