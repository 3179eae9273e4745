"""How a label is written on screens: `card_arrival` reads "Card arrival".

Files, the API and the log keep the name as it came; a tooltip shows it beside the written one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TypeVar

from app.db.tables.datasets import Label

_Key = TypeVar("_Key")

_JOINED = re.compile(r"\w*_[\w?!'’&()+,-]*")  # one word to a program: no blanks, path, address
_LETTER = re.compile(r"[^\W\d_]")
_PREFIX = "__label__"  # of files for fastText


def display_name(name: str) -> str:
    """Words joined by underscores, apart and with a capital; any other name as it came."""
    words = [word for word in name.removeprefix(_PREFIX).split("_") if word]
    if len(words) < 2 and not (words and name.startswith(_PREFIX)):
        return name
    if not _JOINED.fullmatch(name) or not any(map(_LETTER.search, words)):
        return name
    first = words[0]
    return " ".join([first[0].title() + first[1:], *words[1:]])


def display_names(names: Mapping[_Key, str]) -> dict[_Key, str]:
    """Each by what screens call it; two that would read the same keep the names they came with."""
    shown = {name: display_name(name) for name in set(names.values())}
    alike = Counter(words.casefold() for words in shown.values())
    return {
        key: shown[name] if alike[shown[name].casefold()] == 1 else name
        for key, name in names.items()
    }


class LabelName(str):
    """What screens call a label; `came` is the name it came with."""

    __slots__ = ("came",)
    came: str

    def __new__(cls, shown: str, came: str) -> LabelName:
        made = super().__new__(cls, shown)
        made.came = came
        return made


def shown_names(labels: Iterable[Label]) -> dict[int, str]:
    """Labels by id as screens call them, with their own names for the tooltips."""
    every = list(labels)
    chosen = {label.id: label.display for label in every if label.display}
    plain = display_names({one.id: one.name for one in every if one.id not in chosen})
    taken = {display.casefold() for display in chosen.values()}
    return {
        one.id: LabelName(
            chosen.get(one.id)
            or (one.name if plain[one.id].casefold() in taken else plain[one.id]),
            one.name,
        )
        for one in every
    }


def name_on_screen(name: str | Label) -> LabelName:
    """One that stands alone: a label, or a name as it came or as `shown_names` gives it."""
    if isinstance(name, Label):
        return LabelName(name.display or display_name(name.name), name.name)
    return name if isinstance(name, LabelName) else LabelName(display_name(name), name)
