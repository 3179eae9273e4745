"""What JSON bodies are made of: named fields of a stated type, and nothing beside them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, model_validator
from pydantic_core.core_schema import CoreSchema, literal_schema

from app.errors import Invalid

LARGEST_ID = 2**63 - 1
MOST_KEYS = 200  # of one object
_unstorable = re.compile("[\x00\ud800-\udfff]")  # NUL and lone halves of surrogate pairs

T = TypeVar("T")
Chosen = Annotated[T, Field(strict=False)]
"""A word of an enum, or a UUID or time spelled as text: `verdict: Chosen[Verdict]`."""


@dataclass(frozen=True)
class OneOf:
    """A name of a registry: `Annotated[str, OneOf(FORMATS)]`. Any other is refused with these."""

    names: Iterable[str]

    def __get_pydantic_core_schema__(
        self, source: type[object], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return literal_schema(list(self.names))


Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
PathId = Annotated[int, Path(ge=1, le=LARGEST_ID)]


def check_text(text: str) -> str:
    if _unstorable.search(text):
        raise ValueError("text holds a character that cannot be stored")
    return text


def check_all(value: object) -> None:
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            check_text(item)
        elif isinstance(item, dict):
            if len(item) > MOST_KEYS:
                raise Invalid(
                    f"An object in the body has {len(item):,} keys; {MOST_KEYS} are the most.",
                    next_step="Take out what is not needed, or send it in parts.",
                    code="too_many_keys",
                )
            waiting.extend(item)
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)


class Payload(BaseModel):
    """The root of every JSON body: unknown fields, `true` for 1, NaN and NUL are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _storable(cls, data: object) -> object:
        check_all(data)
        return data
