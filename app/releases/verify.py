"""Prove that a release directory equals the log beside it: offline, without a database.

Standard library, orjson and the fold; pyarrow only where the rows are Parquet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from app.db.log_bodies import Body, Counts, ReleaseData
from app.db.words import EventKind, Status
from app.releases.bindings import expected_rows, shapes_of
from app.releases.compare import Context, Expected, RowCheck
from app.releases.layout import (
    EVENTS,
    GIVEN,
    LABELS,
    MANIFEST,
    MERGES_SINCE,
    FileShape,
    Layout,
    count_rows,
    layout_of,
    names_of,
)
from app.releases.log_lines import follow_chain
from app.releases.manifest_check import check_event, check_files, read_manifest
from app.releases.manifest_parts import About, Manifest, csv_said
from app.releases.options import ReleaseSpec
from app.releases.problems import DAMAGE, Damaged, Problems
from app.releases.replay import Replayed, parsed, replay
from app.releases.row_files import RowFiles

_UNREADABLE = (*DAMAGE, OSError)


@dataclass
class Verified:
    """What was found; `problems` is empty when everything agrees."""

    problems: Problems = field(default_factory=Problems)
    head: str = ""
    events: int = 0
    project: str = ""
    number: int = 0
    counts: Counts = field(default_factory=lambda: count_rows(ReleaseSpec(), {}))

    @property
    def sound(self) -> bool:
        return not self.problems.listed


def verify(directory: Path, *, head: str | None = None) -> Verified:
    """Check checksums, chain, bindings and every row; `head` is the hash that was kept apart."""
    verified = Verified()
    try:
        _verify(directory, verified, head)
    except (MemoryError, RecursionError):
        verified.problems.say(str(directory), "takes more memory to check than there is")
    return verified


def _verify(directory: Path, verified: Verified, head: str | None) -> None:
    """Nothing is parsed whose size or checksum is not that of the manifest."""
    problems = verified.problems
    manifest = read_manifest(directory, problems)
    if manifest is None:
        return
    about = manifest["release"]
    verified.project, verified.number = str(about["project"]["name"]), about["number"]
    others = check_files(directory, manifest, problems)
    if others is None:
        return
    try:
        last = _check_chain(directory, manifest, verified, head, changed=EVENTS in others)
        if EVENTS in others:
            return
        event = _own_event(last, verified.events)
        log = replay(directory / EVENTS, up_to=event["data"]["up_to"])
        check_event(event, manifest, log, problems)
    except Damaged as damage:
        problems.add(damage.problem(EVENTS))
        return
    except _UNREADABLE as error:
        problems.say(EVENTS, f"cannot be read: {error}")
        return
    if not others:
        _check_rows(directory, about, log, verified)


def _check_chain(
    directory: Path, manifest: Manifest, verified: Verified, head: str | None, *, changed: bool
) -> bytes:
    """Follow the hashes to the last line; `changed`: the manifest holds another checksum."""
    problems = verified.problems
    reached, count, last = follow_chain(directory / EVENTS)
    verified.head, verified.events = reached.hex(), count
    if verified.head != manifest["head"]:
        file = EVENTS if changed else MANIFEST
        problems.say(file, "the chain of the log does not end in the manifest's head hash")
    elif changed:
        problems.say(MANIFEST, f"holds another checksum of {EVENTS}, whose chain is whole")
    if head is not None and verified.head != head.strip().lower():
        problems.say(
            EVENTS,
            "the chain does not end in the hash you gave",
            expected=head,
            actual=verified.head,
        )
    if count != manifest["events"]:
        problems.say(MANIFEST, "counts the events", expected=count, actual=manifest["events"])
    return last


def _own_event(last: bytes, count: int) -> Body[ReleaseData]:
    """The release's own event, which must be the last one."""
    event = parsed(last, count)
    if event["kind"] != EventKind.RELEASE:
        raise Damaged("the last event is not a release")
    return cast(Body[ReleaseData], event)


def _check_rows(directory: Path, about: About, log: Replayed, verified: Verified) -> None:
    problems, spec = verified.problems, ReleaseSpec.of(about["spec"])
    try:
        shapes = shapes_of(directory, about, log, problems)
        layout = layout_of(shapes, spec)
        _check_layout(about, layout, shapes, problems)
    except Damaged as damage:
        problems.add(damage.problem(LABELS))
        return
    except _UNREADABLE as error:
        problems.say(LABELS, f"cannot be read: {error}")
        return
    files = RowFiles(layout, spec, about["csv"]["separator"] if about["csv"] else ",")
    libraries = spec.format.libraries()
    exact = libraries.items() <= about["versions"].items()
    context = Context(
        files,
        log.said,
        scored=about["scoring_run"] is not None,
        exact=exact,
        merges=about["format_version"] >= MERGES_SINCE,
    )
    try:
        with ExitStack() as opened:
            checks = [
                opened.enter_context(closing(RowCheck(directory / name, context, problems)))
                for name in files.names
            ]
            rows = expected_rows(directory, shapes, log, problems)
            statuses = _compare(rows, spec, *checks)
            for check in checks:
                check.end(about["values"].get(check.path.name) if "values" in about else None)
    except Damaged as damage:
        problems.add(damage.problem(GIVEN))
        return
    except _UNREADABLE as error:
        problems.say(GIVEN, f"cannot be read: {error}")
        return
    _check_counts(about, spec, log, statuses, verified)


def _compare(
    rows: Iterator[Expected], spec: ReleaseSpec, kept: RowCheck, gone: RowCheck
) -> dict[str, int]:
    """Hold each row against its file; how many examples have which status."""
    statuses: Counter[str] = Counter()
    for expected in rows:
        status = expected.state.status
        statuses[str(status)] += 1
        if status is Status.REMOVED:
            gone.take(expected)
        elif status is not Status.ERASED and not spec.left_out(status):
            kept.take(expected)
        if expected.ends:
            kept.group_ends()
            gone.group_ends()
    return dict(statuses)


def _check_layout(
    about: About, layout: Layout, shapes: Sequence[FileShape], problems: Problems
) -> None:
    """Columns and separator follow from the imported files."""
    spec = ReleaseSpec.of(about["spec"])
    said = Layout(tuple(about["columns"]), about["added"])
    if (layout.columns, dict(layout.added)) != (said.columns, dict(said.added)):
        problems.say(
            MANIFEST,
            "its columns are not those of the imports",
            expected=", ".join(layout.every),
            actual=", ".join(said.every),
        )
    if "values" not in about:
        return  # of old: it does not say what follows
    csv = csv_said(spec, shapes)
    if about["csv"] != csv:
        what = "the separator is not that of the imported file"
        problems.say(MANIFEST, what, expected=csv, actual=about["csv"])
    if set(about["values"]) != set(names_of(spec.format)):
        problems.say(MANIFEST, "binds the values of other files than the release's")


def _check_counts(
    about: About,
    spec: ReleaseSpec,
    log: Replayed,
    statuses: Mapping[str, int],
    verified: Verified,
) -> None:
    imported = sum(said.rows for said in log.imports)
    left_out = sum(said.left_out for said in log.imports)
    counts = count_rows(spec, statuses, imported=imported, left_out=left_out)
    verified.counts = counts
    if counts != about["counts"]:
        verified.problems.say(
            MANIFEST, "counts are not those of the log", expected=counts, actual=about["counts"]
        )
