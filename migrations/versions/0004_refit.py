"""After how many new answers a project's examples are ranked again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "project", sa.Column("refit_after", sa.Integer(), server_default="100", nullable=False)
    )


def downgrade() -> None:
    op.drop_column("project", "refit_after")
