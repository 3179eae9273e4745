"""Which labels get confused, and which source brought in wrong ones, as charts."""

from __future__ import annotations

from collections.abc import Sequence

from app.audit.study.report import OfOrigin, OfSource, Pair
from app.datasets.roles import ORIGIN
from app.web.charts.bars import Bar, Bars
from app.web.charts.heatmap import Cell, Heatmap
from app.web.charts.numbers import Axis, Unit


def _pair_url(here: str, pair: Pair) -> str:
    return f"{here}/examples?given={pair.given}&suggested={pair.right}"


def pairs_chart(here: str, names: dict[int, str], pairs: Sequence[Pair]) -> Heatmap:
    """Found so far, and those expected to be left, rounded, in one number a pair."""
    ids = list(names)
    place = {label: nth for nth, label in enumerate(ids)}
    cells = tuple(
        Cell(place[pair.given], place[pair.right], count, _pair_url(here, pair))
        for pair in pairs
        if pair.given in place and pair.right in place and (count := pair.found + round(pair.left))
    )
    return Heatmap(
        "Which labels get confused",
        "given label",
        "right label",
        "examples, found and expected",
        tuple(names.values()),
        cells,
    )


def sources_chart(here: str, sources: dict[int, str], rows: Sequence[OfSource]) -> Bars:
    ordered = sorted(rows, key=lambda one: -one.wrong / max(1, one.checks))
    bars = tuple(
        _bar(
            one,
            sources.get(one.source, "unknown") if one.named else "A source with few checks",
            _source_note(one),
            f"{here}/examples?source={one.source}",
        )
        for one in ordered
    )
    return Bars("Wrong labels by source", "Source", Axis("wrong", Unit.SHARE), bars)


def _source_note(one: OfSource) -> str:
    words = _checks_note(one)
    return f"{words}; brought in {one.part} of the errors" if one.named else words


def origin_charts(rows: Sequence[OfOrigin]) -> list[tuple[str, Bars]]:
    """One chart a role, with its words; what differs most stands first."""
    return [
        (role.words, _origin_chart(role.words, mine))
        for role in ORIGIN
        if (mine := [one for one in rows if one.role == role.name])
    ]


def _origin_chart(words: str, rows: Sequence[OfOrigin]) -> Bars:
    ordered = sorted(rows, key=lambda one: (not one.named, -one.wrong / max(1, one.checks)))
    bars = tuple(_bar(one, one.value, _checks_note(one)) for one in ordered)
    return Bars(f"Wrong labels by {words.lower()}", words, Axis("wrong", Unit.SHARE), bars)


def _bar(one: OfSource | OfOrigin, name: str, note: str, url: str = "") -> Bar:
    """Nothing but the note where too few checks tell."""
    if not one.named:
        return Bar(name, None, note=note)
    return Bar(name, one.wrong / one.checks, one.low, one.high, url, note)


def _checks_note(one: OfSource | OfOrigin) -> str:
    if not one.named:
        return f"{one.checks:,} random checks: too few to tell"
    words = f"{one.wrong:,} of {one.checks:,} random checks"
    return f"{words}; differs from the others" if one.differs else words
