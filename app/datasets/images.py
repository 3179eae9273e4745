"""Images of a ZIP: found by name, decoded with care, kept as they came and as they are shown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipInfo

from app.datasets.findings import BadRow, Findings, Told, excerpt_of
from app.datasets.kept_pictures import LARGEST_IMAGE, KeptPictures, NamesTold
from app.datasets.picture_folders import NONE, layout_of
from app.datasets.picture_names import NoFile, PictureNames, SeveralFiles, Way, loosely
from app.datasets.row_check import TakenImage
from app.datasets.rows import Table, Values
from app.datasets.zip_names import is_other, recoded, unsafe
from app.datasets.zips import check_ratio, open_directory, read_entry

_ELSEWHERE = ("http://", "https://", "//", "ftp://", "data:", "file:", "s3://", "gs://")


class ZipImages:
    """Finds, checks and stores the image a row names."""

    def __init__(self, path: Path, folder: Path, findings: Findings) -> None:
        directory = open_directory(path)
        self.archive, self.files = directory.archive, directory.files
        for info in self.files.values():
            check_ratio(info)
        self.findings = findings
        self._kept = KeptPictures(folder, findings)
        self._names = PictureNames.of(self.files)
        self._used: dict[str, str] = {}
        self._ways: dict[Way, NamesTold] = {way: NamesTold() for way in Way}
        self._shared = NamesTold()
        self._say_of_names(directory.hidden)

    def _say_of_names(self, passed_over: list[str]) -> None:
        """Say what of the ZIP is not looked at, and which names were not as they should be."""
        old = [name for name, info in self.files.items() if recoded(info)]
        turned = [name for name, info in self.files.items() if "\\" in info.orig_filename]
        for code, names in (("W228", passed_over), ("W229", old), ("W233", turned)):
            if names:
                self.findings.warn(code, len(names), excerpt=NamesTold(names).shown())

    def pictures(self) -> list[str]:
        """The files that may be pictures; that others are there is said."""
        others = [name for name in self.files if is_other(name)]
        if not others or len(others) == len(self.files):
            return list(self.files)
        self.findings.warn("W220", len(others), excerpt=NamesTold(others).shown())
        return [name for name in self.files if not is_other(name)]

    def take(self, name: str, row: int) -> TakenImage:
        """What a row's image is shown as, and its blobs."""
        info = self._find(name, row)
        content = read_entry(self.archive, info, most=LARGEST_IMAGE)
        if content is None:
            raise BadRow("E222", column="image", row=row, excerpt=excerpt_of(name))
        return self._kept.keep(content, name, row, file=info.filename)

    def _find(self, name: str, row: int) -> ZipInfo:
        """The file a row means; a name that fits none or several is refused with its reason."""
        about: dict[str, Told] = {"column": "image", "row": row, "excerpt": excerpt_of(name)}
        try:
            match = self._names.find(name)
        except SeveralFiles as several:
            raise BadRow("E233", **about, files=NamesTold(several.names).shown()) from several
        except NoFile as nothing:
            raise BadRow(_why_not(name), **about) from nothing
        first = self._used.setdefault(match.name, name)
        if loosely(first) != loosely(name):
            if match.far:
                shown = excerpt_of(match.name)
                raise BadRow("E234", **about, file=shown, first=excerpt_of(first))
            self._shared.names.append(f"{name} and {first}")
        for way in match.ways:
            self._ways[way].names.append(name)
        return self.files[match.name]

    def finish(self) -> None:
        """Say how images were changed, which no row names, and which have another name."""
        self._kept.finish()
        unused = [name for name in self.files if name not in self._used and not is_other(name)]
        if unused:
            self.findings.warn("W219", len(unused), excerpt=NamesTold(unused).shown())
        for code, left in (*((way.value, left) for way, left in self._ways.items()),
                           ("W239", self._shared)):  # fmt: skip
            if left.names:
                self.findings.warn(code, len(left.names), excerpt=left.shown())


def _why_not(name: str) -> str:
    """The code for a name that leads to no file."""
    if name.lower().startswith(_ELSEWHERE):
        return "E231"
    return "E214" if unsafe(name.replace("\\", "/")) else "E219"


def rows_of_zip(images: ZipImages) -> Table:
    """Every picture of a ZIP as a row: its name is the id; folders are its label and split."""
    names = sorted(images.pictures())
    layout = layout_of(names, images.findings)
    columns = ["file"]
    columns += ["folder"] if layout.label != NONE else []
    columns += ["split"] if layout.split is not None else []

    def rows() -> Iterator[tuple[int, Values | BadRow]]:
        for row, name in enumerate(names, start=1):
            values: Values = {"file": name}
            if layout.label != NONE:
                values["folder"] = layout.label_of(name)
            if layout.split is not None:
                values["split"] = layout.split_of(name)
            yield row, values

    return Table(columns, rows(), "zip")
