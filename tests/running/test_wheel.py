"""The wheel, built and installed alone, carries everything it needs."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import httpx
import pytest

from tests.running.processes import clean_environment, running

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean environment with the wheel; the packages it needs are lent by this one."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    wheel = next(folder.glob("relabel-*.whl"))
    place = folder / "venv"
    venv.create(place, with_pip=False)
    python = place / "bin" / "python"
    site = Path(
        subprocess.run(
            [python, "-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
    )
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "-q", wheel],
        check=True,
        capture_output=True,
    )
    (site / "lent.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    return place / "bin"


def test_the_wheel_runs_alone_and_finds_templates_static_files_and_migrations(
    installed: Path, tmp_path: Path
) -> None:
    where = "import app, sys; print(app.__file__)"
    asked = subprocess.run(
        [installed / "python", "-c", where],
        cwd=tmp_path,
        env=clean_environment(),
        check=True,
        capture_output=True,
        text=True,
    )
    assert asked.stdout.startswith(str(installed.parent))
    data = str(tmp_path / "data")
    command = [str(installed / "relabel")]
    with running("serve", "--port", "0", "--data", data, command=command) as started:
        page = httpx.get(f"{started.address}/signin")
        assert page.status_code == 200
        style = httpx.get(f"{started.address}/static/base.css")
        assert style.status_code == 200
