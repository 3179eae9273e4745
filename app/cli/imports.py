"""A file is brought in from the console: staged, checked, asked about, its good rows imported."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import NotRequired, TypedDict, cast

from sqlalchemy import Engine

from app.actions.founding import NewProject
from app.actions.importing import (
    Destination,
    answer_from_console,
    bring_from_console,
    check_file,
    commit_file,
    givers_from_console,
    likely_from_console,
    look_from_console,
)
from app.actions.storage import Storage
from app.datasets.blobs import BlobStore
from app.datasets.coco import lists_images
from app.datasets.folders import store_file, store_media
from app.datasets.formats.registry import format_named
from app.datasets.formats.zip import ZIP
from app.datasets.import_lock import InAlready
from app.datasets.mapping import ImportMapping, mapping_of
from app.datasets.meeting import NOTHING_NEW
from app.datasets.promises import holds_pictures, holds_rows
from app.datasets.report import Finding, Question, report_of
from app.datasets.sources import Match
from app.datasets.stage import FileToImport, obstacles, open_questions
from app.datatypes.image import IMAGE
from app.datatypes.registry import TYPES
from app.datatypes.text import TEXT
from app.db.tables.datasets import DataImport
from app.db.words import DataType, ImportState
from app.errors import DataProblem
from app.progress import Progress, quiet
from app.settings import Settings

_MOST_ROUNDS = 10
_USUAL = {
    "import": "yes",
    "W303": "keep",
    "W304": "keep",
    "W306": "keep",
    "W307": "confirm",
    "W341": "use",
    "W352": "apart",
    Match.EMAIL.value: "yes",
    Match.NAME.value: "no",
}


class Asked(TypedDict):
    """What a question needs to be put to somebody."""

    code: str
    message: str
    options: list[list[str]]
    usual: NotRequired[str]


class OwnLabels(StrEnum):
    """Which sources of a file are taken for members of the project."""

    EMAIL = "email"  # whose name is a member's e-mail
    NAME = "name"  # or a member's name
    NOBODY = "nobody"


Ask = Callable[[Asked], str | None]


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """A file on this machine, what is said of it, and where it goes.

    `beside` are files that come with it by their kind; a new project gets `confirmations` and
    the lead of that e-mail.
    """

    project: str
    file: Path
    mapping: ImportMapping = field(default_factory=ImportMapping)
    media: Path | None = None
    beside: Mapping[str, Path] = field(default_factory=dict)
    confirmations: int | None = None
    lead: str | None = None
    own_labels: OwnLabels | None = None  # None: whoever sits there is asked

    @property
    def data_type(self) -> DataType:
        """What the examples of a project that is made for this file are."""
        if self.file.is_file() and lists_images(self.file):
            return IMAGE.name
        packed = self.media or self.file
        promised = ZIP if packed.is_dir() else format_named(packed.name)  # a folder is packed
        if packed == self.file and holds_pictures(self.file):
            promised = ZIP
        elif promised is ZIP and holds_rows(packed):
            promised = None
        if promised is not None and len(promised.data_types) == 1:
            return next(iter(promised.data_types))
        roles = self.mapping.roles
        said = [one for one in TYPES.values() if one is not TEXT and roles.get(one.role.name)]
        return said[0].name if said else TEXT.name

    def store(self, blobs: BlobStore) -> FileToImport:
        """Keep every file that was named."""
        beside = {name: store_file(blobs, path) for name, path in self.beside.items()}
        media = store_media(blobs, self.media).sha256 if self.media else ""
        mapping = replace(self.mapping, beside=beside, media=media)
        return FileToImport(store_media(blobs, self.file), mapping)


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What became of a file; `codes` counts every finding by its code."""

    import_id: int
    project_slug: str
    state: ImportState
    rows_read: int = 0
    rows_good: int = 0
    rows_left_out: int = 0
    codes: Mapping[str, int] = field(default_factory=dict)
    problems: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    obstacles: list[Finding] = field(default_factory=list)
    already_there: bool = False
    read_as: str = ""

    @property
    def nothing_new(self) -> bool:
        """Whether every row is in the project already, which is no error."""
        return any(one["code"] == NOTHING_NEW for one in self.obstacles)


def usual_answer(question: Asked) -> str | None:
    """What `--yes` answers: the likelier, else nothing is merged, everything is imported."""
    usual = question.get("usual") or _USUAL.get(question["code"])
    return usual if usual in [value for value, _ in question["options"]] else None


