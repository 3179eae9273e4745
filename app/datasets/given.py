"""One line of `given.jsonl`: what was imported, in the exact bytes the log binds."""

from __future__ import annotations

import hashlib

import orjson


def given_line(example_id: int, key: str, row: int, given_label_ids: list[int], salt: str) -> bytes:
    """The line of one example, without its line end: sorted keys, compact, UTF-8."""
    line = {
        "example": example_id,
        "given": sorted(given_label_ids),
        "key": key,
        "row": row,
        "salt": salt,
    }
    return orjson.dumps(line, option=orjson.OPT_SORT_KEYS)


def line_hash(salt: str, line: bytes) -> bytes:
    """The hash that may stand for a line once it is erased."""
    return hashlib.sha256(bytes.fromhex(salt) + line).digest()
