"""Names in a ZIP as a person would write them: separators, code pages, what hides beside data."""

from __future__ import annotations

import struct
from zipfile import ZipInfo

LONGEST_NAME = 1000
_UTF8 = 0x800  # the flag of an entry whose name is UTF-8
_UNICODE_PATH = 0x7075  # the extra field that holds the name in UTF-8 beside an older one
_UNICODE_PATH_HEAD = 5  # its version and a checksum
_HIDDEN = frozenset(
    ("__macosx", "thumbs.db", "ehthumbs.db", "desktop.ini", "$recycle.bin", "@eadir", "icon\r")
)
_OTHERS = frozenset(
    (
        *("txt", "md", "rst", "csv", "tsv", "json", "jsonl", "ndjson", "xml", "yaml", "yml"),
        *(
            "html",
            "htm",
            "pdf",
            "py",
            "ipynb",
            "npy",
            "npz",
            "pkl",
            "h5",
            "mat",
            "parquet",
            "arrow",
        ),
        *(
            "log",
            "cfg",
            "ini",
            "toml",
            "names",
            "db",
            "doc",
            "docx",
            "xls",
            "xlsx",
            "md5",
            "sha256",
        ),
    )
)


def unsafe(name: str) -> bool:
    """Whether a name would leave the folder it is put in, on any system."""
    parts = name.split("/")
    return (
        name.startswith("/")
        or "\\" in name
        or "\0" in name
        or ".." in parts
        or (len(name) > 1 and name[1] == ":")
        or len(name) > LONGEST_NAME
    )


def hidden(name: str) -> bool:
    """Whether a system or a tool put a file there for itself: nobody chose it as data."""
    return any(part.startswith(".") or part.lower() in _HIDDEN for part in name.split("/"))


def is_other(name: str) -> bool:
    """Whether a file is something else than a picture by its name: notes, tables, scripts."""
    stem, dot, ending = name.rsplit("/", 1)[-1].rpartition(".")
    return bool(stem and dot) and ending.lower() in _OTHERS


def name_of(info: ZipInfo) -> str:
    """The name of an entry, with `/` between folders."""
    parts = _characters(info).replace("\\", "/").split("/")
    return "/".join(part for part in parts if part != ".")


def recoded(info: ZipInfo) -> bool:
    """Whether the name has letters beyond ASCII and does not say their encoding."""
    return not info.flag_bits & _UTF8 and not info.orig_filename.isascii()


def _characters(info: ZipInfo) -> str:
    """UTF-8 where the bytes are that, whatever the flag says; else the code page of old ZIPs."""
    if not recoded(info):
        return info.orig_filename
    told = _unicode_path(info.extra)
    if told is not None:
        return told
    try:
        return info.orig_filename.encode("cp437").decode()
    except UnicodeError:
        return info.orig_filename


def _unicode_path(extra: bytes) -> str | None:
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        field = extra[at + 4 : at + 4 + length]
        if kind == _UNICODE_PATH:
            try:
                return field[_UNICODE_PATH_HEAD:].decode() or None
            except UnicodeDecodeError:
                return None
        at += 4 + length
    return None
