"""Rows of a file meet the project's: ids are taken, and a release brings what is there already."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.datasets.cancel import WITH_ROWS
from app.datasets.current_labels import current_label, standing_label
from app.datasets.findings import FIRST_PROBLEMS, entry, excerpt_of
from app.datasets.report import Finding, Report, report_of
from app.datasets.returned import EarlierFile
from app.datasets.staged import GoodRow, StagedRow
from app.db.dialects import among
from app.db.tables.datasets import DataImport, Example, Label
from app.db.words import ImportState, Status

TAKEN, HERE, RELABELED_HERE, NOTHING_NEW = "E114", "W175", "W176", "W177"
_AT_ONCE = 2000
_SHOWN = 3
_SURE = 16  # bytes of a hash that tell two contents apart


@dataclass(frozen=True, slots=True)
class Resident:
    """An example that is there: what it is, and the label that counts."""

    content: str
    label: str | None
    removed: bool = False


@dataclass(frozen=True, slots=True)
class Newcomers:
    """What is known of a checked file when its rows meet the project's.

    `by_content`: of a release whose rows have no ids, the examples they may be.
    """

    project_id: int
    released: bool = False
    id_column: str = ""
    written: Mapping[str, str] = field(default_factory=dict)  # -> the label it stands for now
    names: Mapping[int, str] = field(default_factory=dict)
    by_content: Mapping[bytes, Sequence[Resident]] = field(default_factory=dict)

    @classmethod
    def of(cls, session: Session, data_import: DataImport) -> Newcomers:
        return cls.told(session, data_import, report_of(data_import.report))

    @classmethod
    def told(cls, session: Session, data_import: DataImport, report: Report) -> Newcomers:
        project_id = data_import.project_id
        if not report.get("added"):
            return cls(project_id)
        key = report["roles"].get("id")
        without_ids = key is None or bool(report["counts"].get("W115"))
        known = _names_now(session, project_id)
        names = {one: name for one, (name, _) in known.items()}
        now = {name: names[stands] for name, stands in known.values()}
        written = report.get("label_map", {})
        return cls(
            project_id,
            released=True,
            id_column=str(key or ""),
            written={raw: now.get(name, name) for raw, name in written.items()},
            names=names,
            by_content=_by_content(session, data_import, names) if without_ids else {},
        )

    def meet(self, session: Session, rows: Sequence[GoodRow]) -> dict[int, Finding]:
        """What is to be said, by their numbers, of rows that are no new examples."""
        there = _residents(session, self.project_id, [row.key for row in rows], self.names)
        found = {row.row: self._said(row, there.get(row.key)) for row in rows}
        return {number: said for number, said in found.items() if said is not None}

    def _said(self, row: GoodRow, resident: Resident | None) -> Finding | None:
        if resident is None:
            alike = self._alike(row)
            if not alike:
                return None
            same = [one for one in alike if self._differs(row, one) is None]
            resident = (same or alike)[0]
        elif not self.released or resident.content != row.content_hash:
            key = excerpt_of(row.key)
            return entry(TAKEN, row=row.row, column="id", excerpt=key, first="an earlier import")
        other = self._differs(row, resident)
        code = HERE if other is None else RELABELED_HERE
        return entry(code, row=row.row, column="label", count=1, excerpt=other or "")

    def _alike(self, row: GoodRow) -> Sequence[Resident]:
        """Examples of the content of a row that has no id of its own."""
        if not self.by_content or (self.id_column and row.values.get(self.id_column)):
            return ()
        return self.by_content.get(_short(row.content_hash), ())

    def _differs(self, row: GoodRow, resident: Resident) -> str | None:
        """The two labels, where the file says another than the one that counts here."""
        if row.label is None or resident.removed:
            return None
        said = self.written.get(row.label, row.label)
        if said == resident.label:
            return None
        here = "no label" if resident.label is None else excerpt_of(resident.label)
        return f"{excerpt_of(row.key)}: {excerpt_of(said)} in the file, {here} here"


def meet(
    session: Session, data_import: DataImport, rows: Iterable[StagedRow], report: Report
) -> None:
    """Tell a report which rows are no new examples; they are left out when it is committed."""
    some = select(Example.id).where(Example.project_id == data_import.project_id).limit(1)
    if session.scalar(some) is None:
        return
    newcomers = Newcomers.told(session, data_import, report)
    counts: Counter[str] = Counter()
    labels: Counter[str] = Counter()
    others: list[str] = []
    for chunk in _chunks(rows):
        said = newcomers.meet(session, chunk)
        for row in chunk:
            if row.row not in said:
                continue
            one = said[row.row]
            counts[one["code"]] += 1
            if row.label is not None:
                labels[report["label_map"].get(row.label, row.label)] += 1
            others += [one["excerpt"]] if one["code"] == RELABELED_HERE else []
            if one["code"] != HERE and len(report["problems"]) < FIRST_PROBLEMS:
                report["problems"].append(one)
    _tell(report, counts, others)
    _without(report, labels)


def _tell(report: Report, counts: Counter[str], others: Sequence[str]) -> None:
    met, here = counts.total(), counts[HERE] + counts[RELABELED_HERE]
    report["good"] -= met
    for code, count in ((TAKEN, counts[TAKEN]), (HERE, here), (RELABELED_HERE, len(others))):
        if count:
            report["counts"][code] = report["counts"].get(code, 0) + count
    if here:
        report["warnings"].append(entry(HERE, count=here))
    if others:
        shown = "; ".join(others[:_SHOWN])
        report["warnings"].append(entry(RELABELED_HERE, count=len(others), excerpt=shown))
    if met and not report["good"]:
        code = NOTHING_NEW if here == report["rows"] else "E107"
        report["stops"].append(entry(code, count=report["rows"]))
        report["counts"][code] = 1


def _without(report: Report, there: Mapping[str, int]) -> None:
    """Labels of rows that are not imported are not made for them."""
    left = [(name, count - there.get(name, 0)) for name, count in report.get("labels", [])]
    report["labels"] = [(name, count) for name, count in left if count > 0]


def earlier_files(session: Session, project_id: int) -> list[EarlierFile]:
    """What the project's imported files looked like, the oldest first."""
    reports = session.scalars(
        select(DataImport.report)
        .where(DataImport.project_id == project_id, DataImport.state == ImportState.DONE)
        .order_by(DataImport.id)
    )
    told = [report_of(one) for one in reports]
    return [EarlierFile(one["columns"], one["roles"]) for one in told if "roles" in one]


