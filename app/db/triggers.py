"""What the database itself refuses: DDL of the triggers that hold the log, serves and keys."""

from __future__ import annotations


def forbid_changes(table: str, dialect: str) -> list[str]:
    """DDL that holds a table append-only: no update, no delete."""
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append only'); END"
            for verb in ("UPDATE", "DELETE")
        ]
    return [
        "CREATE OR REPLACE FUNCTION append_only() RETURNS trigger AS "
        "$$ BEGIN RAISE EXCEPTION '% is append only', TG_TABLE_NAME; END $$ LANGUAGE plpgsql",
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION append_only()",
    ]


def let_fill(table: str, dialect: str) -> tuple[str, str]:
    """DDL that lets a migration fill a new column of an append-only table, and that which holds it
    as before."""
    if dialect == "sqlite":
        again = next(line for line in forbid_changes(table, dialect) if "_no_update" in line)
        return f"DROP TRIGGER {table}_no_update", again
    held = f"{table}_append_only"
    return (
        f"ALTER TABLE {table} DISABLE TRIGGER {held}",
        f"ALTER TABLE {table} ENABLE TRIGGER {held}",
    )


def keep_keys_of_opened(dialect: str) -> list[str]:
    """DDL that holds the keys of an audit epoch from the moment it opens: never changed, and
    deleted only before."""
    opened = "(SELECT opened_at FROM audit_epoch WHERE id = OLD.epoch_id) IS NOT NULL"
    said = "the keys of an open epoch stay"
    if dialect == "sqlite":
        return [
            "CREATE TRIGGER audit_key_no_update BEFORE UPDATE ON audit_key "
            f"BEGIN SELECT RAISE(ABORT, '{said}'); END",
            f"CREATE TRIGGER audit_key_no_delete BEFORE DELETE ON audit_key WHEN {opened} "
            f"BEGIN SELECT RAISE(ABORT, '{said}'); END",
        ]
    return [
        "CREATE FUNCTION audit_key_kept() RETURNS trigger AS $$ BEGIN "
        f"IF TG_OP = 'UPDATE' OR {opened} THEN RAISE EXCEPTION '{said}'; END IF; "
        "RETURN OLD; END $$ LANGUAGE plpgsql",
        "CREATE TRIGGER audit_key_kept BEFORE UPDATE OR DELETE ON audit_key "
        "FOR EACH ROW EXECUTE FUNCTION audit_key_kept()",
    ]


def let_deleted_go(tables: tuple[str, ...], dialect: str) -> list[str]:
    """DDL that replaces the two above: what is held append-only, and the keys of an opened epoch,
    go with a project that was deleted, and never without it."""
    in_use = "(SELECT deleted_at FROM project WHERE id = {0}) IS NULL"
    own, said = in_use.format("OLD.project_id"), "the keys of an open epoch stay"
    epoch = "(SELECT {0} FROM audit_epoch WHERE id = OLD.epoch_id)"
    kept = (
        f"{epoch.format('opened_at')} IS NOT NULL AND {in_use.format(epoch.format('project_id'))}"
    )
    if dialect == "sqlite":
        lines = []
        for table in tables:
            lines += [
                f"DROP TRIGGER {table}_no_delete",
                f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} WHEN {own} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append only'); END",
            ]
        return [
            *lines,
            "DROP TRIGGER audit_key_no_delete",
            f"CREATE TRIGGER audit_key_no_delete BEFORE DELETE ON audit_key WHEN {kept} "
            f"BEGIN SELECT RAISE(ABORT, '{said}'); END",
        ]
    lines = [
        "CREATE FUNCTION kept_with_project() RETURNS trigger AS $$ BEGIN "
        f"IF {own} THEN RAISE EXCEPTION '% is append only', TG_TABLE_NAME; END IF; "
        "RETURN OLD; END $$ LANGUAGE plpgsql",
        "CREATE OR REPLACE FUNCTION audit_key_kept() RETURNS trigger AS $$ BEGIN "
        f"IF TG_OP = 'UPDATE' OR ({kept}) THEN RAISE EXCEPTION '{said}'; END IF; "
        "RETURN OLD; END $$ LANGUAGE plpgsql",
    ]
    for table in tables:
        lines += [
            f"DROP TRIGGER {table}_append_only ON {table}",
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION append_only()",
            f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION kept_with_project()",
        ]
    return lines


