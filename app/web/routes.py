"""Every router of the site, in one list.

To add one: make `router = APIRouter()` in `pages/<room>.py` or `api/<room>.py`, write full paths
in its routes, and add one line to ROUTERS. Its routes are private, guarded and swept by the tests
without more; add their lines to `tests/sweeps/matrix.csv` (the test prints them).
"""

from __future__ import annotations

from functools import cache

from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute
from starlette.staticfiles import StaticFiles

from app.settings import shipped
from app.web.api import account as account_api
from app.web.api import arrays as arrays_api
from app.web.api import batches as batches_api
from app.web.api import bulk as bulk_api
from app.web.api import comparing as comparing_api
from app.web.api import disagreements as disagreements_api
from app.web.api import duplicates as duplicates_api
from app.web.api import estimates as estimates_api
from app.web.api import examples as examples_api
from app.web.api import grid as grid_api
from app.web.api import guidelines as guidelines_api
from app.web.api import imports as imports_api
from app.web.api import jobs as jobs_api
from app.web.api import labels as labels_api
from app.web.api import models as models_api
from app.web.api import noise as noise_api
from app.web.api import palette as palette_api
from app.web.api import people as people_api
from app.web.api import projects as projects_api
from app.web.api import recovery as recovery_api
from app.web.api import recurring as recurring_api
from app.web.api import releases as releases_api
from app.web.api import review as review_api
from app.web.api import reviewers as reviewers_api
from app.web.api import scoring as scoring_api
from app.web.api import signals as signals_api
from app.web.api import sources as sources_api
from app.web.api import split_audits as split_audits_api
from app.web.api import test_audits as test_audits_api
from app.web.api import views as views_api
from app.web.csrf import guard_form
from app.web.pages import (
    account,
    activity,
    again,
    arrays,
    batches,
    bulk,
    comparing,
    disagreements,
    duplicates,
    erasing,
    example,
    examples,
    grid,
    guidelines,
    health,
    imports,
    insights,
    labels,
    left_out,
    me,
    members,
    new_batch,
    one_import,
    one_label,
    overview,
    people,
    projects,
    recovery,
    recurring,
    releases,
    review,
    reviewers,
    scoring,
    split_audits,
    test_audit,
    views,
)
from app.web.queries import guard_query
from app.web.rail import shape
from app.web.repeated_fields import guard_fields
from app.web.repeated_keys import guard_keys

ROUTERS: tuple[APIRouter, ...] = (
    review_api.acts,  # first: it is asked for every answer
    review_api.router,
    health.router,
    account.router,
    me.router,
    people.router,
    members.router,
    projects.router,
    labels.router,
    one_label.router,
    guidelines.router,
    imports.router,
    one_import.router,
    left_out.router,
    scoring.router,
    arrays.router,
    signals_api.router,
    review.router,
    grid.router,
    again.router,
    grid_api.router,
    account_api.router,
    projects_api.router,
    labels_api.router,
    guidelines_api.router,
    imports_api.router,
    scoring_api.router,
    jobs_api.router,
    people_api.router,
    sources_api.router,
    arrays_api.router,
    models_api.router,
    test_audits_api.router,
    test_audit.router,
    split_audits_api.router,
    split_audits.router,
    new_batch.router,
    recurring.router,
    recurring_api.router,
    batches.router,
    batches_api.router,
    disagreements.router,
    disagreements_api.router,
    examples.router,
    views.router,
    views_api.router,
    example.router,
    erasing.router,
    examples_api.router,
    estimates_api.router,
    noise_api.router,
    reviewers_api.router,
    reviewers.router,
    bulk_api.router,
    overview.router,
    insights.router,
    recovery.router,
    recovery_api.router,
    bulk.router,
    duplicates.router,
    duplicates_api.router,
    activity.router,
    comparing.router,
    comparing_api.router,
    releases.router,
    releases_api.router,
    palette_api.router,
)


def add_routes(app: FastAPI) -> None:
    app.router.routes.extend(_site()[0])
    app.mount("/static", StaticFiles(directory=shipped("static")), name="static")


def page_shapes() -> frozenset[str]:
    """What the addresses of pages look like, whatever their parameters are called."""
    return _site()[1]


@cache
def _site() -> tuple[list[BaseRoute], frozenset[str]]:
    """Every route, and what the addresses of pages look like; made once, for any number of apps."""
    site = APIRouter(redirect_slashes=False)
    guards = [Depends(one) for one in (guard_query, guard_form, guard_fields, guard_keys)]
    for router in ROUTERS:
        site.include_router(router, dependencies=guards)
    shapes = frozenset(
        shape(context.path)
        for context in iter_route_contexts(site.routes)
        if context.path and "GET" in (context.methods or ())
    )
    return list(site.routes), shapes
