"""Column types that both databases hold alike."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Integer, String
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

JsonObject = dict[str, object]
"""A JSON object whose fields only its reader knows."""


class Table(DeclarativeBase):
    """The root of every table."""

    type_annotation_map = {  # noqa: RUF012
        dict[str, Any]: JSON,
        JsonObject: JSON,
        list[Any]: JSON,
    }


class UtcDateTime(TypeDecorator[datetime]):
    """Aware times in, aware UTC out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time needs its zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Word(TypeDecorator[Any]):
    """An enum stored by its value, as plain text."""

    impl = String(32)
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else self.words(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.words(value)


# SQLite counts rows only in a column called INTEGER.
BigId = BigInteger().with_variant(Integer, "sqlite")


def identity() -> Mapped[int]:
    return mapped_column(BigId, primary_key=True, autoincrement=True)
