"""An example is emptied: what it said goes from its row and from whatever quoted it.

Its id, its row and the label it came with stay: serves and answers name it for ever. The log keeps
the hash of its line, which nobody can guess once the salt is gone.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

import orjson
from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from app.datasets.erase_giver import take_name
from app.datasets.file_form import form_of
from app.datasets.given import GivenRow
from app.datasets.mapping import mapping_of
from app.datasets.meeting import HERE, RELABELED_HERE, TAKEN
from app.datasets.quotes import cut_from_imports, quotes_of
from app.datasets.reference_examples import forget_references
from app.datasets.report import report_of
from app.datatypes.shown import files_of
from app.db.log_bodies import Body, ImportData
from app.db.tables.audit import SourceCheck
from app.db.tables.datasets import DataImport, Example, Source
from app.db.tables.models import ModelPrediction
from app.db.tables.review import Event
from app.db.words import ImportState
from app.labels import label_set

ERASED_KEY = "erased {id}"
_UNDER_WAY = (ImportState.CHECKING, ImportState.STAGED, ImportState.IMPORTING)
_MET = (TAKEN, HERE, RELABELED_HERE)
"""What is said of a file that brought an id, or a row, which the project had."""


def line_of(session: Session, example: Example) -> str:
    """The hash that stands for the example's line, as its import bound it."""
    data_import = session.get_one(DataImport, example.import_id)
    cells, order = None, list[int]()
    if _binds_cells(session, data_import):
        form = form_of(session, data_import)
        cells, order = form.cells(example.columns), form.order(example.columns)
    given = label_set(example.given_label_id)
    row = GivenRow(example.id, example.key, example.row, given, example.salt or "", cells, order)
    return row.hash.hex()


def _binds_cells(session: Session, data_import: DataImport) -> bool:
    body = session.scalar(
        select(Event.body).where(
            Event.project_id == data_import.project_id, Event.seq == data_import.seq
        )
    )
    if body is None:
        return False
    event: Body[ImportData] = orjson.loads(body)
    return "form" in event["data"]


def empty(session: Session, example: Example, *, now: datetime) -> list[str]:
    """Take away all that the example says; the names of stored files that held some of it."""
    names = [*files_of(example.content)]
    names += _files_with_it(session, example, now=now)
    cut_from_imports(session, example.project_id, quotes_of(session, example))
    forget_references(session, example.id)
    source_id = example.source_id
    example.key, example.content, example.columns = _free_key(session, example), {}, {}
    example.salt, example.split, example.group_key = None, "", ""
    example.content_hash = hashlib.sha256(secrets.token_bytes(32)).hexdigest()
    example.source_id = None
    session.execute(delete(ModelPrediction).where(ModelPrediction.example_id == example.id))
    session.flush()
    if source_id is not None:
        _forget_source(session, source_id)
    return names


def _free_key(session: Session, example: Example) -> str:
    """What stands for its id; a file may have an example of that very name."""
    key = ERASED_KEY.format(id=example.id)
    taken = exists().where(Example.project_id == example.project_id, Example.key == key)
    return f"{key} {secrets.token_hex(8)}" if session.scalar(select(taken)) else key


def _forget_source(session: Session, source_id: int) -> None:
    """Who gave no label but this one is not known any more; a check of it keeps its number."""
    if session.scalar(select(exists().where(Example.source_id == source_id))):
        return
    source = session.get_one(Source, source_id)
    if session.scalar(select(exists().where(SourceCheck.source_id == source_id))):
        take_name(source)
    else:
        session.delete(source)
    session.flush()


def _files_with_it(session: Session, example: Example, *, now: datetime) -> list[str]:
    """The files of imports that had the row, or may have had it; their imports say so."""
    brought = session.get_one(DataImport, example.import_id)
    query = select(DataImport).where(DataImport.project_id == example.project_id)
    names: list[str] = []
    for one in session.scalars(query.order_by(DataImport.id)).all():
        if not _may_hold(one, brought):
            continue
        mapping, report = mapping_of(one.mapping), report_of(one.report)
        names += [one.sha256, mapping.media or "", report.get("staged", "")]
        names += [file.sha256 for file in mapping.beside.values()]
        one.report = {**one.report, "files_erased": now.date().isoformat()}
        if one.state in _UNDER_WAY:
            one.state, one.finished_at = ImportState.CANCELLED, now
            one.message = "An example of this file was erased, and the file with it."
    session.flush()
    return [name for name in dict.fromkeys(names) if name]


def _may_hold(one: DataImport, brought: DataImport) -> bool:
    """The same file; one that was not brought in, whose rows nobody knows; one that met rows."""
    if one.sha256 == brought.sha256:
        return True
    if one.state in _UNDER_WAY:
        return False  # whoever brings it sees its rows, and may leave it
    met = report_of(one.report)["counts"]
    return one.state is not ImportState.DONE or any(met.get(code) for code in _MET)
