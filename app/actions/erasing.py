"""An example is erased: its text goes for ever, and every number stays right."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.activity import ActivityKind
from app.accounts.erase import rename_in_activity
from app.accounts.turn import By
from app.actions.activity import note_by
from app.actions.storage import Storage
from app.actions.turn import Caller, turn_by_slug
from app.datasets.erase import empty, line_of
from app.datasets.projects import project_named
from app.datasets.visible import visible_imports
from app.datatypes.hidden_characters import written_out
from app.db.engine import database_now, writing
from app.db.log import ProjectLock, lock_project
from app.db.log_bodies import EraseData
from app.db.sqlite_file import rewrite
from app.db.tables.datasets import Example
from app.db.tables.review import Reversal
from app.db.words import EventKind, JobState, Role, Status, Stream
from app.errors import Invalid, NotFound
from app.jobs import queue
from app.jobs.task import AskedBy, TaskName
from app.progress import Progress
from app.ranking.erase import forget
from app.ranking.runs import scoring_job, start_scoring
from app.releases.erased import delete_files, releases_with, take_down
from app.review.batches.filling import top_up
from app.review.batches.renaming import cut_from_filters
from app.review.books.erased import end_reading, mark_erased
from app.review.books.pool import is_unserved
from app.review.serving.draws import serve_direct
from app.settings import Settings

ONCE_MORE = timedelta(minutes=1)  # where somebody reads the database just then
STEP = "deleting files"


@dataclass(frozen=True)
class EraseArguments:
    """`project_id` is none where a person was erased: no file of a project held them."""

    project_id: int | None = None
    blobs: list[str] = field(default_factory=list)


ERASE_FILES = TaskName("erase_files", EraseArguments)


@dataclass(frozen=True, slots=True)
class Erasure:
    """What erasing takes with it, told before it is done; `copies` say the same."""

    example: Example
    releases: int
    copies: int


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased: its event, when, and how many releases lost their files."""

    example_id: int
    seq: int
    at: datetime
    releases: int
    job: int | None = None  # that deletes its files; None: it was erased before


def erase_example(caller: Caller, slug: str, example_id: int, typed: str) -> Erased:
    """A lead erases an example for ever, and types its key so that it is the right one."""
    with turn_by_slug(caller, slug, Role.LEAD) as turn:
        return _erase(turn.lock, example_id, typed, By.of(turn))


def erase_from_console(session: Session, named: str, key: str, *, now: datetime) -> Erased:
    """The same for whoever holds the machine."""
    project = project_named(session, named)
    example = example_by_key(session, project.id, key)
    lock = lock_project(session, project.id)
    erased = _erase(lock, example.id, key, By.console(now))
    lock.save()
    return erased


def example_by_key(session: Session, project_id: int, key: str) -> Example:
    here = (
        Example.project_id == project_id,
        Example.import_id.in_(visible_imports(project_id)),
        Example.key == key,
    )
    example = session.scalars(select(Example).where(*here)).one_or_none()
    if example is None:
        raise NotFound(
            f"No example of this project has the id {key!r}.",
            next_step="Look for it in the list of examples; an erased one has no id any more.",
        )
    return example


def what_goes(session: Session, project_id: int, example_id: int) -> Erasure:
    """What erasing this example takes with it."""
    example = _example(session, project_id, example_id)
    same = select(func.count()).where(
        Example.project_id == project_id,
        Example.content_hash == example.content_hash,
        Example.id != example.id,
        Example.status != Status.ERASED,
    )
    copies = session.scalar(same) or 0
    return Erasure(example, releases_with(session, example), copies)


def _example(session: Session, project_id: int, example_id: int) -> Example:
    """One example that may be seen, as it stands now."""
    query = select(Example).where(
        Example.id == example_id,
        Example.project_id == project_id,
        Example.import_id.in_(visible_imports(project_id)),
    )
    example = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if example is None:
        raise NotFound()
    return example


