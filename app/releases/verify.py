"""Prove that a release directory equals the log beside it: offline, without a database.

Standard library, orjson and the fold; pyarrow only where the rows are Parquet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import orjson

from app.db.log_bodies import Body, Counts, ReleaseData
from app.db.words import EventKind, Status
from app.releases.bindings import expected_rows, shapes_of
from app.releases.compare import RowCheck
from app.releases.layout import (
    EVENTS,
    FORMAT_VERSION,
    GIVEN,
    LABELS,
    MANIFEST,
    Layout,
    count_rows,
    layout_of,
    names_of,
    time_text,
)
from app.releases.manifest import digest_of, file_facts, manifest_bytes
from app.releases.manifest_parts import About, Manifest
from app.releases.options import ReleaseSpec
from app.releases.problems import Problem, Problems
from app.releases.replay import (
    DAMAGE,
    Damaged,
    Replayed,
    follow_chain,
    parsed,
    replay,
)
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
    problems = verified.problems
    manifest = _manifest(directory, problems)
    if manifest is None:
        return verified
    about = manifest["release"]
    verified.project, verified.number = str(about["project"]["name"]), about["number"]
    _check_files(directory, manifest, problems)
    try:
        event = _check_chain(directory, manifest, verified, head)
        log = replay(directory / EVENTS, up_to=event["data"]["up_to"])
        _check_event(event, manifest, log, problems)
    except Damaged as damage:
        problems.say(EVENTS, damage.what)
        return verified
    except _UNREADABLE as error:
        problems.say(EVENTS, f"cannot be read: {error}")
        return verified
    _check_rows(directory, about, log, verified)
    return verified


def _manifest(directory: Path, problems: Problems) -> Manifest | None:
    """The manifest, if it is one at all; what it must hold is tried here."""
    try:
        raw = (directory / MANIFEST).read_bytes()
        manifest: Manifest = orjson.loads(raw)
        about = manifest["release"]
        spec = ReleaseSpec.of(about["spec"])
        _ = about["number"], about["counts"], about["columns"], about["added"], about["imports"]
        _ = about["project"]["name"], about["csv"] and about["csv"]["separator"]
        if set(manifest) != {"at", "events", "files", "head", "release"}:
            raise ValueError("it has other parts")
        if about["format_version"] != FORMAT_VERSION:
            raise ValueError(f"its format is {about['format_version']}, another version's")
        expected = {*names_of(spec.format), GIVEN, LABELS, EVENTS}
        if set(manifest["files"]) != expected:
            problems.say(MANIFEST, "does not list the files of a release of this format")
            return None
    except OSError as error:
        problems.say(MANIFEST, f"cannot be read: {error.strerror}")
        return None
    except DAMAGE as error:
        problems.say(MANIFEST, f"is not the manifest of a release: {error}")
        return None
    if manifest_bytes(manifest) != raw:
        problems.say(MANIFEST, "is not written the way a release writes it: it was changed")
    return manifest


def _check_files(directory: Path, manifest: Manifest, problems: Problems) -> None:
    for name, facts in manifest["files"].items():
        try:
            there = file_facts(directory / name)
        except OSError as error:
            problems.say(name, f"cannot be read: {error.strerror}")
            continue
        if there != facts:
            problems.say(name, "SHA-256 or size is not that of the manifest")


def _check_chain(
    directory: Path, manifest: Manifest, verified: Verified, head: str | None
) -> Body[ReleaseData]:
    """Follow the hashes to the release's own event, the last one."""
    problems = verified.problems
    reached, count, last = follow_chain(directory / EVENTS)
    verified.head, verified.events = reached.hex(), count
    changed = any(problem.file == EVENTS for problem in problems.listed)
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
    event = parsed(last, count)
    if event["kind"] != EventKind.RELEASE:
        raise Damaged("the last event is not a release")
    return cast(Body[ReleaseData], event)


def _check_event(
    event: Body[ReleaseData], manifest: Manifest, log: Replayed, problems: Problems
) -> None:
    """What the log's last event and the manifest say must agree in everything."""
    data, about = event["data"], manifest["release"]
    files = {name: facts for name, facts in manifest["files"].items() if name != EVENTS}
    pairs = {
        "release": (data["release"], about["number"]),
        "up_to": (data["up_to"], about.get("up_to")),
        "run": (data["run"], about.get("scoring_run")),
        "counts": (data["counts"], about["counts"]),
        "manifest": (data["manifest"], digest_of(about)),
        "at": (time_text(event["at"]), manifest["at"]),
        "policy": ({"confirmations": log.confirmations}, about.get("policy")),
    }
    for name, (said, written) in pairs.items():
        if said != written:
            problems.say(
                MANIFEST, f"{name} is not what the log says", expected=said, actual=written
            )
    for name, facts in files.items():
        if data["files"].get(name) != facts:
            problems.say(MANIFEST, f"the log binds another checksum of {name}")
    if data["up_to"] >= event["seq"]:
        problems.say(EVENTS, "the release says that it holds events after itself")


def _check_rows(directory: Path, about: About, log: Replayed, verified: Verified) -> None:
    problems, spec = verified.problems, ReleaseSpec.of(about["spec"])
    try:
        shapes = shapes_of(directory, about, log, problems)
        layout = layout_of(shapes, spec)
        said = Layout(tuple(about["columns"]), about["added"])
        if (layout.columns, dict(layout.added)) != (said.columns, dict(said.added)):
            problems.say(MANIFEST, "its columns are not those of the imports")
    except Damaged as damage:
        problems.say(LABELS, damage.what)
        return
    except _UNREADABLE as error:
        problems.say(LABELS, f"cannot be read: {error}")
        return
    files = RowFiles(layout, spec, about["csv"]["separator"] if about["csv"] else ",")
    statuses: Counter[str] = Counter()
    kept, gone = (RowCheck(directory / name, files, problems, log.said) for name in files.names)
    try:
        for expected in expected_rows(directory, shapes, log, problems):
            status = expected.state.status
            statuses[str(status)] += 1
            if status is Status.REMOVED:
                gone.take(expected)
            elif status is not Status.ERASED and not spec.left_out(status):
                kept.take(expected)
        kept.end()
        gone.end()
    except Damaged as damage:
        problems.add(Problem(GIVEN, damage.what, row=damage.place))
        return
    except _UNREADABLE as error:
        problems.say(GIVEN, f"cannot be read: {error}")
        return
    _check_counts(about, spec, log, dict(statuses), verified)


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
