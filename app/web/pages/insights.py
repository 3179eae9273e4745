"""What kind of noise it is, which groups hold it, and which source brought it in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from pydantic import Field
from sqlalchemy.orm import Session

from app.actions.probing import probe_groups
from app.actions.source_checks import check_source
from app.actions.studying import make_of_group, make_of_slice, study_again
from app.audit.acceptance import source_checks
from app.audit.study.asking import Kept, last_study, study_job
from app.audit.study.probes import Probed
from app.audit.study.report import Group, Report
from app.datasets.display_names import shown_names
from app.datasets.labels import labels_of
from app.datasets.sources import source_names
from app.db.tables.datasets import Project
from app.db.words import Role
from app.insights.annotators import Annotators, annotators
from app.insights.checks import Check, last_check
from app.insights.noise_words import Told, group_words, is_sure, told
from app.insights.probes import NOTHING, STATE_WORDS, Probing, probing
from app.noise.probe import ProbeState
from app.review.batches.each import EACH_LABEL, EACH_SOURCE
from app.web.charts.bars import Bars
from app.web.charts.heatmap import Heatmap
from app.web.forms import FormInput
from app.web.notices import done
from app.web.pages.accepting import NO_SOURCES, Accepting, accepting
from app.web.pages.moved_card import MovedCard, moved_card
from app.web.pages.noise_card import labels_left
from app.web.pages.noise_charts import origin_charts, pairs_chart, sources_chart
from app.web.payloads import LARGEST_ID, PathId
from app.web.render import render
from app.web.who import Acting, Looking, at_page

router = APIRouter()

TABS = (
    ("Noise", "noise"),
    ("Slices", "slices"),
    ("Sources", "sources"),
    ("Duplicates", "duplicates"),
    ("Bulk fixes", "bulk"),
)


def insights_tabs(here: str, tab: str) -> list[tuple[str, str, bool]]:
    return [(word, f"{here}/insights/{name}", name == tab) for word, name in TABS]


@dataclass(frozen=True, slots=True)
class GroupRow:
    """`place` is its own in the list of the study; `batch` is the button that makes one of it, ""
    where nothing is left to review or it was probed; `fresh` what the probe says."""

    place: int
    words: str
    seen: str
    fresh: str
    chip: str
    tone: str
    undecided: int
    batch: str


@dataclass(frozen=True, slots=True)
class SliceRow:
    """A group that fresh examples confirmed."""

    probe: int
    words: str
    fresh: str
    batch: str


@dataclass(frozen=True, slots=True)
class NoisePage:
    """`report` is none while nothing was looked at, or too little was decided."""

    project: Project
    tab: str
    kept: Kept | None
    looking: bool
    names: dict[int, str]
    sources: dict[int, str]
    probing: Probing = NOTHING
    accepting: Accepting = NO_SOURCES
    annotators: Annotators | None = None
    check: Check | None = None  # the last spot check, or on Sources the last source check

    @property
    def here(self) -> str:
        return f"/p/{self.project.slug}"

    @property
    def tabs(self) -> list[tuple[str, str, bool]]:
        return insights_tabs(self.here, self.tab)

    @property
    def report(self) -> Report | None:
        return self.kept.report if self.kept is not None else None

    @property
    def told(self) -> Told | None:
        return told(self.report) if self.report is not None else None

    @property
    def moved(self) -> MovedCard:
        return moved_card(self.report.movement if self.report is not None else None)

    @property
    def confused(self) -> Heatmap:
        return pairs_chart(self.here, self.names, self.report.pairs if self.report else [])

    @property
    def by_label(self) -> Bars:
        assert self.report is not None, "asked for where there is one"
        return labels_left(self.report, self.names, self.here, most=len(self.names))

    @property
    def groups(self) -> list[GroupRow]:
        """Those of the study that are no slices."""
        listed = enumerate(self.report.groups if self.report else [], start=1)
        rows = [_group_row(place, group, self.probing) for place, group in listed]
        slices = {one.probed.words for one in self.probing.slices}
        return [row for row in rows if row.words not in slices]

    @property
    def slices(self) -> list[SliceRow]:
        return [
            SliceRow(
                one.probed.row.id,
                one.probed.words,
                self.probing.fresh_words(one.probed),
                f"Review {len(one.left):,}" if one.left else "",
            )
            for one in self.probing.slices
        ]

    @property
    def by_source(self) -> Bars:
        return sources_chart(self.here, self.sources, self.report.sources if self.report else [])

    @property
    def by_origin(self) -> list[tuple[str, Bars]]:
        """By type of source, batch, guideline version, date and model version."""
        return origin_charts(self.report.origins if self.report else [])

    def name(self, label: int) -> str:
        return self.names.get(label, "a retired label")


TONES = {ProbeState.ASKING: "warn", ProbeState.CONFIRMED: "remove"}


def _group_row(place: int, group: Group, at: Probing) -> GroupRow:
    probed = at.last.get(group.words)
    chip, tone = _chip(group, probed)
    return GroupRow(
        place,
        group.words,
        group_words(group),
        at.fresh_words(probed) if probed is not None else "",
        chip,
        tone,
        group.undecided,
        f"Review {len(group.to_review):,}" if group.to_review and probed is None else "",
    )


def _chip(group: Group, probed: Probed | None) -> tuple[str, str]:
    """What fresh examples say; without any, whether chance would bring as much."""
    if probed is not None:
        return STATE_WORDS[probed.state], TONES.get(probed.state, "")
    return ("More than chance", "remove") if is_sure(group) else ("May be chance", "")


def _page(session: Session, project: Project, tab: str) -> NoisePage:
    return NoisePage(
        project,
        tab,
        last_study(session, project),
        study_job(session, project.id) is not None,
        shown_names(labels_of(session, project.id)),
        source_names(session, project.id),
    )


@router.get("/p/{slug}/insights/noise")
def noise(request: Request, slug: str, caller: Looking) -> Response:
    here = at_page(request, caller.session, slug, Role.LEAD)
    page = _page(caller.session, here.project, "noise")
    spot = last_check(caller.session, here.project.id, EACH_LABEL, page.names)
    page = replace(page, check=spot)
    return render(request, "insights/noise.html", page, at=here)


@router.get("/p/{slug}/insights/slices")
def slices(request: Request, slug: str, caller: Looking) -> Response:
    here = at_page(request, caller.session, slug, Role.LEAD)
    page = _page(caller.session, here.project, "slices")
    page = replace(page, probing=probing(caller.session, here.project, page.kept))
    return render(request, "insights/slices.html", page, at=here)


@router.get("/p/{slug}/insights/sources")
def by_source(request: Request, slug: str, caller: Looking) -> Response:
    here = at_page(request, caller.session, slug, Role.LEAD)
    session, project = caller.session, here.project
    page = _page(session, project, "sources")
    check = last_check(session, project.id, EACH_SOURCE, page.sources)
    accepted = tuple(source_checks(session, project.id))
    told = annotators(session, project, page.sources)
    shown = accepting(accepted, page.sources)
    page = replace(page, check=check, accepting=shown, annotators=told)
    return render(request, "insights/sources.html", page, at=here)


class SourceForm(FormInput):
    source_id: Annotated[int, Field(ge=1, le=LARGEST_ID)]
    at_most_percent: Annotated[float, Field(examples=[5])]


@router.post("/p/{slug}/insights/sources/check")
def check_a_source(slug: str, form: Annotated[SourceForm, Form()], caller: Acting) -> Response:
    """Have a source's labels checked at random, to accept them or not."""
    batch = check_source(caller, slug, form.source_id, form.at_most_percent)
    return done(f"/p/{slug}/batches/{batch.number}", "batch_created")


