"""Acts of the hot path: one JSON body, done and committed in one thread of its own.

An ordinary route changes threads three times: for who asks, for the act and for its commit. Here
all of it is one piece of work, with the same rights, guards and failures. To make one:
`APIRouter(prefix="/api/v1", route_class=Act)`; its function takes a payload, and of who asks,
when and in which transaction what `GIVEN` names, and answers with a response.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any

import orjson
from anyio import to_thread
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.actions.turn import Caller
from app.errors import Failure
from app.failpoints import reach
from app.web import who
from app.web.asker import Asker
from app.web.csrf import forged
from app.web.look import look, refusal, shown
from app.web.queries import check_query
from app.web.repeated_keys import refuse_repeated_keys
from app.web.sessions import open_session, step_of, writers
from app.web.site import Site, site_of


@dataclass(frozen=True, slots=True)
class Asked:
    """An act that may begin: who asks, when, in which transaction."""

    site: Site
    asker: Asker
    now: datetime
    session: Session


GIVEN: dict[Callable[..., object], Callable[[Asked], object]] = {
    who.asker: lambda asked: asked.asker,
    who.now: lambda asked: asked.now,
    who.acting: lambda asked: Caller(asked.session, asked.asker.who, asked.now, asked.site.rng),
    open_session: lambda asked: asked.session,
}

_paths: set[str] = set()


def is_act(scope: Scope) -> bool:
    """Whether who asks is looked up by the act itself."""
    return scope["method"] == "POST" and scope["path"] in _paths


class Act(APIRoute):
    """A route whose look, act and commit are one piece of work."""

    def __init__(self, path: str, endpoint: Callable[..., Response], **more: Any) -> None:
        super().__init__(path, endpoint, **more)
        needs = self.dependant
        odd = needs.path_params or needs.query_params or needs.header_params or needs.cookie_params
        if self.methods != {"POST"} or odd or len(needs.body_params) != 1 or self.response_field:
            raise TypeError(f"{path}: an act takes one payload, by POST, and makes its response")
        self.payload = needs.body_params[0].name
        self.given = {
            one.name: GIVEN[one.call] for one in needs.dependencies if one.name and one.call
        }
        _paths.add(path)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "POST":
            await super().handle(scope, receive, send)
            return
        request = Request(scope, receive)
        body = await _body(request)
        response = await to_thread.run_sync(self._answer, request, body, limiter=writers())
        await response(scope, receive, send)

    def _answer(self, request: Request, body: bytes | HTTPException | Failure) -> Response:
        site, state = site_of(request), request.scope["state"]
        asker, now = look(site, shown(request))
        state["asker"], state["now"] = asker, now
        failure = refusal(request.scope, asker, site.settings.public_url)
        if failure is not None:
            raise failure
        assert asker is not None  # else it was refused: no act is public
        check_query(request, known=())
        if not state.get("proven"):
            raise forged()
        if not isinstance(body, bytes):
            raise body
        site.pace.take(asker.who.id, at=monotonic())
        payload = self._read(body)
        step = step_of(request.scope["path"])
        with Session(site.engine, expire_on_commit=False) as session:
            asked = Asked(site, asker, now, session)
            given = {name: give(asked) for name, give in self.given.items()}
            response: Response = self.endpoint(**{self.payload: payload}, **given)
            reach(f"{step}.before_commit")
            session.commit()
            reach(f"{step}.after_commit")
        return response

    def _read(self, body: bytes) -> BaseModel:
        """The payload, or what is wrong with it in the words of every other route."""
        if not body:
            raise RequestValidationError(
                [{"type": "missing", "loc": ("body",), "msg": "Field required"}]
            )
        try:
            told = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            place = {"type": "json_invalid", "loc": ("body", error.pos), "msg": "JSON decode error"}
            raise RequestValidationError([place]) from error
        refuse_repeated_keys(body)
        assert self.body_field is not None
        payload, problems = self.body_field.validate(told, {}, loc=("body",))
        if problems:
            raise RequestValidationError(problems)
        assert isinstance(payload, BaseModel)
        return payload


async def _body(request: Request) -> bytes | HTTPException | Failure:
    """The whole body; a failure to read it is told only to those who may ask at all."""
    try:
        return await request.body()
    except (HTTPException, Failure) as failure:
        return failure
    except ClientDisconnect:
        return HTTPException(400)
