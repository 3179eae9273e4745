"""The form in which a lead answers or rules on one example: a row for each label that was named."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated

from pydantic import Field

from app.db.words import REASON_TEXT, Reason, Verdict
from app.errors import Invalid
from app.review.answers import Submission
from app.web.forms import FormInput
from app.web.payloads import LARGEST_ID

REASONS = tuple((reason.value, words) for reason, words in REASON_TEXT.items())


class AnswerForm(FormInput):
    """`answer` is the pressed button: confirm, label:7, label (of the list) or remove."""

    answer: str = Field(max_length=40)
    key: str = Field(min_length=1, max_length=64)
    label: Annotated[int, Field(ge=0, le=LARGEST_ID)] = 0
    reason: Reason | None = None
    note: str = Field(default="", max_length=5_000)


@dataclass(frozen=True, slots=True)
class Choice:
    """One label as a button; `by` says who named it."""

    value: str
    name: str
    by: str
    key: str


@dataclass(frozen=True, slots=True)
class Answering:
    """What the form needs."""

    choices: list[Choice]
    labels: list[tuple[str, str]]
    key: str = field(default_factory=lambda: secrets.token_hex(16))
    reasons: tuple[tuple[str, str], ...] = REASONS


def answering(
    names: Mapping[int, str],
    given: int | None,
    named: Sequence[tuple[int, str]],
    suggestions: Sequence[Sequence[float]],
) -> Answering:
    """The given label first, then what readers named, then what the model favors, nine at most."""
    said: dict[int, list[str]] = {given: ["given"]} if given is not None else {}
    for label, by in named:
        said.setdefault(label, []).append(by)
    for label_id, chance in suggestions:
        percent = f"model {round(chance * 100)}%"
        if label_id in said or len(said) < 4:
            said.setdefault(int(label_id), []).append(percent)
    choices = [
        Choice(
            "confirm" if label == given else f"label:{label}",
            names[label],
            ", ".join(by),
            str(place),
        )
        for place, (label, by) in enumerate(
            ((label, by) for label, by in said.items() if label in names), start=1
        )
    ]
    return Answering(choices[:9], [(str(label), name) for label, name in names.items()])


def submission(form: AnswerForm, example_id: int, given: int | None) -> Submission:
    """What the pressed button means; naming the given label confirms it."""
    word, _, chosen = form.answer.partition(":")
    plain = Submission(
        form.key, Verdict.CONFIRM, example_id=example_id, note=form.note.strip() or None
    )
    label = int(chosen) if chosen.isascii() and chosen.isdecimal() and len(chosen) < 19 else 0
    if word == "remove":
        return replace(plain, verdict=Verdict.REMOVE, reason=form.reason)
    if word == "label":
        wanted = label or form.label
        if not wanted:
            raise Invalid("No label is chosen.", next_step="Choose a label from the list.")
        if wanted == given:
            return plain
        return replace(plain, verdict=Verdict.RELABEL, label_id=wanted)
    if word == "confirm":
        return plain
    raise Invalid("This is not an answer.", next_step="Go back and press one of the buttons.")
