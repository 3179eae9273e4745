"""Failures become HTTP here, once: a page for people, `application/problem+json` for programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.accounts.sessions import WrongPassword
from app.db.failures import OUT_OF_RANGE, RAISED, failure_of, out_of_range
from app.errors import (
    Conflict,
    DatabaseDamaged,
    DataProblem,
    DiskFull,
    Failure,
    Forbidden,
    Gone,
    Invalid,
    NotFound,
    Outage,
    SignInNeeded,
    TooLarge,
    TooMany,
)
from app.web.asked import wants_json
from app.web.site import site_of

log = structlog.get_logger("relabel")


class Malformed(Failure):
    """The request itself is not well formed."""

    code = "malformed"
    title = "The request is not well formed"


class WrongMedia(Failure):
    code = "wrong_media_type"
    title = "Send it as JSON"


class WrongMethod(Failure):
    code = "wrong_method"
    title = "This cannot be done here"


class TooSlow(Failure):
    code = "too_slow"
    title = "The request did not arrive"
    says_what_is_safe = True


class Broken(Failure):
    code = "broken"
    title = "Something went wrong on our side"
    says_what_is_safe = True


class Moved(Exception):
    """The page lives under another address now."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


STATUS: dict[type[Failure], int] = {
    NotFound: 404,
    Gone: 410,
    SignInNeeded: 401,
    WrongPassword: 401,
    Forbidden: 403,
    Invalid: 422,
    DataProblem: 422,
    Conflict: 409,
    TooMany: 429,
    TooSlow: 408,
    TooLarge: 413,
    Malformed: 400,
    WrongMedia: 415,
    WrongMethod: 405,
    Outage: 503,
    DiskFull: 507,
    DatabaseDamaged: 500,
    Broken: 500,
}
BY_STATUS: dict[int, Callable[[], Failure]] = {
    401: SignInNeeded,
    403: lambda: Forbidden("This is not allowed."),
    404: NotFound,
    405: lambda: WrongMethod("This address does not take that method."),
    413: lambda: TooLarge("The body is larger than this address takes."),
    415: lambda: WrongMedia("The body has a type that this address does not take."),
}


def status_of(failure: Failure) -> int:
    for kind in type(failure).__mro__:
        if kind in STATUS:
            return STATUS[kind]
    return 400


def safe_json(value: Mapping[str, object]) -> bytes:
    """JSON in plain ASCII that no browser could take for markup."""
    text = json.dumps(value, allow_nan=False)
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text.encode()


def problem(failure: Failure, reference: str) -> Response:
    body = {
        "code": failure.code,
        "title": failure.title,
        "detail": failure.detail,
        "next_step": failure.next_step,
        "reference": reference,
        **failure.extra,
    }
    return Response(safe_json(body), status_of(failure), media_type="application/problem+json")


def answer(request: Request, failure: Failure) -> Response:
    """The one place where a failure gets its form and its status."""
    if wants_json(request):
        response = problem(failure, request.scope.get("state", {}).get("reference", ""))
    else:  # whoever wired the site said who draws them: the frame stands above failures
        draw = site_of(request).failure_page
        response = draw(request, failure, status=status_of(failure))
    if isinstance(failure, TooSlow):
        response.headers["Connection"] = "close"  # what is still to come is no other request
    if failure.retry_after is not None:
        response.headers["Retry-After"] = str(failure.retry_after)
    return response


def expected(request: Request, failure: Exception) -> Response:
    assert isinstance(failure, Failure)
    return answer(request, failure)


def refused_by_framework(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    meant = met(error.__cause__)  # where the framework only says that it was not parsed
    if meant is not None:
        return answer(request, meant)
    make = BY_STATUS.get(error.status_code)
    failure = make() if make else Malformed("The request could not be read.")
    response = answer(request, failure)
    for name, value in (error.headers or {}).items():
        response.headers[name] = value
    return response


def _places(error: RequestValidationError) -> list[dict[str, str]]:
    """Where it is wrong and what is expected there; never the input itself."""
    places = []
    for item in error.errors()[:20]:
        place = ".".join(str(part) for part in item["loc"])[:200]
        message = "Not a value that can be stored."
        if item["type"] != "value_error":
            message = str(item["msg"])[:200]
        places.append({"where": _printable(place), "message": _printable(message)})
    return places


def _printable(text: str) -> str:
    return text.encode("ascii", "backslashreplace").decode()


def not_valid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    problems = error.errors()
    if problems and all(item["loc"][0] == "path" for item in problems):
        return answer(request, NotFound())
    named = {item["where"].partition(".")[2] or item["where"] for item in _places(error)}
    where = ", ".join(sorted(named))
    failure = Invalid(
        f"These fields are wrong or missing: {where}." if where else "The body is not valid.",
        next_step="Correct them and send it again.",
        extra={"problems": _places(error)},
    )
    return answer(request, failure)


def not_storable(request: Request, error: Exception) -> Response:
    log.warning("value_refused", kind=type(error).__name__)
    return answer(request, out_of_range())


def met(error: BaseException | None) -> Failure | None:
    """What the database or the disk means by an error, written down; None for anything else."""
    failure = failure_of(error) if isinstance(error, (Failure, *RAISED)) else None
    if isinstance(error, RAISED) and failure is not None:
        level = log.error if isinstance(failure, Outage) else log.warning
        level("database", code=failure.code, reason=str(getattr(error, "orig", error))[:300])
    return failure


def refused_below(request: Request, error: Exception) -> Response:
    failure = met(error)
    if failure is None:
        raise error  # a mistake of ours, for the outermost net
    return answer(request, failure)


def moved(request: Request, error: Exception) -> Response:
    assert isinstance(error, Moved)
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(error.path + query, 307)


def handle_failures(app: FastAPI) -> None:
    app.add_exception_handler(Failure, expected)
    app.add_exception_handler(HTTPException, refused_by_framework)
    app.add_exception_handler(RequestValidationError, not_valid)
    app.add_exception_handler(Moved, moved)
    for kind in OUT_OF_RANGE:
        app.add_exception_handler(kind, not_storable)
    for raised in RAISED:
        app.add_exception_handler(raised, refused_below)
