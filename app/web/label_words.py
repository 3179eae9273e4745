"""What is said of a label: as a program sends it, and as a page kept what it showed."""

from __future__ import annotations

from app.datasets.label_changes import LabelChange
from app.web.payloads import Payload


class BeforePayload(Payload):
    """The label as the asker saw it: what somebody else changed since is not overwritten."""

    display: str | None = None
    description: str | None = None
    synonyms: list[str] | None = None
    key: str | None = None

    @property
    def change(self) -> LabelChange:
        return LabelChange(self.display, self.description, self.synonyms, self.key)
