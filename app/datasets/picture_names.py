"""Which file of a ZIP a name means: one loose form, taken when exactly one file fits.

Tables name pictures as another machine or another tool wrote them. Nothing is written under these
names, so a name only has to lead to one file; how the two differ is told afterwards.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

PICTURE_ENDINGS = frozenset(
    (
        *("png", "jpg", "jpeg", "jpe", "jfif", "gif", "webp", "bmp", "dib", "tif", "tiff"),
        *("avif", "avifs", "heic", "heif", "jp2", "j2k", "ppm", "pgm", "pbm", "pnm", "tga"),
        *("ico", "svg"),
    )
)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)
_LOCAL_FILES = re.compile(r".*/local-files/?\?(?:.*&)?d=([^&]+).*", re.IGNORECASE)
_UPLOAD = re.compile(r"/?(?:data/upload|media/upload)/(?:\d+/)?", re.IGNORECASE)
_HASH = re.compile(r"[0-9a-f]{8}-(?=.)", re.IGNORECASE)


class Way(StrEnum):
    """How a name differs from the file it leads to, by the code that says it."""

    CASE = "W226"
    FOLDER = "W227"
    BACKSLASH = "W234"
    QUOTED = "W235"
    UNICODE = "W236"
    EXTENSION = "W237"
    TOOL = "W238"


class Match(NamedTuple):
    """A file; `far` when it stands in none of the folders that were named, but in others."""

    name: str
    ways: frozenset[Way]
    far: bool = False


class _Part(NamedTuple):
    """A part of a path in its loose form, and its beginning without the ending of a picture."""

    whole: str
    stem: str


class NoFile(Exception):
    """Nothing fits."""


class SeveralFiles(Exception):
    """More than one file fits as well as any other."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(*names)
        self.names = names


@dataclass(slots=True)
class PictureNames:
    """The names of the files of a ZIP, to be found by what a table writes for them."""

    names: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _by_last: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _by_stem: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _folders: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, names: Iterable[str]) -> PictureNames:
        every = cls()
        for name in names:
            parts = tuple(loosely(name).split("/"))
            every.names[name] = parts
            every._by_last[parts[-1]].append(name)
            every._by_stem[_part(parts[-1]).stem].append(name)
            every._folders.update(parts[:-1])
        return every

    def find(self, wanted: str) -> Match:
        """The one file a name leads to, or `NoFile` or `SeveralFiles`."""
        plain = wanted.removeprefix("./")
        if plain in self.names:
            return Match(plain, frozenset())
        for reading, by_tool in _readings(plain, self._folders):
            found = self._by_name(reading) or self._by_beginning(reading)
            if found is not None:
                ways = _ways(reading, found)
                ways = ways - {Way.FOLDER} | {Way.TOOL} if by_tool else ways
                folders = tuple(loosely(reading).split("/"))[:-1]
                far = not _is_end(folders, self.names[found][:-1])
                return Match(found, frozenset(ways), far)
        raise NoFile

    def _by_name(self, wanted: str) -> str | None:
        parts = tuple(loosely(wanted).split("/"))
        return self._nearest(wanted, parts, self._by_last.get(parts[-1], []))

    def _by_beginning(self, wanted: str) -> str | None:
        """A file whose name has an ending where this one has none, or another of a picture."""
        parts = tuple(loosely(wanted).split("/"))
        files = self._by_stem.get(_part(parts[-1]).stem, [])
        if _part(parts[-1]).stem != parts[-1]:  # another ending: never in another folder as well
            files = [one for one in files if _is_end(self.names[one][:-1], parts[:-1])]
        return self._nearest(wanted, parts, files)

    def _nearest(self, wanted: str, parts: tuple[str, ...], files: list[str]) -> str | None:
        """Of files with the right last part the one whose folders agree the furthest."""
        files = [one for one in files if self._may_be(parts[:-1], self.names[one][:-1])]
        if not files:
            return None
        depth = {one: _shared(parts[:-1], self.names[one][:-1]) for one in files}
        for narrower in (
            lambda one: depth[one] == max(depth.values()),
            lambda one: self.names[one][:-1] == parts[:-1],
            lambda one: _spelled(one).endswith(_spelled(wanted)),
            lambda one: one.rsplit("/", 1)[-1] == wanted.rsplit("/", 1)[-1],
        ):
            files = [one for one in files if narrower(one)] or files
        if len(files) > 1:
            raise SeveralFiles(sorted(files))
        return files[0]

    def _may_be(self, wanted: tuple[str, ...], there: tuple[str, ...]) -> bool:
        """Whether a file in these folders may be meant: a folder that is there is not replaced.

        `dog/1.png` is missing, and not `cat/1.png`, where the ZIP has a folder `dog`.
        """
        return _is_end(wanted, there) or self._folders & set(wanted) <= set(there)


