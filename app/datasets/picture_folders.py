"""What the folders around pictures say: a split, a label, or a question which of them it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from app.datasets.findings import Findings, excerpt_of

LEVEL, READ_AS = "W230", "W231"
LAST, NONE = "last", "none"
_SPLITS = frozenset(
    (
        *("train", "training", "trainset", "train_set", "val", "valid", "validation", "dev"),
        *("test", "testing", "testset", "test_set", "eval", "evaluation", "holdout"),
    )
)
_MOST_LEVELS = 8
_FEW = 4

Folders = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """Which folder is the label and which the split, counted from the top; `last` from the file."""

    label: str = NONE
    split: int | None = None

    def label_of(self, name: str) -> str | None:
        folders = _folders(name)
        if self.label == LAST:
            return folders[-1] if folders else None
        at = int(self.label) - 1
        return folders[at] if at < len(folders) else None

    def split_of(self, name: str) -> str | None:
        folders = _folders(name)
        return folders[self.split] if self.split is not None else None


def layout_of(names: Sequence[str], findings: Findings) -> Layout:
    """Read the folders where they leave one meaning; else ask, and show what each would give."""
    every = [_folders(name) for name in names]
    deepest = max(map(len, every), default=0)
    split = next((at for at in range(deepest) if _is_split(every, at)), None)
    telling = [at for at in range(deepest) if at != split and len(_counts(every, at)) > 1]
    even = len({len(folders) for folders in every}) == 1
    guess = str(telling[0] + 1) if telling else NONE
    if even and len(telling) < 2:
        if deepest and not (deepest == 1 and telling):  # else it is what folders are for
            guess = _said(every, findings, guess, split)
        return Layout(guess, split)
    options = _options(every, deepest)
    answer = findings.ask(LEVEL, options, excerpt=_example(names))
    return Layout(answer or guess, split)


def _said(every: Sequence[Folders], findings: Findings, guess: str, split: int | None) -> str:
    """Say how the folders were read; it can be answered, and nothing waits for it."""
    label = "none" if guess == NONE else _values(_counts(every, int(guess) - 1))
    parts = "none" if split is None else _values(_counts(every, split))
    options = _options(every, len(every[0]))
    answer = findings.ask(READ_AS, options, label=label, split=parts)
    findings.questions[-1]["answer"] = answer or guess
    return answer or guess


def _options(every: Sequence[Folders], deepest: int) -> list[tuple[str, str]]:
    """Each folder by its number, with the labels it would give."""
    options = [
        (str(at + 1), f"Folder {at + 1}: {_values(_counts(every, at))}")
        for at in range(min(deepest, _MOST_LEVELS))
    ]
    if len({len(folders) for folders in every}) > 1:
        last = Counter(folders[-1] for folders in every if folders)
        options.append((LAST, f"The last folder: {_values(last)}"))
    return [*options, (NONE, "No folder: there are no labels")]


def _is_split(every: Sequence[Folders], at: int) -> bool:
    """Whether every picture has a folder there, and each is a name of a split."""
    return all(len(folders) > at and folders[at].casefold() in _SPLITS for folders in every)


def _counts(every: Sequence[Folders], at: int) -> Counter[str]:
    return Counter(folders[at] for folders in every if len(folders) > at)


def _values(counts: Counter[str]) -> str:
    shown = [f"{excerpt_of(name)} ({count:,})" for name, count in counts.most_common(_FEW)]
    more = len(counts) - len(shown)
    return ", ".join(shown) + (f" and {more:,} more" if more > 0 else "")


def _example(names: Sequence[str]) -> str:
    """The first of the deepest names, which shows every folder there can be."""
    return excerpt_of(max(names, key=lambda name: name.count("/")))


def _folders(name: str) -> Folders:
    return tuple(name.split("/")[:-1])
