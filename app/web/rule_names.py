"""The name of a batch rule, as forms and payloads send it: one of the registry's."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from app.review.batches.rules.registry import RULES


def _known(name: str) -> str:
    if name not in RULES:
        raise ValueError(f"there is no batch rule {name!r}; there are {', '.join(RULES)}")
    return name


RuleName = Annotated[str, AfterValidator(_known), Field(json_schema_extra={"enum": [*RULES]})]
