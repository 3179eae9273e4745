"""Labels have a name for screens, rules in words, and examples that show what they mean."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.add_column(
        "label", sa.Column("display", sa.String(200), nullable=False, server_default="")
    )
    op.create_table(
        "guideline",
        sa.Column("id", BIG, primary_key=True, autoincrement=True),
        sa.Column("project_id", BIG, sa.ForeignKey("project.id"), nullable=False),
        sa.Column("subject", sa.String(48), nullable=False),
        sa.Column("label_id", BIG, sa.ForeignKey("label.id"), nullable=True),
        sa.Column("other_id", BIG, sa.ForeignKey("label.id"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("salt", sa.String(32), nullable=False),
        sa.Column("person_id", BIG, sa.ForeignKey("person.id"), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("project_id", "subject", "version"),
        sa.UniqueConstraint("project_id", "revision"),
    )
    op.create_table(
        "reference_example",
        sa.Column("id", BIG, primary_key=True, autoincrement=True),
        sa.Column("project_id", BIG, sa.ForeignKey("project.id"), nullable=False),
        sa.Column("label_id", BIG, sa.ForeignKey("label.id"), nullable=False),
        sa.Column("example_id", BIG, sa.ForeignKey("example.id"), nullable=False),
        sa.Column("belongs", sa.String(32), nullable=False),
        sa.Column("person_id", BIG, sa.ForeignKey("person.id"), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("label_id", "example_id"),
    )
    for column in ("project_id", "example_id"):
        op.create_index(f"ix_reference_example_{column}", "reference_example", [column])


def downgrade() -> None:
    op.drop_table("reference_example")
    op.drop_table("guideline")
    op.drop_column("label", "display")
