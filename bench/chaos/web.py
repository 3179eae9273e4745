"""The real web app with the short leases of a run: `uvicorn --factory bench.chaos.web:create`."""

from __future__ import annotations

from fastapi import FastAPI

from app.main import from_environment
from bench.chaos.timing import shorten_leases


def create() -> FastAPI:
    shorten_leases()
    return from_environment()
