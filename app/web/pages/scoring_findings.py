"""What the ranking in use found, as the charts of the scoring page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.datatypes.hidden_characters import written_out
from app.datatypes.shown import PRIVATE, content_of, excerpt_of
from app.db.tables.datasets import Project
from app.db.words import Status
from app.insights.findings import Findings, MixedUp, Sample, findings, samples_of
from app.insights.signals import SignalsFound
from app.ranking.signal_names import SIGNAL_MEANINGS, SIGNAL_WORDS, Signal
from app.review.batches.filters import Filter
from app.shares import percent
from app.web.charts.bars import Bar, Bars
from app.web.charts.histogram import Bin, Histogram
from app.web.charts.numbers import Axis, Unit
from app.web.example_filters import address, parameters

PAIRS_SHOWN = 10
LONGEST = 72  # letters of an example beside its signal

EXAMPLES = Axis("examples")
QUALITY = Axis("label quality (chance of the given label)", Unit.PLAIN)


@dataclass(frozen=True, slots=True)
class SampleLink:
    url: str
    text: str
    picture: str
    given: str


@dataclass(frozen=True, slots=True)
class FindingsCard:
    """`otherwise` labels of `labels` that nobody had reviewed at `scored_at`."""

    run: int
    scored_at: datetime
    labels: int
    otherwise: int
    share: str
    all_url: str
    quality: Histogram
    pairs: Bars


@dataclass(frozen=True, slots=True)
class SignalsCard:
    """`samples`: some examples of each bar, in the order of the bars."""

    chart: Bars
    samples: list[list[SampleLink]]


def findings_cards(
    session: Session, project: Project, signals: SignalsFound
) -> tuple[FindingsCard | None, SignalsCard]:
    known = findings(session, project)
    samples = samples_of(session, project, known) if known else {}
    card = _card(known, project.slug) if known else None
    return card, _signals(signals, samples, project.slug)


def _card(known: Findings, slug: str) -> FindingsCard:
    return FindingsCard(
        run=known.run,
        scored_at=known.scored_at,
        labels=known.labels,
        otherwise=known.otherwise,
        share=percent(known.otherwise / known.labels) if known.labels else "",
        all_url=_list(slug, Filter(status=Status.UNREVIEWED, signal=Signal.CROSS_VALIDATION)),
        quality=_histogram(known),
        pairs=_pairs(known, slug),
    )


def _histogram(known: Findings) -> Histogram:
    return Histogram(
        "Label quality",
        QUALITY,
        EXAMPLES,
        tuple(Bin(*step) for step in known.qualities),
        others="The model reads the given label",
        apart="The model reads another label",
    )


def _pairs(known: Findings, slug: str) -> Bars:
    return Bars(
        "Pairs the model mixes up most",
        "Given label → the model’s",
        EXAMPLES,
        tuple(_pair(pair, slug) for pair in known.pairs),
        most=PAIRS_SHOWN,
        uncounted=known.pairs_in_all - len(known.pairs),
    )


def _pair(pair: MixedUp, slug: str) -> Bar:
    """Leads to the examples that were counted, as far as nobody has reviewed them since."""
    url = _list(
        slug,
        Filter(
            status=Status.UNREVIEWED,
            given=pair.given_id,
            suggested=pair.favoured_id,
            signal=Signal.CROSS_VALIDATION,
        ),
    )
    return Bar(f"{pair.given} → {pair.favoured}", pair.examples, url=url)


def _list(slug: str, wanted: Filter) -> str:
    return address(f"/p/{slug}/examples", parameters(wanted))


def _signals(signals: SignalsFound, samples: Mapping[str, list[Sample]], slug: str) -> SignalsCard:
    bars = tuple(_signal(name, signals, slug) for name in signals.fired)
    links = [[_sample(one, slug) for one in samples.get(name, [])] for name in signals.fired]
    return SignalsCard(Bars("Signals", "Signal", EXAMPLES, bars), links)


def _signal(name: str, signals: SignalsFound, slug: str) -> Bar:
    fired = signals.fired[name]
    note = SIGNAL_MEANINGS[name]
    if fired is None:
        note = f"Not applicable. {signals.absent.get(name, '')}".strip()
    url = _list(slug, Filter(signal=Signal(name))) if fired else ""
    return Bar(SIGNAL_WORDS[name], fired, url=url, note=note)


def _sample(sample: Sample, slug: str) -> SampleLink:
    url = f"/p/{slug}/examples/{sample.id}"
    excerpt = (
        PRIVATE if sample.private else excerpt_of(content_of(sample.id, sample.content), LONGEST)
    )
    text = excerpt.text or written_out(sample.key)
    return SampleLink(url, text, excerpt.picture, sample.given)
