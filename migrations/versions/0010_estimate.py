"""What the random checks say of the labels left is kept; a chosen target may turn to checks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
COUNTS = (
    *("labels", "pool", "serves", "draws", "found", "unserved", "open_answers", "open_draws"),
    *("low", "high", "rechecks", "overturned", "took_ms", "target_bp", "needed"),
)


def upgrade() -> None:
    op.add_column(
        "project", sa.Column("target_chosen_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column(
        "project",
        sa.Column("closing", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "estimate",
        sa.Column("epoch_id", BIG, sa.ForeignKey("audit_epoch.id"), primary_key=True),
        sa.Column("project_id", BIG, sa.ForeignKey("project.id"), nullable=False),
        sa.Column("up_to_seq", BIG, nullable=False),
        sa.Column("up_to_serve", BIG, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in COUNTS),
        sa.Column("middle", sa.Integer(), nullable=True),
        sa.Column("conflict", sa.Boolean(), nullable=False),
        sa.Column("unseen", sa.Boolean(), nullable=False),
        sa.Column("curve", sa.JSON(), nullable=False),
    )
    op.create_index("ix_estimate_project_id", "estimate", ["project_id"])


def downgrade() -> None:
    op.drop_table("estimate")
    op.drop_column("project", "closing")
    op.drop_column("project", "target_chosen_at")
