"""A retired label names the one that stands for it now, at however many removes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BIG = sa.BigInteger()


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":  # which would make the table anew for a constraint
        op.execute("ALTER TABLE label ADD COLUMN current_id INTEGER REFERENCES label (id)")
    else:
        op.add_column("label", sa.Column("current_id", BIG, sa.ForeignKey("label.id")))
    op.create_index("ix_label_current_id", "label", ["current_id"])
    op.create_index("ix_label_retired", "label", ["project_id", "current_id"])
    connection = op.get_bind()
    rows = connection.execute(
        sa.text("SELECT id, replaced_by FROM label WHERE replaced_by IS NOT NULL")
    )
    replaced = {old: new for old, new in rows}
    for old in replaced:
        connection.execute(
            sa.text("UPDATE label SET current_id = :last WHERE id = :old"),
            {"last": _last(old, replaced), "old": old},
        )


def _last(label: int, replaced: dict[int, int]) -> int:
    """Where the chain of replacements ends."""
    while label in replaced:
        label = replaced[label]
    return label


def downgrade() -> None:
    op.drop_index("ix_label_retired", "label")
    op.drop_index("ix_label_current_id", "label")
    op.drop_column("label", "current_id")
