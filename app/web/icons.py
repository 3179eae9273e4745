"""Our own small drawings (`static/icons`), 16 by 16, in the colour of the text beside them."""

from __future__ import annotations

from functools import cache

from markupsafe import Markup

from app.settings import shipped


@cache
def icon(name: str) -> Markup:
    """A drawing beside a word; it says nothing by itself, so readers aloud pass it by."""
    drawing = (shipped("static") / "icons" / f"{name}.svg").read_text().strip()
    return Markup(drawing)  # noqa: S704  # a file of ours
