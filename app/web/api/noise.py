"""What kind of noise it is, for programs; the same words as under Insights."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from app.actions.probing import probe_groups
from app.actions.studying import study_again
from app.audit.study.asking import Kept, last_study, study_job
from app.datasets.sources import source_names
from app.db.words import Role
from app.insights.annotators import Annotators, annotators
from app.insights.drift_words import lines
from app.insights.noise_words import origin_lines, told
from app.insights.probes import Probing, probing
from app.web.who import Acting, Looking, at

router = APIRouter()


class ProbeShown(BaseModel):
    """A group that was asked again: `wrong` of `decided` of the `asked` fresh examples.

    `state` is asking, confirmed (a slice), not confirmed, or not finished (its batch was closed).
    Of a slice `to_review` are the examples that nobody has reviewed, those that looked worst first.
    """

    id: int
    round: int
    batch: int
    words: str
    state: str
    wrong: int
    decided: int
    asked: int
    to_review: list[int]


class NoiseShown(BaseModel):
    """`report` is null while too little is decided; `new` events of the log came since.

    `words` say what kind of noise it is, `origins` which guideline version, batch, month and so on
    differs from the others, `moved` whether recent rows or splits differ from the
    others, in content or in how often labels are wrong (`report.movement` has the numbers).
    `annotators` says how far those agree who labeled the same examples, null where none did.
    `probes` are the groups that were asked again, each as it stands now, the last first. Labels,
    sources and examples are named by their ids.
    """

    looking: bool
    made_at: datetime | None
    as_of_seq: int | None
    new: int
    words: list[str]
    origins: list[str]
    moved: list[str]
    annotators: Annotators | None
    report: dict[str, Any] | None
    probes: list[ProbeShown]


class LookShown(BaseModel):
    job_id: int


class ProbeBegun(BaseModel):
    """`batch` is the number of the blind batch; the probe takes about `least` to `most` answers."""

    batch: int
    groups: int
    size: int
    least: int
    most: int


def _probes(kept: Kept | None, at_work: Probing) -> list[ProbeShown]:
    left = {one.probed.row.id: one.left for one in at_work.slices}
    return [
        ProbeShown(
            id=one.row.id,
            round=one.row.round,
            batch=one.batch,
            words=one.words,
            state=one.state.value,
            wrong=one.fresh.wrong,
            decided=one.fresh.asked,
            asked=one.row.joined,
            to_review=left.get(one.row.id, []),
        )
        for one in reversed(kept.probes if kept is not None else [])
    ]


def _shown(
    kept: Kept | None, at_work: Probing, told_of: Annotators | None, *, looking: bool
) -> NoiseShown:
    report = kept.report if kept is not None else None
    said = told(report) if report is not None else None
    return NoiseShown(
        looking=looking,
        made_at=kept.row.made_at if kept is not None else None,
        as_of_seq=kept.row.up_to_seq if kept is not None else None,
        new=kept.new if kept is not None else 0,
        words=said.lines if said else [],
        origins=origin_lines(report) if report is not None else [],
        moved=lines(report.movement) if report is not None else [],
        annotators=told_of,
        report=report.written() if report is not None else None,
        probes=_probes(kept, at_work),
    )


@router.get("/api/v1/projects/{slug}/noise")
def read_noise(slug: str, caller: Looking) -> NoiseShown:
    """What was found last, of pairs of labels, groups and sources, and what it means."""
    project = at(caller, slug, Role.LEAD).project
    looking = study_job(caller.session, project.id) is not None
    kept = last_study(caller.session, project)
    names = source_names(caller.session, project.id)
    told_of = annotators(caller.session, project, names)
    return _shown(kept, probing(caller.session, project, kept), told_of, looking=looking)


@router.post("/api/v1/projects/{slug}/noise", status_code=202)
def look_for_noise(slug: str, caller: Acting) -> LookShown:
    """Look for patterns now; asked again while it runs, it is the same job."""
    return LookShown(job_id=study_again(caller, slug).id)


@router.post("/api/v1/projects/{slug}/noise/probe", status_code=201)
def probe_the_groups(slug: str, caller: Acting) -> ProbeBegun:
    """Ask fresh examples of the groups of the last study, in one blind batch: only what they
    confirm is called a slice."""
    begun = probe_groups(caller, slug)
    return ProbeBegun(
        batch=begun.batch.number,
        groups=begun.groups,
        size=begun.batch.size,
        least=begun.least,
        most=begun.most,
    )
