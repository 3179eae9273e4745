"""Labels of a source are accepted by a plan of random checks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "source_check",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("project_id", BIG, sa.ForeignKey("project.id"), nullable=False),
        sa.Column("source_id", BIG, sa.ForeignKey("source.id"), nullable=False),
        sa.Column("batch_id", BIG, sa.ForeignKey("batch.id"), nullable=False),
        sa.Column("limit_bp", sa.Integer(), nullable=False),
        sa.Column("checks", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("batch_id", name="uq_source_check_batch_id"),
    )
    op.create_index("ix_source_check_project_id", "source_check", ["project_id"])
    op.create_index("ix_source_check_source_id", "source_check", ["source_id"])


def downgrade() -> None:
    op.drop_table("source_check")
