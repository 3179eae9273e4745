"""The desk and the grid in a real browser: `python -m bench.desk [--answers 200] [--json FILE]`.

Headless Chromium before the real web process on SQLite. A time runs from the key's own time stamp
to the second animation frame after the desk changed, so that the new example has been painted;
"to frame" stops at the first task after the first such frame, the earliest it can be seen.
"""

from __future__ import annotations

import argparse
import gzip
import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import Engine, func, select

from app.db.engine import open_engine, reading
from app.db.tables.review import Decision
from app.settings import shipped
from bench import desk_trials as trials
from bench.desk_site import (
    Filled,
    blob_store,
    fill,
    image_plan,
    make_people,
    many_labels,
    sign_in,
    text_plan,
)
from bench.running import database, fsync_milliseconds, web

READY = "() => document.querySelector('review-desk').answerable"
WATCH = """() => {
  window.took = { painted: [], framed: [], typed: [], script: [], shifts: [] };
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.took.shifts.push(entry.value);
  }).observe({ type: "layout-shift", buffered: true });
  const after = (event, name) => requestAnimationFrame(() => requestAnimationFrame(
    () => window.took[name].push(performance.now() - event.timeStamp)));
  const framed = (event) => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => window.took.framed.push(performance.now() - event.timeStamp);
    port2.postMessage(0);
  });
  let begun = 0;
  addEventListener("keydown", () => { begun = performance.now(); }, true);
  addEventListener("keydown", (event) => {
    window.took.script.push(performance.now() - begun);
    after(event, "painted");
    framed(event);
  });
  addEventListener("input", (event) => after(event, "typed"));
}"""
LOADED = """() => new Promise((resolve) => {
  const look = () => document.querySelector("review-desk").answerable
    ? resolve(performance.now() - 120) : requestAnimationFrame(look);
  look();
})"""
At = tuple[Browser, Engine, str]
BUDGET = {
    "answer to paint p95 ms": 50,
    "script p95 ms": 16,
    "layout shift": 0,
    "first load ms": 700,
    "typeahead p95 ms": 30,
    "JS kB gzip": 60,
    "CSS kB gzip": 20,
    "answer to paint p50 ms": 20,
    "Enter to paint p95 ms": 100,
    "closed tab gives back s": 5,
    "lost": 0,
    "doubled": 0,
    "memory growth MB": 20,
}


@dataclass
class Run:
    name: str
    figures: dict[str, float] = field(default_factory=dict)


def quantile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))] if values else 0.0


def open_desk(browser: Browser, engine: Engine, base: str, filled: Filled) -> Page:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    raw = sign_in(engine, list(filled.people.values())[1])
    context.add_cookies([{"name": "relabel", "value": raw, "url": base}])
    page = context.new_page()
    page.goto(f"{base}/review/{filled.batch_id}")
    return page


def warm(browser: Browser, base: str) -> None:
    """Browser and server have started: somebody has just signed in. Nothing of the desk is kept."""
    context = browser.new_context()
    context.new_page().goto(f"{base}/signin")
    context.close()


def answering(browser: Browser, engine: Engine, base: str, filled: Filled, answers: int) -> Run:
    """So many answers by keyboard, each once the desk would take it."""
    page = open_desk(browser, engine, base, filled)
    loaded = page.evaluate(LOADED)
    page.evaluate(WATCH)
    for turn in range(answers):
        page.wait_for_function(READY)
        page.keyboard.press("a" if turn % 3 else "2")
    page.wait_for_function(
        "() => document.querySelector('review-desk').outbox.pending.length === 0"
    )
    took: dict[str, list[float]] = page.evaluate("() => window.took")
    page.context.close()
    return Run(
        filled.slug,
        {
            "answers stored": stored(engine, filled.batch_id),
            "answer to paint p50 ms": quantile(took["painted"], 0.5),
            "answer to paint p95 ms": quantile(took["painted"], 0.95),
            "answer to frame p50 ms": quantile(took["framed"], 0.5),
            "answer to frame p95 ms": quantile(took["framed"], 0.95),
            "script p50 ms": quantile(took["script"], 0.5),
            "script p95 ms": quantile(took["script"], 0.95),
            "layout shift": sum(took["shifts"]),
            "first load ms": loaded,
        },
    )


def stored(engine: Engine, batch_id: int) -> int:
    with reading(engine) as session:
        query = select(func.count()).select_from(Decision).where(Decision.batch_id == batch_id)
        return session.scalar(query) or 0


def typing(browser: Browser, engine: Engine, base: str, filled: Filled) -> Run:
    """Letters typed into the field for any label."""
    page = open_desk(browser, engine, base, filled)
    page.wait_for_function(READY)
    page.evaluate(WATCH)
    for _ in range(10):
        page.keyboard.press("/")
        page.wait_for_timeout(60)
        for letter in "exch fai 7":
            page.keyboard.press(letter)
            page.wait_for_timeout(60)
        page.keyboard.press("Escape")
    took: dict[str, list[float]] = page.evaluate("() => window.took")
    page.context.close()
    return Run(
        f"{len(filled.labels):,} labels",
        {
            "typeahead p50 ms": quantile(took["typed"], 0.5),
            "typeahead p95 ms": quantile(took["typed"], 0.95),
        },
    )


