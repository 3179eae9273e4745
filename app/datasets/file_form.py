"""How an imported file looked, out of the report of its import."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.datasets.given import FileForm, Writing
from app.datasets.report import report_of
from app.db.tables.datasets import DataImport, Example, Label
from app.db.words import Status


def form_of(session: Session, data_import: DataImport) -> FileForm:
    """The file's columns, which of them hold the label and the id, and how it wrote labels.

    A label that was read from inside a nested value has no column to be written into.
    """
    report = report_of(data_import.report)
    columns = report.get("columns") or _columns_seen(session, data_import.id)
    roles: Mapping[str, object] = report.get("roles") or {}
    label, key = roles.get("label"), roles.get("id")
    return FileForm(
        columns=tuple(columns),
        label=str(label) if label in columns else None,
        id=str(key) if key in columns else None,
        separator=report.get("separator"),
        written=_spellings(session, data_import),
        writing=report.get("writing") or Writing(),
    )


def _columns_seen(session: Session, import_id: int) -> list[str]:
    first = session.scalars(
        select(Example.columns)
        .where(Example.import_id == import_id, Example.status != Status.ERASED)
        .order_by(Example.row)
        .limit(1)
    ).one_or_none()
    return list(first or {})


def _spellings(session: Session, data_import: DataImport) -> dict[str, int]:
    stands_for = report_of(data_import.report).get("label_map", {})
    names = set(stands_for.values())
    rows = session.execute(
        select(Label.name, Label.id).where(
            Label.project_id == data_import.project_id, Label.name.in_(names)
        )
    )
    ids: dict[str, int] = dict(rows.all())
    return {raw: ids[name] for raw, name in stands_for.items() if name in ids}
