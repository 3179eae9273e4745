"""ZIP: a folder of images, each of them a row; a folder itself is packed into one first."""

from __future__ import annotations

from importlib import import_module

from app.datasets.chosen_columns import ChosenColumns
from app.datasets.formats.file_format import FileFormat, FileToOpen, OpenFile
from app.datasets.roles import ID, LABEL, SPLIT
from app.datasets.zips import ZIP_MAGIC
from app.datatypes.image import IMAGE


def _open(file: FileToOpen) -> OpenFile:
    # Late and by name, as in `parquet`: no page loads what decodes images.
    reader = import_module("app.datasets.images")
    images = reader.ZipImages(file.path, file.folder, file.findings)
    file.closing.enter_context(images.archive)
    table = reader.rows_of_zip(images)
    plays = {IMAGE.role: "file", ID: "file", LABEL: "folder", SPLIT: "split"}
    chosen = {role.name: (name,) for role, name in plays.items() if name in table.columns}
    return OpenFile(table, ChosenColumns(chosen, frozenset(plays.values())), images)


ZIP = FileFormat(
    name="zip",
    words="ZIP",
    endings=("zip",),
    opens=_open,
    recognises=lambda head: head.startswith(ZIP_MAGIC),
    data_types=frozenset({IMAGE.name}),
)
