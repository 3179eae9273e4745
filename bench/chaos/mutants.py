from __future__ import annotations
from multiprocessing.connection import Connection
from typing import Any
from bench.chaos import steps

def plant(name: str, url: str) -> None: ...

def performing(pipe: Connection) -> Any:
    return steps.perform
