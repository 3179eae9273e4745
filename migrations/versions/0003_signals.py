"""Which signals fired on an example: one bit each."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.types import BigId

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("score", sa.Column("signals", BigId, server_default="0", nullable=False))
    op.create_index("ix_score_signals", "score", ["run_id", "signals", "example_id"])


def downgrade() -> None:
    op.drop_index("ix_score_signals", "score")
    op.drop_column("score", "signals")
