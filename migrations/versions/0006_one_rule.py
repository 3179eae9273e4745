"""Owed reads say who put them aside; leases and answers say what was shown; serves stay."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

from app.db.triggers import forbid_changes, keep_keys_of_opened

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
LISTS = ("not_by", "skipped_by")


def upgrade() -> None:
    _dues()
    _leases()
    op.drop_column("decision", "shown")
    op.add_column("decision", sa.Column("shown", sa.JSON(), nullable=True))
    op.add_column("decision", sa.Column("coin_second", sa.Boolean(), nullable=True))
    op.add_column("decision", sa.Column("coin_recheck", sa.Boolean(), nullable=True))
    dialect = op.get_bind().dialect.name
    for statement in (*forbid_changes("serve", dialect), *keep_keys_of_opened(dialect)):
        op.execute(statement)


def _dues() -> None:
    """Two lists become two numbers; what they said of reads that are still owed is kept."""
    op.add_column("read_due", sa.Column("skipper_id", BIG, nullable=True))
    op.add_column("read_due", sa.Column("skipped_seq", BIG, nullable=True))
    connection = op.get_bind()
    owed = connection.execute(
        sa.text(
            "SELECT d.id, d.example_id, d.first_by, d.not_by, d.skipped_by, p.log_seq "
            "FROM read_due d JOIN project p ON p.id = d.project_id WHERE d.done_at IS NULL"
        )
    ).all()
    for due in owed:
        not_by, skipped_by = (_list(getattr(due, name)) for name in LISTS)
        readers = connection.scalars(
            sa.text("SELECT person_id FROM decision WHERE example_id = :example"),
            {"example": due.example_id},
        )
        unread = sorted(set(not_by) - set(readers) - set(skipped_by))
        if not (unread or skipped_by):
            continue
        connection.execute(
            sa.text(
                "UPDATE read_due SET first_by = :first, skipper_id = :skipper, "
                "skipped_seq = :seq WHERE id = :due"
            ),
            {
                "first": due.first_by or (unread[0] if unread else None),
                "skipper": skipped_by[-1] if skipped_by else None,
                "seq": due.log_seq if skipped_by else None,
                "due": due.id,
            },
        )
    for name in (*LISTS, "after_batch"):
        op.drop_column("read_due", name)


def _list(stored: object) -> list[int]:
    """A JSON column comes as text from one database and as a list from the other."""
    return json.loads(stored) if isinstance(stored, str) else list(stored or [])


def _leases() -> None:
    op.add_column("lease", sa.Column("opened_seq", BIG, server_default="0", nullable=False))
    op.add_column("lease", sa.Column("ended_seq", BIG, nullable=True))
    op.add_column("lease", sa.Column("first_answer", sa.JSON(), nullable=True))
    op.add_column(
        "lease", sa.Column("guideline_revision", sa.Integer(), server_default="0", nullable=False)
    )
    op.drop_column("lease", "shown")
    op.add_column("lease", sa.Column("shown", sa.JSON(), nullable=True))
    skipped = sa.text("ended_why = 'skipped'")
    op.create_index(
        "ix_lease_skipped",
        "lease",
        ["example_id", "person_id"],
        sqlite_where=skipped,
        postgresql_where=skipped,
    )
    op.execute(
        "UPDATE lease SET guideline_revision = "
        "(SELECT p.guideline_revision FROM project p WHERE p.id = lease.project_id), "
        "opened_seq = coalesce((SELECT max(d.seq) FROM decision d "
        "WHERE d.example_id = lease.example_id AND d.at < lease.created_at), 0)"
    )


def downgrade() -> None:
    dialect = op.get_bind().dialect.name
    if dialect == "sqlite":
        for name in ("serve_no_update", "serve_no_delete", "audit_key_no_update"):
            op.execute(f"DROP TRIGGER {name}")
        op.execute("DROP TRIGGER audit_key_no_delete")
    else:
        op.execute("DROP TRIGGER serve_append_only ON serve")
        op.execute("DROP TRIGGER audit_key_kept ON audit_key")
        op.execute("DROP FUNCTION audit_key_kept()")
    op.drop_column("decision", "coin_recheck")
    op.drop_column("decision", "coin_second")
    for table in ("decision", "lease"):
        op.drop_column(table, "shown")
        op.add_column(table, sa.Column("shown", sa.JSON(), server_default="[]", nullable=False))
    op.drop_index("ix_lease_skipped", "lease")
    for name in ("guideline_revision", "first_answer", "ended_seq", "opened_seq"):
        op.drop_column("lease", name)
    for name in LISTS:
        op.add_column("read_due", sa.Column(name, sa.JSON(), server_default="[]", nullable=False))
    op.add_column(
        "read_due",
        sa.Column("after_batch", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.drop_column("read_due", "skipped_seq")
    op.drop_column("read_due", "skipper_id")
