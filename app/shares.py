"""A share, as people read it."""

from __future__ import annotations


def percent(share: float) -> str:
    """One digit after the point where it says something; a small share is never shown as none."""
    if 0 < share < 0.0005:
        return "under 0.1%"
    if 0.9995 <= share < 1:
        return "over 99.9%"
    words = f"{100 * share:,.1f}" if abs(share) < 1e13 else f"{100 * share:.3g}"
    return f"{words.removesuffix('.0')}%"


def whole_percent(probability: float) -> str:
    """What a model gives a label, in whole per cents; never 0 or 100 for what is only close."""
    if 0 < probability < 0.01:
        return "under 1%"
    return "over 99%" if 0.99 < probability < 1 else f"{round(probability * 100)}%"
