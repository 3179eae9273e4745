"""Labels as the file writes them: which are the same, which are doubtful, which are none."""

from __future__ import annotations

import difflib
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from app.datasets.findings import BadRow, Findings, Stop, excerpt_of
from app.datasets.guessing import GivenUp, GuessFails, too_many
from app.datasets.names import flaw_of_label

MOST_LABELS = 10_000
_FEW = 5
_SAME = [("merge", "They are the same label"), ("keep", "Keep them apart")]
_TRUE = {"true": True, "yes": True, "false": False, "no": False}
_NUMBERS = {"1": True, "0": False, "1.0": True, "0.0": False}
_LOOKALIKES = str.maketrans(
    "асеорхуіјѕһԁԛԝАВЕКМНОРСТХУІЈЅ" + "αορνικΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "aceopxyijshdqwABEKMHOPCTXYIJS" + "aopvikABEZHIKMNOPTYX",
)


@dataclass
class KnownLabel:
    """A label of the project or of the label list."""

    name: str
    code: str = ""
    synonyms: tuple[str, ...] = ()


@dataclass
class LabelCheck:
    """Counts labels row by row; `finish` says what each written form stands for."""

    column: str
    findings: Findings
    known: list[KnownLabel]
    closed: bool  # a list was given: what is not on it is left out
    guessed: bool = False  # nobody chose the column
    counts: Counter[str] = field(default_factory=Counter)
    unlabeled: int = 0
    written: dict[str, str] = field(default_factory=dict)  # 3.0 or ["a"] -> the label taken of it
    _answers: dict[str, str | None] = field(default_factory=dict)
    _by_form: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for label in self.known:
            for form in (label.name, label.code):
                if form:
                    self._by_form.setdefault(unicodedata.normalize("NFC", form), label.name)

    def take(self, raw: str | None, row: int) -> str | None:
        """Count one written label; None for an example without one."""
        raw = self.checked(raw, row)
        if raw is None:
            self.unlabeled += 1
            self.findings.warn("W301")
            return None
        if raw not in self.counts:
            if len(self.counts) >= MOST_LABELS and self.guessed:
                why = f"more than {MOST_LABELS:,} different values"
                raise GuessFails(GivenUp("label", self.column, why))
            if len(self.counts) >= MOST_LABELS:
                raise Stop("E305", column=self.column, most=MOST_LABELS)
        self.counts[raw] += 1
        return raw

    def checked(self, raw: str | None, row: int) -> str | None:
        """A written label that a row may have, None for none; else the row is a bad one."""
        if raw is None or raw == "":
            if self.findings.choices.get("E301") == "unlabeled":
                return None
            raise BadRow("E301", column=self.column, row=row)
        if raw not in self.counts:
            self._check_form(raw, row)
        if self.closed and self.meaning(raw) is None:
            raise BadRow(
                "E302",
                column=self.column,
                row=row,
                excerpt=excerpt_of(raw),
                nearest=self._near(raw),
            )
        return raw

    def _check_form(self, raw: str, row: int) -> None:
        flaw = flaw_of_label(raw)
        if flaw:
            raise BadRow("E309", column=self.column, row=row, found=flaw, excerpt=excerpt_of(raw))

    def meaning(self, raw: str) -> str | None:
        """The label a written form stands for: of the list, or itself in composed form."""
        if raw not in self._answers:
            self._answers[raw] = self._meaning(raw)
        return self._answers[raw]

    def _meaning(self, raw: str) -> str | None:
        choices = self.findings.choices
        form = unicodedata.normalize("NFC", raw)
        if choices.get("W303") == "merge":
            form = form.strip()
        if form in self._by_form:
            return self._by_form[form]
        if choices.get("W304") == "merge":
            for known, name in self._by_form.items():
                if known.casefold() == form.casefold():
                    return name
        return None if self.closed else form

    def _near(self, raw: str) -> str:
        names = [label.name for label in self.known]
        near = difflib.get_close_matches(raw, names, n=1, cutoff=0.5)
        return f"; the nearest is {excerpt_of(near[0])}" if near else ""

    def finish(self, rows: int) -> dict[str, str]:
        """What each written form stands for, after the questions that were answered."""
        self._several_in_one()
        stands_for = {raw: self.meaning(raw) or raw for raw in self.counts}
        self._composed()
        self._spaces()
        stands_for = self._case(stands_for)
        stands_for = self._truths(stands_for)
        self._too_many(len(set(stands_for.values())), rows)
        self._lookalikes(set(stands_for.values()))
        return stands_for

    def spelled(self, stands_for: dict[str, str]) -> dict[str, str]:
        """The same for every form the file itself has."""
        more = {cell: stands_for[raw] for cell, raw in self.written.items()}
        return {**more, **stands_for}

    def _several_in_one(self) -> None:
        parts: dict[str, list[str]] = {}
        seen: Counter[str] = Counter()
        for raw in self.counts:
            split = [part.strip() for part in raw.split("|")]
            if len(split) > 1 and all(split):
                parts[raw] = split
                seen.update(split)
        joined = [
            raw
            for raw, split in parts.items()
            if all(part in self.counts or seen[part] > 1 for part in split)
        ]
        if joined:
            raise Stop("W308", column=self.column, excerpt=_some(joined))

    def _composed(self) -> None:
        changed = [raw for raw in self.counts if unicodedata.normalize("NFC", raw) != raw]
        if changed:
            count = sum(self.counts[raw] for raw in changed)
            self.findings.warn("W305", count, excerpt=_some(changed))

    def _spaces(self) -> None:
        spaced = [raw for raw in self.counts if raw != raw.strip()]
        if spaced:
            count = sum(self.counts[raw] for raw in spaced)
            self.findings.ask("W303", _SAME, count=count, excerpt=_some(map(_quoted, spaced)))

    def _case(self, stands_for: dict[str, str]) -> dict[str, str]:
        weights: Counter[str] = Counter()
        for raw, name in stands_for.items():
            weights[name] += self.counts[raw]
        for label in self.known:
            weights.setdefault(label.name, 0)
        groups: defaultdict[str, list[str]] = defaultdict(list)
        for name in weights:
            groups[name.casefold()].append(name)
        fixed = {label.name for label in self.known}
        several = [names for names in groups.values() if len(set(names) - fixed) and len(names) > 1]
        if not several:
            return stands_for
        count = sum(weights[name] for names in several for name in names)
        shown = _some(f"{name} ({weights[name]})" for names in several for name in names)
        if self.findings.ask("W304", _SAME, count=count, excerpt=shown) != "merge":
            return stands_for
        into = {
            name: max(names, key=lambda one: (one in fixed, weights[one]))
            for names in several
            for name in names
        }
        return {raw: into.get(name, name) for raw, name in stands_for.items()}

    def _truths(self, stands_for: dict[str, str]) -> dict[str, str]:
        names = list(dict.fromkeys(stands_for.values()))
        words = {name: _TRUE[name.lower()] for name in names if name.lower() in _TRUE}
        numbers = {name: _NUMBERS[name] for name in names if name in _NUMBERS}
        if not words or not numbers:
            return stands_for
        shown = _some([*words, *numbers])
        if self.findings.ask("W306", _SAME, excerpt=shown) != "merge":
            return stands_for
        spelled = {truth: name for name, truth in words.items()}
        into = {name: spelled.get(truth, str(truth)) for name, truth in numbers.items()}
        return {raw: into.get(name, name) for raw, name in stands_for.items()}

    def _too_many(self, distinct: int, rows: int) -> None:
        if too_many(distinct, rows, list(self.counts)):
            if self.guessed:
                why = f"{distinct:,} different values in {rows:,} rows"
                raise GuessFails(GivenUp("label", self.column, why))
            options = [("confirm", "These are labels")]
            self.findings.ask("W307", options, distinct=distinct, rows=rows)

    def _lookalikes(self, names: set[str]) -> None:
        plain: defaultdict[str, list[str]] = defaultdict(list)
        for name in sorted(names):
            plain[_skeleton(name)].append(name)
        odd = [group for group in plain.values() if len(group) > 1 and not _only_case(group)]
        odd += [[name] for name in sorted(names) if _hidden(name)]
        if odd:
            shown = _some(_points(name) for group in odd for name in group)
            self.findings.warn(
                "W331", len({name for group in odd for name in group}), excerpt=shown
            )


