"""Every row of a file that was not imported, with the reason; as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse
from sqlalchemy import Engine

from app.datasets.asking import import_of, left_out_rows
from app.db.engine import reading
from app.db.words import Role
from app.releases.formats.csv_file import guarded
from app.releases.formats.format import Cell
from app.web.who import Looking, at

router = APIRouter()


@router.get("/p/{slug}/import/{import_id}/left-out.csv")
def left_out(request: Request, slug: str, import_id: int, caller: Looking) -> Response:
    """Every row that was not imported, with the reason; as a file."""
    here = at(caller, slug, Role.LEAD)
    found = import_of(caller.session, here.project.id, import_id)
    return StreamingResponse(
        _left_out_lines(request.app.state.engine, found.id),
        media_type="application/octet-stream",
        headers={"Content-Disposition": 'attachment; filename="left-out.csv"'},
    )


def _left_out_lines(engine: Engine, import_id: int) -> Iterator[str]:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["row", "code", "column", "message", "excerpt"])
    after = 0
    while True:
        with reading(engine) as session:
            rows = left_out_rows(session, import_id, after=after, limit=2_000)
        for row in rows:
            cells: list[Cell] = [row.row, row.code, row.column, row.message, row.excerpt]
            writer.writerow([guarded(cell) for cell in cells])
        yield text.getvalue()
        text.seek(0)
        text.truncate()
        if not rows:
            return
        after = rows[-1].id
