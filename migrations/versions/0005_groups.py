"""Groups of examples that are held out together, and arrays that are pushed while people work."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.types import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

def _of_arrays() -> list[sa.Column]:
    return [
        sa.Column("state", sa.String(32), server_default="ready", nullable=False),
        sa.Column("file", sa.String(64), server_default="", nullable=False),
        sa.Column("choices", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("removed_at", UtcDateTime(), nullable=True),
    ]


def upgrade() -> None:
    op.add_column(
        "example", sa.Column("group_key", sa.String(200), server_default="", nullable=False)
    )
    for column in _of_arrays():
        op.add_column("prediction", column)


def downgrade() -> None:
    for column in _of_arrays():
        op.drop_column("prediction", column.name)
    op.drop_column("example", "group_key")