def _erase(lock: ProjectLock, example_id: int, typed: str, by: By) -> Erased:
    session = lock.session
    example = _example(session, lock.project_id, example_id)
    if example.status is Status.ERASED:
        return _before(lock, example_id)
    _check_meant(typed, example.key)
    batches = end_reading(lock, example_id, now=by.now)
    if is_unserved(lock, example_id):
        serve_direct(lock, example_id, now=by.now, stream=Stream.ERASED)
    releases = take_down(lock, example, now=by.now)
    data: EraseData = {"example": example_id, "line": line_of(session, example)}
    entry = lock.append(
        EventKind.ERASE, data, actor=by.pseudonym, now=by.now, example_id=example_id
    )
    rename_in_activity(session, cut_from_filters(session, lock.project_id, example_id))
    names = empty(session, example, now=by.now)
    names += forget(session, lock.project_id, example_id)
    mark_erased(lock, example_id, entry.seq, by=by.person_id, now=by.now)
    session.refresh(example)
    for batch in batches:
        top_up(lock, batch, now=by.now)
    _rank_anew(session, lock.project_id, by)
    arguments = EraseArguments(lock.project_id, names)
    asked_by = AskedBy(lock.project_id, by.person_id)
    job = queue.enqueue(session, ERASE_FILES, arguments, asked_by=asked_by, now=by.now)
    told = {"example": example_id, "releases": releases}
    note_by(lock, by, ActivityKind.EXAMPLE_ERASED, **told)
    return Erased(example_id, entry.seq, by.now, releases, job.id)


def _check_meant(typed: str, key: str) -> None:
    """Letters that cannot be seen may be typed as the page writes them out."""
    meant = {" ".join(one.split()) for one in (key, written_out(key))}
    if " ".join(typed.split()) not in meant:
        raise Invalid(
            "This is not the id of the example.",
            next_step=f"Type {written_out(key)} to erase it.",
            code="key_differs",
        )


def _before(lock: ProjectLock, example_id: int) -> Erased:
    """It was erased already: nothing is done twice."""
    about = Reversal.example_id == example_id, Reversal.kind == EventKind.ERASE
    event = lock.session.scalars(select(Reversal).where(*about)).one()
    return Erased(example_id, event.seq, event.at, 0)


def _rank_anew(session: Session, project_id: int, by: By) -> None:
    """A ranking that is being made knows the example: it is begun once more."""
    running = scoring_job(session, project_id)
    if running is not None and running.state is JobState.RUNNING:
        queue.cancel(session, running.id, now=by.now)
        start_scoring(session, project_id, created_by=by.person_id, now=by.now)


def erase_files(
    at: Storage, settings: Settings, arguments: EraseArguments, progress: Progress
) -> bool:
    """Delete what is stored of it outside the tables, and what the database keeps of deleted rows.

    May run twice; False where somebody read the database meanwhile, and it is asked for again.
    """
    if arguments.project_id is not None:
        _delete_files(at, settings, arguments.project_id, arguments.blobs, progress)
    progress(STEP, 2, 3)
    clean = rewrite(at.engine)
    if not clean:
        with writing(at.engine) as session:
            now, asked_by = database_now(session), AskedBy(arguments.project_id)
            again = queue.enqueue(session, ERASE_FILES, arguments, asked_by=asked_by, now=now)
            again.run_after = now + ONCE_MORE
    return clean


def _delete_files(
    at: Storage, settings: Settings, project_id: int, blobs: list[str], progress: Progress
) -> None:
    from app.datasets.erased_files import delete_unneeded, take_from_arrays  # loads NumPy

    progress(STEP, 0, 3)
    with writing(at.engine) as session:
        lock_project(session, project_id)
        names = take_from_arrays(session, at.blobs, project_id)
    progress(STEP, 1, 3)
    with writing(at.engine) as session:
        delete_unneeded(session, at.blobs, project_id, [*blobs, *names])
        delete_files(session, settings, project_id)
