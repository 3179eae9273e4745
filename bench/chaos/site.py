"""Two web processes on 127.0.0.1; one at a time is killed or stopped, and what died comes back."""

from __future__ import annotations

import http.client
import os
import random
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from bench.chaos.doors import Failpoints
from bench.chaos.faults import PAUSE
from bench.running import free_port


class Site:
    """The web app, twice; `keep` restarts whatever has died."""

    def __init__(self, url: str, folder: Path, failpoints: Failpoints) -> None:
        self.url, self.folder, self.failpoints = url, folder, failpoints
        self.ports = [free_port(), free_port()]
        self.processes = [self._started(port) for port in self.ports]
        self._ended = threading.Event()
        self._keeper = threading.Thread(target=self._keep, daemon=True)
        self._keeper.start()

    def _started(self, port: int) -> subprocess.Popen[bytes]:
        environment = os.environ | {
            "RELABEL_DATABASE": self.url,
            "RELABEL_DATA": str(self.folder),
            "RELABEL_LOG_LEVEL": "CRITICAL",
            "RELABEL_FAILPOINT": self.failpoints.now(),
        }
        line = [sys.executable, "-m", "uvicorn", "--factory", "bench.chaos.web:create"]
        line += ["--host", "127.0.0.1", "--port", str(port), "--no-access-log"]
        line += ["--log-level", "critical"]
        with (self.folder / "web").open("ab") as out:
            return subprocess.Popen(line, env=environment, stdout=out, stderr=out)

    def _keep(self) -> None:
        while not self._ended.wait(0.02):
            for place, process in enumerate(self.processes):
                if process.poll() is not None:
                    self.failpoints.deaths += process.returncode == 137
                    self.processes[place] = self._started(self.ports[place])

    def ready(self) -> None:
        """Wait until both answer."""
        for port in self.ports:
            for _ in range(600):
                if self._answers(port):
                    break
                time.sleep(0.05)
            else:
                raise TimeoutError("the web app did not answer in 30 s")

    def _answers(self, port: int) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def kill(self, rng: random.Random) -> bool:
        """Only while the other one answers: this measures answers, not outages."""
        place = rng.randrange(2)
        if not self._answers(self.ports[1 - place]) or self.processes[place].poll() is not None:
            return False
        self.processes[place].kill()
        return True

    def pause(self, rng: random.Random) -> bool:
        process = self.processes[rng.randrange(2)]
        if process.poll() is not None:
            return False
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGSTOP)
            time.sleep(PAUSE)
            process.send_signal(signal.SIGCONT)
        return True

    def close(self) -> None:
        self._ended.set()
        self._keeper.join()
        for process in self.processes:
            process.kill()
            process.wait()
