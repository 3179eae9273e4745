"""The form in which a lead answers or rules on one example: a row for each label that was named."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated

from pydantic import Field

from app.db.words import REASON_TEXT, Reason, Verdict
from app.errors import Invalid
from app.review.answering.answers import Submission
from app.shares import whole_percent
from app.web.forms import FormInput
from app.web.pages.label_keys import label_keys
from app.web.payloads import LARGEST_ID

MOST_ROWS = 9  # where not all labels stand there: digits choose them
FEW = 5  # rows, where nobody named more
WORTH = 0.02  # a suggestion below this is no help
ACTING = frozenset("alnotx")  # keys of the page's own buttons
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
    """One label as a button; `by` says who named it, `keys` press it, `cap` shows the first."""

    value: str
    name: str
    by: str
    keys: str

    @property
    def cap(self) -> str:
        return self.keys.split()[0].upper()


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
    """The rows and keys of the desk: up to twelve labels all stand there, in fixed order.

    With more, the given label comes first, then what readers named, then what the model favors.
    """
    said: dict[int, list[str]] = {given: ["given"]} if given is not None else {}
    for label, by in named:
        said.setdefault(label, []).append(by)
    chances = {int(label): chance for label, chance in suggestions}
    places = label_keys(names, acting=ACTING)
    likely = [label for label, chance in chances.items() if chance >= WORTH]
    listed = [label for label in dict.fromkeys([*said, *likely]) if label in names]
    order = list(places) or listed[: min(MOST_ROWS, max(FEW, len(said)))]
    choices = []
    for digit, label in enumerate(order, start=1 if places or given not in order else 0):
        who = [*said.get(label, [])]
        if label in chances:
            who.append(f"model {whole_percent(chances[label])}")
        place = places.get(label, str(digit or "a"))
        keys = f"{place} a" if digit and label == given else place
        value = "confirm" if label == given else f"label:{label}"
        choices.append(Choice(value, names[label], ", ".join(who), keys))
    return Answering(choices, [(str(label), name) for label, name in names.items()])


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
