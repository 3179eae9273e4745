"""How a file is read, as a form or a payload says it: the registry's parts, no others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pydantic import create_model

from app.datasets.reading_parts import PARTS
from app.web.forms import FormInput
from app.web.payloads import Payload


class ReadingInput(FormInput):
    def said(self) -> Mapping[str, str]:
        """Every part: the page sends them all, and an empty one is to be found again."""
        return {name: getattr(self, name) for name in PARTS}


class ReadingSent(Payload):
    def said(self) -> Mapping[str, str]:
        """What was sent; an empty part is to be found again, a missing one stays."""
        sent = {name: getattr(self, name) for name in PARTS}
        return {name: value for name, value in sent.items() if value is not None}


if TYPE_CHECKING:
    ReadingForm = ReadingInput
    ReadingPayload = ReadingSent
else:  # one field a part, so that the site's own description tells them
    ReadingForm = create_model(
        "ReadingForm", __base__=ReadingInput, **dict.fromkeys(PARTS, (str, ""))
    )
    ReadingPayload = create_model(
        "ReadingPayload", __base__=ReadingSent, **dict.fromkeys(PARTS, (str | None, None))
    )
