"""The key of the request that put an example aside or marked it: a retry has the same."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_NAMED = sa.text("ended_key IS NOT NULL")


def upgrade() -> None:
    op.add_column("lease", sa.Column("ended_key", sa.String(64), nullable=True))
    op.create_index(
        "ix_lease_ended_key",
        "lease",
        ["person_id", "ended_key"],
        postgresql_where=_NAMED,
        sqlite_where=_NAMED,
    )


def downgrade() -> None:
    op.drop_index("ix_lease_ended_key", "lease")
    op.drop_column("lease", "ended_key")
