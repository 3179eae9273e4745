"""How a file is read, as fields of its page: what was said, and what was found."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from app.datasets.formats.csv import CSV
from app.datasets.formats.registry import format_named
from app.datasets.mapping import mapping_of
from app.datasets.reading_parts import PARTS, ReadingPart
from app.datasets.report import Report
from app.db.tables.datasets import DataImport


@dataclass(frozen=True, slots=True)
class PartShown:
    """A part of the reading as a field."""

    part: ReadingPart
    said: str
    found: str


def parts_of(found: DataImport, report: Report) -> list[PartShown]:
    """The parts of the reading that have a meaning for this file."""
    asks = (format_named(found.file_name) or CSV).asks
    reading = report.get("reading")
    was = reading["parts"] if reading else {}
    said = asdict(mapping_of(found.mapping).read_as)
    shown = []
    for name, part in PARTS.items():
        words = {one.value: one.words for one in part.choices}
        if name in asks or name in was:
            value = was.get(name, "")
            shown.append(PartShown(part, said[name], words.get(value, value)))
    return shown
