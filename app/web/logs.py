"""One JSON object a line; control characters escaped, secrets struck out."""

from __future__ import annotations

import json
import logging
import sys
from typing import TextIO

import structlog
from structlog.typing import EventDict

SECRETS = frozenset(
    {"cookie", "set-cookie", "authorization", "password", "token", "csrf", "x-csrf-token", "link"}
)


_json = json.JSONEncoder(default=str)


def strike_secrets(logger: object, name: str, entry: EventDict) -> EventDict:
    return {key: "***" if key.lower() in SECRETS else value for key, value in entry.items()}


def write_json(logger: object, name: str, entry: EventDict) -> str:
    return _json.encode(entry)


def configure_logs(level: str, stream: TextIO | None = None) -> None:
    """Write to standard error unless told otherwise; ASCII only, so no escape codes get out."""
    number = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            strike_secrets,
            write_json,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(file=stream or sys.stderr),
        cache_logger_on_first_use=False,
    )
