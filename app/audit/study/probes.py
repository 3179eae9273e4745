"""What fresh examples say of suspicious groups: which are slices, and which are still asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.study.report import Group, Report
from app.audit.wrong import is_wrong
from app.datasets.current_labels import standing_label
from app.datasets.projects import is_in_use
from app.datasets.visible import visible_imports
from app.db.parts import parts
from app.db.tables.audit import Probe
from app.db.tables.datasets import Example, Project
from app.db.tables.review import Batch
from app.db.words import DECIDED, BatchState, Status
from app.errors import Conflict, NotFound
from app.noise.probe import (
    FIRST,
    IN_ALL,
    ProbeState,
    judged,
    limit_share,
    next_checks,
    wrong_needed,
)
from app.noise.probe import Probe as Fresh
from app.noise.verdict import ALPHA, Evidence, kind_of


@dataclass(frozen=True, slots=True)
class Probed:
    """A group and its fresh answers: `wrong` by example, of those asked for that are decided."""

    row: Probe
    groups: int  # of its round
    batch: int
    closed: bool
    wrong: Mapping[int, bool]

    @property
    def words(self) -> str:
        return self.row.words

    @property
    def asked(self) -> list[int]:
        return self.row.example_ids[: self.row.joined]

    @property
    def fresh(self) -> Fresh:
        return Fresh(sum(self.wrong.values()), len(self.wrong), self.row.size)

    @property
    def state(self) -> ProbeState:
        """A batch that was closed asks nobody any more; what was decided elsewhere still counts."""
        said = judged(self.fresh, self.row.limit_share, groups=self.groups)
        unfinished = said is ProbeState.ASKING and self.closed
        return ProbeState.NOT_FINISHED if unfinished else said

    @property
    def more(self) -> int:
        """How many examples join once all that were asked for are decided."""
        if self.closed or len(self.wrong) < self.row.joined:
            return 0
        return next_checks(self.fresh, self.row.limit_share, groups=self.groups)


def probes_of(session: Session, project_id: int, *, batch_id: int | None = None) -> list[Probed]:
    """Every group that was ever asked again, the oldest first; or those of one batch."""
    query = (
        select(Probe, Batch.number, Batch.state)
        .join(Batch, Batch.id == Probe.batch_id)
        .where(Probe.project_id == project_id)
        .order_by(Probe.id)
    )
    if batch_id is not None:
        query = query.where(Probe.batch_id == batch_id)
    rows = session.execute(query).all()
    found = _decided(session, {one for row, *_ in rows for one in row.example_ids[: row.joined]})
    return [
        Probed(
            row,
            sum(other.round == row.round for other, *_ in rows),
            number,
            state is BatchState.CLOSED,
            {one: found[one] for one in row.example_ids[: row.joined] if one in found},
        )
        for row, number, state in rows
    ]


def confirmed_slice(session: Session, project_id: int, probe_id: int) -> Probed:
    """The group of a probe, if fresh examples confirm it."""
    found = [one for one in probes_of(session, project_id) if one.row.id == probe_id]
    if not found:
        raise NotFound()
    if found[0].state is not ProbeState.CONFIRMED:
        raise Conflict(
            "Fresh examples do not confirm this group.",
            next_step="Open Insights again and choose there.",
            code="no_slice",
        )
    return found[0]


def _decided(session: Session, example_ids: Iterable[int]) -> dict[int, bool]:
    """Of those that are decided: whether the label was wrong."""
    wrong = is_wrong(standing_label())
    found: dict[int, bool] = {}
    for some in parts(sorted(example_ids)):
        there = Example.id.in_(some), Example.status.in_(sorted(DECIDED))
        rows = session.execute(select(Example.id, wrong).where(*there))
        found.update((example, bool(one)) for example, one in rows)
    return found


def last_of_each(probes: Sequence[Probed]) -> dict[str, Probed]:
    """By their words; a group is asked again only where it was not finished."""
    return {one.words: one for one in probes}


def slices_of(probes: Sequence[Probed]) -> list[Probed]:
    """Groups that fresh examples confirm, the last first."""
    return [one for one in reversed(probes) if one.state is ProbeState.CONFIRMED]


def under_way(probes: Sequence[Probed]) -> list[Probed]:
    """The groups of the round that is asked now; none if its probe is over."""
    asking = {one.row.round for one in probes if one.state is ProbeState.ASKING}
    return [one for one in probes if one.row.round in asking]


def states_of(groups: Sequence[Group], probes: Sequence[Probed]) -> list[ProbeState]:
    """Of every slice, and of the groups that are listed.

    One that is more than chance and was never probed is still to be asked.
    """
    last = last_of_each(probes)
    listed = [
        last[one.words].state if one.words in last else ProbeState.ASKING
        for one in groups
        if one.words in last or one.p <= ALPHA
    ]
    return [one.state for one in slices_of(probes)] + listed


def kind_now(report: Report, probes: Sequence[Probed]) -> str:
    """The kind of noise by a report's tests and what was asked since it was made."""
    states = states_of(report.groups, probes)
    evidence = Evidence(report.slice_p, report.class_p, states, report.detectable)
    return kind_of(evidence).kind.value


