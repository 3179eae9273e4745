"""Where a Relabel lives: its data directory, database and address, from options and environment."""

from __future__ import annotations

import fcntl
import ipaddress
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError
from sqlalchemy import Engine

from app.db.engine import close, database_url, open_engine
from app.db.failures import RAISED, failure_of
from app.db.migrate import climb, current
from app.errors import (
    Busy,
    DatabaseAway,
    DirectoryInUse,
    Failure,
    NotFound,
    NotWritable,
    Outage,
    UnsafeConfiguration,
)
from app.settings import Settings, what_is_wrong

LOCK_NAME = "relabel.lock"


def settings_from(data: Path | None, database: str | None) -> Settings:
    """The environment, with what the command line says instead."""
    try:
        settings = Settings()
    except ValidationError as error:
        raise UnsafeConfiguration(
            what_is_wrong(error), next_step="Put the variable right, or unset it."
        ) from error
    changes: dict[str, object] = {"data": (data or settings.data).resolve()}
    if database is not None:
        changes["database"] = database
    settings = settings.model_copy(update=changes)
    database_url(settings.database_url)  # refused before anything is made
    return settings


def as_environment(settings: Settings) -> dict[str, str]:
    """What child processes need to find the same place."""
    return {
        "RELABEL_DATA": str(settings.data.resolve()),
        "RELABEL_DATABASE": settings.database,
        "RELABEL_BLOBS": settings.blobs and str(Path(settings.blobs).resolve()),
        "RELABEL_PUBLIC_URL": settings.public_url,
    }


def is_sqlite(settings: Settings) -> bool:
    return settings.database_url.startswith("sqlite")


def sqlite_file(settings: Settings) -> Path:
    return Path(database_url(settings.database_url).database or "")


def shown_database(settings: Settings) -> str:
    return database_url(settings.database_url).render_as_string(hide_password=True)


def make_directory(directory: Path) -> None:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        if isinstance(failure_of(error), NotWritable):
            raise NotWritable(
                f"The data directory {directory} cannot be made: {error.strerror}.",
                next_step="Let this user write there, or name another one with --data.",
            ) from error
        raise Failure(
            f"The data directory {directory} cannot be made: {error.strerror}.",
            next_step="Name another one with --data.",
        ) from error


def take(directory: Path) -> int:
    """Hold the data directory; the descriptor is inherited by this program's own children."""
    with _named(f"The data directory {directory}"):
        handle = os.open(directory / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(handle)
        raise DirectoryInUse(
            f"data_dir_in_use: another Relabel runs on {directory}.",
            next_step="Use that one, stop it first, or name another directory with --data.",
        ) from error
    return handle


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def refuse_unsafe(host: str, public_url: str, *, insecure_http: bool) -> None:
    """Passwords and sessions do not cross a network in the clear, unless somebody says so."""
    if is_loopback(host) or public_url.startswith("https://") or insecure_http:
        return
    raise UnsafeConfiguration(
        f"Listening on {host} would send passwords and sessions unencrypted.",
        next_step="Put an https proxy in front and set RELABEL_PUBLIC_URL=https://…, "
        "or accept the risk with --insecure-http.",
    )


def listen(host: str, port: int) -> socket.socket:
    """Bind the address before anything is started, so that a taken port is said at once."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except (OSError, OverflowError) as error:
        listening.close()
        why = error.strerror if isinstance(error, OSError) else "ports go from 0 to 65535"
        raise Failure(
            f"Port {port} on {host} cannot be used: {why}.",
            next_step="Choose another with --port.",
            code="port_in_use",
        ) from error
    listening.listen(2048)
    return listening


def address(settings: Settings, host: str, port: int) -> str:
    """Where a browser finds it."""
    if settings.public_url:
        return settings.public_url.rstrip("/")
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{name}:{port}"


@contextmanager
def made_database(settings: Settings) -> Iterator[Engine]:
    """Make the data directory and the database where they are missing, and connect."""
    make_directory(settings.data)
    with _connected(settings) as engine:
        yield engine


@contextmanager
def existing_database(settings: Settings) -> Iterator[Engine]:
    """Connect to a database that is there; a misspelt place never becomes a new one."""
    if is_sqlite(settings) and not sqlite_file(settings).is_file():
        raise NotFound(
            f"There is no Relabel database at {shown_database(settings)}.",
            next_step="Start relabel serve once, or name the place with --data or --database.",
        )
    with _connected(settings) as engine:
        yield engine


@contextmanager
def _connected(settings: Settings) -> Iterator[Engine]:
    engine = open_engine(settings.database_url, pool_size=4)
    try:
        with _named(f"The database {shown_database(settings)}"):
            climb(engine)
        yield engine
    finally:
        close(engine)


def leave_one_file(settings: Settings) -> None:
    """When everything has stopped: what a killed process left beside SQLite's file goes into it."""
    if is_sqlite(settings) and sqlite_file(settings).is_file():
        close(open_engine(settings.database_url, pool_size=1))


def look_at_database(settings: Settings) -> None:
    """Refuse a database that no waiting mends; one that is not there yet may still come."""
    if is_sqlite(settings) and not sqlite_file(settings).is_file():
        return
    engine = open_engine(settings.database_url, pool_size=1)
    try:
        with _named(f"The database {shown_database(settings)}"):
            current(engine)
    except (Busy, DatabaseAway):
        return
    finally:
        engine.dispose()


@contextmanager
def _named(place: str) -> Iterator[None]:
    """Say of what Relabel stands on where it is, and what the machine says of it."""
    try:
        yield
    except RAISED as error:
        failure = failure_of(error)
        if not isinstance(failure, Outage):
            raise
        raise type(failure)(f"{place}: {_reason(error)}.", next_step=failure.next_step) from error


def _reason(error: Exception) -> str:
    """What the machine says, in one line."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(getattr(error, "orig", error)).strip().partition("\n")[0].rstrip(".")