def _readings(wanted: str, folders: set[str]) -> Iterable[tuple[str, bool]]:
    """The name, without what a server or a tool put before it where that is no folder here."""
    short = _without_server(wanted)
    if short == wanted or "upload" in folders:
        yield wanted, False
    if short != wanted:
        yield short, True
    folder, slash, last = short.rpartition("/")
    if _HASH.match(last):
        yield folder + slash + _HASH.sub("", last, count=1), True


def _without_server(wanted: str) -> str:
    local = _LOCAL_FILES.fullmatch(wanted)
    if local:
        return unquote(local[1])
    if _SCHEME.match(wanted):
        wanted = urlsplit(wanted).path.removeprefix("/")
    return _UPLOAD.sub("", wanted, count=1) if _UPLOAD.match(wanted) else wanted


def loosely(name: str) -> str:
    """The form in which two names are the same."""
    plain = unicodedata.normalize("NFC", unquote(name.replace("\\", "/")))
    return unicodedata.normalize("NFC", plain.casefold()).strip().removeprefix("./").strip("/")


def _spelled(name: str) -> str:
    """The loose form that still tells capitals."""
    return unicodedata.normalize("NFC", unquote(name.replace("\\", "/")))


def _part(last: str) -> _Part:
    stem, dot, ending = last.rpartition(".")
    return _Part(last, stem if dot and stem and ending in PICTURE_ENDINGS else last)


def _shared(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """How many folders are the same, counted from the file."""
    count = 0
    for mine, its in zip(reversed(one), reversed(other), strict=False):
        if mine != its:
            break
        count += 1
    return count


def _is_end(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether one of the two paths ends with the other."""
    return _shared(one, other) == min(len(one), len(other))


def _ways(wanted: str, found: str) -> set[Way]:
    """What is different between the two."""
    mine, its = wanted.replace("\\", "/").split("/"), found.split("/")
    mine = [part for part in mine if part not in ("", ".")]
    ways = {Way.BACKSLASH} if "\\" in wanted else set()
    if [loosely(one) for one in mine[:-1]] != [loosely(one) for one in its[:-1]]:
        ways.add(Way.FOLDER)
    for one, other in zip(reversed(mine), reversed(its), strict=False):
        ways |= _differences(one, other)
    return ways


def _differences(one: str, other: str) -> set[Way]:
    """What is different between two parts of a path that stand for each other."""
    ways = {Way.QUOTED} if (unquote(one) == one) != (unquote(other) == other) else set()
    one, other = unquote(one), unquote(other)
    composed, its = unicodedata.normalize("NFC", one), unicodedata.normalize("NFC", other)
    if (composed == one) != (its == other) or composed.strip() != composed:
        ways.add(Way.UNICODE)
    if _part(loosely(one)).stem == _part(loosely(other)).stem:
        if loosely(one) != loosely(other):
            ways.add(Way.EXTENSION)
        elif composed.strip() != its.strip():
            ways.add(Way.CASE)
    return ways
