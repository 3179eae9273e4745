"""How long work says where it is."""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called with (step, done, total) between pieces of work; it may raise to stop the work."""


def quiet(step: str, done: int, total: int) -> None:
    """Progress nobody listens to."""
