"""The files a release's event binds, and what the manifest says of them."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

from app.db.log import RECORD_FORMAT
from app.progress import Progress
from app.releases.layout import (
    FORMAT_VERSION,
    LABELS,
    count_rows,
    layout_of,
    separator_of,
    warnings_of,
)
from app.releases.manifest import manifest_bytes
from app.releases.manifest_parts import About, ImportSaid, LabelsFile, csv_said
from app.releases.options import ReleaseSpec
from app.releases.row_files import RowFiles
from app.releases.snapshot import Snapshot, Source
from app.releases.write_companions import companions
from app.releases.write_rows import write_rows


def write_data(
    look: Snapshot, number: int, spec: ReleaseSpec, work: Path, progress: Progress
) -> About:
    """Write rows, given labels and label names; return what the manifest says about them."""
    shapes = [source.shape for source in look.sources]
    layout = layout_of(shapes, spec)
    files = RowFiles(layout, spec, separator_of(shapes))
    left_out = sum(source.left_out for source in look.sources)
    with companions(look, files, work) as beside:
        statuses, values = write_rows(look, files, work, progress, beside)
        counts = count_rows(spec, statuses, imported=look.imported, left_out=left_out)
        beside.finish(number, counts)
    (work / LABELS).write_bytes(_labels(look))
    project = look.project
    return {
        "format_version": FORMAT_VERSION,
        "record_format": RECORD_FORMAT,
        "project": {"id": project.id, "slug": project.slug, "name": project.name},
        "number": number,
        "spec": spec.as_json(),
        "csv": csv_said(spec, shapes),
        "columns": list(layout.columns),
        "added": dict(layout.added),
        "up_to": look.up_to,
        "counts": counts,
        "warnings": [*warnings_of(counts), *look.notes],
        "policy": {"confirmations": look.confirmations},
        "guideline_revision": project.guideline_revision,
        "scoring_run": look.run_id,
        "imports": [_import_said(source) for source in look.sources],
        "values": values,
        "versions": {"relabel": _version(), **spec.format.libraries()},
    }


def _import_said(source: Source) -> ImportSaid:
    form = source.shape.form
    said: ImportSaid = {
        "import": source.id,
        "seq": source.seq,
        "file_name": source.file_name,
        "sha256": source.sha256,
        "rows": source.rows,
        "left_out": source.left_out,
        "columns": list(form.columns),
        "label": form.label,
        "id": form.id,
        "separator": form.separator,
    }
    return {**said, "writing": form.writing} if form.writing else said


def _version() -> str:
    try:
        return metadata.version("relabel")
    except metadata.PackageNotFoundError:
        return "checkout"


def _labels(look: Snapshot) -> bytes:
    """Names, codes and successors of the labels, and how each file wrote them."""
    content: LabelsFile = {
        "labels": [
            {
                "id": label,
                "name": name,
                "code": code,
                "replaced_by": look.mapping.get(label),
            }
            for label, (name, code) in sorted(look.labels.items())
        ],
        "imports": [
            {"import": source.id, "written": dict(source.shape.form.written)}
            for source in look.sources
        ],
    }
    return manifest_bytes(content)
