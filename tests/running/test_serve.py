"""`relabel serve` as real processes: start, refuse, survive, stop."""

from __future__ import annotations

import os
import signal
import socket
import stat
from pathlib import Path

import httpx
import psutil
import pytest

from tests.running.processes import Running, relabel, running, serve, until


def children(started: Running) -> dict[str, psutil.Process]:
    """The web and worker processes of a supervisor."""
    found = {}
    for child in psutil.Process(started.process.pid).children(recursive=True):
        try:
            words = " ".join(child.cmdline())
        except psutil.NoSuchProcess:
            continue
        for name, module in (("web", "app.cli.web_child"), ("worker", "app.worker")):
            if module in words:
                found[name] = child
    return found


def answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/healthz", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def test_the_first_start_names_its_place_and_prints_the_setup_link(tmp_path: Path) -> None:
    with running(*serve(tmp_path / "data")) as started:
        address = started.address
        assert f"Data directory: {tmp_path / 'data'}" in started.said
        link = next(line.strip() for line in started.lines if "/setup?token=" in line)
        assert httpx.get(link).status_code == 200
        assert httpx.get(f"{address}/", follow_redirects=False).status_code == 303
        assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
        ready = httpx.get(f"{address}/readyz").json()
        assert ready["ready"]


def test_a_second_start_on_the_same_directory_is_refused_with_75(tmp_path: Path) -> None:
    with running(*serve(tmp_path)) as started:
        assert answers(started.address)
        second = relabel(*serve(tmp_path))
        assert second.returncode == 75
        assert "data_dir_in_use" in second.stderr
        assert answers(started.address)


def test_sigterm_stops_web_and_worker_with_zero(tmp_path: Path) -> None:
    with running(*serve(tmp_path)) as started:
        address = started.address
        both = children(started)
        assert set(both) == {"web", "worker"}
        assert started.ask_to_end() == 0
        assert not answers(address)
        assert not any(child.is_running() for child in both.values())


@pytest.mark.parametrize("name", ["web", "worker"])
def test_a_killed_child_is_started_again(tmp_path: Path, name: str) -> None:
    with running(*serve(tmp_path)) as started:
        address = started.address
        until(lambda: name in children(started))
        victim = children(started)[name]
        victim.kill()

        def another() -> bool:
            found = children(started).get(name)
            return found is not None and found.pid != victim.pid

        until(another, f"{name} was not started again")
        until(lambda: answers(address))
        assert f"The {name} process ended (signal 9)" in started.said


def test_children_leave_when_their_supervisor_is_killed(tmp_path: Path) -> None:
    with running(*serve(tmp_path)) as started:
        assert started.address
        both = children(started)
        os.kill(started.process.pid, signal.SIGKILL)
        until(lambda: not any(child.is_running() for child in both.values()))
        with running(*serve(tmp_path)) as again:
            assert answers(again.address)


def test_listening_beyond_this_machine_without_https_is_refused_with_78(tmp_path: Path) -> None:
    refused = relabel(*serve(tmp_path, "--host", "0.0.0.0"))
    assert refused.returncode == 78
    assert "unencrypted" in refused.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("options", "environment"),
    [
        (("--insecure-http",), {}),
        ((), {"RELABEL_PUBLIC_URL": "https://relabel.example.org"}),
    ],
)
def test_a_network_address_is_fine_behind_https_or_on_request(
    tmp_path: Path, options: tuple[str, ...], environment: dict[str, str]
) -> None:
    arguments = serve(tmp_path, "--host", "0.0.0.0", "--no-worker", *options)
    with running(*arguments, **environment) as started:
        started.wait_for("Ctrl+C stops it.")
        assert set(children(started)) == {"web"}


def test_a_port_that_is_taken_is_said_at_once(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        refused = relabel("serve", "--port", port, "--data", str(tmp_path))
    assert refused.returncode == 1
    assert f"Port {port}" in refused.stderr
    assert "--port" in refused.stderr
