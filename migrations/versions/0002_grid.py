"""Reads on the grid: which leases and owed reads belong there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = ("lease", "read_due")


def upgrade() -> None:
    for table in TABLES:
        column = sa.Column("on_grid", sa.Boolean(), server_default=sa.false(), nullable=False)
        op.add_column(table, column)


def downgrade() -> None:
    for table in TABLES:
        op.drop_column(table, "on_grid")
