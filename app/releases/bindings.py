"""Labels and imported rows of a release, held against the events that bind them. Offline."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import orjson

from app.datasets.given import FileForm, Writing, line_hash
from app.db.words import Status
from app.releases.bounds import read_whole
from app.releases.compare import Expected
from app.releases.fits import misfit
from app.releases.label_cells import label_is_text
from app.releases.layout import CHUNK, EVENTS, GIVEN, LABELS, MANIFEST, FileShape, Spelling
from app.releases.log_lines import lines_of, own_bytes
from app.releases.manifest import manifest_bytes
from app.releases.manifest_parts import (
    About,
    ErasedLine,
    GivenBefore,
    GivenTyped,
    ImportSaid,
    LabelInFull,
    LabelsFile,
    LineRead,
)
from app.releases.problems import DAMAGE, Damaged, Problems
from app.releases.replay import BoundImport, Replayed
from app.releases.same_bytes import difference


def shapes_of(directory: Path, about: About, log: Replayed, problems: Problems) -> list[FileShape]:
    """The imported files, with labels.json held against the log's last schema."""
    content = _labels_file(directory, problems)
    bound = {label["id"]: label for label in log.labels}
    there = {label["id"]: label for label in content["labels"]}
    for label in sorted(bound.keys() | there.keys()):
        said, written = bound.get(label), _bound_part(there.get(label), bound.get(label))
        if said != written:
            problems.say(
                LABELS, f"label {label} differs from the log", expected=said, actual=written
            )
    if [label["id"] for label in content["labels"]] != sorted(there):
        problems.say(LABELS, "the labels are not in the order of their ids, each once")
    labels = {label["id"]: (label["name"], label["code"]) for label in content["labels"]}
    for file, listed in ((MANIFEST, about["imports"]), (LABELS, content["imports"])):
        if len(listed) != len(log.imports):
            raise Damaged("lists other imports than the log", file=file)
    shapes = []
    for bound_import, import_said, spelled in zip(
        log.imports, about["imports"], content["imports"], strict=True
    ):
        if spelled["import"] != bound_import.id:
            raise Damaged(f"import {bound_import.id} does not have its place")
        form = _form(import_said, spelled["written"])
        _check_import(bound_import, import_said, form, problems)
        if not all(label in labels for label in form.written.values()):
            raise Damaged("a spelling stands for a label that does not exist")
        spelling = Spelling.of(labels, form.written)
        as_text = label_is_text(form, spelling, log.named, log.mapping)
        shapes.append(FileShape(bound_import.id, form, spelling, as_text))
    return shapes


def _labels_file(directory: Path, problems: Problems) -> LabelsFile:
    raw = read_whole(directory / LABELS)
    content: LabelsFile = orjson.loads(raw)
    wrong = misfit(content, LabelsFile)
    if wrong:
        raise Damaged(wrong)
    parts = difference(manifest_bytes(content), raw)
    if parts:
        what = "is not written the way a release writes it: it was changed"
        problems.say(LABELS, what, expected=parts.expected, actual=parts.actual)
    return content


def _bound_part(full: LabelInFull | None, said: object) -> object:
    """What the log binds of a label: events of old do not say its code."""
    if full is None or (isinstance(said, dict) and "code" in said):
        return full
    return {name: value for name, value in full.items() if name != "code"}


def _form(import_said: ImportSaid, written: dict[str, int]) -> FileForm:
    columns, separator = tuple(import_said["columns"]), import_said.get("separator")
    writing = import_said.get("writing") or Writing()
    return FileForm(columns, import_said["label"], import_said["id"], separator, written, writing)


def _check_import(bound: BoundImport, said: ImportSaid, form: FileForm, problems: Problems) -> None:
    facts = (said["import"], said["seq"], said["sha256"], said["rows"], said["left_out"])
    if bound[: len(facts)] != facts:
        problems.say(
            MANIFEST,
            f"import {bound.id} is not what the log says",
            expected=bound[: len(facts)],
            actual=facts,
        )
    if bound.form not in (None, form.hash):
        problems.say(
            MANIFEST,
            f"columns, separator or spellings ({LABELS}) of import {bound.id} are not those "
            "the log binds",
            expected=bound.form,
            actual=form.hash,
        )


def expected_rows(
    directory: Path, shapes: list[FileShape], log: Replayed, problems: Problems
) -> Iterator[Expected]:
    """Every imported example in order, bound to its import's event and folded from the log."""
    lines, mapping, known, number = lines_of(directory / GIVEN), log.mapping, set(), 0
    for said, shape in zip(log.imports, shapes, strict=True):
        digest, last = hashlib.sha256(), -1
        for place in range(1, said.rows + 1):
            raw = next(lines, None)
            if raw is None:
                raise Damaged("lines are missing at its end")
            number += 1
            line = _given(raw, number, said)
            if line["row"] <= last:
                raise Damaged("is not in the order of the file", place=number)
            last, example = line["row"], line["example"]
            if example in known:  # at once: each time it would be folded anew
                raise Damaged(f"names example {example} once more", place=number)
            known.add(example)
            try:
                given = tuple(line.get("given", ()))
                if not set(given) <= log.label_ids:
                    raise ValueError("there is no such label")
                state = log.folded(example, given, mapping)
                digest.update(_bound_hash(raw, line, state.status, log.erased.get(example)))
            except DAMAGE as error:
                raise Damaged(f"cannot be understood: {error}", place=number) from error
            ends = place % CHUNK == 0 or place == said.rows
            yield Expected(line, shape, given, state, ends)
        if digest.hexdigest() != said.lines:
            problems.say(
                GIVEN,
                f"the lines of import {said.id} are not those the log binds",
                expected=said.lines,
                actual=digest.hexdigest(),
            )
    if next(lines, None) is not None:
        problems.say(GIVEN, "holds lines that no import brought")
    strangers = (log.answers.keys() | log.marks.keys()) - known
    if strangers:
        problems.say(
            EVENTS,
            f"answers or bulk fixes name examples that were never imported: {min(strangers)}",
        )


def _given(raw: bytes, number: int, said: BoundImport) -> LineRead:
    """One line in its own bytes."""
    line = own_bytes(raw, number)
    usual = GivenBefore if said.form is None else GivenTyped
    form: Any = ErasedLine if isinstance(line, dict) and "erased" in line else usual
    wrong = misfit(line, form)
    if wrong:
        raise Damaged(f"is not as a release writes it: {wrong}", place=number)
    return cast(LineRead, line)


def _bound_hash(raw: bytes, line: LineRead, status: Status, erased: str | None) -> bytes:
    """What the import's event took in for this line."""
    if (status is Status.ERASED) != ("erased" in line):
        raise ValueError("erased here or in the log, but not in both")
    if "erased" not in line:
        return line_hash(line["salt"], raw)
    if line["erased"] != erased:
        raise ValueError("erased under another hash")
    return bytes.fromhex(line["erased"])
