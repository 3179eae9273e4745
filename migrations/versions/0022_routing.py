"""Batches say whose first reads they are, and how well each reviewer reads each label is kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.add_column(
        "batch", sa.Column("routing", sa.String(32), nullable=False, server_default="anyone")
    )
    op.create_table(
        "reviewer_skill",
        sa.Column("project_id", BIG, sa.ForeignKey("project.id"), primary_key=True),
        sa.Column("label_id", BIG, sa.ForeignKey("label.id"), primary_key=True),
        sa.Column("person_id", BIG, sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("lower", sa.Double(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("reviewer_skill")
    op.drop_column("batch", "routing")
