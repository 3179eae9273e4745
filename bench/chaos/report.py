"""What a run prints: a table, one line of JSON, and where a failing history is kept."""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.chaos.hunt import Hunted
from bench.chaos.run import Outcome

HEADS = (
    "level", "decisions", "deaths", "lost", "duplicated", "lease overlaps", "other violations",
    "seconds", "p50 ms", "p99 ms",
)  # fmt: skip


def deaths_of(outcome: Outcome) -> str:
    return ", ".join(f"{count} {name}" for name, count in outcome.deaths.items() if count)


def row(level: str, outcome: Outcome) -> dict[str, Any]:
    return {
        "level": level,
        "decisions": outcome.acknowledged,
        "deaths": deaths_of(outcome),
        **outcome.verdict.table(),
        "seconds": round(outcome.seconds, 1),
        "p50 ms": round(outcome.quantile(0.5), 1),
        "p99 ms": round(outcome.quantile(0.99), 1),
    }


def table(rows: list[dict[str, Any]]) -> str:
    cells = [list(HEADS), *[[str(one[name]) for name in HEADS] for one in rows]]
    widths = [max(len(line[place]) for line in cells) for place in range(len(HEADS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    )


def keep(level: str, outcome: Outcome) -> Path:
    """Keep a failing history where `--replay` finds it."""
    folder = Path(tempfile.mkdtemp(prefix="relabel-chaos-failed-"))
    path = folder / f"{level}-seed-{outcome.plan.seed}.json"
    kept = {"plan": asdict(outcome.plan), "history": outcome.history, "dump": outcome.dump}
    path.write_text(json.dumps(kept))
    return path


def hunted_line(one: Hunted) -> str:
    by = ", ".join(f"{name} {count}" for name, count in one.by.items()) or "nothing"
    said = "violations" if one.caught else "clean"
    return f"{one.name:<20} {said:<11} {by}  ({one.seconds:.1f} s, {one.tries} tries) {one.about}"
