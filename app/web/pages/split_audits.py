"""Audits of one split, as forms of the page of the test-set audit."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import Response
from pydantic import Field

from app.actions.split_audits import (
    close_split_audit,
    draw_more,
    open_split_audit,
    tell_split_again,
)
from app.audit.splits.audits import DRAWS_OFFERED
from app.datasets.pushed_models import LONGEST_SPLIT
from app.web.forms import FormInput
from app.web.notices import done
from app.web.who import Acting

router = APIRouter()


class SplitForm(FormInput):
    split: str = Field(default="", max_length=LONGEST_SPLIT)


class DrawForm(SplitForm):
    count: int = DRAWS_OFFERED


@router.post("/p/{slug}/test-audit/splits")
def begin(slug: str, form: Annotated[SplitForm, Form()], caller: Acting) -> Response:
    """Open the audit of a split."""
    open_split_audit(caller, slug, form.split)
    return done(f"/p/{slug}/test-audit", "split_audit_opened")


@router.post("/p/{slug}/test-audit/splits/read")
def read_on(slug: str, form: Annotated[DrawForm, Form()], caller: Acting) -> Response:
    """Make a blind batch of the next random examples."""
    batch = draw_more(caller, slug, form.split, form.count)
    return done(f"/p/{slug}/batches/{batch.number}", "batch_created")


@router.post("/p/{slug}/test-audit/splits/again")
def again(slug: str, form: Annotated[SplitForm, Form()], caller: Acting) -> Response:
    tell_split_again(caller, slug, form.split)
    return done(f"/p/{slug}/test-audit", "counting_split")


@router.post("/p/{slug}/test-audit/splits/close")
def close(slug: str, form: Annotated[SplitForm, Form()], caller: Acting) -> Response:
    close_split_audit(caller, slug, form.split)
    return done(f"/p/{slug}/test-audit", "split_audit_closed")
