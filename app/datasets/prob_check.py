"""Are these probabilities, of these labels, from a model that had not seen the answers?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.arrays import ROW_SUM_TOLERANCE
from app.datasets.findings import Findings, Stop, Told, excerpt_of

Numbers = NDArray[np.float32]
_SHOWN = 5
_EXACT = 1e-5  # what float32 rounding alone does to a sum
_IN_SAMPLE = 0.995
_ENOUGH_ROWS = 20
_USE = [("use", "Use them"), ("leave_out", "Compute new ones")]
_SOFTMAX = [("softmax", "These are logits: apply softmax"), ("refuse", "Refuse them")]
_PERCENT = [("divide", "Divide by 100"), ("refuse", "Refuse them")]


def bad_rows(bad: NDArray[np.bool_], ids: Sequence[str] | None) -> str:
    """The first bad rows by id, or by number, counted from 1."""
    rows = np.flatnonzero(bad)[:_SHOWN]
    shown = [excerpt_of(ids[at]) if ids else f"row {at + 1:,}" for at in rows]
    more = int(bad.sum()) - len(rows)
    return ", ".join(shown) + (f" and {more:,} more" if more else "")


def check_finite(values: Numbers, kind: str, ids: Sequence[str] | None) -> None:
    bad = np.asarray(~np.isfinite(values).all(axis=1))
    if bad.any():
        raise Stop("E501", count=int(bad.sum()), kind=kind, excerpt=bad_rows(bad, ids))


def checked_probs(values: Numbers, ids: Sequence[str], findings: Findings) -> Numbers:
    """Rows in [0, 1] that sum to 1; anything else is refused, or changed as the lead chose."""
    sums = values.sum(axis=1, dtype=np.float64)
    outside = np.asarray(((values < 0) | (values > 1 + _EXACT)).any(axis=1))
    if outside.any():
        percent = bool((values >= 0).all() and (abs(sums - 100) < 1).all())
        if percent:
            if findings.choices.get("E504") != "divide":
                findings.ask("E504", _PERCENT, excerpt=bad_rows(outside, ids))
                raise Stop("E504", excerpt=bad_rows(outside, ids))
            values = np.asarray(values / 100, dtype=np.float32)
        elif findings.choices.get("E502") == "softmax":
            values = _softmax(values)
        else:
            raise _outside(values, sums, outside, ids, findings)
        sums = values.sum(axis=1, dtype=np.float64)
    off = abs(sums - 1)
    if (off > ROW_SUM_TOLERANCE).any():
        bad = off > ROW_SUM_TOLERANCE
        first = f"{bad_rows(bad, ids)} (the first sums to {sums[bad][0]:.3g})"
        raise Stop("E503", count=int(bad.sum()), excerpt=first)
    if (off > _EXACT).any():
        findings.warn("W503", int((off > _EXACT).sum()))
    return np.ascontiguousarray(np.clip(values, 0, 1) / sums[:, None], dtype=np.float32)


def _outside(
    values: Numbers,
    sums: NDArray[np.float64],
    outside: NDArray[np.bool_],
    ids: Sequence[str],
    findings: Findings,
) -> Stop:
    logits = bool((abs(sums - 1) > ROW_SUM_TOLERANCE).mean() > 0.9)
    hint = " They look like logits." if logits else ""
    fields: dict[str, Told] = {"count": int(outside.sum()), "hint": hint}
    fields["excerpt"] = bad_rows(outside, ids)
    if logits:
        findings.ask("E502", _SOFTMAX, **fields)
    return Stop("E502", **fields)


def _softmax(values: Numbers) -> Numbers:
    raised = np.exp(values - values.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), dtype=np.float32)


def check_agreement(
    values: Numbers, labels: list[str], given: Sequence[str | None], findings: Findings
) -> None:
    """Columns without names: their order must fit the labels better than chance, and best."""
    place = {name: at for at, name in enumerate(labels)}
    known = np.array([place.get(name, -1) if name is not None else -1 for name in given])
    rows = known >= 0
    shown = ", ".join(labels[:_SHOWN]) + (" …" if len(labels) > _SHOWN else "")
    if not rows.any():
        raise Stop("E507", excerpt=shown, found="none")
    best = values[rows].argmax(axis=1)
    agreed = float((best == known[rows]).mean())
    counts = np.zeros((len(labels), len(labels)), dtype=np.int64)
    np.add.at(counts, (known[rows], best), 1)
    from scipy.optimize import linear_sum_assignment

    matched = counts[linear_sum_assignment(-counts)].sum() / rows.sum()
    if len(labels) > 1 and (agreed <= 1 / len(labels) or matched > agreed + 0.1):
        raise Stop("E507", excerpt=shown, found=f"{agreed:.0%}")
    findings.warn("W507", excerpt=shown, found=f"{agreed:.0%}")


def in_sample(
    values: Numbers, names: list[str], given: Sequence[str | None], findings: Findings
) -> bool:
    """Whether the lead lets these go because they know the answers; asks when they seem to."""
    place = {name: at for at, name in enumerate(names)}
    known = np.array([place.get(name, -1) if name is not None else -1 for name in given])
    rows = known >= 0
    if len(names) < 2 or rows.sum() < _ENOUGH_ROWS:
        return False
    agreed = float((values[rows].argmax(axis=1) == known[rows]).mean())
    if agreed < _IN_SAMPLE:
        return False
    return findings.ask("W341", _USE, found=f"{agreed:.1%}") == "leave_out"
