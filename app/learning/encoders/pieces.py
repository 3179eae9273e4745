"""Texts as numbers of word pieces, the way a SentencePiece unigram model splits them."""

from __future__ import annotations

import struct
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

SPACE = "▁"
UNKNOWN, BEGIN, END = 0, 1, 2
_WORSE_THAN_ANY = 10.0
"""Log-probability that a character costs which no piece knows, below the least likely piece."""

_WORDS_REMEMBERED = 100_000
_LONGEST_WORD = 200
"""Longer words are cut here: what follows is no word, and would take its time."""

_INVISIBLE = str.maketrans(dict.fromkeys("\u200b\u200e\u200f\u2060\ufeff\u00ad", " "))


class Pieces:
    """The pieces of a model with their log-probabilities; the likeliest way to split wins.

    No piece holds a space but at its start, so that words are split one by one and remembered.
    """

    def __init__(self, pieces: list[tuple[str, float]]) -> None:
        if any(SPACE in piece[1:] for piece, _ in pieces):
            raise ValueError("a piece must not span words")
        self._known = {piece: (nth, score) for nth, (piece, score) in enumerate(pieces)}
        self._longest = max(len(piece) for piece, _ in pieces)
        self._unknown = min(score for _, score in pieces) - _WORSE_THAN_ANY
        self._word = lru_cache(_WORDS_REMEMBERED)(self._split)

    def numbers(self, text: str, *, most: int) -> list[int]:
        """Begin, the pieces of the text (as many as fit), end."""
        found = [BEGIN]
        plain = unicodedata.normalize("NFKC", text.translate(_INVISIBLE))
        for word in plain.split():
            found += self._word(SPACE + word[:_LONGEST_WORD])
            if len(found) >= most:
                break
        return [*(found if len(found) > 1 else [BEGIN, UNKNOWN])[: most - 1], END]

    def _split(self, word: str) -> tuple[int, ...]:
        """Viterbi: the best way to every place, from left to right."""
        size = len(word)
        best = [0.0] + [-float("inf")] * size
        came = [(0, UNKNOWN)] * (size + 1)
        for start in range(size):
            unknown = (UNKNOWN, self._unknown)
            for end in range(start + 1, min(size, start + self._longest) + 1):
                piece = self._known.get(word[start:end], unknown if end == start + 1 else None)
                if piece is not None and best[start] + piece[1] > best[end]:
                    best[end] = best[start] + piece[1]
                    came[end] = (start, piece[0])
        numbers = []
        place = size
        while place > 0:
            place, number = came[place]
            numbers.append(number)
        return tuple(reversed(numbers))


def read_pieces(content: bytes) -> Pieces:
    """The pieces of a SentencePiece model file, which is a protocol buffer.

    Raises
    ------
    ValueError
        If the bytes are no such file.
    """
    found = []
    for field, value in _fields(content):
        if field == 1 and isinstance(value, bytes):
            parts = dict(_fields(value))
            text, score = parts.get(1), parts.get(2, b"\0\0\0\0")
            if isinstance(text, bytes) and isinstance(score, bytes) and len(score) == 4:
                found.append((text.decode("utf-8"), struct.unpack("<f", score)[0]))
    if not found:
        raise ValueError("this is no SentencePiece model")
    return Pieces(found)


def _fields(content: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Number and value of every field of a message."""
    at = 0
    while at < len(content):
        key, at = _varint(content, at)
        kind = key & 7
        if kind == 0:
            value, at = _varint(content, at)
            yield key >> 3, value
            continue
        size = {1: 8, 5: 4}.get(kind, -1)
        if kind == 2:
            size, at = _varint(content, at)
        if size < 0 or at + size > len(content):
            raise ValueError("this is no protocol buffer")
        yield key >> 3, content[at : at + size]
        at += size


def _varint(content: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 64, 7):
        if at >= len(content):
            break
        byte = content[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise ValueError("this is no protocol buffer")
