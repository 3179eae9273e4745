"""HEAD asks what GET would answer, without the body: so whatever answers GET answers HEAD."""

from __future__ import annotations

import anyio
from starlette.types import Message, Receive, Scope, Send

FILE = "http.response.pathsend"  # who sends a file may name it in place of reading it


def as_get(scope: Scope, receive: Receive, send: Send) -> tuple[Scope, Receive, Send]:
    """The same request as GET, for all that is inside; what would be its body goes nowhere.

    As soon as the headers are out, the asker counts as gone, so that nobody packs a whole release
    for no reader.
    """
    answered = anyio.Event()
    inside = {**scope, "method": "GET", "extensions": {**scope.get("extensions", {}), FILE: {}}}

    async def receiving() -> Message:
        await answered.wait()
        return {"type": "http.disconnect"}

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            await send(message)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            answered.set()

    return inside, receiving, sending
