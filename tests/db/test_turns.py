"""Who writes many parts in a row lets others write between them, whatever the database."""

from __future__ import annotations

import threading
import time

from sqlalchemy import Engine, func, insert, select

from app.db.engine import database_now, open_engine, reading, writing, writing_a_part
from app.db.tables.accounts import Activity

PARTS, ANSWERS = 60, 12


def _note(engine: Engine, kind: str, *, parts: bool) -> None:
    turn = writing_a_part if parts else writing
    with turn(engine) as session:
        row = {"at": database_now(session), "kind": kind, "detail": {}}
        session.execute(insert(Activity), [row])
        if parts:
            time.sleep(0.02)  # what a part takes


def _count(engine: Engine, kind: str) -> int:
    with reading(engine) as session:
        counted = session.scalar(select(func.count()).where(Activity.kind == kind))
        return counted or 0


def test_a_writer_elsewhere_gets_its_turn_between_two_parts(engine: Engine) -> None:
    elsewhere = open_engine(engine.url.render_as_string(hide_password=False))

    def write_parts() -> None:
        for _ in range(PARTS):
            _note(engine, "part", parts=True)

    long = threading.Thread(target=write_parts)
    long.start()
    while not _count(elsewhere, "part"):
        time.sleep(0.001)
    for answered in range(ANSWERS):
        _note(elsewhere, "answer", parts=False)
        assert _count(elsewhere, "answer") == answered + 1
    assert _count(elsewhere, "part") < PARTS, "the answers waited for the last part"
    long.join()
    assert _count(engine, "part") == PARTS
    elsewhere.dispose()
