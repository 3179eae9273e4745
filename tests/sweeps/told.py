"""What a sweep found, one finding a line."""

from __future__ import annotations

from collections.abc import Iterable


def told(found: Iterable[object]) -> str:
    return "\n" + "\n".join(str(one) for one in found)
