"""`relabel serve` as real processes: start, refuse, survive, stop."""

from __future__ import annotations

import os
import re
import signal
import socket
import sqlite3
import stat
import subprocess
from contextlib import closing
from pathlib import Path

import httpx
import psutil
import pytest

from tests.running.processes import (
    RELABEL,
    Running,
    clean_environment,
    relabel,
    running,
    serve,
    until,
)

AGAIN = "The web process was started again."


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


def test_a_web_process_that_dies_again_and_again_is_begun_again_within_a_second(
    tmp_path: Path,
) -> None:
    """With the second that its start takes on an idle machine it is back within two."""
    with running(*serve(tmp_path, "--no-worker")) as started:
        assert answers(started.address)
        for times in range(1, 6):
            victim = children(started)["web"]
            victim.kill()
            until(lambda now=times: started.said.count(AGAIN) == now)
            assert children(started)["web"].pid != victim.pid
        until(lambda: answers(started.address))
        pauses = re.findall(r"web process ended \(signal 9\); .+ again in (.+) s", started.said)
        assert len(pauses) == 5 and max(map(float, pauses)) <= 0.8


def beside_the_database(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("relabel.sqlite-*"))


def people(folder: Path) -> int:
    """Read from the one file alone, as a copy of it would be."""
    file = folder / "relabel.sqlite"
    with closing(sqlite3.connect(f"file:{file}?mode=ro&immutable=1", uri=True)) as copy:
        count: int = copy.execute("SELECT count(*) FROM person").fetchone()[0]
    return count


def set_up(started: Running) -> None:
    """Make the first account through the link that was printed."""
    link = next(line.strip() for line in started.lines if "/setup?token=" in line)
    with httpx.Client(base_url=started.address) as client:
        page = client.get(link)
        hidden = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page.text))
        form = {"name": "Kim", "email": "kim@example.org", "password": "four plain purple otters"}
        made = client.post("/setup", data=hidden | form)
        assert made.status_code == 303, made.text


@pytest.mark.parametrize("killed", ["", "web", "worker"])
def test_a_stop_leaves_all_that_was_stored_in_one_file(tmp_path: Path, killed: str) -> None:
    with running(*serve(tmp_path)) as started:
        assert started.address
        until(lambda: set(children(started)) == {"web", "worker"})
        set_up(started)
        assert beside_the_database(tmp_path)
        if killed:
            children(started)[killed].kill()
        assert started.ask_to_end() == 0
    assert beside_the_database(tmp_path) == []
    assert people(tmp_path) == 1


def test_whoever_stops_brings_its_part_into_the_file_while_others_work_on(tmp_path: Path) -> None:
    place = ("--data", str(tmp_path))
    with running(*serve(tmp_path, "--no-worker")) as web, running("worker", *place) as worker:
        assert web.address
        worker.wait_for("worker_ready")
        set_up(web)
        assert web.ask_to_end() == 0
        assert people(tmp_path) == 1
        assert worker.ask_to_end() == 0
    assert beside_the_database(tmp_path) == []


def test_a_command_leaves_one_file(tmp_path: Path) -> None:
    (tmp_path / "topics.csv").write_text("id,text,label\n1,rain,weather\n2,goal,sports\n")
    data = tmp_path / "data"
    ended = relabel("import", "Topics", str(tmp_path / "topics.csv"), "--yes", "--data", str(data))
    assert ended.returncode == 0, ended.stderr
    assert (data / "relabel.sqlite").is_file() and beside_the_database(data) == []


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


def test_in_a_terminal_it_says_its_address_and_nothing_else(tmp_path: Path) -> None:
    seen, terminal = os.openpty()
    with subprocess.Popen(
        [*RELABEL, *serve(tmp_path / "data")],
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=terminal,
        text=True,
    ) as process:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line.strip())
            if "Ctrl+C" in line:
                break
        address = said[0].removeprefix("Relabel is at ")
        until(lambda: httpx.get(f"{address}/readyz").json()["ready"], "the worker")
        process.terminate()
        assert process.wait(timeout=30) == 0
    os.set_blocking(seen, False)
    with pytest.raises(BlockingIOError):
        os.read(seen, 1)
    for end in (seen, terminal):
        os.close(end)
