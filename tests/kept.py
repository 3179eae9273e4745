"""The rows of one database, kept to be put into others that are empty."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Insert, column, func, insert, select, table, text
from sqlalchemy.orm import Session

from app.db.dialects import is_sqlite
from app.db.types import Table

Lines = list[dict[str, Any]]


@dataclass(frozen=True)
class Kept:
    """What `put` says, made ready."""

    inserts: list[tuple[Insert, Lines]]
    numbered: dict[str, int]  # tables that count their rows, and the last number

    @classmethod
    def of(cls, session: Session) -> Kept:
        """All rows there are, in an order in which they can be put back."""
        inserts, numbered = [], {}
        for one in Table.metadata.sorted_tables:
            alike: dict[tuple[str, ...], Lines] = defaultdict(list)
            for row in session.execute(select(one)).mappings():
                told = {name: value for name, value in row.items() if value is not None}
                alike[tuple(told)].append(told)
            inserts += [(insert(one), lines) for lines in alike.values()]
            if alike and one.autoincrement_column is not None:
                name = one.autoincrement_column.name
                last = select(func.max(column(name))).select_from(table(one.name))
                numbered[f"'{one.name}', '{name}'"] = session.execute(last).scalar_one()
        return cls(inserts, numbered)

    def put(self, session: Session) -> None:
        for statement, lines in self.inserts:
            session.execute(statement, lines)
        if not is_sqlite(session):  # which counts on from the highest by itself
            ends = (
                f"setval(pg_get_serial_sequence({name}), {last})"
                for name, last in self.numbered.items()
            )
            session.execute(text(f"SELECT {', '.join(ends)}"))
