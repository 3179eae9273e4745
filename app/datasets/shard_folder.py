"""A folder of shards in a ZIP: which of its files are read, and what stands beside them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from zipfile import ZipInfo

from app.datasets.decoding import Opened, refuse_bomb
from app.datasets.feature_kinds import features_of
from app.datasets.findings import Findings, Stop, excerpt_of
from app.datasets.formats.file_format import FileToOpen, Images, OpenFile
from app.datasets.inline_images import InlineImages
from app.datasets.shard import Shard
from app.datasets.shard_names import INFO, SPLITS, STATE, Named, named_shards
from app.datasets.shards import open_shards
from app.datasets.zip_names import is_other
from app.datasets.zipped import entry_stream, unpacked_into
from app.datasets.zips import Directory, check_ratio, open_directory, read_entry

WHICH = "W178"
_LARGEST_NOTE = 64 << 20
_SHOWN = 5


def open_folder(file: FileToOpen) -> OpenFile:
    directory = open_directory(file.path)
    file.closing.enter_context(directory.archive)
    folder = file.folder if file.folder.is_dir() else None
    place = Path(file.closing.enter_context(TemporaryDirectory(dir=folder)))
    saved = _Folder(directory)
    named = _one_dataset(list(saved.shards()), file.findings)
    shards, size = [], file.path.stat().st_size
    unpacked = sum(directory.files[one.name].file_size for one in named)
    refuse_bomb(unpacked, size, name="The folder")  # each for itself may be small enough
    for number, one in enumerate(named):
        info = directory.files[one.name]
        check_ratio(info)
        with entry_stream(directory.archive, info, one.name) as stream:
            path = unpacked_into(place, Opened(stream, b"", "zip"), f"{number}")
        if path.stat().st_size:
            told = features_of(saved.note(_beside(one.name, INFO)))
            shards.append(Shard(path, one.split, told, one.name))
    if not shards:
        raise Stop("E106")
    opened = open_shards(shards, file, "datasets")
    if any(not is_other(name) for name in directory.files):
        return replace(opened, images=_with_others(opened, file))
    return opened


def _with_others(opened: OpenFile, file: FileToOpen) -> Images:
    """Pictures in the rows, and those that lie in the folder beside them."""

    def beside() -> Images:
        from app.datasets.images import ZipImages  # what decodes images is loaded for images only

        images = ZipImages(file.path, file.folder, file.findings)
        file.closing.enter_context(images.archive)
        return images

    inline = opened.images
    if not isinstance(inline, InlineImages):
        inline = InlineImages(file.folder, file.findings)
    inline.find_others(beside)
    return inline


class _Folder:
    """The names of a folder, and the notes that `datasets` keeps in it."""

    def __init__(self, directory: Directory) -> None:
        self.archive, self.files = directory.archive, directory.files
        self._notes: dict[str, Mapping[str, object]] = {}

    def shards(self) -> Iterator[Named]:
        """The files that hold rows; of a saved folder those that its state names, in its order."""
        named = named_shards(self.files)
        states = {_beside(one.name, STATE) for one in named} & self.files.keys()
        for one in named:
            if _beside(one.name, STATE) not in states and not _is_left_over(one.name):
                yield self._in_splits(one)
        for state in self._in_order(states):
            told = self.note(state)
            if told.get("_indices_data_files") or told.get("_indices_files"):
                raise Stop("E139", excerpt=excerpt_of(state))
            there = {one.name: one for one in named}
            for name in _names_in(told):
                if _beside(state, name) in there:
                    yield self._in_splits(there[_beside(state, name)])
                else:
                    raise Stop("E140", excerpt=excerpt_of(_beside(state, name)))

    def _in_order(self, states: set[str]) -> list[str]:
        """The splits in the order in which they were saved."""

        def place(state: str) -> tuple[str, int, str]:
            folder = PurePosixPath(state).parent
            splits = self._splits(folder.parent)
            return (
                (str(folder.parent), splits.index(folder.name), "")
                if (folder.name in splits)
                else (str(folder.parent), len(splits), state)
            )

        return sorted(states, key=place)

    def _in_splits(self, one: Named) -> Named:
        """Of a folder of splits each folder is one, whatever it is called."""
        folder = PurePosixPath(one.name).parent
        if folder.name in self._splits(folder.parent):
            parent = str(folder.parent)
            return Named(one.name, folder.name, "" if parent == "." else parent)
        return one

    def _splits(self, folder: PurePosixPath) -> list[str]:
        splits = self.note(str(folder / SPLITS)).get("splits")
        return [str(one) for one in splits] if isinstance(splits, list) else []

    def note(self, name: str) -> Mapping[str, object]:
        """What a file of JSON says; nothing if it is not there, or is no object."""
        if name not in self._notes:
            info = self.files.get(name)
            self._notes[name] = {} if info is None else self._read(info)
        return self._notes[name]

    def _read(self, info: ZipInfo) -> Mapping[str, object]:
        try:
            told = json.loads(read_entry(self.archive, info, most=_LARGEST_NOTE) or b"{}")
        except (ValueError, RecursionError):
            return {}
        return told if isinstance(told, dict) else {}


def _names_in(state: Mapping[str, object]) -> list[str]:
    files = state.get("_data_files")
    files = files if isinstance(files, list) else []
    return [str(one["filename"]) for one in files if isinstance(one, dict) and "filename" in one]


def _is_left_over(name: str) -> bool:
    """Whether a file was kept only to save work: `datasets` caches what it made of the rows."""
    return PurePosixPath(name).name.startswith(("cache-", "tmp"))


def _beside(name: str, other: str) -> str:
    return str(PurePosixPath(name).parent / other)


def _one_dataset(named: list[Named], findings: Findings) -> list[Named]:
    """The shards of one dataset: of several, which one is a question."""
    several = list(dict.fromkeys(one.dataset for one in named))
    if len(several) < 2:
        return named
    options = [(name or ".", name or "(not in a folder)") for name in several]
    shown = ", ".join(excerpt_of(words) for _, words in options[:_SHOWN])
    usual = next((name for name, _ in options if name.endswith("default")), options[0][0])
    answer = findings.ask(WHICH, options, usual, excerpt=shown) or usual
    return [one for one in named if (one.dataset or ".") == answer]
