"""Chats to tune a language model with: what the user says is the text, the answer its label."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from app.datasets.cell import Json
from app.datasets.rows import Values
from app.datasets.shapes.shape import Flat, Shape, inner
from app.datasets.strict_json import text_of

_TURNS = {"messages": ("role", "content"), "conversations": ("from", "value")}
_USER, _ANSWER = frozenset({"user", "human"}), frozenset({"assistant", "gpt", "model"})
TEXT, LABEL = "user", "assistant"
"""The columns they become."""


class Turn(NamedTuple):
    who: str
    said: str


def _turns(row: Values) -> list[Turn]:
    """What was said in turn; nothing where a row holds no chat of texts."""
    for column, (who, said) in _TURNS.items():
        turns = inner(row.get(column))
        if isinstance(turns, list):
            return _read(turns, who, said)
    return []


def _read(turns: Sequence[Json], who: str, said: str) -> list[Turn]:
    read: list[Turn] = []
    for turn in turns:
        spoken = turn.get(said) if isinstance(turn, dict) else None
        if not isinstance(turn, dict) or not isinstance(spoken, str):
            return []
        read.append(Turn(text_of(turn.get(who)) or "", spoken))
    return read


def _is_one(row: Values) -> bool:
    """Whether a chat is questions and one answer at its end."""
    turns = _turns(row)
    answers = [at for at, turn in enumerate(turns) if turn.who in _ANSWER]
    return answers == [len(turns) - 1] and any(turn.who in _USER for turn in turns)


def _recognises(sample: Sequence[Values]) -> bool:
    return all(_is_one(row) and row.keys().isdisjoint((TEXT, LABEL)) for row in sample)


def _flat(row: Values) -> Flat:
    turns = _turns(row)
    asked = [turn.said for turn in turns if turn.who in _USER]
    answers = [turn.said.strip() for turn in turns if turn.who in _ANSWER]
    return Flat({TEXT: "\n\n".join(asked) or None, LABEL: answers[-1] if answers else None}, [])


CHAT = Shape(
    name="chat",
    words="file of chats, each with one answer",
    unit="chats",
    recognises=_recognises,
    flat=_flat,
    roles=lambda row: {"text": TEXT, "label": LABEL},
    judges=False,
)