@router.post("/p/{slug}/insights/look")
def look(slug: str, caller: Acting) -> Response:
    """Look for patterns now."""
    study_again(caller, slug)
    return done(f"/p/{slug}/insights/noise", "looking")


class GroupForm(FormInput):
    words: str


@router.post("/p/{slug}/insights/slices/{place}/batch")
def batch_of_group(
    slug: str, place: PathId, form: Annotated[GroupForm, Form()], caller: Acting
) -> Response:
    """A batch of what is left of a group, by its place in the list that was shown."""
    batch = make_of_group(caller, slug, place, form.words)
    return done(f"/p/{slug}/batches/{batch.number}", "batch_created")


@router.post("/p/{slug}/insights/slices/probe")
def probe(slug: str, caller: Acting) -> Response:
    """Ask fresh examples of the groups of the last study, in one blind batch."""
    begun = probe_groups(caller, slug)
    return done(f"/p/{slug}/batches/{begun.batch.number}", "batch_created")


@router.post("/p/{slug}/insights/slices/confirmed/{probe_id}/batch")
def batch_of_slice(slug: str, probe_id: PathId, caller: Acting) -> Response:
    """A batch of what is left of a slice."""
    batch = make_of_slice(caller, slug, probe_id)
    return done(f"/p/{slug}/batches/{batch.number}", "batch_created")
