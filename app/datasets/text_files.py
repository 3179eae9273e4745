"""Texts in files of their own, one folder for each label, as collections of texts are kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BytesIO

from app.datasets.decoding import characters, encoding_of
from app.datasets.findings import BadRow, Stop, excerpt_of
from app.datasets.formats.file_format import FileToOpen, OpenFile
from app.datasets.picture_folders import NONE, layout_of
from app.datasets.rows import MOST_CELL_BYTES, Table, Values, check_cells
from app.datasets.zip_names import hidden
from app.datasets.zips import Directory, check_ratio, open_directory, read_entry

_ENDINGS = ("txt", "text")
_FEWEST = 6  # fewer are most often a table's parts, or words about one


def is_text(name: str) -> bool:
    """Whether a file may be one of the texts: in a folder, a `.txt` or without an ending."""
    folder, _, file = name.rpartition("/")
    stem, dot, ending = file.rpartition(".")
    plain = not dot or ending.lower() in _ENDINGS or (not stem and bool(dot))
    return bool(folder) and plain


def are_texts(names: Sequence[str]) -> bool:
    """Whether a ZIP's files are texts in folders: nearly all of those that lie in folders."""
    inside = [name for name in names if "/" in name and not hidden(name)]
    texts = [name for name in inside if is_text(name)]
    folders = {name.rpartition("/")[0] for name in texts}
    most = 2 * len(texts) > len(inside) and len(texts) >= _FEWEST
    return most and (len(folders) > 1 or len(texts) == len(inside))


def open_texts(file: FileToOpen) -> OpenFile:
    """Every text as a row: its file is the id, its folders are label and split."""
    directory = open_directory(file.path)
    file.closing.enter_context(directory.archive)
    names = sorted(_texts_of(directory, file))
    layout = layout_of(names, file.findings)
    columns = ["file", "text"]
    columns += ["folder"] if layout.label != NONE else []
    columns += ["split"] if layout.split is not None else []

    def rows() -> Iterator[tuple[int, Values | BadRow]]:
        for row, name in enumerate(names, start=1):
            try:
                text = _text(directory, name, row, file)
            except BadRow as bad:
                yield row, bad
                continue
            values: Values = {"file": name, "text": text}
            if layout.label != NONE:
                values["folder"] = layout.label_of(name)
            if layout.split is not None:
                values["split"] = layout.split_of(name)
            yield row, values

    roles = {"id": "file", "text": "text", "label": "folder", "split": "split"}
    known = {role: (name,) for role, name in roles.items() if name in columns}
    encoding = file.asked.encoding or file.findings.choices.get("E102") or "utf-8"
    return OpenFile(Table(columns, rows(), "text_files", encoding=encoding), known=known)


def _texts_of(directory: Directory, file: FileToOpen) -> list[str]:
    """The texts among the files; that others lie beside them is said."""
    names = [name for name in directory.files if is_text(name)]
    beside = [name for name in directory.files if not is_text(name)]
    if beside:
        file.findings.warn("W179", len(beside), excerpt=excerpt_of(", ".join(beside)))
    for name in names:
        check_ratio(directory.files[name])
    return names


def _text(directory: Directory, name: str, row: int, file: FileToOpen) -> str:
    found = read_entry(directory.archive, directory.files[name], most=MOST_CELL_BYTES)
    if found is None:
        raise BadRow("E145", column="text", row=row, excerpt=excerpt_of(name))
    try:
        encoding = encoding_of(found[:8192], file.asked.encoding, file.findings)
        text = "".join(characters(BytesIO(found), encoding)).rstrip("\r\n")
    except Stop as stop:
        told = {**stop.fields, "row": row, "seen": f", in {excerpt_of(name)}"}
        raise Stop(stop.code, **told).offering(stop.readings) from stop
    check_cells(row, {"text": text})
    return text
