"""How often labels are wrong by how they came about: by type of source, batch, guideline, month."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.study.answered import Answered
from app.audit.study.columns import roles_of_imports
from app.audit.study.report import OfOrigin
from app.datasets.mapping import columns_of
from app.datasets.roles import LABELED, ORIGIN
from app.db.parts import parts
from app.db.tables.datasets import Example, Project
from app.noise.columns import MONTHS
from app.noise.dates import date_form
from app.noise.limits import wilson
from app.noise.sources import Tally, compare_sources

MOST_VALUES = 60
"""Those with most random checks: the rest has too few of them to say anything."""


def told_origins(session: Session, project: Project, found: Answered) -> list[OfOrigin]:
    """By random checks alone, one row a value; a role whose checks share one value has none."""
    drawn = np.flatnonzero(found.drawn)
    wrong = found.wrong[drawn]
    said = _said(session, project.id, [int(one) for one in found.example_ids[drawn]])
    rows: list[OfOrigin] = []
    for role in ORIGIN:
        values = [one.get(role.name, "") for one in said]
        if role is LABELED:
            values = _months(values)
        rows += _compared(role.name, values, wrong)
    return rows


def _compared(role: str, values: Sequence[str], wrong: NDArray[np.bool_]) -> list[OfOrigin]:
    checks = Counter(one for one in values if one)
    if len(checks) < 2:
        return []
    bad = Counter(one for one, is_wrong in zip(values, wrong, strict=True) if one and is_wrong)
    names = sorted(checks, key=lambda one: (-checks[one], one))
    counted = np.array([checks[one] for one in names])
    failed = np.array([bad[one] for one in names])
    against = compare_sources(Tally(failed, counted, counted))
    return [
        OfOrigin(
            role,
            name,
            checks[name],
            bad[name],
            *wilson(bad[name], checks[name]),
            p=float(against.p[nth]),
            differs=bool(against.differs[nth]),
            named=bool(against.named[nth]),
        )
        for nth, name in enumerate(names[:MOST_VALUES])
    ]


def _months(values: Sequence[str]) -> list[str]:
    """Each date as its month; none where they are not read as dates."""
    form = date_form(values)
    return ["" if form is None else _month(form.days(one)) for one in values]


def _month(days: float) -> str:
    if not math.isfinite(days):
        return ""
    day = date(1970, 1, 1) + timedelta(days=math.floor(days))
    return f"{MONTHS[day.month - 1]} {day.year}"


def _said(session: Session, project_id: int, example_ids: Sequence[int]) -> list[Mapping[str, str]]:
    """What the file said of each label, by role: every import by its own columns."""
    by_import = _columns(session, project_id)
    said: dict[int, Mapping[str, str]] = {}
    for some in parts(example_ids if any(by_import.values()) else []):
        rows = session.execute(
            select(Example.id, Example.import_id, Example.columns).where(Example.id.in_(some))
        )
        for example_id, import_id, columns in rows:
            named = by_import.get(import_id, {})
            said[example_id] = {
                role: str(columns[column])
                for role, column in named.items()
                if columns.get(column) not in (None, "")
            }
    return [said.get(one, {}) for one in example_ids]


def _columns(session: Session, project_id: int) -> dict[int, dict[str, str]]:
    """The column of each role in each import."""
    found: dict[int, dict[str, str]] = {}
    for import_id, roles in roles_of_imports(session, project_id).items():
        named = {role.name: columns_of(roles.get(role.name)) for role in ORIGIN}
        found[import_id] = {role: columns[0] for role, columns in named.items() if columns}
    return found
