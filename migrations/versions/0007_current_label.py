"""A retired label names the one that stands for it now, at however many removes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("label") as table:
        table.add_column(sa.Column("current_id", BIG, nullable=True))
        table.create_foreign_key("fk_label_current_id_label", "label", ["current_id"], ["id"])
        table.create_index("ix_label_current_id", ["current_id"])
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
    with op.batch_alter_table("label") as table:
        table.drop_index("ix_label_current_id")
        table.drop_constraint("fk_label_current_id_label", type_="foreignkey")
        table.drop_column("current_id")
