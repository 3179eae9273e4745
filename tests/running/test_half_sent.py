"""Half a request keeps no connection: the real server closes it after twenty seconds."""

from __future__ import annotations

import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

from tests.running.processes import running, serve

HEAD = b"POST /signin HTTP/1.1\r\nHost: localhost\r\n"
FORM = b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 500\r\n\r\n"
JSON = b"Content-Type: application/json\r\nContent-Length: 500\r\n\r\n"
SENT = {
    "nothing": b"",
    "half a head": HEAD[:30],
    "a head that goes on and on": HEAD,
    "half a body": HEAD + FORM + b"email=",
    "half a body of somebody unknown": HEAD.replace(b"/signin", b"/api/v1/grid") + JSON + b"{",
}
CUT, SLACK = 20, 5


def test_half_a_request_is_cut_after_twenty_seconds(tmp_path: Path) -> None:
    with running(*serve(tmp_path, "--no-worker")) as started:
        place = urlsplit(started.address)
        begun = time.monotonic()
        open_ones = {}
        for name, content in SENT.items():
            connection = socket.create_connection((place.hostname or "", place.port or 0))
            connection.sendall(content)
            open_ones[name] = connection
        endless = open_ones["a head that goes on and on"]
        while time.monotonic() - begun < CUT - 2:
            time.sleep(1)
            endless.sendall(b"X-Slow: 1\r\n")  # still coming, never whole
        heard = {}
        for name, connection in open_ones.items():
            connection.settimeout(max(0.1, begun + CUT + SLACK - time.monotonic()))
            heard[name] = b""
            while piece := connection.recv(65_536):
                heard[name] += piece
            connection.close()
        assert (
            heard["nothing"] == heard["half a head"] == heard["a head that goes on and on"] == b""
        )
        assert heard["half a body"].startswith(b"HTTP/1.1 408")
        assert b"Nothing was stored." in heard["half a body"]
        assert heard["half a body of somebody unknown"].startswith(b"HTTP/1.1 401")
