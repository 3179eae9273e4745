"""A ZIP of texts, each in a file of its own; a folder itself is packed into one first."""

from __future__ import annotations

from app.datasets.formats.file_format import FileFormat
from app.datasets.text_files import are_texts, open_texts
from app.db.words import DataType

TEXT_FILES = FileFormat(
    name="text_files",
    words="ZIP of text files",
    endings=(),
    opens=open_texts,
    holds=are_texts,
    data_types=frozenset({DataType.TEXT}),
    asks=("encoding",),
)
