"""What the desk must stand: foreign keyboards, two minutes offline, killed tabs, a long day."""

from __future__ import annotations

import random
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page
from playwright.sync_api import Error as PageGone
from sqlalchemy import Engine, func, select

from app.db.engine import reading
from app.db.tables.review import Decision, Lease
from app.db.words import Verdict
from bench.desk_site import Filled, sign_in

READY = "() => document.querySelector('review-desk')?.answerable"
SENT = "() => document.querySelector('review-desk').outbox.pending.length === 0"
SHOWN = """() => {
  const { shown } = document.querySelector("review-desk").course;
  const option = document.querySelector('.option[aria-keyshortcuts~="2"]');
  return [shown.example, shown.given, Number(option?.dataset.label)];
}"""
KEPT = """() => {
  const { outbox } = document.querySelector("review-desk");
  const { store } = outbox;
  const keep = store.keep.bind(store);
  store.keep = (entry) => keep(entry).then((value) => {
    if (entry.kind === "decision") console.log(`kept ${entry.key}`);
    return value;
  });
}"""
PERIOD = 0.2  # seconds between answers: five a second


@dataclass(frozen=True)
class Layout:
    """What a keyboard reports for the keys that are pressed: (key, code) each."""

    name: str
    confirm: tuple[str, str]
    second: tuple[str, str]
    undo: tuple[str, str]


QWERTY = Layout("QWERTY", ("a", "KeyA"), ("2", "Digit2"), ("z", "KeyZ"))
QWERTZ = Layout("QWERTZ", ("a", "KeyA"), ("2", "Digit2"), ("z", "KeyY"))
AZERTY = Layout("AZERTY", ("a", "KeyQ"), ("é", "Digit2"), ("z", "KeyW"))
LAYOUTS = (QWERTY, QWERTZ, AZERTY)


