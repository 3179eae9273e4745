"""The process that reads untrusted files: limited, without network and without a database.

Started by `parsing.run_child`; it gets one job as JSON on its input and answers in JSON lines.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import cast

import orjson

from app.datasets import sandbox
from app.datasets.chosen_columns import ChosenColumns, as_said, choose_columns, need_content
from app.datasets.findings import Findings, Options, Stop
from app.datasets.formats.file_format import Images, OpenFile
from app.datasets.formats.opening import open_file
from app.datasets.formats.registry import formats_for
from app.datasets.guessing import FileHints, GivenUp, GuessFails, told
from app.datasets.label_candidates import LabelCandidates, asks_for_label, takes_most
from app.datasets.label_check import KnownLabel, LabelCheck
from app.datasets.label_list import listed_by_number, read_label_list
from app.datasets.parse_job import GivenFile, ParseJob, job_of
from app.datasets.reading_words import reading_of
from app.datasets.report import ArrayReport, ListedLabel, Report
from app.datasets.roles import LABEL
from app.datasets.row_check import RowCheck
from app.datasets.rows import Table
from app.datasets.scratch import STAGED
from app.datasets.shapes.registry import sample_of, shaped
from app.datasets.shapes.shape import ShapedRows
from app.datasets.staged import stamp_of
from app.datasets.votes import Votes, ask_for_votes
from app.jobs.courtesy import give_way

_SECONDS_BETWEEN = 0.2
LEAVE_OUT = "leave_out"
_MEND = {"E102": "utf-8", "E111": "quoted"}  # the answer that changes nothing
_OFFERS = (
    ("E301", "W301", [(LEAVE_OUT, "Leave them out"), ("unlabeled", "Import as unlabeled")]),
    ("E115", "W115", [(LEAVE_OUT, "Leave them out"), ("generate", "Generate ids")]),
)
_OFFER_WORDS = {
    "E301": "{count:,} rows have an empty cell where a label is expected.",
    "E115": "{count:,} rows have no id.",
}


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

    def run(self) -> None:
        """Write what can be used, and say what was found.

        A guess that does not fit is given up, wherever that is seen, and the file read again.
        """
        while True:
            try:
                with self._open() as opened:
                    return self._run(opened)
            except GuessFails as failure:
                self.given_up.append(failure.given_up)
                self.findings.forget()
                self.report = cast(Report, {})

    def _run(self, opened: OpenFile) -> None:
        own, said = opened.chosen, self.job.mapping
        if own:
            chosen = as_said(own, said, opened.table.columns)
        else:
            chosen = self._voted(opened.table, self._choose(opened))
        images = opened.images or self._images()
        data_type = self.job.mapping.data_type
        need_content(chosen, data_type, opened.table)
        listed = self._label_list(opened, chosen)
        labels = self._labels(chosen, listed)
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
        self.shaped = shaped(table, vote=takes_most(self.job.mapping))
        good = sample_of(table)
        known = self.shaped.roles() if self.shaped else {}
        hints = FileHints(table.odd, known, self.given_up)
        chosen = choose_columns(self.job.mapping, table.columns, good, hints)
        if asks_for_label(self.job.mapping, chosen):
            self.candidates = LabelCandidates.among(table, chosen, good)
        return chosen

    def _voted(self, table: Table, chosen: ChosenColumns) -> ChosenColumns:
        """Rows of several annotators made one, if so answered; what was given up is said."""
        key = ask_for_votes(chosen, table, self.findings)
        if key is not None:
            with self._open(Findings(self.findings.choices)) as again:
                shaped(again.table)
                votes = Votes.of(again.table, chosen, key)
            chosen = votes.over(table, chosen, self.findings)
        if chosen.given_up:
            self.findings.warn("W150", len(chosen.given_up), **told(chosen.given_up))
        return chosen

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

    def _labels(self, chosen: ChosenColumns, listed: Sequence[ListedLabel]) -> LabelCheck | None:
        column = chosen.one(LABEL)
        if column is None:
            return None
        known = [KnownLabel(one["name"], one["code"], tuple(one["synonyms"])) for one in listed]
        known += [KnownLabel(one.name, one.code) for one in self.job.known_labels]
        guessed = LABEL.name in chosen.guessed
        return LabelCheck(column, self.findings, known, bool(listed), guessed)

    def _describe(self, opened: OpenFile, chosen: ChosenColumns, listed: list[ListedLabel]) -> None:
        table = opened.table
        self.report |= {
            "format": table.format,
            "separator": table.separator,
            "encoding": table.encoding,
            "columns": table.columns,
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
            try:
                rows.run(opened.table, lambda done: speaker.say("reading rows", done))
            finally:
                self.report["reading"] = reading_of(opened.table, rows.rows)
                self.report |= {"rows": rows.rows, "good": rows.good, "preview": rows.preview}
                self.report["sources"] = list(rows.sources)
                self.report["columns_seen"] = rows.facts.seen(opened.table.columns)
        return rows

    def _after_rows(self, rows: RowCheck, labels: LabelCheck | None) -> None:
        rows.finish()
        waits = rows.uneven.ask(rows.rows)
        rows.kinds.finish(self.report)
        if self.shaped is not None:
            self.shaped.tell(self.findings)
        self.report |= {"labels": [], "label_map": {}, "unlabeled": rows.good}
        if labels is not None:
            stands_for = labels.finish(sum(labels.counts.values()))
            self.report |= {
                "label_map": labels.spelled(stands_for),
                "labels": _counted(labels, stands_for),
            }
            self.report["unlabeled"] = labels.unlabeled
        if self.candidates is not None:
            self.candidates.ask(self.findings, [one.column for one in self.given_up])
        if not rows.good and not waits:
            raise Stop("E107", count=rows.rows)
        usual = {"E115": rows.chosen.without_id}
        for code, done, options in _OFFERS:
            _offer(self.findings, code, done, options, usual.get(code) or LEAVE_OUT)
        if self.job.arrays:
            from app.datasets.array_check import check_arrays  # NumPy is loaded for arrays only

            self.report["arrays"] = check_arrays(self.job, self.report, self.findings)


def _offer(findings: Findings, code: str, done: str, options: Options, usual: str) -> None:
    """Rows that are left out unless the lead says otherwise: asked, but nothing waits for it."""
    left, kept = findings.counts[code], findings.counts[done]
    if left or kept:
        findings.ask(code if left else done, options, count=left + kept)
        asked = findings.questions[-1]
        asked["code"], asked["answer"] = code, findings.choices.get(code, usual)
        asked["message"] = _OFFER_WORDS[code].format(count=left + kept)
        findings.counts[code], findings.counts[done] = left, kept
        findings.counts += Counter()  # drops what is zero


def _counted(labels: LabelCheck, stands_for: Mapping[str, str]) -> list[tuple[str, int]]:
    """Final labels with their counts, in order of first appearance."""
    counts: dict[str, int] = {}
    for raw, count in labels.counts.items():
        counts[stands_for[raw]] = counts.get(stands_for[raw], 0) + count
    return list(counts.items())


def _offer_readings(findings: Findings, stop: Stop) -> None:
    """Let the lead say how to read on, with a look at what each way makes of the place."""
    options = [(_MEND[stop.code], "Mend the file instead"), *stop.readings]
    findings.ask(stop.code, options, **stop.fields)
    findings.counts[stop.code] -= 1


def work(job: ParseJob) -> Report | ArrayReport:
    """Do one job; what stops it is part of the report."""
    findings = Findings(job.mapping.answers)
    check = _check_of(job, findings)
    try:
        check.run()
    except Stop as stop:
        findings.stop(stop)
        if stop.code in _MEND:
            _offer_readings(findings, stop)
    except MemoryError:
        findings.stop(Stop("E143", limit="the memory a parser may use (2 GiB)"))
    return cast("Report | ArrayReport", {**check.report, **findings.report()})


class PushedCheck:
    """Checks arrays that came by themselves."""

    def __init__(self, job: ParseJob, findings: Findings) -> None:
        self.job, self.findings = job, findings
        self.report = cast(ArrayReport, {})

    def run(self) -> None:
        from app.datasets.array_check import check_pushed  # NumPy is loaded for arrays only

        self.report["arrays"] = check_pushed(self.job, self.findings)


def _check_of(job: ParseJob, findings: Findings) -> FileCheck | PushedCheck:
    return FileCheck(job, job.file, findings) if job.file else PushedCheck(job, findings)


def main() -> None:
    give_way()
    job = job_of(sys.stdin.buffer.read())
    sandbox.enter([job.work], job.readable)
    _write({"report": work(job)})


if __name__ == "__main__":
    main()
