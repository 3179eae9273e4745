"""The web process under `relabel serve`: `python -m app.cli.web_child DESCRIPTOR`."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time

import uvicorn

from app.cli.loading import load
from app.cli.patience import Patient
from app.settings import Settings

_LOOK_SECONDS = 0.5
_GRACE_SECONDS = 3


def main() -> None:
    """Serve on a socket that the supervisor bound, and leave when the supervisor is gone."""
    load("app.main")
    listening = socket.socket(fileno=int(sys.argv[1]))
    config = uvicorn.Config(
        "app.main:from_environment",
        factory=True,
        http=Patient,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(Settings().public_url),
        timeout_graceful_shutdown=_GRACE_SECONDS,
        lifespan="auto",
    )
    threading.Thread(target=_leave_with_parent, args=(os.getppid(),), daemon=True).start()
    uvicorn.Server(config).run(sockets=[listening])


def _leave_with_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
