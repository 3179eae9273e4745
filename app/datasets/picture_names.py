"""Which file of a ZIP a name means: one loose form, taken when exactly one file fits.

Tables name pictures as another machine or another tool wrote them. Nothing is written under these
names, so a name only has to lead to one file; how the two differ is told afterwards.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple
from urllib.parse import unquote

from app.datasets.zip_names import LONGEST_NAME

PICTURE_ENDINGS = frozenset(
    (
        *("png", "jpg", "jpeg", "jpe", "jfif", "gif", "webp", "bmp", "dib", "tif", "tiff"),
        *("avif", "avifs", "heic", "heif", "jp2", "j2k", "ppm", "pgm", "pbm", "pnm", "tga"),
        *("ico", "svg", "jpf", "jpx", "j2c", "jpc", "targa", "pcx", "sgi", "rgb", "bw", "qoi"),
    )
)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)
_QUERY = re.compile(r"[?#].*", re.DOTALL)
_LOCAL_FILES = re.compile(r".*/local-files/?\?(?:.*&)?d=([^&]+).*", re.IGNORECASE)
_UPLOAD = re.compile(r"/?(?:data/upload|media/upload)/(?:\d+/)?", re.IGNORECASE)
_NO_ADDRESS = re.compile(r"[^-\w.]")
_HASH = re.compile(r"[0-9a-f]{8}-(?=.)", re.IGNORECASE)
_MANY = 1_000  # files that fit a name: no closer look finds the one that is meant
_DEEPEST = 8  # parts of a path that are compared

Parts = tuple[str, ...]
Index = dict[str, list[str]]


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

    names: Mapping[str, Parts]
    _folders: set[str] = field(default_factory=set)
    _by_end: Index = field(default_factory=dict)
    _by_beginning: Index = field(default_factory=dict)  # made when it is needed first,
    _by_address: Index = field(default_factory=dict)  # as this is

    @classmethod
    def of(cls, names: Iterable[str]) -> PictureNames:
        every = cls({name: tuple(loosely(name).split("/")) for name in names})
        every._folders.update(*(parts[:-1] for parts in every.names.values()))
        every._by_end = _index(every.names.items())
        return every

    def find(self, wanted: str) -> Match:
        """The one file a name leads to, or `NoFile` or `SeveralFiles`."""
        plain = wanted.removeprefix("./")
        if plain in self.names:
            return Match(plain, frozenset())
        if len(wanted) > LONGEST_NAME:
            raise NoFile
        for reading, by_tool in _readings(plain, self._folders):
            parts = tuple(loosely(reading).split("/"))
            found = self._whole(reading, parts) or self._begun(reading, parts)
            if found is not None:
                ways = _ways(reading, found)
                ways = ways - {Way.FOLDER} | {Way.TOOL} if by_tool else ways
                far = not _is_end(parts[:-1], self.names[found][:-1])
                return Match(found, frozenset(ways), far)
        return self._uploaded(plain)

    def _uploaded(self, wanted: str) -> Match:
        """A file that was uploaded under a hash, with signs changed that no address may have."""
        hashed = _HASH.match(last := loosely(_without_server(wanted)).rsplit("/", 1)[-1])
        if not hashed:
            raise NoFile
        if not self._by_address:
            stored = ((name, (_address(parts[-1]),)) for name, parts in self.names.items())
            self._by_address = _index(stored)
        files = self._by_address.get(_address(last[hashed.end() :]), [])
        if len(files) > 1:
            raise SeveralFiles(sorted(files[:_MANY]))
        if not files:
            raise NoFile
        return Match(files[0], frozenset({Way.TOOL}))

    def _whole(self, wanted: str, parts: Parts) -> str | None:
        for files in _ends(self._by_end, parts):
            found = self._one_of(files, wanted, parts)
            if found is not None:
                return found
        return None

    def _begun(self, wanted: str, parts: Parts) -> str | None:
        """A file whose name has an ending where this one has none, or another of a picture."""
        if not self._by_beginning:
            stems = ((name, (*its[:-1], _stem(its[-1]))) for name, its in self.names.items())
            self._by_beginning = _index(stems)
        stem = _stem(parts[-1])
        for files in _ends(self._by_beginning, (*parts[:-1], stem)):
            if stem != parts[-1]:  # another ending: never in another folder as well
                files = [one for one in files if _is_end(self.names[one][:-1], parts[:-1])]
            found = self._one_of(files, wanted, parts)
            if found is not None:
                return found
        return None

    def _one_of(self, files: Sequence[str], wanted: str, parts: Parts) -> str | None:
        """Of files that agree as far as any do the one that is spelled most like it."""
        if len(files) > _MANY:
            raise SeveralFiles(sorted(files[:_MANY]))
        files = [one for one in files if self._may_be(parts[:-1], self.names[one][:-1])]
        if not files:
            return None
        for closer in (
            lambda one: self.names[one][:-1] == parts[:-1],
            lambda one: _spelled(one).endswith(_spelled(wanted)),
            lambda one: one.rsplit("/", 1)[-1] == wanted.rsplit("/", 1)[-1],
        ):
            files = [one for one in files if closer(one)] or files
        if len(files) > 1:
            raise SeveralFiles(sorted(files))
        return files[0]

    def _may_be(self, wanted: Parts, there: Parts) -> bool:
        """Whether a file in these folders may be meant: a folder that is there is not replaced.

        `dog/1.png` is missing, and not `cat/1.png`, where the ZIP has a folder `dog`.
        """
        return _is_end(wanted, there) or self._folders & set(wanted) <= set(there)


def _index(names: Iterable[tuple[str, Parts]]) -> Index:
    """Names by every end of their path."""
    index: Index = defaultdict(list)
    for name, parts in names:
        for length in range(1, min(len(parts), _DEEPEST) + 1):
            index["/".join(parts[-length:])].append(name)
    return dict(index)


def _ends(index: Index, parts: Parts) -> Iterator[Sequence[str]]:
    """The files that end as a path does: first those that agree the furthest."""
    for length in range(min(len(parts), _DEEPEST), 0, -1):
        files = index.get("/".join(parts[-length:]))
        if files:
            yield files


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
        wanted = _QUERY.sub("", wanted.split("://", 1)[1].partition("/")[2])
    return _UPLOAD.sub("", wanted, count=1) if _UPLOAD.match(wanted) else wanted


def _address(last: str) -> str:
    """The last part of a path as servers store what is uploaded to them."""
    return _NO_ADDRESS.sub("", last.replace(" ", "_"))


def loosely(name: str) -> str:
    """The form in which two names are the same."""
    plain = unicodedata.normalize("NFC", unquote(name.replace("\\", "/")))
    return unicodedata.normalize("NFC", plain.casefold()).strip().removeprefix("./").strip("/")


def _spelled(name: str) -> str:
    """The loose form that still tells capitals."""
    return unicodedata.normalize("NFC", unquote(name.replace("\\", "/")))


def _stem(last: str) -> str:
    """The last part of a path without the ending of a picture."""
    stem, dot, ending = last.rpartition(".")
    return stem if dot and stem and ending in PICTURE_ENDINGS else last


def _is_end(one: Parts, other: Parts) -> bool:
    """Whether one of the two paths ends with the other."""
    length = min(len(one), len(other))
    return not length or one[-length:] == other[-length:]


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
    if _stem(loosely(one)) == _stem(loosely(other)):
        if loosely(one) != loosely(other):
            ways.add(Way.EXTENSION)
        elif composed.strip() != its.strip():
            ways.add(Way.CASE)
    return ways
