"""Ways to the store: a process of our own that performs requests, or the web app over HTTP."""

from __future__ import annotations

import http.client
import json
import multiprocessing
import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from bench.chaos.clerk import work
from bench.chaos.history import Line, sent
from bench.chaos.seeding import Person

PATIENCE = 40.0
HTTP_PATIENCE = 2.0  # seconds; a pause lasts three
_processes = multiprocessing.get_context("forkserver")


_wanted = {"bench.chaos.warm"}


def preload(*more: str) -> None:
    """Children are forked from a process that has imported everything, whoever starts it.

    What is named before the first child counts; the rest is imported by each child that needs it.
    """
    _wanted.update(more, {"pytest", "xdist.remote", "execnet"} & set(sys.modules))
    _processes.set_forkserver_preload(sorted(_wanted))


def started(target: Callable[..., None], given: tuple[Any, ...]) -> BaseProcess:
    """A child of our own, started."""
    process = _processes.Process(target=target, args=given, daemon=True)
    process.start()
    return process


@dataclass
class Failpoints:
    """Where clerks die by themselves, until enough have."""

    places: str = ""
    wanted: int = 0
    deaths: int = 0

    def now(self) -> str:
        return self.places if self.deaths < self.wanted else ""


@dataclass
class StoreDoor:
    """One clerk at a time; a dead one is replaced, a slow one is left behind to its fate."""

    url: str
    mutant: str
    failpoints: Failpoints
    rng: random.Random
    patience: float = PATIENCE
    hurried: bool = True  # leases last two seconds
    process: BaseProcess | None = None
    left: list[BaseProcess] = field(default_factory=list)
    _pipe: Connection | None = None

    def _clerk(self) -> Connection:
        if self._pipe is None:
            ours, theirs = _processes.Pipe()
            seed = self.rng.getrandbits(32)
            self.process = started(work, (theirs, self.url, self.mutant, seed, self.hurried))
            theirs.close()
            self._pipe = ours
        return self._pipe

    def ask(self, who: Person, name: str, body: Line) -> tuple[str, Line]:
        request = {
            "name": name,
            "body": body,
            "who": (who.id, who.pseudonym, who.name),
            "failpoint": self.failpoints.now(),
        }
        try:
            pipe = self._clerk()
            pipe.send(request)
            begun = time.monotonic()
            while not pipe.poll(0.1):
                if time.monotonic() - begun > self.patience:
                    return self._give_up("no reply in time")
            reply: tuple[str, Line] = pipe.recv()
            return reply
        except (EOFError, OSError):
            return self._bury()

    def _bury(self) -> tuple[str, Line]:
        process = self.process
        assert process is not None
        process.join()
        if process.exitcode == 137:
            self.failpoints.deaths += 1
        self._forget()
        return "info", {"error": f"the process ended: {process.exitcode}"}

    def _give_up(self, why: str) -> tuple[str, Line]:
        assert self.process is not None
        self.left.append(self.process)
        self._forget()
        return "info", {"error": why}

    def _forget(self) -> None:
        if self._pipe is not None:
            self._pipe.close()
        self._pipe = None

    def close(self) -> None:
        self._forget()
        for process in [*self.left, self.process]:
            if process is not None:
                process.join(10)
                process.kill()
                process.join()


PATHS = {
    "submit": "/api/v1/decisions",
    "undo": "/api/v1/undo",
    "redo": "/api/v1/redo",
    "skip": "/api/v1/leases/skip",
    "refer": "/api/v1/leases/refer",
    "give_back": "/api/v1/leases/give-back",
}


class HttpDoor:
    """A browser's part: one of two web processes, and the other when that one is gone."""

    def __init__(self, ports: list[int], rng: random.Random, store: StoreDoor) -> None:
        self.ports, self.rng, self.store = ports, rng, store
        self.port = rng.choice(ports)
        self._connection: http.client.HTTPConnection | None = None

    def ask(self, who: Person, name: str, body: Line) -> tuple[str, Line]:
        if name != "claim" and name not in PATHS:
            return self.store.ask(who, name, body)
        try:
            status, reply = self._post(who, name, body)
        except (OSError, http.client.HTTPException) as lost:
            self._hang_up()
            self.port = self.rng.choice([port for port in self.ports if port != self.port])
            return "info", {"error": f"{type(lost).__name__}: {lost}"}
        if status >= 500:
            return "info", {"error": str(status), "code": reply.get("code")}
        if status != 200:
            return "fail", {"code": reply.get("code"), "status": status}
        return "ok", _trimmed(name, reply)

    def _post(self, who: Person, name: str, body: Line) -> tuple[int, dict[str, Any]]:
        if self._connection is None:
            self._connection = http.client.HTTPConnection(
                "127.0.0.1", self.port, timeout=HTTP_PATIENCE
            )
        headers = {
            "Cookie": f"relabel={who.cookie}",
            "X-CSRF-Token": who.csrf,
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Origin": f"http://127.0.0.1:{self.port}",
        }
        path, asked = _route(name, body)
        self._connection.request("POST", path, json.dumps(asked), headers)
        answer = self._connection.getresponse()
        return answer.status, json.loads(answer.read() or b"{}")

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def close(self) -> None:
        self._hang_up()


def _route(name: str, body: Line) -> tuple[str, Line]:
    if name == "claim":
        asked = {"want": body["want"], "held": body["held"]}
        return f"/api/v1/batches/{body['batch']}/claim", asked
    asked = dict(body)
    if name in ("skip", "refer"):
        asked["key"] = body["lease"]
    return PATHS[name], asked


def _trimmed(name: str, reply: dict[str, Any]) -> Line:
    """Only what the history needs."""
    wanted: tuple[str, ...] = ("seq", "outcome", "undone", "state")
    kept: Line = {key: reply[key] for key in wanted if key in reply}
    cards = list(reply.get("examples", []))
    if name == "undo":
        kept["example"] = reply["example_id"]
        cards = [reply["example"]] if reply.get("example") else []
    return kept | {"examples": [sent(card) for card in cards]}
