"""A broken promise, and the operations of a history put together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bench.chaos.history import Line


@dataclass(frozen=True)
class Violation:
    invariant: str
    said: str


@dataclass
class Operation:
    """One try: what was asked, when, and what became of it."""

    op: int
    name: str
    asked: Line
    began: float
    ended: float = float("inf")
    phase: str = "info"
    reply: dict[str, Any] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return self.phase == "ok"


def operations(history: list[Line]) -> list[Operation]:
    """Tries in the order they were asked; one without an answer stays `info`."""
    found: dict[int, Operation] = {}
    for line in history:
        if line["phase"] == "invoke":
            found[line["op"]] = Operation(line["op"], line["name"], line, line["t"])
        elif line["phase"] != "fault":
            one = found[line["op"]]
            one.phase, one.reply, one.ended = line["phase"], line["reply"], line["t"]
    return list(found.values())
