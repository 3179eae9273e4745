"""What the examples of a list have in common, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from app.datatypes.hidden_characters import written_out
from app.db.words import Status
from app.insights.choices import Choices
from app.ranking.signal_names import SIGNAL_WORDS
from app.review.batches.filters import NO_LABEL, Filter

STATUS_WORDS = {
    Status.UNREVIEWED: "Not reviewed",
    Status.PENDING: "Pending",
    Status.DISAGREEMENT: "Disagreement",
    Status.CONFIRMED: "Confirmed",
    Status.RELABELED: "Relabeled",
    Status.REMOVED: "Removed",
    Status.ERASED: "Erased",
}
SERVED_WORDS = {
    "audit": "random checks so far",
    "open": "handed out and not decided",
    "no": "not handed out yet",
}
WITHOUT = "Without a label"


def filter_words(wanted: Filter, names: Choices) -> dict[str, str]:
    """Each filter that is on, as people say it, by its field."""
    return {name: _WORDS[name](str(getattr(wanted, name)), names) for name in wanted.named}


def _label(value: str, names: Choices) -> str:
    return names.labels.get(int(value), WITHOUT if value == str(NO_LABEL) else "unknown")


_WORDS: Mapping[str, Callable[[str, Choices], str]] = {
    "status": lambda value, _: STATUS_WORDS[Status(value)],
    "given": lambda value, names: f"given: {_label(value, names)}",
    "label": lambda value, names: f"final label: {_label(value, names)}",
    "suggested": lambda value, names: f"suggested: {_label(value, names)}",
    "quality": lambda value, _: f"quality < {value}",
    "difficulty": lambda value, _: f"difficulty > {value}",
    "text": lambda value, _: f"text: {written_out(value)}",
    "batch": lambda value, _: f"batch: {value}",
    "source": lambda value, names: f"source: {names.sources.get(int(value), 'unknown')}",
    "split": lambda value, _: f"split: {value}",
    "served": lambda value, _: SERVED_WORDS[value],
    "signal": lambda value, _: f"signal: {SIGNAL_WORDS[value]}",
}
"""By the field of the filter."""
