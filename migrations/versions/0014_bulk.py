"""A group of examples gets another label with one act, once a blind sample has proved it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
LABELS = (("example", "bulk_label_id"), ("reversal", "label_id"))


def upgrade() -> None:
    for table, column in LABELS:
        if op.get_bind().dialect.name == "sqlite":  # which would make the table anew
            op.execute(f"ALTER TABLE {table} ADD COLUMN {column} INTEGER REFERENCES label (id)")
        else:
            label = sa.Column(column, sa.BigInteger(), sa.ForeignKey("label.id"))
            op.add_column(table, label)
    op.create_index("ix_example_bulk", "example", ["bulk_label_id"])
    op.create_table(
        "bulk_fix",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("project_id", BIG, sa.ForeignKey("project.id"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("from_label_id", BIG, sa.ForeignKey("label.id"), nullable=False),
        sa.Column("to_label_id", BIG, sa.ForeignKey("label.id"), nullable=False),
        sa.Column("floor", sa.Double(), nullable=False),
        sa.Column("checks", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("example_ids", sa.JSON(), nullable=False),
        sa.Column("sampled", sa.JSON(), nullable=False),
        sa.Column("changed", sa.JSON(), nullable=False),
        sa.Column("batch_id", BIG, sa.ForeignKey("batch.id"), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("created_by", BIG, sa.ForeignKey("person.id")),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_by", BIG, sa.ForeignKey("person.id")),
        sa.Column("applied_at", sa.DateTime(timezone=True)),
        sa.Column("undone_by", BIG, sa.ForeignKey("person.id")),
        sa.Column("undone_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("project_id", "number"),
    )
    op.create_index("ix_bulk_fix_batch_id", "bulk_fix", ["batch_id"])


def downgrade() -> None:
    op.drop_table("bulk_fix")
    op.drop_index("ix_example_bulk", "example")
    for table, column in LABELS:
        op.drop_column(table, column)