def run_import(
    engine: Engine,
    settings: Settings,
    request: ImportRequest,
    *,
    ask: Ask | None = None,
    progress: Progress = quiet,
) -> ImportResult:
    """Import a file into a project, which is made when there is none of this name."""
    storage = Storage(engine, BlobStore(settings.blob_directory))
    given = request.store(storage.blobs)
    new = NewProject(request.project, request.data_type, request.confirmations)
    project, found = bring_from_console(engine, Destination(new, request.lead), given)
    if found.state is ImportState.DONE:
        return _result(found, project.slug, already_there=True)
    found = check_file(storage, found.id, progress=progress)
    found = _settle(storage, found, ask, progress)
    already_there = found.state is ImportState.DONE  # of an earlier time, or by another meanwhile
    if _may_go_on(found, ask):
        try:
            own = _own_labels(storage, found, request.own_labels, ask)
            givers_from_console(storage.engine, found.id, own)
            found = commit_file(storage, found.id, by=None, progress=progress)
        except InAlready:
            already_there, found = True, look_from_console(storage.engine, found.id)
    return _result(found, project.slug, already_there=already_there)


def _settle(storage: Storage, found: DataImport, ask: Ask | None, progress: Progress) -> DataImport:
    """Answer what can be answered, and read the file again as answered."""
    for _ in range(_MOST_ROUNDS):
        questions = open_questions(report_of(found.report))
        answers = {one["code"]: ask(_asked(one)) for one in questions} if ask else {}
        given = {code: value for code, value in answers.items() if value is not None}
        if not given:
            break
        found = answer_from_console(storage.engine, found.id, given)
        if found.state is ImportState.DONE:
            break
        found = check_file(storage, found.id, progress=progress)
    return found


def _own_labels(
    storage: Storage, found: DataImport, wanted: OwnLabels | None, ask: Ask | None
) -> dict[str, int]:
    """Sources of the file that are members, as the option says or as was answered."""
    own: dict[str, int] = {}
    for one in likely_from_console(storage.engine, found.id):
        if wanted is not None:
            yes = wanted is OwnLabels.NAME or (wanted is OwnLabels.EMAIL and one.usual)
        else:
            question: Asked = {
                "code": one.by.value,
                "message": f"Is annotator {one.source!r} {one.name}, who reviews here? "
                f"Then {one.name} will not be given these labels to judge.",
                "options": [["yes", "The same person"], ["no", "Somebody else"]],
            }
            said = ask(question) if ask else None
            yes = one.usual if said is None else said == "yes"
        if yes:
            own[one.source] = one.person_id
    return own


def _asked(one: Question) -> Asked:
    asked: Asked = {"code": one["code"], "message": one["message"], "options": one["options"]}
    return {**asked, "usual": one.get("usual", "")}


def _may_go_on(found: DataImport, ask: Ask | None) -> bool:
    if found.state not in (ImportState.STAGED, ImportState.IMPORTING):
        return False
    return not obstacles(report_of(found.report)) and (ask is None or _agreed(found, ask))


def _agreed(found: DataImport, ask: Ask) -> bool:
    """Ask once more when rows would be left out."""
    if not found.rows_left_out:
        return True
    question: Asked = {
        "code": "import",
        "message": f"Import the {found.rows_good:,} good rows and leave out "
        f"{found.rows_left_out:,}?",
        "options": [["yes", "Import the good rows"], ["no", "Import nothing"]],
    }
    return ask(question) == "yes"


def refuse(result: ImportResult) -> None:
    """Raise what kept a file out (exit code 65)."""
    if result.state is ImportState.FAILED:
        raise DataProblem(
            "The file could not be read: the parser ended before its time.",
            next_step="Look for a damaged part in the file, or split it.",
            code="parser_crashed",
        )
    if result.obstacles:
        first = result.obstacles[0]
        raise DataProblem(first["message"], next_step=_with_choices(first), code=first["code"])


def _with_choices(first: Finding) -> str:
    """How to mend it; of a question what can be answered."""
    options = cast(Question, first).get("options", [])
    choices = "; ".join(f"{value}: {words}" for value, words in options)
    return f"{first['fix']} Choices: {choices}." if choices else first["fix"]


def _taken_as_usual(found: DataImport) -> list[Question]:
    """Questions that nothing waited for: how they were taken is said."""
    said = mapping_of(found.mapping).choices
    asked = report_of(found.report)["questions"]
    return [one for one in asked if one["answer"] is not None and one["code"] not in said]


def _result(found: DataImport, slug: str, *, already_there: bool = False) -> ImportResult:
    report = report_of(found.report)
    return ImportResult(
        import_id=found.id,
        project_slug=slug,
        state=found.state,
        rows_read=found.rows_read,
        rows_good=found.rows_good,
        rows_left_out=found.rows_left_out,
        codes=report["counts"],
        problems=report["problems"],
        warnings=[*report["warnings"], *_taken_as_usual(found)],
        obstacles=obstacles(report) if found.state is not ImportState.DONE else [],
        already_there=already_there,
        read_as=report["reading"]["words"] if "reading" in report else "",
    )
