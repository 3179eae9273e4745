"""Where reports quote an example, of imports and of what was pushed: its words are cut out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import orjson
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from app.datasets.findings import excerpt_of
from app.db.parts import parts
from app.db.tables.datasets import DataImport, Example, Label, LeftOut, Prediction
from app.db.tables.models import Model

SHORTEST = 4  # letters; what is shorter says nothing of one example, and stands everywhere
_BEGINNING = 60  # letters by which a longer value is known: reports quote no more than its start
_AT_ONCE = 50
ERASED = "(erased)"
_SAMPLED = ("preview", "problems")
"""Parts of a report that show rows: none of them is needed once the rows are in."""
_OURS = ("label_map", "labels", "label_list", "roles", "columns", "writing", "counts", "sources")
"""Parts that a release is made of, or that speak of all rows together."""


def quotes_of(session: Session, example: Example) -> list[str]:
    """The beginnings of all it says that somebody may have quoted; the longest first.

    A label is of no example alone.
    """
    labels = session.execute(
        select(Label.name, Label.code).where(Label.project_id == example.project_id)
    )
    values = {example.key, *_texts(example.content), *_texts(example.columns)}
    values -= {form for label in labels for form in label}
    shown = {excerpt_of(value)[:_BEGINNING] for value in values}
    plain = {value[:_BEGINNING] for value in values} | shown
    return sorted((one for one in plain if len(one.strip()) >= SHORTEST), key=len, reverse=True)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _texts(part)


def cut_from_imports(session: Session, project_id: int, quotes: list[str]) -> None:
    """No report of the project, and none of its rows that were left out, quotes the example."""
    arrays = select(Prediction).where(Prediction.project_id == project_id)
    models = select(Model).where(Model.project_id == project_id)
    pushed: list[Prediction | Model] = [
        *session.scalars(arrays.order_by(Prediction.id)),
        *session.scalars(models.order_by(Model.id)),
    ]
    for one in pushed:
        if _says(one.report, quotes):
            one.report = _cut(one.report, quotes)
    imports = select(DataImport).where(DataImport.project_id == project_id)
    for data_import in session.scalars(imports.order_by(DataImport.id)).all():
        told = {name: one for name, one in data_import.report.items() if name not in _OURS}
        if _says(told, quotes):
            kept = {name: _cut(one, quotes) for name, one in told.items()}
            for seen in kept.get("columns_seen", []):
                seen["samples"] = []
            kept |= {name: [] for name in _SAMPLED if name in kept}
            data_import.report = {**data_import.report, **kept}
        if _says(data_import.message, quotes):
            data_import.message = _cut(data_import.message, quotes)
    session.flush()
    for some in parts(quotes, _AT_ONCE):
        _cut_from_left_out(session, project_id, some)


def _says(told: Any, quotes: list[str]) -> bool:
    written = orjson.dumps(told).decode()
    return any(quote in written or _inner(quote) in written for quote in quotes)


def _inner(quote: str) -> str:
    """As it stands inside of JSON."""
    return orjson.dumps(quote).decode()[1:-1]


def _cut(told: Any, quotes: list[str]) -> Any:
    """Where a text quotes the example, nothing of what follows in it is kept."""

    def cut(text: str) -> str:
        places = [text.find(quote) for quote in quotes if quote in text]
        return text[: min(places)] + ERASED if places else text

    return change_texts(told, cut)


def change_texts(told: Any, change: Callable[[str], str]) -> Any:
    """The same JSON, with every text in it changed; names stay."""
    if isinstance(told, str):
        return change(told)
    if isinstance(told, dict):
        return {name: change_texts(one, change) for name, one in told.items()}
    if isinstance(told, list):
        return [change_texts(one, change) for one in told]
    return told


def _cut_from_left_out(session: Session, project_id: int, quotes: list[str]) -> None:
    its = select(DataImport.id).where(DataImport.project_id == project_id)
    told = (LeftOut.excerpt, LeftOut.message)
    says = or_(*(column.contains(quote, autoescape=True) for column in told for quote in quotes))
    rows = select(LeftOut.id, *told).where(LeftOut.import_id.in_(its), says)
    for row_id, excerpt, message in session.execute(rows).all():
        session.execute(
            update(LeftOut)
            .where(LeftOut.id == row_id)
            .values(excerpt=_cut(excerpt, quotes), message=_cut(message, quotes))
        )
