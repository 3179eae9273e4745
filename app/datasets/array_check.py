"""Checks of a user's own arrays."""

from __future__ import annotations

from typing import Any

from app.datasets.findings import Findings, Stop


def check_arrays(job: dict[str, Any], found: dict[str, Any], findings: Findings) -> list[Any]:
    raise Stop("E242", excerpt="The array", reason="arrays cannot be read yet")


def check_alone(job: dict[str, Any], findings: Findings) -> dict[str, Any]:
    raise Stop("E242", excerpt="The array", reason="arrays cannot be read yet")
