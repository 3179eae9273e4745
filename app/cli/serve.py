"""`relabel serve` and `relabel worker`: the processes that run."""

from __future__ import annotations

import http.client
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer

from app.accounts.links import first_run_token
from app.cli.children import Child, Stop, environment, keep_alive
from app.cli.place import (
    address,
    as_environment,
    is_sqlite,
    leave_one_file,
    listen,
    look_at_database,
    made_database,
    make_directory,
    refuse_unsafe,
    settings_from,
    shown_database,
    take,
)
from app.cli.screen import say, step
from app.db.engine import database_now, writing
from app.settings import Settings

Data = Annotated[Path | None, typer.Option(help="Data directory.", show_default="var")]
Database = Annotated[
    str | None, typer.Option(help="Database URL.", show_default="SQLite in the data directory")
]
_READY_SECONDS = 30.0
_WEB_PAUSE = 0.8
"""Seconds. Whoever asks meanwhile waits at the door, which stays open; starting takes one more."""


def no_greeting(where: str) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True)
class Door:
    """Where the web process listens, and whether a worker goes with it."""

    host: str
    port: int
    worker: bool = True
    greeting: Callable[[str], tuple[str, ...]] = no_greeting  # from the address to more lines
    beside: tuple[str, ...] = ()  # arguments of a Python process that runs once beside them
    log_level: str = ""


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 for any.")] = 8000,
    data: Data = None,
    database: Database = None,
    no_worker: Annotated[
        bool, typer.Option("--no-worker", help="Only the web process; start workers apart.")
    ] = False,
    insecure_http: Annotated[
        bool,
        typer.Option("--insecure-http", help="Allow passwords over plain http on a network."),
    ] = False,
) -> None:
    """Start the web process and one worker; Ctrl+C stops both."""
    settings = settings_from(data, database)
    refuse_unsafe(host, settings.public_url, insecure_http=insecure_http)
    quiet = "log_level" not in settings.model_fields_set and sys.stderr.isatty()
    door = Door(host, port, worker=not no_worker, log_level="WARNING" if quiet else "")
    run_server(settings, door)


def run_server(settings: Settings, door: Door, *, lock: int | None = None) -> None:
    """Hold the data directory, climb the schema, keep the children alive until told to stop."""
    stop = Stop()
    make_directory(settings.data)
    if lock is None and is_sqlite(settings):
        lock = take(settings.data)
    with made_database(settings) as engine, writing(engine) as session:
        token = first_run_token(session, now=database_now(session))
    listening = listen(door.host, door.port)
    listening.set_inheritable(True)
    door = replace(door, port=listening.getsockname()[1])  # 0 asks for any free one
    inherited = [] if lock is None else [lock]
    around = environment(as_environment(settings))
    if door.log_level:
        around["RELABEL_LOG_LEVEL"] = door.log_level
    web = ["-m", "app.cli.web_child", str(listening.fileno())]
    children = [
        Child(
            "web",
            web,
            environment=around,
            descriptors=[listening.fileno(), *inherited],
            longest_pause=_WEB_PAUSE,
        )
    ]
    if door.worker:
        work = ["-m", "app.worker"]
        children.append(Child("worker", work, environment=around, descriptors=inherited))
    for child in children:
        child.look_after()
    _greet(settings, door, token)
    if door.beside:
        children.append(Child("samples", door.beside, environment=around, once=True))
    keep_alive(children, stop)
    leave_one_file(settings)
    say("Stopped.")


def _greet(settings: Settings, door: Door, token: str | None) -> None:
    _wait_until_ready(door)
    where = address(settings, door.host, door.port)
    say(f"Relabel is at {where}")
    say(f"Data directory: {settings.data.resolve()}")
    if settings.database:
        say(f"Database: {shown_database(settings)}")
    if token is not None:
        say("Nobody has an account yet. Set up the first one within 15 minutes:")
        say(f"    {where}/setup?token={token}")
    for line in door.greeting(where):
        say(line)
    say("Ctrl+C stops it.")


def _wait_until_ready(door: Door) -> None:
    """The socket takes connections before the process answers; say it is there when it does."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(door.host, door.host)  # noqa: S104
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection(host, door.port, timeout=_READY_SECONDS)
        try:
            connection.request("GET", "/healthz", headers={"Host": "localhost"})
            connection.getresponse().read()
            return
        except (OSError, http.client.HTTPException):
            time.sleep(0.1)
        finally:
            connection.close()


def worker(data: Data = None, database: Database = None) -> None:
    """Start one worker; it is begun again if it dies. Any number may run."""
    settings = settings_from(data, database)
    look_at_database(settings)
    stop = Stop()
    step(f"Working for {shown_database(settings)}; Ctrl+C stops")
    around = environment(as_environment(settings))
    keep_alive([Child("worker", ["-m", "app.worker"], environment=around)], stop)
    leave_one_file(settings)
