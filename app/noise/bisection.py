"""Where a yes turns into a no, among whole numbers."""

from collections.abc import Callable


def last_where(holds: Callable[[int], bool], low: int, high: int) -> int:
    """The last number from `low` to `high` at which it holds.

    It holds up to some number and not beyond; `low` is taken as holding and not asked.
    """
    while low < high:
        middle = (low + high + 1) // 2
        if holds(middle):
            low = middle
        else:
            high = middle - 1
    return low


def first_where(holds: Callable[[int], bool], low: int, high: int) -> int:
    """The first number from `low` to `high` at which it holds.

    It holds from some number on; `high` is taken as holding and not asked.
    """
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return high
