"""The files a release's event binds, and what the manifest says of them."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path
from typing import Any

from app.db.log import RECORD_FORMAT
from app.progress import Progress
from app.releases.layout import FORMAT_VERSION, LABELS, count_rows, layout_of, warnings_of
from app.releases.manifest import manifest_bytes
from app.releases.options import Format, ReleaseSpec
from app.releases.snapshot import Snapshot
from app.releases.write_rows import write_rows


def write_data(
    found: Snapshot, number: int, spec: ReleaseSpec, work: Path, progress: Progress
) -> dict[str, Any]:
    """Write rows, given labels and label names; return what the manifest says about them."""
    shapes = [source.shape for source in found.sources]
    layout = layout_of(shapes, spec)
    separator = next((source.separator for source in found.sources if source.separator), ",")
    statuses = write_rows(found, layout, spec, work, separator=separator, progress=progress)
    (work / LABELS).write_bytes(_labels(found))
    left_out = sum(source.left_out for source in found.sources)
    counts = count_rows(spec, statuses, imported=found.imported, left_out=left_out)
    project = found.project
    return {
        "format_version": FORMAT_VERSION,
        "record_format": RECORD_FORMAT,
        "project": {"id": project.id, "slug": project.slug, "name": project.name},
        "number": number,
        "spec": spec.as_json(),
        "csv": {"separator": separator, "encoding": "utf-8"} if spec.format is Format.CSV else None,
        "columns": list(layout.columns),
        "added": dict(layout.added),
        "up_to": found.up_to,
        "counts": counts,
        "warnings": warnings_of(counts),
        "policy": {"confirmations": found.confirmations},
        "guideline_revision": project.guideline_revision,
        "scoring_run": found.run_id,
        "imports": [
            {
                "import": source.id,
                "seq": source.seq,
                "file_name": source.file_name,
                "sha256": source.sha256,
                "rows": source.rows,
                "left_out": source.left_out,
                "columns": list(source.shape.columns),
                "label": source.shape.label,
                "id": source.shape.id,
            }
            for source in found.sources
        ],
        "versions": {"relabel": _version()},
    }


def _version() -> str:
    try:
        return metadata.version("relabel")
    except metadata.PackageNotFoundError:
        return "checkout"


def _labels(found: Snapshot) -> bytes:
    """Names, codes and successors of the labels, and how each file wrote them."""
    content = {
        "labels": [
            {
                "id": label,
                "name": name,
                "code": code,
                "replaced_by": found.mapping.get(label),
            }
            for label, (name, code) in sorted(found.labels.items())
        ],
        "imports": [
            {"import": source.id, "written": dict(source.shape.spelling.written)}
            for source in found.sources
        ],
    }
    return manifest_bytes(content)
