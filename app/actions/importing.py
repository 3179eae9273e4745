"""What Relabel does with a file of examples: check it, import its good rows, give it up."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.accounts.turn import Turn
from app.actions.errand import Errand
from app.actions.founding import NewProject, found_project, lead_from_console
from app.actions.own_labels import likely_in, link_imported, say_givers
from app.actions.storage import Storage
from app.actions.turn import Caller, turn_by_slug, work_by_slug
from app.audit.epochs import prepare_epoch, start_epoch, write_keys
from app.datasets.asking import ask_check, ask_commit, ask_file, import_of, job_of
from app.datasets.cancel import cancel_import
from app.datasets.commit import Along, commit_import
from app.datasets.import_lock import lock_import
from app.datasets.projects import project_if_there
from app.datasets.reading_parts import said_of_reading
from app.datasets.remapping import answer, give_media, give_reading, give_roles
from app.datasets.sources import LikelyGiver
from app.datasets.stage import FileToImport, check_import, stage_file
from app.db.engine import database_now, reading, writing, writing_a_part
from app.db.log import lock_project
from app.db.tables.datasets import DataImport, Project
from app.db.words import JobState, Role
from app.errors import Conflict
from app.jobs import queue
from app.progress import Progress, quiet
from app.ranking.runs import start_scoring
from app.review.books.may import check_in_use


def bring_file(caller: Caller, slug: str, given: FileToImport) -> DataImport:
    """Have a stored file checked; the same bytes and mapping are the same import."""
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        by = turn.member.person_id
        return ask_file(turn.session, turn.project_id, given, by=by, now=turn.now)


def answer_questions(
    caller: Caller, slug: str, import_id: int, choices: Mapping[str, str]
) -> DataImport:
    """Answer what the check asked (code -> choice); the file is then checked again."""
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        data_import = import_of(turn.session, turn.project_id, import_id)
        return _check_again(turn, answer(turn.session, data_import, choices))


def set_roles(
    caller: Caller, slug: str, import_id: int, roles: Mapping[str, tuple[str, ...]]
) -> DataImport:
    """Read the file again with other roles; nothing is imported before it is checked."""
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        data_import = import_of(turn.session, turn.project_id, import_id)
        return _check_again(turn, give_roles(turn.session, data_import, roles))


def bring_media(caller: Caller, slug: str, import_id: int, sha256: str) -> DataImport:
    """Add the stored ZIP of images that the rows name; the file is then checked again."""
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        data_import = import_of(turn.session, turn.project_id, import_id)
        return _check_again(turn, give_media(turn.session, data_import, sha256))


def set_reading(caller: Caller, slug: str, import_id: int, said: Mapping[str, str]) -> DataImport:
    """Read the file another way: each part by its name, "" has it found again."""
    parts = {name: value for name, value in said_of_reading(said).items() if name in said}
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        data_import = import_of(turn.session, turn.project_id, import_id)
        return _check_again(turn, give_reading(turn.session, data_import, parts))


def _check_again(turn: Turn, data_import: DataImport) -> DataImport:
    ask_check(turn.session, data_import, by=turn.member.person_id, now=turn.now)
    return data_import


def start_import(
    caller: Caller,
    slug: str,
    import_id: int,
    *,
    shown: str = "",
    own_labels: Mapping[str, int] | None = None,
) -> DataImport:
    """Have the good rows imported; refused while something stops it.

    `shown` is the reading the asker has seen, by its hash: another one is not imported.

    `own_labels` says which sources of the file are which members; None: those that have a
    member's e-mail as their name.
    """
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        data_import = import_of(turn.session, turn.project_id, import_id)
        if shown and shown != data_import.mapping_hash:
            raise Conflict(
                "This file was read in another way since you looked.",
                next_step="Look at it again, then import it.",
                code="read_again",
            )
        say_givers(turn.session, data_import, own_labels)
        ask_commit(turn.session, data_import, by=turn.member.person_id, now=turn.now)
        return data_import


def give_up(errand: Errand, slug: str, import_id: int) -> DataImport:
    """Stop an import that is not done; nothing of it stays."""
    with errand.acting() as caller, turn_by_slug(caller, slug, Role.LEAD) as turn:
        data_import = import_of(turn.session, turn.project_id, import_id)
        runs = _stop_job(turn.session, data_import, now=turn.now)
    if not runs:  # else its worker tidies up
        cancel_import(errand.engine, import_id, now=errand.now)
    with errand.looking() as caller:
        return import_of(caller.session, data_import.project_id, import_id)


def _stop_job(session: Session, data_import: DataImport, *, now: datetime) -> bool:
    """Stop what is asked for an import; whether a worker is at it and has to hear it first."""
    job = job_of(session, data_import)
    if job is None or job.state not in queue.UNFINISHED:
        return False
    return queue.cancel(session, job.id, now=now) is JobState.RUNNING


class FromConsole(NamedTuple):
    project: Project
    data_import: DataImport


@dataclass(frozen=True, slots=True)
class Destination:
    """The project a file goes to; one that is not there yet is founded for this lead."""

    new: NewProject
    lead: str | None = None


def bring_from_console(engine: Engine, to: Destination, given: FileToImport) -> FromConsole:
    """Stage a file without a job: who sits at the console has it checked there."""
    with writing(engine) as session:
        now = database_now(session)
        project = project_if_there(session, to.new.name)
        if project is None:
            lead = lead_from_console(session, to.lead)
            project = found_project(session, lead, to.new, now=now)
        check_in_use(project)
        return FromConsole(project, stage_file(session, project.id, given, by=None, now=now))


def answer_from_console(engine: Engine, import_id: int, choices: Mapping[str, str]) -> DataImport:
    """Answer what the check asked."""
    with writing(engine) as session:
        return answer(session, lock_import(session, import_id), choices)


def givers_from_console(engine: Engine, import_id: int, own_labels: Mapping[str, int]) -> None:
    """Say which sources of a checked file are which members, before it is committed."""
    with writing(engine) as session:
        say_givers(session, lock_import(session, import_id), own_labels)


def look_from_console(engine: Engine, import_id: int) -> DataImport:
    """An import as it now is."""
    with reading(engine) as session:
        return session.get_one(DataImport, import_id)


def likely_from_console(engine: Engine, import_id: int) -> list[LikelyGiver]:
    """Sources of a checked file that are probably members of the project."""
    with reading(engine) as session:
        return likely_in(session, session.get_one(DataImport, import_id))


def check_file(storage: Storage, import_id: int, *, progress: Progress = quiet) -> DataImport:
    """Read the whole file and store what was found; may run twice."""
    return check_import(storage.engine, storage.blobs, import_id, progress=progress)


def commit_file(
    storage: Storage,
    import_id: int,
    *,
    by: int | None,
    now: datetime | None = None,
    progress: Progress = quiet,
) -> DataImport:
    """Import the good rows; a new audit epoch and a new ranking follow. May run twice."""
    if now is None:
        with reading(storage.engine) as session:
            now = database_now(session)
    following = _Following(by)
    along = Along(progress, following.prepare, following.after_import)
    return commit_import(storage.engine, storage.blobs, import_id, now=now, along=along)


@dataclass(slots=True)
class _Following:
    """What an import brings about: a new audit epoch, and a new ranking."""

    by: int | None
    rng: random.Random = field(default_factory=random.SystemRandom)
    epoch_id: int = 0

    def prepare(self, engine: Engine, data_import: DataImport) -> None:
        """Write fresh keys in chunks while the old epoch still runs."""
        with writing(engine) as session:
            lock_project(session, data_import.project_id)  # epochs are numbered one by one
            self.epoch_id = prepare_epoch(session, data_import.project_id, reason="import")
        after: int | None = 0
        while after is not None:
            with writing_a_part(engine) as session:
                after = write_keys(
                    session, self.epoch_id, after=after, rng=self.rng, import_id=data_import.id
                )

    def after_import(self, session: Session, data_import: DataImport) -> None:
        """In the transaction that shows the rows: audit epoch, whose labels they are, ranking."""
        now = database_now(session)
        lock = lock_project(session, data_import.project_id)
        start_epoch(lock, self.epoch_id, now=now, rng=self.rng)
        link_imported(lock, data_import, by=self.by, now=now)
        lock.save()
        start_scoring(session, data_import.project_id, created_by=self.by, now=now)
