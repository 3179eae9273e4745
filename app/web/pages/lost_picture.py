"""What stands in the place of a picture that is missing or was altered: words, as a picture."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response

from app.errors import Altered, Gone
from app.web.failures import status_of
from app.web.site import site_of


@dataclass(frozen=True, slots=True)
class LostPicture:
    title: str
    next_step: str


def wants_picture(request: Request) -> bool:
    """Whether the place of a picture asks: a browser shows one whatever the status says."""
    return request.headers.get("accept", "").startswith("image/")


def lost_picture(request: Request, lost: Gone) -> Response:
    title = "Picture was altered" if isinstance(lost, Altered) else "Picture is missing"
    page = LostPicture(title, "Skip it and tell an admin.")
    drawn = site_of(request).templates.get_template("examples/lost.svg").render(page=page)
    return Response(drawn, status_of(lost), media_type="image/svg+xml")
