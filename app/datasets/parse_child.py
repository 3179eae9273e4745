"""The process that reads untrusted files: limited, without network and without a database.

Started by `parsing.run_child`; it gets one job as JSON on its input and answers in JSON lines.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any

import orjson

from app.datasets import sandbox
from app.datasets.findings import BadRow, Findings, Stop
from app.datasets.label_check import KnownLabel, LabelCheck, known_labels
from app.datasets.label_list import read_label_list
from app.datasets.mapping import Roles, need_content, roles_of
from app.datasets.open_rows import is_zip, open_rows
from app.datasets.row_check import RowCheck
from app.datasets.rows import SAMPLE, Table
from app.datasets.scratch import STAGED
from app.jobs.courtesy import give_way

Job = dict[str, Any]
_SECONDS_BETWEEN = 0.2
LEAVE_OUT = "leave_out"
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


def _write(line: dict[str, Any]) -> None:
    sys.stdout.buffer.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
    sys.stdout.buffer.flush()


def check(job: Job, findings: Findings) -> dict[str, Any]:
    """Read a whole file; write what can be used and say what was found."""
    if job.get("pushed"):
        from app.datasets.array_check import check_pushed

        return {"arrays": check_pushed(job, findings)}
    mapping: dict[str, Any] = job["mapping"]
    path, name = Path(job["file"]), str(job["name"])
    images = None
    if is_zip(path) and mapping.get("type") == "image":
        from app.datasets.images import ZipImages, rows_of_zip

        images = ZipImages(path, job, findings)
        table = rows_of_zip(images)
        roles = Roles(image="file", label="folder" if table.columns[1:] else None, id="file")
    else:
        table = open_rows(path, name, mapping, findings)
        roles, table = _roles(table, mapping)
        if job.get("media"):
            from app.datasets.images import ZipImages

            images = ZipImages(Path(job["media"]), job, findings)
    need_content(roles, mapping.get("type") or "text", table.columns)
    listed = _label_list(job)
    labels = _label_check(job, roles, findings, listed)
    report = _described(table, roles) | {"label_list": listed}
    speaker = Speaker(path.stat().st_size)
    with (Path(job["work"]) / STAGED).open("wb") as target:
        target.write(orjson.dumps({"import": job.get("stamp")}) + b"\n")
        prefix = str(job.get("prefix") or "row")
        rows = RowCheck(roles, findings, labels, target, images, prefix)
        try:
            rows.run(table, lambda done: speaker.say("reading rows", done), most=job.get("most"))
        finally:
            report |= {"rows": rows.rows, "good": rows.good, "preview": rows.preview}
            job["report"] = report
    if images is not None:
        images.finish()
    return report | _after_rows(job, report, rows, labels, findings)


def _described(table: Table, roles: Roles) -> dict[str, Any]:
    return {
        "format": table.format,
        "separator": table.separator,
        "encoding": table.encoding,
        "columns": table.columns,
        "roles": roles.as_json(),
    }


def _after_rows(
    job: Job,
    report: Mapping[str, Any],
    rows: RowCheck,
    labels: LabelCheck | None,
    findings: Findings,
) -> dict[str, Any]:
    found: dict[str, Any] = {"labels": [], "label_map": {}, "unlabeled": rows.good}
    rows.finish()
    if labels is not None:
        found["label_map"] = labels.finish(sum(labels.counts.values()))
        found["labels"] = _counted(labels, found["label_map"])
        found["unlabeled"] = labels.unlabeled
    if not rows.good:
        raise Stop("E107", count=rows.rows)
    for code, done, options in _OFFERS:
        _offer(findings, code, done, options)
    if job.get("arrays"):
        from app.datasets.array_check import check_arrays

        found["arrays"] = check_arrays(job, {**report, **found}, findings)
    return found


def _offer(findings: Findings, code: str, done: str, options: list[tuple[str, str]]) -> None:
    """Rows that are left out unless the lead says otherwise: asked, but nothing waits for it."""
    left, kept = findings.counts[code], findings.counts[done]
    if left or kept:
        findings.ask(code if left else done, options, count=left + kept)
        findings.questions[-1] |= {"code": code, "answer": findings.choices.get(code, LEAVE_OUT)}
        findings.questions[-1]["message"] = _OFFER_WORDS[code].format(count=left + kept)
        findings.counts[code], findings.counts[done] = left, kept
        findings.counts += Counter()  # drops what is zero


def _counted(labels: LabelCheck, stands_for: Mapping[str, str]) -> list[list[Any]]:
    """Final labels with their counts, in order of first appearance."""
    counts: dict[str, int] = {}
    for raw, count in labels.counts.items():
        counts[stands_for[raw]] = counts.get(stands_for[raw], 0) + count
    return [[name, count] for name, count in counts.items()]


def _roles(table: Table, mapping: dict[str, Any]) -> tuple[Roles, Table]:
    sample = list(islice(table.rows, SAMPLE))
    good = [values for _, values in sample if not isinstance(values, BadRow)]
    roles = roles_of(mapping, table.columns, good)
    table.rows = chain(sample, table.rows)
    return roles, table


def _label_list(job: Job) -> list[dict[str, Any]]:
    given = job.get("label_list")
    return read_label_list(Path(given["path"]), given["name"]) if given else []


def _label_check(
    job: Job, roles: Roles, findings: Findings, listed: Sequence[dict[str, Any]]
) -> LabelCheck | None:
    if roles.label is None:
        return None
    known: list[KnownLabel] = known_labels([*listed, *job.get("known_labels", [])])
    return LabelCheck(roles.label, findings, known, bool(listed))


def _offer_encodings(findings: Findings, stop: Stop) -> None:
    """Let the lead say the encoding, with a look at what each makes of the place."""
    options = [("utf-8", "Mend the file instead"), *stop.fields.get("readings", ())]
    findings.ask("E102", options, **stop.fields)
    findings.counts["E102"] -= 1


def work(job: Job) -> dict[str, Any]:
    """Do one job; what stops it is part of the report."""
    findings = Findings(dict(job["mapping"].get("choices") or {}))
    report: dict[str, Any] = {}
    try:
        report = check(job, findings)
    except Stop as stop:
        findings.stop(stop)
        if stop.code == "E102":
            _offer_encodings(findings, stop)
        report = dict(job.get("report") or {})
    except MemoryError:
        findings.stop(Stop("E143", limit="the memory a parser may use (2 GiB)"))
    return report | findings.report()


def main() -> None:
    give_way()
    job: Job = orjson.loads(sys.stdin.buffer.read())
    readable = [Path(path) for path in job["readable"]]
    sandbox.enter([Path(job["work"])], readable)
    _write({"report": work(job)})


if __name__ == "__main__":
    main()
