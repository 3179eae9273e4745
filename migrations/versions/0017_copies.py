"""Identical examples are answered together: which answer another one came with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_COPIES = sa.text("with_seq IS NOT NULL")


def upgrade() -> None:
    op.add_column(
        "project",
        sa.Column("copies_together", sa.Boolean(), nullable=False, server_default=sa.true()),
    )
    op.add_column("decision", sa.Column("with_seq", BIG, nullable=True))
    op.create_index(
        "ix_decision_with",
        "decision",
        ["project_id", "with_seq"],
        postgresql_where=_COPIES,
        sqlite_where=_COPIES,
    )
    op.create_index(
        "ix_example_content",
        "example",
        ["project_id", "content_hash", "status", "given_label_id", "id"],
    )


def downgrade() -> None:
    op.drop_index("ix_example_content", "example")
    op.drop_index("ix_decision_with", "decision")
    op.drop_column("decision", "with_seq")
    op.drop_column("project", "copies_together")
