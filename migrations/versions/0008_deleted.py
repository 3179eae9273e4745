"""A project can be on its way out; then, and only then, may its log be deleted with it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.triggers import forbid_changes, keep_keys_of_opened, let_deleted_go

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = ("event", "decision", "reversal", "serve")


def upgrade() -> None:
    op.add_column("project", sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))
    for line in let_deleted_go(TABLES, op.get_bind().dialect.name):
        op.execute(sa.text(line))


def downgrade() -> None:
    dialect = op.get_bind().dialect.name
    if dialect == "sqlite":
        names = [f"{table}_no_{verb}" for table in TABLES for verb in ("update", "delete")]
        for name in (*names, "audit_key_no_update", "audit_key_no_delete"):
            op.execute(f"DROP TRIGGER {name}")
    else:
        for table in TABLES:
            op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
            op.execute(f"DROP TRIGGER {table}_kept ON {table}")
        op.execute("DROP TRIGGER audit_key_kept ON audit_key")
        op.execute("DROP FUNCTION kept_with_project()")
        op.execute("DROP FUNCTION audit_key_kept()")
    for table in TABLES:
        for line in forbid_changes(table, dialect):
            op.execute(sa.text(line))
    for line in keep_keys_of_opened(dialect):
        op.execute(sa.text(line))
    op.drop_column("project", "deleted_at")
