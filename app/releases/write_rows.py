"""The rows of a release: kept and removed ones, and the line of each that the log binds."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from app.datasets.cell import imported
from app.datasets.given import GivenRow, line_hash
from app.db.canonical import canonical
from app.db.words import Status
from app.errors import DataProblem
from app.labels import label_set
from app.progress import Progress
from app.releases.chunks import Chunk, Row, chunks_of
from app.releases.formats.format import Cell, RowFile, SparseRow, itself
from app.releases.label_cells import FinalLabels, with_label
from app.releases.layout import GIVEN, Said, answer_cells, label_text
from app.releases.row_files import RowFiles
from app.releases.row_values import DECIMALS, RowValues
from app.releases.snapshot import Snapshot, Source, erased_lines
from app.releases.write_companions import Companions, Written
from app.review.books.fold import Folded


def write_rows(
    look: Snapshot, files: RowFiles, work: Path, progress: Progress, beside: Companions
) -> tuple[dict[str, int], dict[str, str]]:
    """Write both row files and `given.jsonl`.

    How many examples have which status, and the hash of what each row file says.
    """
    data, removed = (work / name for name in files.names)
    done, erased = 0, erased_lines(look)
    with (
        files.create(data) as kept,
        files.create(removed) as gone,
        (work / GIVEN).open("wb") as given,
    ):
        columns = files.layout.every
        writer = _Writer(look, files, _Rows(kept, columns), _Rows(gone, columns), beside)
        for source in look.sources:
            bound = _Bound(given, source, erased)
            labels = FinalLabels(source.shape)
            for chunk in chunks_of(look, source):
                progress("writing rows", done, look.imported)
                writer.write(labels, chunk, bound)
                done += len(chunk.rows)
            bound.check()
    values = zip(files.names, (writer.kept, writer.removed), strict=True)
    return dict(writer.statuses), {name: rows.values.hash for name, rows in values}


class _Rows:
    """Rows on their way into a file, hashed as they pass."""

    def __init__(self, file: RowFile, columns: Sequence[str]) -> None:
        self._file, self.values = file, RowValues(columns)

    def write(self, rows: Sequence[Sequence[Cell]]) -> None:
        for row in rows:
            self.values.add(row)
        self._file.write(rows)


class _Bound:
    """Writes lines of `given.jsonl` and hashes them as the import's event did."""

    def __init__(self, file: BinaryIO, source: Source, erased: Mapping[int, str]) -> None:
        self._file, self._source, self._erased = file, source, erased
        self._digest, self._rows = hashlib.sha256(), 0

    def add(self, row: Row, state: Folded) -> None:
        self._rows += 1
        if state.status is Status.ERASED:
            digest = self._erased.get(row.example_id, "")
            self._digest.update(bytes.fromhex(digest))
            line = canonical({"erased": digest, "example": row.example_id, "row": row.row})
        else:
            given = self._given(row)
            line = given.line
            self._digest.update(line_hash(given.salt, line))
        self._file.write(line + b"\n")

    def _given(self, row: Row) -> GivenRow:
        labels, salt = label_set(row.given), row.salt or ""
        form = self._source.shape.form
        cells = form.cells(row.columns) if self._source.form is not None else None
        order = form.order(row.columns)
        return GivenRow(row.example_id, row.key, row.row, labels, salt, cells, order)

    def check(self) -> None:
        source = self._source
        same_form = source.form in (None, source.shape.form.hash)
        same_rows = (self._rows, self._digest.hexdigest()) == (source.rows, source.lines)
        if not (same_rows and same_form):
            raise DataProblem(
                f"The stored rows of {source.file_name} are not those that were imported.",
                next_step="Restore a backup: they were changed behind Relabel's back.",
                code="rows_changed",
            )


@dataclass
class _Writer:
    """Folds rows and sorts them into the file of the kept and that of the removed."""

    look: Snapshot
    files: RowFiles
    kept: _Rows
    removed: _Rows
    beside: Companions
    statuses: Counter[str] = field(default_factory=Counter)

    def write(self, labels: FinalLabels, chunk: Chunk, bound: _Bound) -> None:
        kept: list[Written] = []
        removed: list[list[Cell]] = []
        for row in chunk.rows:
            state = chunk.folded(row, self.look.mapping)
            self.statuses[str(state.status)] += 1
            bound.add(row, state)
            if state.status is Status.ERASED:
                continue
            if state.status is Status.REMOVED:
                removed.append(self._cells(labels, row, state, chunk.said))
            elif not self.files.spec.left_out(state.status):
                line = self._cells(labels, row, state, chunk.said)
                kept.append(Written(row, state, line))
        self.kept.write([one.line for one in kept])
        self.removed.write(removed)
        self.beside.write(labels.shape, chunk, kept)

    def _cells(
        self, labels: FinalLabels, row: Row, state: Folded, said: Mapping[int, Said]
    ) -> list[Cell]:
        """One row: the file's own values, the final label in their label column, then ours."""
        shape, layout, values = labels.shape, self.files.layout, row.columns
        form = shape.form
        given = label_set(row.given)
        written = imported(values.get(form.label)) if form.label else label_text(shape, given)
        final = labels.of(given, state, written)
        line: list[Cell] = [
            final if name == form.label else imported(values.get(name)) for name in layout.columns
        ]
        added = answer_cells(shape, state, said) | {
            "label": final if form.label is None else None,
            "given": itself(written),
            "quality": _rounded(row.quality),
            "priority": _rounded(row.priority),
        }
        line.extend(added[name] for name in layout.added)
        if not shape.sparse:
            return line
        names = [name for name in values if name in form.columns]
        return SparseRow(line, layout.keys(with_label(names, form.label, final)))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DECIMALS)