def paging(browser: Browser, engine: Engine, base: str, filled: Filled, pages: int) -> Run:
    """Pages of 24 images confirmed by Enter."""
    took, stored_answers = trials.pages_of_tiles(browser, engine, base, filled, WATCH, pages=pages)
    return Run(
        "grid",
        {
            "answers stored": stored_answers,
            "Enter to paint p50 ms": quantile(took["painted"], 0.5),
            "Enter to paint p95 ms": quantile(took["painted"], 0.95),
            "script p95 ms": quantile(took["script"], 0.95),
            "layout shift": sum(took["shifts"]),
        },
    )


def on_keyboard(at: At, filled: Filled, layout: trials.Layout, asked: argparse.Namespace) -> Run:
    return Run(layout.name, trials.steady(*at, filled, layout, asked.answers))


def sizes() -> Run:
    """What a first visit loads, compressed."""
    static = shipped("static")
    folder = static / "review"
    scripts = [p for p in folder.glob("*.js") if p.name != "enter-link.js"]
    scripts += folder.glob("types/*.js")
    styles = [static / name for name in ("base.css", "tokens.css", "shell.css", "review/desk.css")]

    def packed(paths: list[Path]) -> float:
        return sum(len(gzip.compress(path.read_bytes())) for path in paths) / 1000

    return Run("files", {"JS kB gzip": packed(scripts), "CSS kB gzip": packed(styles)})


def measure(asked: argparse.Namespace) -> list[Run]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise SystemExit("bench.desk needs Chromium; install it from the system's packages.")
    with database("sqlite") as (url, folder):
        engine = open_engine(url)
        people = make_people(engine, ("Lena Koch", "Amira Said"))
        blobs = blob_store(folder)
        size = asked.answers + 20
        texts = fill(engine, text_plan(size), people)
        images = fill(engine, image_plan(engine, blobs, size, side=64), people)
        keyboards = {
            layout.name: fill(engine, text_plan(size, name=layout.name), people)
            for layout in trials.LAYOUTS
        }
        tiles = image_plan(engine, blobs, asked.pages * 48 + 96, side=64, grid=True, quality=0.99)
        grid = fill(engine, replace(tiles, labels=("Neutrophil", "Monocyte"), name="Tiles"), people)
        away = fill(engine, text_plan(40, name="Away"), people)
        killed = fill(engine, text_plan(asked.kills * 6 + 40, name="Killed"), people)
        shut = fill(engine, text_plan(40, name="Shut"), people)
        day = fill(engine, text_plan(asked.memory + 20, name="Day"), people)
        labels = fill(engine, text_plan(40, labels=many_labels(5_000)), people)
        runs = [Run("disk", {"fsync p50 ms": fsync_milliseconds(folder)}), sizes()]
        with web(url, folder) as site, sync_playwright() as playwright:
            base = f"http://127.0.0.1:{site.port}"
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            at: At = (browser, engine, base)
            warm(browser, base)
            trial: list[tuple[str, Callable[[], Run]]] = [
                ("text", lambda: answering(*at, texts, asked.answers)),
                ("image", lambda: answering(*at, images, asked.answers)),
                ("labels", lambda: typing(*at, labels)),
                ("grid", lambda: paging(*at, grid, asked.pages)),
                *(
                    (layout.name, partial(on_keyboard, at, keyboards[layout.name], layout, asked))
                    for layout in trials.LAYOUTS
                ),
                ("closed tab", lambda: Run("closed tab", trials.closed_tab(*at, shut))),
                (
                    "offline",
                    lambda: Run("offline", trials.offline(*at, away, seconds=asked.offline)),
                ),
                ("kills", lambda: Run("kills", trials.killed_tabs(*at, killed, times=asked.kills))),
                ("day", lambda: Run("day", trials.long_day(*at, day, answers=asked.memory))),
            ]
            for name, run in trial:
                if asked.only and name not in asked.only:
                    continue
                print(name, file=sys.stderr, flush=True)
                runs.append(run())
            browser.close()
        engine.dispose()
    return runs


def table(runs: list[Run]) -> str:
    lines = [f"{'what':<18}{'figure':<26}{'measured':>10}{'budget':>10}"]
    for run in runs:
        for name, value in run.figures.items():
            budget: Any = BUDGET.get(name)
            limit = "" if budget is None else f"{budget:g}"
            late = " over" if budget is not None and value > budget else ""
            lines.append(f"{run.name:<18}{name:<26}{value:>10.2f}{limit:>10}{late}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.desk", description=__doc__)
    parser.add_argument("--answers", type=int, default=200)
    parser.add_argument("--pages", type=int, default=20, help="pages of tiles")
    parser.add_argument("--offline", type=float, default=120.0, help="seconds without a network")
    parser.add_argument("--kills", type=int, default=50, help="tabs that die")
    parser.add_argument("--memory", type=int, default=2_000, help="answers of a long day")
    parser.add_argument("--only", nargs="*", help="of the trials, only these")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    runs = measure(asked)
    print(table(runs))
    read = {run.name: run.figures for run in runs}
    print(json.dumps(read))
    if asked.json:
        asked.json.write_text(json.dumps(read, indent=2) + "\n")


if __name__ == "__main__":
    main()
