"""How serious a problem of an import is, and what is said about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    STOP = "stop"  # nothing of the file can be imported as it stands
    ROW = "row"  # this row is left out, the others are not touched
    CHOICE = "choice"  # the lead says which of two readings is meant
    WARNING = "warning"  # imported; something was changed or looks odd


@dataclass(frozen=True)
class Code:
    severity: Severity
    sentence: str
    fix: str
