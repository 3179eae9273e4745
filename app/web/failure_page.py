"""What the page of a failure says: what happened, what is safe, what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from app.errors import Failure
from app.web.onward import onward
from app.web.render import render

NEXT_STEP = {  # where a failure does not say one itself
    400: "Go back and try again.",
    403: "Ask a lead or an admin if you need it.",
    404: "Check the address. What it led to may have moved, or is not open to you.",
    405: "Go back and use the buttons of the page.",
    409: "Go back to see what changed, then do it again.",
    413: "Send it in smaller parts.",
    422: "Go back, correct it and send it again.",
}


@dataclass(frozen=True, slots=True)
class FailurePage:
    """What happened, what is safe, what to do next."""

    title: str
    detail: str
    safe: str
    next_step: str
    reference: str
    status: int
    again: str  # the same page, where another try may help
    back: str  # the page whose form was sent or whose link was followed


def draw_failure(request: Request, failure: Failure, *, status: int) -> Response:
    page = failure_page(request, failure, status=status)
    return render(request, "failure.html", page, status=status)


def failure_page(request: Request, failure: Failure, *, status: int) -> FailurePage:
    """The page of a failure; `status` tells whether another try may help."""
    looks = request.method in ("GET", "HEAD")
    same = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    before = _page_before(request)
    return FailurePage(
        failure.title,
        failure.detail,
        _what_is_safe(request, failure, looks=looks),
        failure.next_step or NEXT_STEP.get(status, "Try again."),
        request.scope.get("state", {}).get("reference", ""),
        status,
        again=same if looks and status >= 500 else "",
        back=before if before != same else "",
    )


def _what_is_safe(request: Request, failure: Failure, *, looks: bool) -> str:
    stored = "Nothing was changed." if looks else "Nothing of this was stored."
    if failure.says_what_is_safe:
        stored = ""
    asker = request.scope.get("state", {}).get("asker")
    return f"{stored} Answers given so far are safe.".strip() if asker else stored


def _page_before(request: Request) -> str:
    """The page of ours that led here, if the browser tells."""
    try:
        before = urlsplit(request.headers.get("referer", ""))
    except ValueError:
        return ""
    if before.scheme not in ("http", "https") or before.netloc != request.headers.get("host"):
        return ""
    wanted = before.path + (f"?{before.query}" if before.query else "")
    allowed = onward(request.app, wanted)
    return allowed if allowed == wanted else ""