@dataclass(frozen=True, slots=True)
class Drawn:
    """A group to ask again: its first examples are asked for at once, the others if need be."""

    words: str
    size: int
    example_ids: list[int]
    to_review: list[int]

    @property
    def first(self) -> list[int]:
        return self.example_ids[:FIRST]


def to_probe(
    session: Session, project_id: int, report: Report, probes: Sequence[Probed]
) -> list[Drawn]:
    """Groups of the last study that no probe has judged, with what nobody has answered of them.

    Without those that not even nothing but wrong labels would confirm.
    """
    judged_before = {
        words
        for words, one in last_of_each(probes).items()
        if one.state is not ProbeState.NOT_FINISHED
    }
    groups = [one for one in report.groups if one.words not in judged_before]
    fresh = _unanswered(session, project_id, {one for group in groups for one in group.to_ask})
    drawn = [_drawn(one, fresh) for one in groups]
    limit = limit_of(report)
    enough = [wrong_needed(k, limit, groups=max(1, len(groups))) <= k for k in range(IN_ALL + 1)]
    return [one for one in drawn if enough[len(one.example_ids)]]


def _drawn(group: Group, fresh: set[int]) -> Drawn:
    """What is left of a random order, answered ones left out, is as random."""
    left = [one for one in group.to_ask if one in fresh]
    size = group.undecided - (len(group.to_ask) - len(left)) if len(left) >= IN_ALL else len(left)
    return Drawn(group.words, size, left[:IN_ALL], group.to_review)


def _unanswered(session: Session, project_id: int, example_ids: set[int]) -> set[int]:
    rows = session.scalars(
        select(Example.id).where(
            Example.id.in_(example_ids),
            Example.status == Status.UNREVIEWED,
            Example.import_id.in_(visible_imports(project_id)),
        )
    )
    return set(rows)


def overall(report: Report) -> float | None:
    """The share of wrong labels among random checks; none without any."""
    return report.checks_wrong / report.checks if report.checks else None


def limit_of(report: Report) -> float:
    """What a slice must exceed, by the random checks there are."""
    return limit_share(overall(report) or 0.0)


def ask_on(session: Session, project_id: int, batch_id: int) -> list[int]:
    """Ask on in the groups of a batch where all that was asked is decided and some were wrong.

    Which examples are asked for now. They are named once: who calls lets them join the batch.
    """
    joining: list[int] = []
    for one in probes_of(session, project_id, batch_id=batch_id):
        if more := one.more:
            start = one.row.joined
            joining += one.row.example_ids[start : start + more]
            one.row.joined = min(start + more, len(one.row.example_ids))
    session.flush()
    return joining


def going_on(session: Session) -> list[tuple[int, int]]:
    """Projects and batches in which a group is to be asked on; takes no lock."""
    few = (
        select(Probe.project_id, Probe.batch_id).distinct().join(Batch, Batch.id == Probe.batch_id)
    )
    rows = session.execute(
        few.join(Project, Project.id == Probe.project_id).where(
            Probe.joined < Probe.size,
            Probe.joined < IN_ALL,
            Batch.state != BatchState.CLOSED,
            is_in_use(),
        )
    )
    return [
        (project_id, batch_id)
        for project_id, batch_id in rows
        if any(one.more for one in probes_of(session, project_id, batch_id=batch_id))
    ]
