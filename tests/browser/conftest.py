"""A real browser before the real app: uvicorn on a free port, Debian's Chromium."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from sqlalchemy import Engine

from app.datasets.blobs import BlobStore
from app.db.engine import open_engine
from app.main import create_app
from app.settings import Settings
from bench.desk_site import Filled, Plan, blob_store, fill, make_people, sign_in

_KINDS = ("chromium-headless-shell", "chromium", "chromium-browser")  # the first has no windows
CHROMIUM = next(filter(None, map(shutil.which, _KINDS)), "")
NAMES = ("Lena Koch", "Amira Said", "Jonas Weber")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.skip("Chromium is not installed, so the browser tests are left out")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        launched.close()


@dataclass
class Site:
    """The app on its own port, with people who can sign in."""

    url: str
    engine: Engine
    blobs: BlobStore
    people: dict[str, int]
    browser: Browser
    contexts: list[BrowserContext] = field(default_factory=list)
    noise: list[str] = field(default_factory=list)

    def fill(self, plan: Plan) -> Filled:
        return fill(self.engine, plan, self.people)

    def open(self, name: str, path: str, **more: Any) -> Page:
        """A page in a context of its own, signed in as one of the people."""
        context = self.browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **more})
        self.contexts.append(context)
        raw = sign_in(self.engine, self.people[name])
        context.add_cookies([{"name": "relabel", "value": raw, "url": self.url}])
        return self.page(context, path)

    def page(self, context: BrowserContext, path: str) -> Page:
        page = context.new_page()
        page.on("pageerror", lambda error: self.noise.append(f"error: {error}"))
        page.on("console", lambda said: self._listen(said.type, said.text))
        page.goto(self.url + path)
        return page

    def _listen(self, kind: str, text: str) -> None:
        if kind == "error" and "net::ERR" not in text and "Failed to load resource" not in text:
            self.noise.append(text)


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    """What a browser shows does not depend on the database."""
    shutil.copy(sqlite_template, tmp_path / "relabel.sqlite")
    return f"sqlite:///{tmp_path / 'relabel.sqlite'}"


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """The app on a free port, and its address."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_config=None, access_log=False, ws="none", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)
    listening.close()


@pytest.fixture
def site(database_url: str, tmp_path: Path, browser: Browser) -> Iterator[Site]:
    engine = open_engine(database_url)
    app = create_app(Settings(data=tmp_path, log_level="ERROR"), engine=engine)
    with serving(app) as url:
        made = Site(url, engine, blob_store(tmp_path), make_people(engine, NAMES), browser)
        yield made
        for context in made.contexts:
            context.close()
    engine.dispose()


@pytest.fixture
def until() -> Callable[[Callable[[], object]], None]:
    """Wait for something the server's side will show; ten seconds are a failure."""

    def wait(shown: Callable[[], object]) -> None:
        end = time.monotonic() + 10
        while not shown():
            assert time.monotonic() < end, "it did not come to pass within ten seconds"
            time.sleep(0.02)

    return wait
