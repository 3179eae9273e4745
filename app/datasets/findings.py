"""What is found while a file is read: rows left out, choices to make, reasons to stop."""

from __future__ import annotations

from collections import Counter
from typing import Any

from app.datasets.codes import CODES
from app.datasets.severity import Severity

FIRST_PROBLEMS = 20
EXCERPT = 80
Entry = dict[str, Any]


class Stop(Exception):
    """The file cannot be imported as it stands."""

    def __init__(self, code: str, **fields: Any) -> None:
        super().__init__(code)
        self.code = code
        self.fields = fields


class BadRow(Exception):
    """One row cannot be imported."""

    def __init__(self, code: str, **fields: Any) -> None:
        super().__init__(code)
        self.code = code
        self.fields = fields


def excerpt_of(value: str) -> str:
    """The beginning of a value, with what cannot be seen written out."""
    shown = value[:EXCERPT].encode("utf-8", "backslashreplace").decode()
    shown = "".join(letter if letter.isprintable() else f"\\u{ord(letter):04x}" for letter in shown)
    return shown + ("…" if len(value) > EXCERPT else "")


def thousands(value: Any) -> Any:
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else value


class _Blank(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"


def entry(code: str, **fields: Any) -> Entry:
    """One finding as it is stored and shown."""
    known = CODES[code]
    words = _Blank({name: thousands(value) for name, value in fields.items()})
    return {
        "code": code,
        "severity": fields.get("severity", known.severity).value,
        "row": fields.get("row"),
        "column": str(fields.get("column", ""))[:300],
        "excerpt": str(fields.get("excerpt", "")),
        "count": fields.get("count", 1),
        "message": known.sentence.format_map(words),
        "fix": known.fix.format_map(words),
    }


class Findings:
    """Collects what is found; the report is its end state."""

    def __init__(self, choices: dict[str, str]) -> None:
        self.choices = choices
        self.counts: Counter[str] = Counter()
        self.problems: list[Entry] = []
        self.stops: list[Entry] = []
        self.questions: list[Entry] = []
        self.noted: dict[str, dict[str, Any]] = {}

    def left_out(self, bad: BadRow, row: int) -> Entry:
        """Count a row that is left out and give its entry."""
        self.counts[bad.code] += 1
        made = entry(bad.code, severity=Severity.ROW, **({"row": row} | bad.fields))
        if len(self.problems) < FIRST_PROBLEMS:
            self.problems.append(made)
        return made

    def warn(self, code: str, count: int = 1, **fields: Any) -> None:
        """Count something that was changed or looks odd; the first fields are shown."""
        self.counts[code] += count
        self.noted.setdefault(code, fields)

    def stop(self, stop: Stop) -> None:
        self.counts[stop.code] += 1
        self.stops.append(entry(stop.code, severity=Severity.STOP, **stop.fields))

    def ask(self, code: str, options: list[tuple[str, str]], **fields: Any) -> str | None:
        """A question to the lead; gives the answer if the mapping holds one."""
        self.counts[code] += 1
        given = self.choices.get(code)
        answer = given if given in dict(options) else None
        made = entry(code, severity=Severity.CHOICE, **fields)
        made["options"] = [list(option) for option in options]
        made["answer"] = answer
        self.questions.append(made)
        return answer

    def report(self) -> dict[str, Any]:
        warnings = [
            entry(code, severity=Severity.WARNING, **({"count": self.counts[code]} | fields))
            for code, fields in self.noted.items()
        ]
        return {
            "counts": dict(self.counts),
            "problems": self.problems,
            "stops": self.stops,
            "questions": self.questions,
            "warnings": warnings,
        }