def signed_in(browser: Browser, engine: Engine, base: str, filled: Filled, who: int = 1) -> Any:
    """A context of one of the project's people; the first of them leads it."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    raw = sign_in(engine, list(filled.people.values())[who])
    context.add_cookies([{"name": "relabel", "value": raw, "url": base}])
    return context


def at_desk(context: BrowserContext, base: str, filled: Filled, path: str = "") -> Page:
    page = context.new_page()
    page.goto(f"{base}/review/{filled.batch_id}{path}")
    return page


def strike(page: Page, pressed: tuple[str, str]) -> None:
    """A key as its keyboard reports it, by its character and by its place."""
    key, code = pressed
    session = page.context.new_cdp_session(page)
    down = {"type": "keyDown", "key": key, "code": code, "text": key}
    session.send("Input.dispatchKeyEvent", down)
    session.send("Input.dispatchKeyEvent", {"type": "keyUp", "key": key, "code": code})
    session.detach()


def decided(engine: Engine, batch_id: int) -> list[Decision]:
    with reading(engine) as session:
        query = select(Decision).where(Decision.batch_id == batch_id).order_by(Decision.seq)
        return list(session.scalars(query))


def doubled(given: list[Decision]) -> int:
    """Examples with two first answers of one person, none of which replaces the other."""
    count = Counter((one.example_id, one.person_id) for one in given if one.supersedes is None)
    return sum(times - 1 for times in count.values())


def steady(
    browser: Browser, engine: Engine, base: str, filled: Filled, layout: Layout, answers: int
) -> dict[str, float]:
    """Five answers a second on a keyboard: each is stored once, as the label that was shown."""
    context = signed_in(browser, engine, base, filled)
    page = at_desk(context, base, filled)
    meant: dict[int, tuple[Verdict, int | None]] = {}
    begun = time.perf_counter()
    for turn in range(answers):
        page.wait_for_function(READY)
        example, given, second = page.evaluate(SHOWN)
        confirms = bool(turn % 3) or second == given
        meant[example] = (Verdict.CONFIRM, None) if confirms else (Verdict.RELABEL, second)
        strike(page, layout.confirm if turn % 3 else layout.second)
        left = begun + (turn + 1) * PERIOD - time.perf_counter()
        if left > 0:
            time.sleep(left)
    page.wait_for_function(SENT)
    took = time.perf_counter() - begun
    strike(page, layout.undo)
    page.wait_for_function(READY)
    undone = page.evaluate(SHOWN)[0] == example
    context.close()
    given_answers = decided(engine, filled.batch_id)
    right = sum(meant.get(d.example_id) == (d.verdict, d.label_id) for d in given_answers)
    return {
        "answers stored": len(given_answers),
        "stored as meant": right,
        "doubled": doubled(given_answers),
        "answers a second": answers / took,
        "undone by its letter": int(undone),
    }


def offline(
    browser: Browser, engine: Engine, base: str, filled: Filled, *, seconds: float
) -> dict[str, float]:
    """The held examples are answered without a network, then it comes back."""
    context = signed_in(browser, engine, base, filled)
    page = at_desk(context, base, filled)
    page.wait_for_function(READY)
    page.wait_for_function("() => document.querySelector('review-desk').held.ahead.length === 7")
    context.set_offline(True)
    answered, until = 0, time.monotonic() + seconds
    while answered < 8:
        page.wait_for_function(READY)
        page.keyboard.press("a")
        answered += 1
    page.wait_for_timeout(max(0.0, until - time.monotonic()) * 1000)
    context.set_offline(False)
    back = time.perf_counter()
    page.wait_for_function(SENT, timeout=90_000)
    took = time.perf_counter() - back
    context.close()
    given = decided(engine, filled.batch_id)
    return {
        "answered offline": answered,
        "lost": answered - len(given),
        "doubled": doubled(given),
        "sent again after s": took,
    }


def killed_tabs(
    browser: Browser, engine: Engine, base: str, filled: Filled, *, times: int, seed: int = 1
) -> dict[str, float]:
    """A tab dies at random moments; whatever was kept on the device arrives, once."""
    rng = random.Random(seed)
    context = signed_in(browser, engine, base, filled)
    kept: set[str] = set()

    def hear(said: Any) -> None:
        if said.text.startswith("kept "):
            kept.add(said.text.removeprefix("kept "))

    for turn in range(times):
        page = at_desk(context, base, filled)
        page.on("console", hear)
        page.wait_for_function(READY)
        page.evaluate(KEPT)
        with suppress(PageGone):
            for _ in range(rng.randrange(1, 6)):
                page.wait_for_function(READY)
                page.keyboard.press("a" if rng.random() < 0.7 else "2")
            page.wait_for_timeout(rng.uniform(0, 60))
        _kill(page, crash=turn % 2 == 0)
    last = at_desk(context, base, filled)
    last.wait_for_function(READY)
    last.wait_for_function(SENT, timeout=90_000)
    context.close()
    given = decided(engine, filled.batch_id)
    stored = {one.idempotency_key for one in given}
    return {
        "tabs killed": times,
        "answers kept on the device": len(kept),
        "answers stored": len(given),
        "lost": len(kept - stored),
        "doubled": doubled(given),
    }


def _kill(page: Page, *, crash: bool) -> None:
    """The renderer dies, or the tab closes; either way nothing more runs in it."""
    if crash:
        with suppress(PageGone):
            page.goto("chrome://crash", timeout=2_000)
    page.close()


def closed_tab(browser: Browser, engine: Engine, base: str, filled: Filled) -> dict[str, float]:
    """How soon others can have what a closed tab held."""
    context = signed_in(browser, engine, base, filled)
    page = at_desk(context, base, filled)
    page.wait_for_function(READY)
    page.wait_for_function("() => document.querySelector('review-desk').held.ahead.length === 7")
    held = _held(engine, filled.batch_id)
    begun = time.perf_counter()
    page.close(run_before_unload=True)
    while _held(engine, filled.batch_id) and time.perf_counter() - begun < 60:
        time.sleep(0.01)
    took = time.perf_counter() - begun
    context.close()
    return {"held by the tab": held, "closed tab gives back s": took}


def _held(engine: Engine, batch_id: int) -> int:
    with reading(engine) as session:
        live = select(func.count()).where(Lease.batch_id == batch_id, Lease.ended_at.is_(None))
        return session.scalar(live) or 0


def long_day(
    browser: Browser, engine: Engine, base: str, filled: Filled, *, answers: int
) -> dict[str, float]:
    """What the page holds after so many answers, beside what it held after fifty."""
    context = signed_in(browser, engine, base, filled)
    page = at_desk(context, base, filled)
    session = context.new_cdp_session(page)
    session.send("Performance.enable")
    first = 0.0
    for turn in range(answers):
        page.wait_for_function(READY)
        page.keyboard.press("a" if turn % 3 else "2")
        if turn == 49:
            first = _heap(session)
    page.wait_for_function(SENT)
    grown = _heap(session) - first
    context.close()
    return {"answers stored": len(decided(engine, filled.batch_id)), "memory growth MB": grown}


def _heap(session: Any) -> float:
    session.send("HeapProfiler.collectGarbage")
    metrics = session.send("Performance.getMetrics")["metrics"]
    return float(next(m["value"] for m in metrics if m["name"] == "JSHeapUsedSize")) / 1e6


def pages_of_tiles(
    browser: Browser, engine: Engine, base: str, filled: Filled, watch: str, *, pages: int
) -> tuple[dict[str, list[float]], int]:
    """Enter on the grid, page after page: what the watcher saw, and what was stored."""
    context = signed_in(browser, engine, base, filled)
    page = at_desk(context, base, filled, "/grid")
    seen = "() => document.querySelector('review-grid').answerable"
    ahead = "() => document.querySelector('review-grid').supply.ahead.length >= 24"
    page.wait_for_function(seen)
    page.evaluate(watch)
    for _ in range(pages):
        page.wait_for_function(seen)
        page.wait_for_function(ahead)
        page.keyboard.press("Enter")
    page.wait_for_function(
        "() => document.querySelector('review-grid').outbox.pending.length === 0"
    )
    took: dict[str, list[float]] = page.evaluate("() => window.took")
    context.close()
    return took, len(decided(engine, filled.batch_id))