def _residents(
    session: Session, project_id: int, keys: Sequence[str], names: Mapping[int, str]
) -> dict[str, Resident]:
    """The examples of these ids, seen or not."""
    query = _examples(project_id).where(among(session, Example.key, list(keys)))
    return {
        key: Resident(content, names.get(label or 0), status is Status.REMOVED)
        for key, content, label, status in session.execute(query)
    }


def _by_content(
    session: Session, data_import: DataImport, names: Mapping[int, str]
) -> dict[bytes, tuple[Resident, ...]]:
    """Every example that is there, in what little it takes for millions of them."""
    query = _examples(data_import.project_id).where(Example.import_id != data_import.id)
    found: dict[bytes, tuple[Resident, ...]] = {}
    alone: dict[tuple[int | None, bool], tuple[Resident, ...]] = {}
    for _, content, label, status in session.execute(query.execution_options(yield_per=_AT_ONCE)):
        gone = status is Status.REMOVED
        one = alone.setdefault((label, gone), (Resident("", names.get(label or 0), gone),))
        before = found.get(_short(content), ())
        found[_short(content)] = before if one[0] in before else before + one
    return found


def _examples(project_id: int) -> Select[str, str, int | None, Status]:
    """Of imports whose rows stay: what is about to go is not there."""
    label = current_label(func.coalesce(Example.final_label_id, standing_label()))
    columns = (Example.key, Example.content_hash, label, Example.status)
    there = select(DataImport.id).where(
        DataImport.project_id == project_id, DataImport.state.in_(WITH_ROWS)
    )
    mine = (Example.project_id == project_id, Example.import_id.in_(there))
    return select(*columns).where(*mine)


def _short(content_hash: str) -> bytes:
    return bytes.fromhex(content_hash[: 2 * _SURE])


def _names_now(session: Session, project_id: int) -> dict[int, tuple[str, int]]:
    """Each label by its id: its name, and the label that stands for it."""
    query = select(Label.id, Label.name, current_label(Label.id))
    rows = session.execute(query.where(Label.project_id == project_id))
    return {one: (name, now) for one, name, now in rows}


def _chunks(rows: Iterable[StagedRow]) -> Iterator[list[GoodRow]]:
    good = (row for row in rows if isinstance(row, GoodRow))
    while chunk := list(islice(good, _AT_ONCE)):
        yield chunk
