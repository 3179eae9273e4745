"""From stored bytes to characters: packed or not, and in a known encoding or not at all."""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol, cast

import zstandard

from app.datasets.findings import Findings, Stop, excerpt_of

BLOCK = 1 << 20
_MOST_RATIO = 200
_FREE_BYTES = 50 << 20  # unpacked size below which no ratio is suspicious
MOST_BYTES = 20 << 30
OFFERED = ("cp1252", "latin-1", "utf-16-le", "cp1251", "shift_jis", "gb18030")

_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
LFS_POINTER = b"version https://git-lfs"
"""What stands in place of a large file that Git did not fetch."""
_OTHERS = (
    (b"PK\x03\x04", "a ZIP or XLSX file"),
    (b"\xd0\xcf\x11\xe0", "an XLS file"),
    (b"%PDF", "a PDF"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"PAR1", "Parquet"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x80\x02", "a pickle"),
    (b"\x80\x03", "a pickle"),
    (b"\x80\x04", "a pickle"),
    (b"\x80\x05", "a pickle"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ", "an xz file"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"ustar", "a tar archive"),
)


_PACKED_ENDINGS = (".gz", ".zst", ".zstd")


def bare_name(name: str) -> str:
    """A file's name without the endings of what it is packed in."""
    for ending in _PACKED_ENDINGS:
        name = name.removesuffix(ending)
    return name


def refuse_bomb(unpacked: int, packed: int, *, name: str) -> None:
    """Stop on what unpacks, or has unpacked so far, to far more bytes than it is."""
    if unpacked > _FREE_BYTES and unpacked > _MOST_RATIO * max(1, packed):
        raise Stop("E216", excerpt=excerpt_of(name), most=_MOST_RATIO)


class Reads(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Counted:
    """A stream that stops a bomb by the bytes that really come out of it."""

    def __init__(self, stream: Reads, packed: int, *, name: str) -> None:
        self._stream = stream
        self._packed = packed
        self._name = name
        self.count = 0

    def read(self, size: int = BLOCK) -> bytes:
        block = self._stream.read(size)
        self.count += len(block)
        refuse_bomb(self.count, self._packed, name=self._name)
        if self.count > MOST_BYTES:
            raise Stop("E212", most=MOST_BYTES)
        return block


@dataclass(frozen=True)
class Opened:
    """A file ready to be read: its unpacked bytes, the first of them, and how it was packed."""

    stream: Reads
    head: bytes
    packing: str


@contextmanager
def open_unpacked(path: Path, name: str) -> Iterator[Opened]:
    """Open a file; gzip and zstd are unpacked on the way, under a cap."""
    size = path.stat().st_size
    if size == 0:
        raise Stop("E105")
    with path.open("rb") as first:
        head = first.read(8192)
    packing = "gzip" if head.startswith(_GZIP) else "zstd" if head.startswith(_ZSTD) else ""
    if packing:
        with _unpacker(path, packing) as beginning:
            head = read_block(Counted(beginning, size, name=name), 8192)
        if not head:
            raise Stop("E105")
        with _unpacker(path, packing) as stream:
            yield Opened(Counted(stream, size, name=name), head, packing)
    else:
        with path.open("rb") as plain:
            yield Opened(plain, head, packing)


def _unpacker(path: Path, packing: str) -> BinaryIO:
    if packing == "gzip":
        return cast(BinaryIO, gzip.open(path, "rb"))
    unpacked = zstandard.ZstdDecompressor().stream_reader(path.open("rb"), read_across_frames=True)
    return cast(BinaryIO, unpacked)


def read_block(stream: Reads, size: int) -> bytes:
    """Read a block; a packed file that is cut off or damaged is said to be."""
    try:
        return stream.read(size)
    except (OSError, EOFError, zlib.error, zstandard.ZstdError) as error:
        raise Stop("E116", kind="a damaged packed file", expected="a complete one") from error


def refuse_other_kinds(head: bytes, expected: str) -> None:
    """Name what the file really is before any parser sees it."""
    if head.startswith(LFS_POINTER):
        raise Stop("E138", excerpt="The file")
    for magic, kind in _OTHERS:
        if head.startswith(magic) or (magic == b"ustar" and head[257:262] == magic):
            raise Stop("E116", kind=kind, expected=expected)
    beginning = head[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if beginning.startswith((b"<!doctype html", b"<html")):
        raise Stop("E116", kind="an HTML page", expected=expected)
    if beginning.startswith(b"<?xml"):
        raise Stop("E116", kind="XML", expected=expected)


def encoding_of(head: bytes, wished: str, findings: Findings) -> str:
    """The encoding by mark or by wish, else UTF-8; nothing is guessed."""
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        findings.warn("W102", kind="UTF-16")
        return "utf-16"
    wished = wished or findings.choices.get("E102", "")
    if wished and wished.lower() not in ("utf-8", "utf8"):
        try:
            codec = _text_encoding(wished)
        except LookupError as error:
            raise Stop(
                "E102", offset=0, row=1, seen=f" ({wished} is unknown)", offers=", ".join(OFFERED)
            ) from error
        findings.warn("W102", kind=codec.name)
        return codec.name
    zeros = head[:4096].count(0)
    if zeros > len(head[:4096]) // 4:
        seen = ": it looks like UTF-16 without its mark"
        little = zeros and head[1:2] == b"\0"
        readings = [("utf-16-le", "UTF-16, little-endian"), ("utf-16-be", "UTF-16, big-endian")]
        raise Stop(
            "E102",
            offset=head.index(0),
            row=1,
            seen=seen,
            offers="utf-16-le, utf-16-be",
        ).offering(readings if little else readings[::-1])
    return "utf-8"


def _text_encoding(name: str) -> codecs.CodecInfo:
    """An encoding of text: Python's list also holds base64, zlib and their like."""
    "".encode(name)
    return codecs.lookup(name)


def characters(stream: Reads, encoding: str) -> Iterator[str]:
    """Decode strictly, block by block; the first byte that does not fit stops the import."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    done, rows = 0, 1
    while True:
        block = read_block(stream, BLOCK)
        pending = len(decoder.getstate()[0])
        try:
            text = decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            raise _not_decoded(error, done - pending, rows) from error
        done += len(block)
        if text:
            yield text
            rows += text.count("\n")
        if not block:
            return


def _not_decoded(error: UnicodeDecodeError, start: int, rows: int) -> Stop:
    bad = error.object
    line = bad[: error.start].count(b"\n")
    around = bad[max(0, error.start - 12) : error.start + 12].splitlines() or [b""]
    around_bytes = next(
        (part for part in around if bad[error.start : error.start + 1] in part), b""
    )
    readings = []
    for name in OFFERED:
        try:
            readings.append((name, f"{name} reads “{excerpt_of(around_bytes.decode(name))}”"))
        except UnicodeDecodeError:
            continue
    return Stop(
        "E102",
        offset=start + error.start,
        row=rows + line,
        seen="",
        offers="; ".join(words for _, words in readings[:4]) or ", ".join(OFFERED),
    ).offering(readings[:4])


def lines_of(blocks: Iterator[str], *, most: int) -> Iterator[str]:
    """Lines with their ends, whichever end each has: LF, CR LF or CR alone.

    Of a line longer than `most` the first `most` + 1 characters are given, and its end.
    """
    rest = ""
    for block in blocks:
        if len(rest) > most and not rest.endswith("\r"):
            end = _first_end(block)
            if end < 0:
                continue
            block = block[end:]
        text = rest + block
        carriage = ""
        if text.endswith("\r"):  # its LF may come with the next block
            text, carriage = text[:-1], "\r"
        parts = _split(text)
        rest = parts.pop() if parts and not parts[-1].endswith(("\n", "\r")) else ""
        rest = rest[: most + 1] + carriage
        yield from parts
    if rest:
        yield from _split(rest)


def _first_end(block: str) -> int:
    ends = [at for at in (block.find("\n"), block.find("\r")) if at >= 0]
    return min(ends, default=-1)


def _split(text: str) -> list[str]:
    """`str.splitlines` without the ends that are no line ends in a CSV file."""
    if "\r" not in text:
        parts = text.split("\n")
        lines = [part + "\n" for part in parts[:-1]]
        return [*lines, parts[-1]] if parts[-1] else lines
    return _split_any(text)


def _split_any(text: str) -> list[str]:
    lines = []
    for part in text.split("\n"):
        pieces = part.split("\r")
        lines += [piece + "\r" for piece in pieces[:-1]]
        lines.append(pieces[-1] + "\n")
    last = lines.pop()[:-1]
    joined: list[str] = []
    for line in lines:
        if line == "\n" and joined and joined[-1].endswith("\r") and not joined[-1].endswith("\n"):
            joined[-1] += "\n"
        else:
            joined.append(line)
    return [*joined, last] if last else joined
