"""A kind of long work as one record: who does it, who tidies up, what people read of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, TypeVar

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.db.types import JsonObject
from app.db.words import JobState
from app.jobs.lanes import Lane
from app.progress import Progress
from app.settings import Settings

if TYPE_CHECKING:
    from dataclasses import Field

TRIES = 3


class Stored(Protocol):
    """A frozen dataclass whose fields JSON can hold."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


Arguments = TypeVar("Arguments", bound=Stored)


@dataclass(frozen=True)
class TaskName(Generic[Arguments]):
    """What asks for a task knows of it: how it is called, and what it has to be told.

    It stands in the room that asks, which may lie below the one that does the work.
    """

    name: str
    arguments: type[Arguments]

    def written(self, arguments: Arguments) -> JsonObject:
        """The arguments as a job's row holds them."""
        return asdict(arguments)

    def read(self, stored: Mapping[str, object]) -> Arguments:
        """The arguments of a job's row; TypeError for what this version does not understand."""
        return self.arguments(**stored)


@dataclass(frozen=True)
class AskedBy:
    """Whose job it is: the project it is for, and the person who asked, if anybody did."""

    project_id: int | None
    person_id: int | None = None


@dataclass(frozen=True)
class JobInHand:
    """A job in a worker's hands; `fence` tells this hold from any other."""

    id: int
    fence: int
    task: str
    arguments: JsonObject
    project_id: int | None
    created_by: int | None
    attempt: int


@dataclass(frozen=True)
class AtWork:
    """What a task works with: the job in hand, the database, and who hears how far it is."""

    engine: Engine
    settings: Settings
    job: JobInHand
    progress: Progress

    @property
    def project_id(self) -> int:
        if self.job.project_id is None:
            raise ValueError(f"the task {self.job.task!r} is done for a project")
        return self.job.project_id


@dataclass(frozen=True)
class TaskWords:
    """What pages and the command line say of a task.

    `doing` names it while it runs, `waited_for` to those who wait for it ("the ranking of", before
    a project's name), `steps` are its steps as it reports them, and `when_dead` says what to do
    when it could not be done.
    """

    doing: str
    waited_for: str
    steps: tuple[str, ...]
    when_dead: str


EndedHook = Callable[[Session, JobInHand, JobState, str, datetime], None]
"""Told in the same transaction that a job ended without being done, and why."""


def leaves_nothing(
    session: Session, job: JobInHand, state: JobState, message: str, now: datetime
) -> None:
    """For tasks that keep nothing which an ended job would have to tidy."""


@dataclass(frozen=True)
class Task(Generic[Arguments]):
    """One kind of long work. `run` works in transactions of its own and may run twice harmlessly.

    A worker does one job of each `lane` at a time. A project's jobs of one `series` go one at a
    time, the oldest first; without a series they go beside each other. `tries`: so often a job
    may fail, or lose its worker, before it is dead.
    """

    of: TaskName[Arguments]
    run: Callable[[AtWork, Arguments], Mapping[str, object] | None]
    words: TaskWords
    lane: Lane
    ended: EndedHook = leaves_nothing
    series: str = ""
    tries: int = TRIES

    def __post_init__(self) -> None:
        Lane(self.lane)  # ValueError for a lane that no worker has

    @property
    def name(self) -> str:
        return self.of.name

    @property
    def one_at_a_time(self) -> bool:
        return bool(self.series)

    def work(self, at: AtWork) -> JsonObject:
        """Do a job of this kind; what it says of itself when it is done."""
        return dict(self.run(at, self.of.read(at.job.arguments)) or {})


class UnknownTask(LookupError):
    """No task of this version has that name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"This version does not know the task {name!r}.")


class Tasks(Mapping[str, Task[Any]]):
    """Every kind of long work by its name; a name nobody knows fails loudly."""

    def __init__(self, *tasks: Task[Any]) -> None:
        self._by_name = {task.name: task for task in tasks}
        if len(self._by_name) != len(tasks):
            names = [task.name for task in tasks]
            raise ValueError(f"two tasks have one name: {sorted(names)}")

    def __getitem__(self, name: str) -> Task[Any]:
        try:
            return self._by_name[name]
        except KeyError:
            raise UnknownTask(name) from None

    def __contains__(self, name: object) -> bool:
        return name in self._by_name  # Mapping's own asks for a KeyError

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    def series(self) -> dict[str, list[str]]:
        """The names of the tasks that share each series."""
        series: dict[str, list[str]] = {}
        for task in self._by_name.values():
            if task.one_at_a_time:
                series.setdefault(task.series, []).append(task.name)
        return series

    def lane(self, name: str) -> Lane:
        """A job of an unknown task is told of at once."""
        return self._by_name[name].lane if name in self._by_name else Lane.QUICK

    def long(self) -> list[str]:
        """The names of the tasks of the long lane."""
        return [task.name for task in self._by_name.values() if task.lane is Lane.LONG]

    def tries(self, name: str) -> int:
        """A job of an unknown task is claimed too, so that it is told of and not passed over."""
        return self._by_name[name].tries if name in self._by_name else TRIES

    def told_ended(
        self, session: Session, job: JobInHand, state: JobState, message: str, now: datetime
    ) -> None:
        """Let the task tidy up after a job that ended without being done."""
        if job.task in self._by_name:
            self._by_name[job.task].ended(session, job, state, message, now)


NO_TASKS = Tasks()
