"""Models and what they predict; audits of a test set that compare them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.triggers import keep_keys_of_test_audits

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "model",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("project_id", BIG, sa.ForeignKey("project.id"), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("version", sa.String(80), nullable=False),
        sa.Column("size", BIG),
        sa.Column("split", sa.String(80), nullable=False),
        sa.Column("file_name", sa.String(300), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("file", sa.String(64), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("n_examples", sa.Integer(), nullable=False),
        sa.Column("probabilities", sa.String(64), nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("made_by", BIG, sa.ForeignKey("person.id")),
        sa.UniqueConstraint("project_id", "name", "version"),
    )
    op.create_table(
        "model_prediction",
        sa.Column("model_id", BIG, sa.ForeignKey("model.id"), primary_key=True),
        sa.Column("example_id", BIG, sa.ForeignKey("example.id"), primary_key=True),
        sa.Column("label_id", BIG, sa.ForeignKey("label.id"), nullable=False),
    )
    op.create_index("ix_model_prediction_example", "model_prediction", ["example_id"])
    op.create_table(
        "test_audit",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("project_id", BIG, sa.ForeignKey("project.id"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("split", sa.String(80)),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("differ", sa.Integer(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.Column("opened_at", TIME, nullable=False),
        sa.Column("opened_by", BIG, sa.ForeignKey("person.id")),
        sa.Column("closed_at", TIME),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("up_to_seq", BIG),
        sa.Column("made_at", TIME),
        sa.UniqueConstraint("project_id", "number"),
    )
    op.create_table(
        "test_audit_model",
        sa.Column("audit_id", BIG, sa.ForeignKey("test_audit.id"), primary_key=True),
        sa.Column("model_id", BIG, sa.ForeignKey("model.id"), primary_key=True),
        sa.Column("place", sa.Integer(), nullable=False),
    )
    op.create_table(
        "test_audit_key",
        sa.Column("audit_id", BIG, sa.ForeignKey("test_audit.id"), primary_key=True),
        sa.Column("example_id", BIG, sa.ForeignKey("example.id"), primary_key=True),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.UniqueConstraint("audit_id", "place"),
    )
    for line in keep_keys_of_test_audits(op.get_bind().dialect.name):
        op.execute(sa.text(line))


def downgrade() -> None:
    for table in ("test_audit_key", "test_audit_model", "test_audit", "model_prediction", "model"):
        op.drop_table(table)
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION test_audit_key_kept()")
