"""What is found while a file is read: rows left out, choices to make, reasons to stop."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from app.datasets.codes import CODES
from app.datasets.report import Finding, Found, Question
from app.datasets.severity import Severity

FIRST_PROBLEMS = 20
EXCERPT = 80

_SINGULAR = {
    "are": "is",
    "belong": "belongs",
    "do": "does",
    "end": "ends",
    "give": "gives",
    "have": "has",
    "hold": "holds",
    "repeat": "repeats",
    "share": "shares",
    "stand": "stands",
    "their": "its",
    "were": "was",
    "write": "writes",
}
_VERB = re.compile(rf"\b(?:{'|'.join(_SINGULAR)})\b")
_THINGS = "annotation|cell|column|example|file|image|label|name|row|value"
_ONE = re.compile(rf"1 (?P<what>(?:CMYK )?(?:{_THINGS}))s(?P<clause> .*?)(?=[:;]|\.(?:\s|$))")

Told = str | int | None
Options = Sequence[tuple[str, str]]


class Stop(Exception):
    """The file cannot be imported as it stands; `readings` are ways to go on."""

    readings: Options = ()

    def __init__(self, code: str, **fields: Told) -> None:
        super().__init__(code)
        self.code = code
        self.fields = fields

    def offering(self, readings: Options) -> Stop:
        self.readings = readings
        return self


class BadRow(Exception):
    """One row cannot be imported."""

    def __init__(self, code: str, **fields: Told) -> None:
        super().__init__(code)
        self.code = code
        self.fields = fields


def excerpt_of(value: str) -> str:
    """The beginning of a value, with what cannot be seen written out."""
    shown = value[:EXCERPT].encode("utf-8", "backslashreplace").decode()
    shown = "".join(letter if letter.isprintable() else f"\\u{ord(letter):04x}" for letter in shown)
    return shown + ("…" if len(value) > EXCERPT else "")


def thousands(value: Told) -> str:
    plain = isinstance(value, int) and not isinstance(value, bool)
    return f"{value:,}" if plain else str(value)


class _Blank(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "?"


def of_one(sentence: str) -> str:
    """ "1 rows have" as it is said: the verbs of the first clause agree with what is counted."""
    found = _ONE.match(sentence)
    if found is None:
        return sentence
    clause = _VERB.sub(lambda verb: _SINGULAR[verb[0]], found["clause"])
    return f"1 {found['what']}{clause}{sentence[found.end() :]}"


def entry(code: str, severity: Severity | None = None, /, **fields: Told) -> Finding:
    """One finding as it is stored and shown."""
    known = CODES[code]
    words = _Blank({name: thousands(value) for name, value in fields.items()})
    row, count = fields.get("row"), fields.get("count", 1)
    return {
        "code": code,
        "severity": (severity or known.severity).value,
        "row": row if isinstance(row, int) else None,
        "column": str(fields.get("column", ""))[:300],
        "excerpt": str(fields.get("excerpt", "")),
        "count": count if isinstance(count, int) else 1,
        "message": of_one(known.sentence.format_map(words)),
        "fix": known.fix.format_map(words),
    }


class Findings:
    """Collects what is found; the report is its end state."""

    def __init__(self, choices: Mapping[str, str]) -> None:
        self.choices = choices
        self.counts: Counter[str] = Counter()
        self.in_column: Counter[tuple[str, str]] = Counter()  # rows left out, by code and column
        self.problems: list[Finding] = []
        self.stops: list[Finding] = []
        self.questions: list[Question] = []
        self.noted: dict[str, dict[str, Told]] = {}

    def forget(self) -> None:
        """Start anew: the file is read once more."""
        for found in (self.problems, self.stops, self.questions):
            found.clear()
        self.counts.clear()
        self.in_column.clear()
        self.noted.clear()

    def left_out(self, bad: BadRow, row: int) -> Finding:
        """Count a row that is left out and give its entry."""
        self.counts[bad.code] += 1
        self.in_column[bad.code, str(bad.fields.get("column"))] += 1
        finding = entry(bad.code, Severity.ROW, **({"row": row} | bad.fields))
        if len(self.problems) < FIRST_PROBLEMS:
            self.problems.append(finding)
        return finding

    def warn(self, code: str, count: int = 1, **fields: Told) -> None:
        """Count something that was changed or looks odd; the first fields are shown."""
        self.counts[code] += count
        self.noted.setdefault(code, fields)

    def say_first(self, code: str, **fields: Told) -> None:
        """What stands before everything else."""
        self.counts[code] = 1
        self.noted = {code: fields, **self.noted}

    def stop(self, stop: Stop) -> None:
        self.counts[stop.code] += 1
        self.stops.append(entry(stop.code, Severity.STOP, **stop.fields))

    def ask(self, code: str, options: Options, usual: str = "", /, **fields: Told) -> str | None:
        """A question to the lead; gives the answer if the mapping holds one.

        `usual` is the likelier answer, which is taken where nobody wants to be asked.
        """
        self.counts[code] += 1
        given = self.choices.get(code)
        answer = given if given in dict(options) else None
        finding = entry(code, Severity.CHOICE, **fields)
        listed = [list(option) for option in options]
        self.questions.append({**finding, "options": listed, "answer": answer, "usual": usual})
        return answer

    def offer(self, code: str, options: Options, message: str) -> None:
        """A question that nothing waits for: its first option is what is done already."""
        counted = self.counts[code]
        answer = self.ask(code, options) or options[0][0]
        self.counts[code] = counted
        self.questions[-1].update({"message": message, "answer": answer, "row": None})

    def report(self) -> Found:
        warnings = [
            entry(code, Severity.WARNING, **({"count": self.counts[code]} | fields))
            for code, fields in self.noted.items()
        ]
        return {
            "counts": dict(self.counts),
            "problems": self.problems,
            "stops": self.stops,
            "questions": self.questions,
            "warnings": warnings,
        }