def _quoted(value: str) -> str:
    return f"“{value}”"


def _some(values: Iterable[str]) -> str:
    listed = [excerpt_of(value) for value in values]
    more = f" and {len(listed) - _FEW:,} more" if len(listed) > _FEW else ""
    return ", ".join(listed[:_FEW]) + more


def _hidden(name: str) -> str:
    if name.isascii() and name.isprintable():
        return ""
    return "".join(
        letter
        for letter in name
        if unicodedata.category(letter) == "Cf" or (letter.isspace() and letter != " ")
    )


def _skeleton(name: str) -> str:
    if name.isascii():
        return name
    hidden = _hidden(name)
    visible = "".join(letter for letter in name if letter not in hidden)
    spaced = "".join(" " if letter.isspace() else letter for letter in name)
    base = spaced if visible == name else visible
    return unicodedata.normalize("NFKC", base).translate(_LOOKALIKES)


def _only_case(group: list[str]) -> bool:
    return len({name.casefold() for name in group}) < len(group)


def _points(name: str) -> str:
    hidden = _hidden(name)
    odd = [letter for letter in name if not letter.isascii() or letter in hidden]
    return f"{name} ({' '.join(f'U+{ord(letter):04X}' for letter in odd[:_FEW])})" if odd else name


def counted(counts: Mapping[str, int], stands_for: Mapping[str, str]) -> dict[str, int]:
    """Final labels with their counts, in order of first appearance."""
    final: dict[str, int] = {}
    for raw, count in counts.items():
        final[stands_for[raw]] = final.get(stands_for[raw], 0) + count
    return final
