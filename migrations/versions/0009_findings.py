"""What a scoring run found is counted once, when the run is made; signals by their example."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "scoring_run", sa.Column("findings", sa.JSON(), server_default="{}", nullable=False)
    )
    op.drop_index("ix_score_signals", "score")
    op.create_index("ix_score_signals", "score", ["run_id", "example_id", "signals"])


def downgrade() -> None:
    op.drop_index("ix_score_signals", "score")
    op.create_index("ix_score_signals", "score", ["run_id", "signals", "example_id"])
    op.drop_column("scoring_run", "findings")
