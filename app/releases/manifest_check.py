"""The manifest of a release: read back, and held against the log's last event. Offline."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import orjson

from app.db.log_bodies import Body, FileFacts, ReleaseData
from app.releases.bounds import read_whole
from app.releases.directory import kind_of, only_these
from app.releases.fits import misfit
from app.releases.layout import EVENTS, FORMAT_VERSION, GIVEN, LABELS, MANIFEST, time_text
from app.releases.manifest import digest_of, file_facts, manifest_bytes
from app.releases.manifest_parts import Manifest, ManifestBefore
from app.releases.options import ReleaseSpec
from app.releases.problems import DAMAGE, Problems
from app.releases.replay import Replayed
from app.releases.same_bytes import difference

_TYPES = {1: ManifestBefore, 2: Manifest, FORMAT_VERSION: Manifest}


def read_manifest(directory: Path, problems: Problems) -> Manifest | None:
    """The manifest, if the files it lists are those of a release and may be opened."""
    manifest = _manifest(directory / MANIFEST, problems)
    if manifest is None:
        return None
    spec = ReleaseSpec.of(manifest["release"]["spec"])
    names = {*spec.file_names, GIVEN, LABELS, EVENTS}
    plain = only_these(directory, {*names, MANIFEST}, problems)
    if set(manifest["files"]) != names:
        listed, due = (", ".join(map(ascii, sorted(some))) for some in (manifest["files"], names))
        what = "does not list the files of a release of this format"
        problems.say(MANIFEST, what, expected=due, actual=listed)
        return None
    return manifest if plain else None


def _manifest(path: Path, problems: Problems) -> Manifest | None:
    try:
        kind = kind_of(path)
        if kind:
            problems.say(MANIFEST, f"is {kind}, not a file of its own")
            return None
        raw = read_whole(path)
        said = orjson.loads(raw)
        version = said["release"]["format_version"]
        if version not in _TYPES:
            raise ValueError(f"its format is {version}, another version's")
        wrong = misfit(said, _TYPES[version])
        if wrong:
            raise ValueError(wrong)
        ReleaseSpec.of(said["release"]["spec"])
        written = manifest_bytes(said)
    except OSError as error:
        problems.say(MANIFEST, f"cannot be read: {error.strerror}")
        return None
    except DAMAGE as error:
        problems.say(MANIFEST, f"is not the manifest of a release: {error}")
        return None
    parts = difference(written, raw)
    if parts:
        what = "is not written the way a release writes it: it was changed"
        problems.say(MANIFEST, what, expected=parts.expected, actual=parts.actual)
    return cast(Manifest, said)


def check_files(directory: Path, manifest: Manifest, problems: Problems) -> set[str] | None:
    """Sizes and checksums: which files are others; nothing if one cannot be read at all."""
    others, every = set(), True
    for name, facts in manifest["files"].items():
        try:
            actual = _other(directory / name, facts)
        except OSError as error:
            problems.say(name, f"cannot be read: {error.strerror}")
            every = False
            continue
        if actual:
            what = "SHA-256 or size is not that of the manifest"
            problems.say(name, what, expected=_facts(facts), actual=actual)
            others.add(name)
    return others if every else None


def _other(path: Path, facts: FileFacts) -> str:
    """What stands there if it is another file; one of another size is not read."""
    size = path.stat().st_size
    if size != facts["size"]:
        return f"{size:,} bytes"
    there = file_facts(path)
    return "" if there == facts else _facts(there)


def _facts(facts: FileFacts) -> str:
    return f"{facts['sha256']}, {facts['size']:,} bytes"


def check_event(
    event: Body[ReleaseData], manifest: Manifest, log: Replayed, problems: Problems
) -> None:
    """What the log's last event and the manifest say must agree in everything."""
    data, about = event["data"], manifest["release"]
    pairs: dict[str, tuple[object, object]] = {
        "release": (data["release"], about["number"]),
        "up_to": (data["up_to"], about["up_to"]),
        "run": (data["run"], about["scoring_run"]),
        "counts": (data["counts"], about["counts"]),
        "manifest": (data["manifest"], digest_of(about)),
        "at": (time_text(event["at"]), manifest["at"]),
        "record format": (event["v"], about["record_format"]),
        "policy": ({"confirmations": log.confirmations}, about["policy"]),
    }
    for name, (said, written) in pairs.items():
        if not _same(said, written):
            problems.say(
                MANIFEST, f"{name} is not what the log says", expected=said, actual=written
            )
    files = {name: facts for name, facts in manifest["files"].items() if name != EVENTS}
    for name in sorted(files.keys() | data["files"].keys()):
        said, written = data["files"].get(name), files.get(name)
        if said != written:
            what = f"the log binds another checksum of {name}"
            problems.say(MANIFEST, what, expected=said, actual=written)
    if data["up_to"] >= event["seq"]:
        problems.say(EVENTS, "the release says that it holds events after itself")


def _same(one: object, other: object) -> bool:
    """Of JSON: 1 is neither 1.0 nor true."""
    sort = orjson.OPT_SORT_KEYS
    return orjson.dumps(one, option=sort) == orjson.dumps(other, option=sort)