def keep_keys_of_test_audits(dialect: str) -> list[str]:
    """DDL that holds the random order of a test-set audit: it goes with a deleted project alone."""
    told = "(SELECT deleted_at FROM project WHERE id = {0}) IS NULL"
    in_use = told.format("(SELECT project_id FROM test_audit WHERE id = OLD.audit_id)")
    said = "the keys of a test-set audit stay"
    if dialect == "sqlite":
        return [
            "CREATE TRIGGER test_audit_key_no_update BEFORE UPDATE ON test_audit_key "
            f"BEGIN SELECT RAISE(ABORT, '{said}'); END",
            "CREATE TRIGGER test_audit_key_no_delete BEFORE DELETE ON test_audit_key "
            f"WHEN {in_use} BEGIN SELECT RAISE(ABORT, '{said}'); END",
        ]
    return [
        "CREATE FUNCTION test_audit_key_kept() RETURNS trigger AS $$ BEGIN "
        f"IF TG_OP = 'UPDATE' OR {in_use} THEN RAISE EXCEPTION '{said}'; END IF; "
        "RETURN OLD; END $$ LANGUAGE plpgsql",
        "CREATE TRIGGER test_audit_key_kept BEFORE UPDATE OR DELETE ON test_audit_key "
        "FOR EACH ROW EXECUTE FUNCTION test_audit_key_kept()",
    ]


def keep_keys_of_split_audits(dialect: str) -> list[str]:
    """DDL that holds the random order of a split's audit: an example is drawn once, nothing else
    of it changes, and it goes with a deleted project alone."""
    told = "(SELECT deleted_at FROM project WHERE id = {0}) IS NULL"
    in_use = told.format("(SELECT project_id FROM split_audit WHERE id = OLD.audit_id)")
    said, columns = "the keys of a split's audit stay", "audit_id, example_id, place, label_at_open"
    if dialect == "sqlite":
        abort = f"BEGIN SELECT RAISE(ABORT, '{said.replace(chr(39), chr(39) * 2)}'); END"
        return [
            f"CREATE TRIGGER split_audit_key_no_update BEFORE UPDATE OF {columns} "
            f"ON split_audit_key {abort}",
            "CREATE TRIGGER split_audit_key_drawn_once BEFORE UPDATE OF drawn_at "
            f"ON split_audit_key WHEN OLD.drawn_at IS NOT NULL {abort}",
            "CREATE TRIGGER split_audit_key_no_delete BEFORE DELETE ON split_audit_key "
            f"WHEN {in_use} {abort}",
        ]
    raised = f"RAISE EXCEPTION '{said.replace(chr(39), chr(39) * 2)}'"
    old, new = (", ".join(f"{row}.{one}" for one in columns.split(", ")) for row in ("OLD", "NEW"))
    return [
        "CREATE FUNCTION split_audit_key_kept() RETURNS trigger AS $$ BEGIN "
        "IF TG_OP = 'UPDATE' THEN "
        f"IF OLD.drawn_at IS NOT NULL OR ({old}) IS DISTINCT FROM ({new}) THEN {raised}; END IF; "
        f"RETURN NEW; END IF; IF {in_use} THEN {raised}; END IF; "
        "RETURN OLD; END $$ LANGUAGE plpgsql",
        "CREATE TRIGGER split_audit_key_kept BEFORE UPDATE OR DELETE ON split_audit_key "
        "FOR EACH ROW EXECUTE FUNCTION split_audit_key_kept()",
    ]
