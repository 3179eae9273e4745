"""Audits of one split: a pool of its own, and its own random order."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.triggers import keep_keys_of_split_audits

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "split_audit",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("project_id", BIG, sa.ForeignKey("project.id"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("split", sa.String(80), nullable=False),
        sa.Column("epoch_id", BIG, sa.ForeignKey("audit_epoch.id"), nullable=False),
        sa.Column("pool", sa.Integer(), nullable=False),
        sa.Column("carried", sa.Integer(), nullable=False),
        sa.Column("opened_at", TIME, nullable=False),
        sa.Column("opened_by", BIG, sa.ForeignKey("person.id")),
        sa.Column("closed_at", TIME),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("up_to_seq", BIG),
        sa.Column("made_at", TIME),
        sa.UniqueConstraint("project_id", "number"),
    )
    op.create_table(
        "split_audit_key",
        sa.Column("audit_id", BIG, sa.ForeignKey("split_audit.id"), primary_key=True),
        sa.Column("example_id", BIG, sa.ForeignKey("example.id"), primary_key=True),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("label_at_open", BIG, sa.ForeignKey("label.id"), nullable=False),
        sa.Column("drawn_at", BIG),
        sa.UniqueConstraint("audit_id", "place"),
    )
    op.create_index("ix_split_audit_key_example", "split_audit_key", ["example_id"])
    for line in keep_keys_of_split_audits(op.get_bind().dialect.name):
        op.execute(sa.text(line))


def downgrade() -> None:
    for table in ("split_audit_key", "split_audit"):
        op.drop_table(table)
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION split_audit_key_kept()")
