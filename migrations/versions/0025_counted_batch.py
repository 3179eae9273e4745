"""An answer names the batch whose first read it is, so that progress is counted by one index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.triggers import let_fill

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_COUNTED = sa.text("counted_batch_id IS NOT NULL")
_REPLACING = sa.text("supersedes IS NOT NULL")

# First reads by the serve, else by where they were answered; known answers of a practice batch.
_FIRST = """
    UPDATE decision SET counted_batch_id = COALESCE(
        (SELECT serve.batch_id FROM serve WHERE serve.project_id = decision.project_id
         AND serve.serve_seq = decision.serve_seq AND serve.example_id = decision.example_id),
        batch_id)
    WHERE read_reason = 'first' AND with_seq IS NULL
"""
_PRACTISED = """
    UPDATE decision SET counted_batch_id = batch_id
    WHERE read_reason = 'known' AND with_seq IS NULL AND EXISTS (
        SELECT 1 FROM batch_member WHERE batch_member.batch_id = decision.batch_id
        AND batch_member.example_id = decision.example_id)
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":  # which would make the table anew for a constraint
        op.execute("ALTER TABLE decision ADD COLUMN counted_batch_id INTEGER REFERENCES batch (id)")
    else:
        column = sa.Column("counted_batch_id", sa.BigInteger(), sa.ForeignKey("batch.id"))
        op.add_column("decision", column)
    before, after = let_fill("decision", op.get_bind().dialect.name)
    for statement in (before, _FIRST, _PRACTISED, after):
        op.execute(statement)
    op.create_index(
        "ix_decision_counted",
        "decision",
        ["counted_batch_id", "example_id", "verdict", "label_id"],
        postgresql_where=_COUNTED,
        sqlite_where=_COUNTED,
    )
    op.create_index(
        "ix_decision_replacing",
        "decision",
        ["project_id", "example_id"],
        postgresql_where=_REPLACING,
        sqlite_where=_REPLACING,
    )
    op.create_index("ix_reversal_kind", "reversal", ["project_id", "kind", "example_id"])
    op.create_index("ix_serve_stream", "serve", ["epoch_id", "stream", "example_id"])


def downgrade() -> None:
    op.drop_index("ix_serve_stream", "serve")
    op.drop_index("ix_reversal_kind", "reversal")
    op.drop_index("ix_decision_replacing", "decision")
    op.drop_index("ix_decision_counted", "decision")
    op.drop_column("decision", "counted_batch_id")
