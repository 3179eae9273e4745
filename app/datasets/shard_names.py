"""The names in a folder of shards: which files hold rows, of which split and of which dataset."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

STATE, INFO, SPLITS = "state.json", "dataset_info.json", "dataset_dict.json"
_ENDINGS = (".arrow", ".parquet", ".pq")
_OF = re.compile(r"(?:(.*?)[-_.])?\d{3,}-of-\d{3,}(?:-[0-9a-f]{8,})?")  # train-00000-of-00002-…
_WORDS = ("train", "training", "validation", "valid", "val", "dev", "test", "testing", "eval")
_WORD = re.compile(rf"(?:.*[^a-z])?({'|'.join(_WORDS)})(?:[^a-z].*)?")
_BESIDE = (".md", ".txt", ".json", ".py", ".yaml", ".yml", ".lock", "license", "licence")
_PLAIN_FOLDERS = ("", "data")


class Named(NamedTuple):
    """A file that holds rows: its split, if a name says one, and the dataset it is of."""

    name: str
    split: str
    dataset: str


def is_shard(name: str) -> bool:
    return name.lower().endswith(_ENDINGS)


def are_shards(names: Sequence[str]) -> bool:
    """Whether files of these names are one dataset in pieces: Arrow, or Parquet and little else."""
    if any(name.endswith(".arrow") for name in names):
        return True
    parquet = [name for name in names if is_shard(name)]
    others = [name for name in names if name not in parquet]
    if not all(name.lower().endswith(_BESIDE) for name in others):
        return False
    return len(parquet) > 1 or any(split_of(name) for name in parquet)


def named_shards(names: Iterable[str]) -> list[Named]:
    """Those that hold rows, in the order of their names; a saved folder's own files go first."""
    rows = [name for name in names if is_shard(name)]
    arrow = [name for name in rows if name.endswith(".arrow")]
    return [Named(name, split_of(name), dataset_of(name)) for name in sorted(arrow or rows)]


def split_of(name: str) -> str:
    """The split that a file's own name says, or its folder's: test-00000-of-00001, dev.parquet."""
    *folders, file = name.split("/")
    stem = file.rpartition(".")[0].lower()
    shard = _OF.fullmatch(stem)
    said = (shard[1] or "") if shard else stem
    word = _WORD.fullmatch(said)
    if word:
        return word[1]
    if shard and said and said != "data":
        return said
    folder = folders[-1].lower() if folders else ""
    return folder if folder in _WORDS else ""


def dataset_of(name: str) -> str:
    """The folder that a dataset of several has for itself; folders of splits are none."""
    folders = name.split("/")[:-1]
    while folders and (folders[-1].lower() in _WORDS or folders[-1] in _PLAIN_FOLDERS):
        folders.pop()
    return "/".join(folders)
