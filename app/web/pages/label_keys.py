"""Which labels all stand in a list, in what order, and the key of each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from app.db.tables.datasets import Label

LISTED = 12  # up to so many labels all stand there
PLACES = "1234567890"
SPARE = "qwrtyubdhjpv"  # for a place past the digits, or whose digit is the name of another label


def in_fixed_order(names: Mapping[int, str]) -> list[int]:
    """Schema order; numbers, where all names are numbers, from the smallest."""
    numbers = {one: number for one, name in names.items() if (number := _number(name)) is not None}
    if len(numbers) < len(names):
        return list(names)
    return sorted(names, key=lambda one: numbers[one])


def _number(name: str) -> float | None:
    try:
        return float(name) if len(name) < 20 and not name[-1:].isalpha() else None
    except ValueError:
        return None


def label_keys(
    names: Mapping[int, str], *, acting: Collection[str], own: Mapping[int, str] | None = None
) -> dict[int, str]:
    """The key of each label in its order where all are listed; nothing where they are too many.

    A label whose name is one digit or letter has that key, wherever it stands, unless an action
    has it: `acting` says which those are. `own` are keys that were given to labels.
    """
    if len(names) > LISTED:
        return {}
    order = in_fixed_order(names)
    named: dict[int, str] = {}
    for one in order:
        wanted = ((own or {}).get(one) or names[one]).lower()
        single = len(wanted) == 1 and wanted.isascii() and wanted.isalnum()
        if single and wanted not in acting and wanted not in named.values():
            named[one] = wanted
    taken = {*acting, *named.values()}
    spare = (key for key in SPARE if key not in taken)
    keys = {}
    for place, one in enumerate(order):
        digit = PLACES[place] if place < len(PLACES) else ""
        keys[one] = named.get(one) or (digit if digit and digit not in taken else next(spare, ""))
    return keys


def keys_given(labels: Sequence[Label]) -> dict[int, str]:
    return {label.id: label.key for label in labels if label.key}
