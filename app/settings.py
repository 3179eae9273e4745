"""The environment, read once by `main`, `worker` and the command line, and handed down."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

HERE = Path(__file__).resolve().parent


class Settings(BaseSettings):
    """Every setting, its default, and the variable that changes it (`RELABEL_…`)."""

    model_config = SettingsConfigDict(env_prefix="RELABEL_", frozen=True)

    data: Path = Path("var")
    database: str = ""
    blobs: str = ""
    public_url: str = ""
    allowed_hosts: str = ""
    dask: str = ""
    worker_threads: int = Field(default=0, ge=0)  # 0: the cores less one
    encoders: Literal["on", "off"] = "on"
    second_fit: Literal["auto", "always", "never"] = "auto"
    log_level: str = "INFO"
    failpoint: str = ""

    @property
    def database_url(self) -> str:
        """The database in SQLAlchemy's words; by default SQLite inside the data directory."""
        url = self.database or f"sqlite:///{(self.data / 'relabel.sqlite').resolve()}"
        for plain in ("postgresql://", "postgres://"):
            if url.startswith(plain):
                return "postgresql+psycopg://" + url.removeprefix(plain)
        return url

    @property
    def threads(self) -> int:
        """How many calls a worker makes beside each other: it leaves a core to the web process."""
        return self.worker_threads or max(1, usable_cores() - 1)

    @property
    def blob_directory(self) -> Path:
        return Path(self.blobs) if self.blobs else self.data / "blobs"


def what_is_wrong(error: ValidationError) -> str:
    """A setting that cannot be used, by the name of its variable."""
    first = error.errors()[0]
    name = "_".join(str(part) for part in first["loc"]).upper()
    return f"RELABEL_{name} cannot be {first['input']!r}: {first['msg'].lower()}."


def usable_cores() -> int:
    """Those that this process may run on, where the system tells."""
    tells = hasattr(os, "sched_getaffinity")
    return len(os.sched_getaffinity(0)) if tells else os.cpu_count() or 1


def shipped(name: str) -> Path:
    """Find `templates`, `static` or `migrations`: in the wheel, or beside `app` in a checkout."""
    packed = HERE / f"_{name}"
    return packed if packed.is_dir() else HERE.parent / name
