"""Views of the list of examples are kept, and batches that make themselves."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
GOES_ON = sa.text("paused_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "saved_view",
        sa.Column("id", BIG, primary_key=True, autoincrement=True),
        sa.Column("project_id", BIG, sa.ForeignKey("project.id"), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("filter", sa.JSON(), nullable=False),
        sa.Column("made_by", BIG, sa.ForeignKey("person.id"), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("project_id", "name"),
    )
    op.create_table(
        "recurring_batch",
        sa.Column("id", BIG, primary_key=True, autoincrement=True),
        sa.Column("project_id", BIG, sa.ForeignKey("project.id"), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("every", sa.String(16), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("minute", sa.Integer(), nullable=False),
        sa.Column("due_days", sa.Integer(), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_for", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(500), nullable=False),
        sa.Column("last_batch_id", BIG, sa.ForeignKey("batch.id"), nullable=True),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_by", BIG, sa.ForeignKey("person.id"), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_recurring_batch_project", "recurring_batch", ["project_id"])
    op.create_index(
        "ix_recurring_batch_next",
        "recurring_batch",
        ["next_at"],
        postgresql_where=GOES_ON,
        sqlite_where=GOES_ON,
    )


def downgrade() -> None:
    op.drop_table("recurring_batch")
    op.drop_table("saved_view")
