"""The companions of a release, written as its rows pass by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from app.datasets.cell import shown_columns
from app.db.log_bodies import Counts
from app.db.words import Verdict
from app.labels import LabelSet, label_set, mapped
from app.releases.chunks import Chunk, Row
from app.releases.companions.companion import CompanionFile, ReleasedRow, Told
from app.releases.formats.format import Cell
from app.releases.layout import FileShape, names_of
from app.releases.row_files import RowFiles
from app.releases.row_values import DECIMALS, value_text
from app.releases.snapshot import Snapshot
from app.review.books.fold import Folded, standing


class Written(NamedTuple):
    """A row of the data file, as it was written there."""

    row: Row
    state: Folded
    line: Sequence[Cell]


class Companions:
    """Those that were asked for; nothing is made of a row where there are none."""

    def __init__(self, look: Snapshot, files: RowFiles, opened: Sequence[CompanionFile]) -> None:
        self._look, self._files, self._opened = look, files, opened

    def write(self, shape: FileShape, chunk: Chunk, written: Sequence[Written]) -> None:
        """The rows of one imported file that were written to the data file."""
        if not self._opened:
            return
        label, layout = shape.form.label, self._files.layout
        place = layout.every.index(label or layout.added["label"])
        rows = []
        for row, state, line in written:
            columns = shown_columns(row.columns)
            columns.pop(label or "", None)
            rows.append(
                ReleasedRow(
                    key=row.key,
                    columns=columns,
                    given=self._name(label_set(row.given)),
                    final=self._name(state.labels),
                    written=value_text(line[place]),
                    status=str(state.status),
                    why=state.why,
                    quality=None if row.quality is None else round(row.quality, DECIMALS),
                    votes=self._votes(row, chunk, state),
                )
            )
        for one in self._opened:
            one.write(rows)

    def _name(self, labels: LabelSet) -> str | None:
        return self._look.labels[labels[0]][0] if labels else None

    def _votes(self, row: Row, chunk: Chunk, state: Folded) -> Mapping[str, int]:
        votes: Counter[str] = Counter()
        mapping = self._look.mapping
        stood = state.bulk or mapped(label_set(row.given), mapping)
        answers = chunk.answers.get(row.example_id, [])
        for one in standing(answers, chunk.marks.get(row.example_id, [])):
            said = stood if one.verdict is Verdict.CONFIRM else mapped(one.labels, mapping)
            votes.update(filter(None, [self._name(said)]))
        return votes

    def finish(self, number: int, counts: Counts) -> None:
        if not self._opened:
            return
        layout, spec = self._files.layout, self._files.spec
        numbers = self._files.shape.numbers
        typed = any(shape.form.writing.get("values") for shape in layout.shapes)
        labels = [shape.form.label for shape in layout.shapes if shape.form.label]
        told = Told(
            project=self._look.project.name,
            number=number,
            data_file=names_of(spec.format)[0],
            columns={name: None if typed else numbers.get(name, str) for name in layout.every},
            label_column=labels[0] if labels else layout.added.get("label", ""),
            labels=[name for _, (name, _) in sorted(self._look.labels.items())],
            counts=counts,
            codes={name: code for name, code in self._look.labels.values() if code},
        )
        for one in self._opened:
            one.finish(told)


@contextmanager
def companions(look: Snapshot, files: RowFiles, work: Path) -> Iterator[Companions]:
    with ExitStack() as opened:
        yield Companions(
            look,
            files,
            [
                one.create(
                    opened.enter_context((work / one.file_name).open("wb")), files.spec.flavour
                )
                for one in files.spec.companions
            ],
        )
