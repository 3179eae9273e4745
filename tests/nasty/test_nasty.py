"""Every bad input ends as the table says, and never as a crash.

A case meets one database here and the other over HTTP (`test_nasty_api.py`).
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, func, select

from app.datasets.labels import labels_of
from app.db.engine import reading
from app.db.tables.datasets import Example, LeftOut
from app.db.words import ImportState
from app.settings import Settings
from tests.datasets.bringing import bring_in
from tests.nasty.cases import CASES, Case
from tests.nasty.conftest import each_case, on_both


def test_the_table_has_every_case_once() -> None:
    wanted = {f"C{n}" for n in range(1, 30)} | {f"L{n}" for n in range(1, 18)}
    wanted |= {f"J{n}" for n in range(1, 11)} | {f"P{n}" for n in range(1, 13)}
    wanted |= {f"Q{n}" for n in range(2, 7)} | {f"Z{n}" for n in range(1, 7)}
    wanted |= {f"I{n}" for n in range(1, 10)}
    assert len(wanted) == 88  # X7 has a test of its own
    assert wanted <= {case.id.split("-")[0] for case in CASES}
    assert len({case.id for case in CASES}) == len(CASES)


@each_case(CASES, turn=0)
def test_a_bad_input_ends_as_the_table_says(
    both: list[Engine], tmp_path: Path, case: Case, database: int
) -> None:
    engine, given = both[database], case.make(tmp_path)
    settings = Settings(data=tmp_path / engine.dialect.name)
    result = bring_in(engine, settings, f"case {case.id}", given.file, **given.options)
    where = (engine.dialect.name, result.problems, result.obstacles)
    assert set(result.codes) == case.codes, where
    found = [*result.problems, *result.obstacles]
    assert all(item["message"] and item["fix"] and "?" not in item["message"] for item in found)
    assert all(item["row"] for item in result.problems)
    with reading(engine) as session:
        imported = select(func.count()).where(Example.import_id == result.import_id)
        left = select(func.count()).where(LeftOut.import_id == result.import_id)
        assert session.scalar(imported) == case.good
        if case.good:
            assert result.state is ImportState.DONE
            assert case.good + (session.scalar(left) or 0) == result.rows_read
        else:
            assert result.state is ImportState.STAGED and result.obstacles
        if case.labels is not None:
            project = session.scalars(
                select(Example.project_id).where(Example.import_id == result.import_id)
            ).first()
            assert project is not None
            assert tuple(label.name for label in labels_of(session, project)) == case.labels


def test_x7_the_same_bytes_again_are_the_same_import(both: list[Engine], tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,text,label\n1,one fish,a\n2,two fish,b\n")

    def twice(engine: Engine) -> None:
        settings = Settings(data=tmp_path / engine.dialect.name)
        first, again = (bring_in(engine, settings, "case X7", path) for _ in range(2))
        assert again.already_there and again.import_id == first.import_id
        with reading(engine) as session:
            count = select(func.count()).where(Example.import_id == first.import_id)
            assert session.scalar(count) == 2

    on_both(both, twice)
