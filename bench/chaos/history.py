"""What the reviewers of a run asked and heard, line by line; the process that writes it lives."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Any

Line = dict[str, Any]


def sent(card: Mapping[str, Any]) -> list[Any]:
    """A card as the history keeps it: lease, example, whether it is blind, what it shows."""
    return [card["lease"], card["example"], card["mode"] == "blind", _beside(card)]


def _beside(card: Mapping[str, Any]) -> Line:
    """What stands beside the example, in ids and thousandths."""
    options = card.get("options") or []
    return {
        "given": card.get("given"),
        "options": [option[0] for option in options],
        "quality": _thousandths(card.get("quality")),
        "difficulty": _thousandths(card.get("difficulty")),
        "neighbours": [near["example"] for near in card.get("neighbours") or []],
    }


def _thousandths(value: float | None) -> int | None:
    return None if value is None else round(value * 1000)


class History:
    """Every operation twice: when it is asked, and when its fate is heard.

    `phase` is invoke, then one of ok, fail (refused: nothing may have happened) or info (nobody
    knows). `op` numbers the operation; `answer` is the same for every try of one answer.
    """

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self._turn = threading.Lock()
        self._ops = 0

    def invoke(self, reviewer: int, name: str, asked: Line, **more: Any) -> int:
        with self._turn:
            self._ops += 1
            number = self._ops
        self._add({"op": number, "phase": "invoke", "by": reviewer, "name": name, **asked, **more})
        return number

    def hear(self, op: int, phase: str, reply: Line) -> None:
        self._add({"op": op, "phase": phase, "reply": reply})

    def fault(self, name: str, **more: Any) -> None:
        self._add({"phase": "fault", "name": name, **more})

    def _add(self, line: Line) -> None:
        with self._turn:
            self.lines.append({"t": time.time(), **line})
