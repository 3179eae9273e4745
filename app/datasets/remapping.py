"""A file that was checked is read again in another way: other roles, answers, dialect, pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.datasets.import_lock import lock_import
from app.datasets.mapping import ImportMapping, mapping_of
from app.datasets.report import report_of
from app.datasets.rows import numbered
from app.datasets.stage import AGAIN
from app.db.tables.datasets import DataImport
from app.db.words import ImportState
from app.errors import Conflict

_OF_NAMES = ("W157", "W162", "W163", "W166")  # whose answers decide which names there are


def remap(session: Session, data_import: DataImport, mapping: ImportMapping) -> DataImport:
    """Read the same file with other roles or answers; it is checked again before anything else."""
    data_import = lock_import(session, data_import.id)
    if data_import.state not in (ImportState.CHECKING, ImportState.STAGED, *AGAIN):
        raise Conflict(
            "This import is under way or done; it can no longer be changed.",
            next_step="Start a new import of the file.",
            code="import_state",
        )
    if mapping.hash == data_import.mapping_hash and data_import.state is ImportState.STAGED:
        return data_import
    twin = session.scalar(
        select(DataImport).where(
            DataImport.project_id == data_import.project_id,
            DataImport.sha256 == data_import.sha256,
            DataImport.mapping_hash == mapping.hash,
            DataImport.id != data_import.id,
        )
    )
    if twin is not None:
        if twin.state in AGAIN:  # it was given up before: now it is meant after all
            twin.state, twin.message, twin.finished_at = ImportState.CHECKING, "", None
            session.flush()
        return twin
    data_import.mapping, data_import.mapping_hash = mapping.as_json(), mapping.hash
    data_import.state, data_import.message, data_import.finished_at = ImportState.CHECKING, "", None
    session.flush()
    return data_import


def give_roles(
    session: Session, data_import: DataImport, roles: Mapping[str, tuple[str, ...]]
) -> DataImport:
    """Name the columns of some roles; the file is then checked again."""
    return remap(session, data_import, mapping_of(data_import.mapping).with_roles(roles))


def give_media(session: Session, data_import: DataImport, sha256: str) -> DataImport:
    """Add the stored ZIP with the files that rows name; the file is then checked again."""
    return remap(session, data_import, mapping_of(data_import.mapping).with_media(sha256))


def give_reading(session: Session, data_import: DataImport, said: Mapping[str, str]) -> DataImport:
    """Say parts of how the file is read; it is then checked again."""
    before = mapping_of(data_import.mapping)
    return remap(session, data_import, _renamed(data_import, before, before.with_reading(said)))


def answer(session: Session, data_import: DataImport, choices: Mapping[str, str]) -> DataImport:
    """Answer questions of the report (code -> choice); the file is then checked again."""
    before = mapping_of(data_import.mapping)
    return remap(session, data_import, _renamed(data_import, before, before.with_choices(choices)))


def _renamed(data_import: DataImport, before: ImportMapping, now: ImportMapping) -> ImportMapping:
    """Its roles for the columns it has when it is read another way.

    What the first row called a column is known by its place once that row is an example. Where
    columns get other names, those of before are gone, and their roles are guessed again.
    """
    was, then = before.read_as, now.read_as
    names = report_of(data_import.report).get("columns", [])
    roles = now.roles
    other_names = was.separator != then.separator or (was.header == "none" != then.header)
    if other_names or any(before.choices.get(one) != now.choices.get(one) for one in _OF_NAMES):
        roles = {role: named for role, named in roles.items() if not set(named) & set(names)}
    elif then.header == "none" != was.header:
        place = {name: numbered(at) for at, name in enumerate(names, start=1)}
        roles = {
            role: tuple(place.get(name, name) for name in named) for role, named in roles.items()
        }
    return replace(now, roles=roles)
