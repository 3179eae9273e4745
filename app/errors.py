"""What can go wrong, in plain words; `web/failures.py` and the command line add the codes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Failure(Exception):
    """An expected failure: what happened, and what to do next."""

    code = "failed"
    title = "That did not work"
    says_what_is_safe = False  # in its detail
    retry_after: int | None = None  # seconds, where another try may do

    def __init__(
        self,
        detail: str,
        *,
        next_step: str = "",
        code: str | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.next_step = next_step
        self.code = code or type(self).code
        self.extra = dict(extra or {})

    @property
    def in_full(self) -> str:
        """What happened, for doors that set no title above it."""
        return self.detail


class NotFound(Failure):
    """It does not exist, or you may not know that it does."""

    code = "not_found"
    title = "Not found"

    def __init__(self, detail: str = "There is nothing here.", **more: Any) -> None:
        super().__init__(detail, **more)


class Gone(Failure):
    """It was stored and is no more."""

    code = "file_gone"
    title = "The file is gone"


class Altered(Gone):
    """What lies under its name is something else, and is shown to nobody."""

    code = "file_altered"
    title = "The file was changed"


class SignInNeeded(Failure):
    code = "sign_in_needed"
    title = "Sign in first"

    def __init__(self, detail: str = "Sign in to see this.", **more: Any) -> None:
        super().__init__(detail, **more)


class Forbidden(Failure):
    """You may know that it exists, but not do this."""

    code = "forbidden"
    title = "Not allowed"


class Invalid(Failure):
    """The request is understood and cannot be done as it stands."""

    code = "invalid"
    title = "Something in the request is wrong"


class Conflict(Failure):
    """It was right a moment ago; something changed in between."""

    code = "conflict"
    title = "Something changed in between"


class KeyReused(Conflict):
    code = "key_reused"
    title = "The same key came with another answer"


class LabelRetired(Conflict):
    code = "label_retired"
    title = "This label was retired"


class LeaseLost(Conflict):
    code = "lease_lost"
    title = "This example is no longer held by you"


class ExampleErased(LeaseLost):
    code = "example_erased"
    title = "This example was erased"

    def __init__(self) -> None:
        super().__init__(
            "A lead erased this example: its content is gone, and no answer to it counts.",
            next_step="Go on with the next one.",
        )


class BatchClosed(Conflict):
    code = "batch_closed"
    title = "The batch was closed"


class ProjectArchived(Conflict):
    code = "archived"
    title = "This project is archived"


class ClusterAway(Conflict):
    code = "cluster_away"
    title = "The cluster does not answer"


class TooMany(Failure):
    """Too many tries in a short time."""

    code = "too_many"
    title = "Too many tries"

    def __init__(self, detail: str, *, retry_after: int, **more: Any) -> None:
        super().__init__(detail, **more)
        self.retry_after = retry_after


class TooLarge(Failure):
    code = "too_large"
    title = "Too large"


class DataProblem(Failure):
    """A file cannot be used as it is (exit code 65 on the command line)."""

    code = "data_error"
    title = "The file cannot be used as it is"


class UnsafeConfiguration(Failure):
    """Refused for safety (exit code 78 on the command line)."""

    code = "unsafe_configuration"
    title = "Refused for safety"


class DirectoryInUse(Failure):
    """Another Relabel runs on this data directory (exit code 75 on the command line)."""

    code = "data_dir_in_use"
    title = "The data directory is in use"


class Outage(Failure):
    """What Relabel stands on does not work; whatever was asked for is undone."""

    says_what_is_safe = True

    @property
    def in_full(self) -> str:
        return f"{self.title}. {self.detail}"


class Busy(Outage):
    code = "busy"
    title = "The database is busy"
    retry_after = 1


class DatabaseAway(Outage):
    """Nobody answers there, or not to us (exit code 69 on the command line)."""

    code = "database_away"
    title = "The database cannot be reached"
    retry_after = 5


class DiskFull(Outage):
    code = "disk_full"
    title = "The disk is full"


class NotWritable(Outage):
    """A directory or a database that may only be read (exit code 78 on the command line)."""

    code = "not_writable"
    title = "Relabel may not write where its data is stored"
    retry_after = 60


class DatabaseDamaged(Outage):
    """What is stored is no whole database any more (exit code 65 on the command line)."""

    code = "database_damaged"
    title = "The database is damaged"
