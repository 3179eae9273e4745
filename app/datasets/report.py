"""What is told about a file: the shapes of a report, as it is stored, sent and shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict, cast

from app.datasets.given import Writing


class Finding(TypedDict):
    """One problem, warning or reason to stop, in words."""

    code: str
    severity: str
    row: int | None
    column: str
    excerpt: str
    count: int
    message: str
    fix: str


class Question(Finding):
    """What the lead is asked; `options` are pairs of a value and its words."""

    options: list[list[str]]
    answer: str | None
    usual: NotRequired[str]  # the likelier answer; "" or absent where there is none


class Found(TypedDict):
    """What every check tells, whatever the file is for."""

    counts: dict[str, int]
    problems: list[Finding]
    stops: list[Finding]
    questions: list[Question]
    warnings: list[Finding]


class ListedLabel(TypedDict):
    """A label of a list that came with the file."""

    name: str
    code: str
    description: str
    synonyms: list[str]


class ArrayShape(TypedDict):
    columns: int
    names: list[str]


class CheckedArray(TypedDict):
    """An array that can be used: in `file` of the parser's folder, then in `blob`."""

    kind: str
    name: str
    rows: int
    report: ArrayShape
    file: NotRequired[str]
    blob: NotRequired[str]


class PreviewRow(TypedDict):
    """One of the first rows; the very first with its `content`, to be drawn as the desk does."""

    row: int
    id: str
    values: dict[str, str | None]
    label: NotRequired[str | None]
    content: NotRequired[Mapping[str, Any]]


class ColumnSeen(TypedDict):
    """What a column holds: `filled` of `rows` that could be read; None: too many values differ."""

    name: str
    samples: list[str]
    rows: int
    filled: int
    distinct: int | None


RolesShown = dict[str, str | list[str] | None]


class ReadingShown(TypedDict):
    """How a file was read: every part by its value, and all of it in one sentence."""

    parts: dict[str, str]  # separator, quoting, escape, header, encoding: those that it has
    line_ends: str
    words: str


class Report(Found, total=False):
    """What was found in a file with examples."""

    format: str
    reading: ReadingShown
    separator: str
    encoding: str
    columns: list[str]
    added: list[str]  # those that a release of ours added: not columns of the file
    writing: Writing
    roles: RolesShown
    rows: int
    good: int
    preview: list[PreviewRow]
    columns_seen: list[ColumnSeen]
    label_list: list[ListedLabel]
    labels: list[tuple[str, int]]  # in order of appearance, with their counts
    label_map: dict[str, str]  # as written -> the label it stands for
    unlabeled: int
    sources: list[str]  # who gave the labels, in order of appearance; the first of them
    own_labels: dict[str, int]  # of these, which are members: said when the import is asked for
    arrays: list[CheckedArray]
    staged: str
    files_erased: str  # the day on which its files were deleted, with an example of theirs


class ArrayReport(Found, total=False):
    """What was found in an array that came by itself."""

    arrays: list[CheckedArray]
    columns: int
    names: list[str]
    message: str  # where the check itself ended


class ModelReport(Found, total=False):
    """What was found in a file of predictions."""

    rows: int
    good: int
    probabilities: str  # in the parser's folder, where they came
    message: str  # where the check itself ended


def report_of(stored: Mapping[str, object]) -> Report:
    """The report of an import, which is empty before its check."""
    nothing: Found = {"counts": {}, "problems": [], "stops": [], "questions": [], "warnings": []}
    return cast(Report, {**nothing, **stored})


def array_report_of(stored: Mapping[str, object]) -> ArrayReport:
    nothing: Found = {"counts": {}, "problems": [], "stops": [], "questions": [], "warnings": []}
    return cast(ArrayReport, {**nothing, **stored})


def model_report_of(stored: Mapping[str, object]) -> ModelReport:
    nothing: Found = {"counts": {}, "problems": [], "stops": [], "questions": [], "warnings": []}
    return cast(ModelReport, {**nothing, **stored})
