"""What the process that reads a file is asked: everything it may know, and nothing more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from app.datasets.mapping import ImportMapping, mapping_of
from app.datasets.returned import EarlierFile


@dataclass(frozen=True, slots=True)
class GivenFile:
    """A stored file by the name it came under."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class GivenArray:
    """An array to check; without a kind the file's own word counts."""

    kind: str
    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class KnownName:
    """A label of the project: its name, and what files may write instead."""

    name: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class ParseJob:
    """One job; without a file its arrays, or a model's predictions, are checked for the examples
    that `work` lists."""

    work: Path
    mapping: ImportMapping
    file: GivenFile | None = None
    media: Path | None = None
    label_list: GivenFile | None = None
    arrays: Sequence[GivenArray] = ()
    predictions: GivenFile | None = None
    known_labels: Sequence[KnownName] = ()
    import_id: int = 0
    prefix: str = field(default="row")
    earlier: Sequence[EarlierFile] = ()  # what the project has, the oldest first

    @property
    def _given(self) -> list[GivenFile | GivenArray | None]:
        return [self.file, self.label_list, self.predictions, *self.arrays]

    @property
    def readable(self) -> list[Path]:
        """The files that may be opened."""
        given = [one.path for one in self._given if one]
        return [*given, *([self.media] if self.media else [])]

    def as_json(self) -> bytes:
        told: dict[str, Any] = {"work": self.work, "mapping": self.mapping.as_json()}
        told |= {"file": self.file, "media": self.media, "label_list": self.label_list}
        told |= {"arrays": list(self.arrays), "known_labels": list(self.known_labels)}
        told |= {"import_id": self.import_id, "prefix": self.prefix}
        told |= {"earlier": list(self.earlier), "predictions": self.predictions}
        return orjson.dumps(told, default=str)


def job_of(sent: bytes) -> ParseJob:
    """Read a job back in the process that does it."""
    told = orjson.loads(sent)
    return ParseJob(
        work=Path(told["work"]),
        mapping=mapping_of(told["mapping"]),
        file=_file(told["file"]),
        media=Path(told["media"]) if told["media"] else None,
        label_list=_file(told["label_list"]),
        arrays=[GivenArray(one["kind"], Path(one["path"]), one["name"]) for one in told["arrays"]],
        predictions=_file(told["predictions"]),
        known_labels=[KnownName(one["name"], one["code"]) for one in told["known_labels"]],
        import_id=told["import_id"],
        prefix=told["prefix"],
        earlier=[EarlierFile(one["columns"], one["roles"]) for one in told["earlier"]],
    )


def _file(told: dict[str, str] | None) -> GivenFile | None:
    return GivenFile(Path(told["path"]), told["name"]) if told else None
