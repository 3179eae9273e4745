"""A sample whose models are compared: their predictions come in, and half of what tells them
apart is read by the made-up readers."""

from __future__ import annotations

import io
from collections.abc import Sequence

from sqlalchemy import select

from app.actions.model_audits import AuditAsked, compare_models, open_test_audit, read_more
from app.actions.models import check_pushed_model, push_model_from_console
from app.actions.storage import Storage
from app.datasets.mapping import StoredFile
from app.datasets.pushed_models import SentModel
from app.db.engine import reading, writing
from app.db.tables.datasets import Project
from app.db.tables.models import TestAudit
from app.samples.half_reviewed import Half, lead_of, read_batch
from app.samples.sample import SampleModel

SPLIT = "test"


def compare_sample(half: Half, storage: Storage, models: Sequence[SampleModel]) -> None:
    """Push, open an audit and read half of it; what an interrupted start has done stays."""
    with reading(half.engine) as session:
        slug = session.get_one(Project, half.project_id).slug
        audit_id = session.scalar(
            select(TestAudit.id).where(TestAudit.project_id == half.project_id)
        )
    if audit_id is None:
        pushed = tuple(_push(half, storage, slug, model) for model in models)
        with writing(half.engine) as session:
            caller = lead_of(session, half.lead_id)
            audit = open_test_audit(caller, slug, AuditAsked(pushed, SPLIT)).row
            audit_id, unread = audit.id, audit.differ - audit.known
            batch_id = read_more(caller, slug, -(-unread // 2)).id if unread else None
        if batch_id is not None:
            read_batch(half, batch_id)
    compare_models(half.engine, audit_id)


def _push(half: Half, storage: Storage, slug: str, model: SampleModel) -> int:
    name = f"{model.name}.csv"
    file = StoredFile(name, storage.blobs.put(io.BytesIO(model.content)), len(model.content))
    sent = SentModel(file, model.name, size=model.parameters, split=SPLIT)
    with writing(half.engine) as session:
        model_id = push_model_from_console(session, slug, sent, storage.blobs).id
    return check_pushed_model(storage, model_id).id
