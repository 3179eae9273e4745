"""The process that reads untrusted files: limited, without network and without a database.

Started by `parsing`; it gets one job as JSON on its input and answers in JSON lines.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, cast

import orjson

from app.datasets import sandbox
from app.datasets.chosen_columns import ChosenColumns, as_said, choose_columns, need_content
from app.datasets.findings import Findings, Stop
from app.datasets.formats.file_format import Images, OpenFile
from app.datasets.formats.opening import open_file
from app.datasets.formats.registry import formats_for
from app.datasets.guessing import FileHints, GivenUp, GuessFails, told
from app.datasets.label_candidates import LabelCandidates, asks_for_label, takes_most
from app.datasets.label_check import KnownLabel, LabelCheck, counted
from app.datasets.label_list import listed_by_number, read_label_list
from app.datasets.mapping import ImportMapping
from app.datasets.offers import offer_all, offer_readings
from app.datasets.parse_job import GivenFile, ParseJob, job_of
from app.datasets.reading_words import reading_of
from app.datasets.report import Found, ListedLabel, Report
from app.datasets.returned import USUAL, fill_label, mapping_of_return, take_marks_off, tell_of
from app.datasets.roles import ID, LABEL
from app.datasets.row_check import RowCheck
from app.datasets.rows import Table
from app.datasets.scratch import STAGED
from app.datasets.shapes.registry import sample_of, shaped
from app.datasets.shapes.shape import ShapedRows
from app.datasets.staged import stamp_of
from app.datasets.uneven_rows import UnevenRows
from app.datasets.votes import Votes, ask_for_votes
from app.datatypes.registry import TYPES
from app.jobs.courtesy import give_way

if TYPE_CHECKING:
    from app.datasets.array_check import PushedCheck
    from app.datasets.model_file import ModelCheck

_SECONDS_BETWEEN = 0.2

Known = Mapping[str, tuple[str, ...]]


class Speaker:
    """Says how far the work is, not more often than anyone reads."""

    def __init__(self, total: int) -> None:
        self.total = total
        self._last = 0.0

    def say(self, step: str, done: int) -> None:
        now = time.monotonic()
        if now - self._last >= _SECONDS_BETWEEN:
            self._last = now
            _write({"step": step, "done": done, "total": self.total})


def _write(line: Mapping[str, object]) -> None:
    sys.stdout.buffer.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
    sys.stdout.buffer.flush()


class FileCheck:
    """Reads a whole file; `report` holds what is known when something stops it."""

    def __init__(self, job: ParseJob, file: GivenFile, findings: Findings) -> None:
        self.job, self.file, self.findings = job, file, findings
        self.report = cast(Report, {})
        self.given_up: list[GivenUp] = []
        self.candidates: LabelCandidates | None = None
        self.shaped: ShapedRows | None = None
        self.votes: Votes | None = None

    def run(self) -> None:
        """Say what was found; a guess that does not fit is given up, and the file read again."""
        while True:
            try:
                with self._open() as opened:
                    return self._run(opened)
            except GuessFails as failure:
                self.given_up.append(failure.given_up)
                self.findings.forget()
                self.report = cast(Report, {})

    def _run(self, opened: OpenFile) -> None:
        own, table = opened.chosen, opened.table
        chosen = as_said(own, self.job.mapping, table.columns) if own else self._choose(opened)
        listed = self._label_list(opened, chosen)
        key = None if own else ask_for_votes(chosen, table, self.findings)
        self.uneven = self._uneven(chosen, key, self.findings)
        table.rows = self.uneven.over(table.rows)
        self.votes = None if key is None else self._read_votes(chosen, key, listed)
        if self.votes is not None:
            chosen = self.votes.over(table, chosen, self.findings)
        if chosen.given_up:
            self.findings.warn("W150", len(chosen.given_up), **told(chosen.given_up))
        labels = self._labels(chosen, listed, self.findings)
        images = opened.images or self._images()
        data_type = self.job.mapping.data_type
        if self.shaped is not None:
            self.shaped.need_content(there=bool(chosen.every(TYPES[data_type].role)))
        need_content(chosen, data_type, table)
        self._describe(opened, chosen, listed)
        rows = self._read(opened, chosen, labels, images)
        if images is not None:
            images.finish()
        self._after_rows(rows, labels)

    def _open(self, findings: Findings | None = None) -> AbstractContextManager[OpenFile]:
        mapping = self.job.mapping
        return open_file(
            self.file.path,
            self.file.name,
            findings or self.findings,
            read=formats_for(mapping.data_type),
            into=(self.job.work, mapping.reading),
        )

    def _choose(self, opened: OpenFile) -> ChosenColumns:
        table = opened.table
        if table.added:
            return self._choose_again(table, opened.known)
        self.shaped = self._shape(table)
        known = {**opened.known, **(self.shaped.roles() if self.shaped else {})}
        return self._guess(table, self.job.mapping, known)

    def _choose_again(self, table: Table, known: Known) -> ChosenColumns:
        """The columns of a release: as they were in the project's own file, if they are there."""
        take_marks_off(table)
        added, choices = table.added, self.findings.choices
        self.findings.choices = {**USUAL, **choices}
        said = mapping_of_return(self.job.mapping, table, self.job.earlier)
        fill_label(table, added, "".join(said.roles.get(LABEL.name, ())))
        chosen = self._guess(table, said, known)
        if not said.roles.get(LABEL.name):
            fill_label(table, added, chosen.one(LABEL) or "")
        return chosen

    def _guess(self, table: Table, said: ImportMapping, known: Known) -> ChosenColumns:
        good = sample_of(table)
        added = {*table.added.names, *(self.shaped.added if self.shaped else ())}
        hints = FileHints(table.odd, known, self.given_up, added)
        chosen = choose_columns(said, table.columns, good, hints)
        if asks_for_label(said, chosen):
            self.candidates = LabelCandidates.among(table, chosen, good)
        return chosen

    def _shape(self, table: Table) -> ShapedRows | None:
        return shaped(table, vote=takes_most(self.job.mapping))

    def _uneven(self, chosen: ChosenColumns, key: str | None, findings: Findings) -> UnevenRows:
        one_of = self.shaped.shape.judged_in if self.shaped else ()
        return UnevenRows(chosen if key is None else chosen.with_id(key), findings, one_of)

    def _read_votes(self, chosen: ChosenColumns, key: str, listed: list[ListedLabel]) -> Votes:
        """What the rows of each id say, in a reading of their own that is the same as the other."""
        quiet = Findings(self.findings.choices)
        with self._open(quiet) as again:
            self._shape(again.table)
            again.table.rows = self._uneven(chosen, key, quiet).over(again.table.rows)
            labels = self._labels(chosen, listed, quiet)
            assert labels is not None  # there are no votes without a column of labels
            return Votes.of(again.table, chosen, key, labels)

    def _images(self) -> Images | None:
        if self.job.media is None:
            return None
        from app.datasets.images import ZipImages  # what decodes images is loaded for images only

        return ZipImages(self.job.media, self.job.work, self.findings)

    def _label_list(self, opened: OpenFile, chosen: ChosenColumns) -> list[ListedLabel]:
        """The list that came with the file, or the names the file has for its numbers."""
        given = self.job.label_list
        if given:
            return read_label_list(given.path, given.name)
        names = opened.table.class_names.get(chosen.one(LABEL) or "", ())
        return listed_by_number(names)

    def _labels(
        self, chosen: ChosenColumns, listed: Sequence[ListedLabel], findings: Findings
    ) -> LabelCheck | None:
        column = chosen.one(LABEL)
        if column is None:
            return None
        known = [KnownLabel(one["name"], one["code"], tuple(one["synonyms"])) for one in listed]
        known += [KnownLabel(one.name, one.code) for one in self.job.known_labels]
        guessed = LABEL.name in chosen.guessed
        return LabelCheck(column, findings, known, bool(listed), guessed)

    def _describe(self, opened: OpenFile, chosen: ChosenColumns, listed: list[ListedLabel]) -> None:
        table = opened.table
        self.report |= {
            "format": table.format,
            "separator": table.separator,
            "encoding": table.encoding,
            "columns": table.columns,
            "added": sorted(table.added.names - {chosen.one(LABEL)}),
            "roles": chosen.shown(),
            "label_list": listed,
        }

    def _read(
        self,
        opened: OpenFile,
        chosen: ChosenColumns,
        labels: LabelCheck | None,
        images: Images | None,
    ) -> RowCheck:
        speaker = Speaker(self.file.path.stat().st_size)
        with (self.job.work / STAGED).open("wb") as target:
            target.write(stamp_of(self.job.import_id))
            rows = RowCheck(chosen, self.findings, labels, target, images, self.job.prefix)
            rows.candidates = self.candidates
            if self.votes is not None:
                self.votes.examples = rows.keys
            try:
                rows.run(opened.table, lambda done: speaker.say("reading rows", done))
            finally:
                self.report["reading"] = reading_of(opened.table, self.uneven.read)
                self.report |= {"rows": rows.rows, "good": rows.good, "preview": rows.preview}
                self.report["sources"] = list(rows.sources)
                self.report["columns_seen"] = rows.facts.seen(opened.table.columns)
        return rows

    def _after_rows(self, rows: RowCheck, labels: LabelCheck | None) -> None:
        rows.finish()
        waits = self.uneven.ask()
        rows.kinds.finish(self.report)
        if self.shaped is not None:
            self.shaped.tell(self.findings)
        tell_of(self.report["added"], self.findings)
        self.report |= {"labels": [], "label_map": {}, "unlabeled": rows.good}
        if labels is not None:
            counts = labels.counts
            if self.votes is not None:  # what is asked is asked of all that was said
                labels.counts = self.votes.labels.counts
            stands_for = labels.finish(labels.counts.total())
            final = counted(counts, stands_for)
            spelled = labels.spelled(stands_for)
            self.report |= {
                "label_map": {raw: name for raw, name in spelled.items() if name in final},
                "labels": list(final.items()),
            }
            self.report["unlabeled"] = labels.unlabeled
        if self.candidates is not None:
            self.candidates.ask(self.findings, [one.column for one in self.given_up])
        columns = {*rows.chosen.every(ID), *rows.chosen.every(LABEL)}
        columns |= {self.votes.cells.column} if self.votes else set()
        offer_all(self.findings, columns, {"E115": rows.chosen.without_id})
        if not rows.good and not waits:
            raise Stop("E107", count=rows.rows)
        if self.job.arrays:
            from app.datasets.array_check import check_arrays  # NumPy is loaded for arrays only

            self.report["arrays"] = check_arrays(self.job, self.report, self.findings)


def work(job: ParseJob) -> Found:
    """Do one job; what stops it is part of the report."""
    findings = Findings(job.mapping.answers)
    check = _check_of(job, findings)
    try:
        check.run()
    except Stop as stop:
        findings.stop(stop)
        offer_readings(findings, stop)
    except MemoryError:
        findings.stop(Stop("E143", limit="the memory a parser may use (2 GiB)"))
    return cast(Found, {**check.report, **findings.report()})


def _check_of(job: ParseJob, findings: Findings) -> FileCheck | PushedCheck | ModelCheck:
    """NumPy is loaded for what comes by itself, not for examples."""
    if job.file is not None:
        return FileCheck(job, job.file, findings)
    if job.predictions is not None:
        from app.datasets.model_file import ModelCheck

        return ModelCheck(job, job.predictions, findings)
    from app.datasets.array_check import PushedCheck

    return PushedCheck(job, findings)


def main() -> None:
    give_way()
    job = job_of(sys.stdin.buffer.read())
    sandbox.enter([job.work], job.readable)
    _write({"report": work(job)})
