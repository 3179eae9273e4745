"""The name of a batch rule, as forms and payloads send it: one of the registry's."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from app.review.batches.rules.registry import BY_NAME


def _known(name: str) -> str:
    if name not in BY_NAME:
        raise ValueError(f"there is no batch rule {name!r}; there are {', '.join(BY_NAME)}")
    return name


RuleName = Annotated[str, AfterValidator(_known), Field(json_schema_extra={"enum": [*BY_NAME]})]
