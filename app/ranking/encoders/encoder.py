"""A network trained elsewhere, as a record: what it is called, what it reads, which files it is."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from app.db.words import DataType


@dataclass(frozen=True, slots=True)
class EncoderFile:
    """A file of an installed package, by its path there."""

    path: str
    sha256: str
    n_bytes: int


@dataclass(frozen=True, slots=True)
class Encoder:
    """Frozen: it is never trained here, and reads no network. `runners` has what runs it."""

    name: str  # of its views
    words: str  # its own name, for people
    package: str  # what pip calls it
    version: str
    licence: str
    reads: DataType
    width: int
    milliseconds: float  # one example on one core, about
    gain: str  # what it brings, for who has not got it
    files: tuple[EncoderFile, ...]
    form: int = 1  # counted up whenever we make other vectors of the same files

    @property
    def n_bytes(self) -> int:
        return sum(one.n_bytes for one in self.files)

    @property
    def sha256(self) -> str:
        """Of all its files: vectors of another one are no use to it."""
        return hashlib.sha256("".join(one.sha256 for one in self.files).encode()).hexdigest()

    @property
    def kept_as(self) -> str:
        """The name of its vectors among what a run keeps."""
        return f"vectors_{self.name}_{self.form}_{self.sha256[:16]}"
