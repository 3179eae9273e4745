"""Ways to go on that are offered where nothing waits for an answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import NamedTuple

from app.datasets.findings import Findings, Options, Stop, of_one

LEAVE_OUT = "leave_out"
_MEND = {"E102": "utf-8", "E111": "quoted"}  # the answer that changes nothing
_LEAVE = (LEAVE_OUT, "Leave them out")


class _Offer(NamedTuple):
    """What was done instead, where that was the answer; the question in words, and its options."""

    done: str
    words: str
    options: Options


OFFERS: Mapping[str, _Offer] = MappingProxyType(
    {
        "E301": _Offer(
            "W301",
            "{count:,} rows have an empty cell where a label is expected.",
            [_LEAVE, ("unlabeled", "Import as unlabeled")],
        ),
        "E115": _Offer(
            "W115", "{count:,} rows have no id.", [_LEAVE, ("generate", "Generate ids")]
        ),
    }
)


def offer_all(findings: Findings, columns: Collection[str], usual: Mapping[str, str]) -> None:
    """Rows that are left out unless the lead says otherwise.

    Ask about each kind that came up in the columns of id and label.

    `usual` is what is done where nobody answers.
    """
    for code, one in OFFERS.items():
        left = sum(findings.in_column[code, name] for name in columns)
        kept = findings.counts[one.done]
        if left or kept:
            counted = findings.counts[code]
            findings.ask(code if left else one.done, one.options, count=left + kept)
            asked = findings.questions[-1]
            asked["code"], chosen = code, findings.choices.get(code)
            told = chosen in dict(one.options)
            asked["answer"] = chosen if told else usual.get(code) or LEAVE_OUT
            asked["message"] = of_one(one.words.format(count=left + kept))
            findings.counts[code], findings.counts[one.done] = counted, kept
            findings.counts += Counter()  # drops what is zero


def offer_readings(findings: Findings, stop: Stop) -> None:
    """Let the lead say how to read on, with a look at what each way makes of the place."""
    if stop.code not in _MEND:
        return
    options = [(_MEND[stop.code], "Mend the file instead"), *stop.readings]
    findings.ask(stop.code, options, **stop.fields)
    findings.counts[stop.code] -= 1
