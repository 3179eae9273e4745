"""docker-compose.yml is what Docker takes, where a client is there to ask."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def compose_command() -> list[str]:
    """`docker compose`, or the older `docker-compose`; skips without either."""
    for command in (["docker", "compose"], ["docker-compose"]):
        if shutil.which(command[0]) is None:
            continue
        asked = subprocess.run([*command, "version"], capture_output=True, text=True)
        if asked.returncode == 0:
            return command
    pytest.skip("no docker compose client is installed here")


def test_docker_compose_accepts_the_file() -> None:
    checked = subprocess.run(
        [*compose_command(), "config"], cwd=ROOT, capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stderr
    for service in ("web:", "worker:", "postgres:"):
        assert service in checked.stdout
    assert checked.stdout.count("healthcheck:") == 3


def test_the_image_runs_without_rights_and_from_the_lock_file() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    assert "USER relabel" in lines
    assert any("--require-hashes -r requirements.lock" in line for line in lines)
