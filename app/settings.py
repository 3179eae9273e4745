"""The environment, read once by `main`, `worker` and the command line, and handed down."""

from __future__ import annotations

from pathlib import Path

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
    def blob_directory(self) -> Path:
        return Path(self.blobs) if self.blobs else self.data / "blobs"


def shipped(name: str) -> Path:
    """Find `templates`, `static` or `migrations`: in the wheel, or beside `app` in a checkout."""
    packed = HERE / f"_{name}"
    return packed if packed.is_dir() else HERE.parent / name
