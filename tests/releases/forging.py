"""Tools of somebody who forges a release and knows its format."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from app.releases.manifest import digest_of, file_facts, manifest_bytes
from app.releases.row_values import RowValues

Rows = list[dict[str, Any]]
SORTED = orjson.OPT_SORT_KEYS


@dataclass
class Forger:
    """Changes the files of one release, then makes what binds them agree again."""

    place: Path

    def path(self, name: str) -> Path:
        return self.place / name

    def bytes(self, name: str, edit: Callable[[bytes], bytes]) -> None:
        before = self.path(name).read_bytes()
        after = edit(before)
        assert after != before, "nothing was forged"
        self.path(name).write_bytes(after)

    def swap(self, name: str, old: bytes, new: bytes) -> None:
        """The first place that says it says something else."""
        self.bytes(name, lambda content: content.replace(old, new, 1))

    def lines(self, name: str, edit: Callable[[list[bytes]], None]) -> None:
        """Lines without their ends."""

        def edited(content: bytes) -> bytes:
            lines = content.split(b"\n")[:-1]
            edit(lines)
            return b"".join(line + b"\n" for line in lines)

        self.bytes(name, edited)

    def rows(self, name: str, edit: Callable[[Rows], None], *, sort: bool = False) -> None:
        """Objects of JSON lines."""

        def edited(lines: list[bytes]) -> None:
            rows = [orjson.loads(line) for line in lines]
            edit(rows)
            lines[:] = [orjson.dumps(row, option=SORTED if sort else None) for row in rows]

        self.lines(name, edited)

    def events(self, edit: Callable[[Rows], None]) -> None:
        self.rows("events.jsonl", edit, sort=True)

    def given(self, edit: Callable[[Rows], None]) -> None:
        self.rows("given.jsonl", edit, sort=True)

    def about(self, edit: Callable[[dict[str, Any]], None]) -> None:
        self.json("manifest.json", lambda content: edit(content["release"]))

    def json(self, name: str, edit: Callable[[Any], None]) -> None:
        """The manifest or labels.json, in the way that a release writes them."""
        content = orjson.loads(self.path(name).read_bytes())
        edit(content)
        self.bytes(name, lambda _: manifest_bytes(content))

    def table(self, edit: Callable[[pa.Table], pa.Table], **how: Any) -> None:
        path = self.path("data.parquet")
        how = {"compression": "zstd", "write_page_checksum": True} | how
        pq.write_table(edit(pq.read_table(path)), path, **how)

    def value_hashes(self) -> None:
        """Of JSON lines: what the manifest binds of their rows."""
        about = orjson.loads(self.path("manifest.json").read_bytes())["release"]
        hashes = {}
        for name, before in about["values"].items():
            rows = [
                orjson.loads(line) for line in self.path(name).read_bytes().splitlines() if line
            ]
            if not rows:
                hashes[name] = before
                continue
            values = RowValues(list(rows[0]))
            for row in rows:
                values.add(list(row.values()))
            hashes[name] = values.hash
        about["values"] = hashes
        self._write_manifest(lambda manifest: manifest.update(release=about))

    def sign(self) -> None:
        """Make the checksums of the manifest agree."""
        self._write_manifest(
            lambda manifest: manifest.update(
                files={name: file_facts(self.path(name)) for name in manifest["files"]}
            )
        )

    def chain(self) -> None:
        """Hash the log anew, as it now is."""
        head, lines = bytes(32), self.path("events.jsonl").read_bytes().split(b"\n")[:-1]
        for line in lines:
            head = hashlib.sha256(head + line).digest()
        told = {"head": head.hex(), "events": len(lines)}
        self._write_manifest(lambda manifest: manifest.update(told))

    def bind_first_import(self) -> None:
        """Its event binds the lines that are now there."""
        lines = self.path("given.jsonl").read_bytes().splitlines()

        def bind(events: Rows) -> None:
            data = next(event["data"] for event in events if event["kind"] == "import")
            digest = hashlib.sha256()
            for line in lines[: data["rows"]]:
                said = orjson.loads(line)
                erased, salt = said.get("erased"), bytes.fromhex(said.get("salt", ""))
                whole = hashlib.sha256(salt + line).digest()
                digest.update(bytes.fromhex(erased) if erased else whole)
            data["lines"] = digest.hexdigest()

        self.events(bind)

    def sign_event(self) -> None:
        """Make the release's own event agree, the last one; the chain too."""
        manifest = orjson.loads(self.path("manifest.json").read_bytes())
        about, content = manifest["release"], self.path("events.jsonl").read_bytes()
        body, _, last = content.removesuffix(b"\n").rpartition(b"\n")
        event = orjson.loads(last)
        if event["kind"] != "release":
            return
        event["data"] |= {
            "files": {name: file_facts(self.path(name)) for name in event["data"]["files"]},
            "manifest": digest_of(about),
            "counts": about["counts"],
            "up_to": about["up_to"],
            "run": about["scoring_run"],
        }
        signed = orjson.dumps(event, option=SORTED)
        self.path("events.jsonl").write_bytes(body + b"\n" + signed + b"\n")

    def _write_manifest(self, edit: Callable[[dict[str, Any]], None]) -> None:
        manifest = orjson.loads(self.path("manifest.json").read_bytes())
        edit(manifest)
        self.path("manifest.json").write_bytes(manifest_bytes(manifest))
