"""The first schema: accounts, datasets, ranking, review, the log, releases and jobs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.triggers import forbid_changes
from app.db.types import BigId, UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = ("event", "decision", "reversal")


def upgrade() -> None:
    op.create_table('blob',
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('size', BigId, nullable=False),
    sa.Column('media_type', sa.String(length=80), nullable=False),
    sa.PrimaryKeyConstraint('sha256')
    )
    op.create_table('person',
    sa.Column('id', BigId, autoincrement=True, nullable=False),
    sa.Column('pseudonym', sa.String(length=16), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('email', sa.String(length=320), nullable=False),
    sa.Column('email_key', sa.String(length=320), nullable=False),
    sa.Column('password_hash', sa.String(length=300), nullable=True),
    sa.Column('is_admin', sa.Boolean(), nullable=False),
    sa.Column('preferences', sa.JSON(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('disabled_at', UtcDateTime(), nullable=True),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('email_key'),
    sa.UniqueConstraint('pseudonym')
    )
    op.create_table('project',
    sa.Column('id', BigId, autoincrement=True, nullable=False),
    sa.Column('slug', sa.String(length=80), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('about', sa.Text(), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('data_type', sa.String(32), nullable=False),
    sa.Column('confirmations', sa.Integer(), nullable=False),
    sa.Column('target_bp', sa.Integer(), nullable=False),
    sa.Column('guideline', sa.Text(), nullable=False),
    sa.Column('guideline_revision', sa.Integer(), nullable=False),
    sa.Column('schema_revision', sa.Integer(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('archived_at', UtcDateTime(), nullable=True),
    sa.Column('log_seq', BigId, nullable=False),
    sa.Column('log_hash', sa.LargeBinary(length=32), nullable=False),
    sa.Column('serve_seq', BigId, nullable=False),
    sa.Column('epoch_id', BigId, nullable=True),
    sa.Column('unserved', sa.Integer(), nullable=False),
    sa.Column('drawn_key', BigId, nullable=False),
    sa.Column('run_id', BigId, nullable=True),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('slug')
    )
    op.create_table('signin_try',
    sa.Column('id', BigId, autoincrement=True, nullable=False),
    sa.Column('account_key', sa.String(length=320), nullable=False),
    sa.Column('address', sa.String(length=64), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_signin_try_account', 'signin_try', ['account_key', 'at'], unique=False)
    op.create_index('ix_signin_try_address', 'signin_try', ['address', 'at'], unique=False)
    op.create_table('worker',
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('seen_at', UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('name')
    )
    op.create_table('access_link',
    sa.Column('id', BigId, autoincrement=True, nullable=False),
    sa.Column('kind', sa.String(32), nullable=False),
    sa.Column('token_hash', sa.LargeBinary(length=32), nullable=False),
    sa.Column('person_id', BigId, nullable=True),
    sa.Column('project_id', BigId, nullable=True),
    sa.Column('role', sa.String(32), nullable=True),
    sa.Column('email', sa.String(length=320), nullable=True),
    sa.Column('created_by', BigId, nullable=True),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('expires_at', UtcDateTime(), nullable=False),
    sa.Column('used_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['created_by'], ['person.id'], ),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('token_hash')
    )
    op.create_table('activity',
    sa.Column('id', BigId, autoincrement=True, nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('person_id', BigId, nullable=True),
    sa.Column('project_id', BigId, nullable=True),
    sa.Column('kind', sa.String(length=64), nullable=False),
    sa.Column('detail', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_activity_project', 'activity', ['project_id', 'id'], unique=False)
    op.create_table('audit_epoch',
    sa.Column('id', BigId, autoincrement=True, nullable=False),
    sa.Column('project_id', BigId, nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(length=40), nullable=False),
    sa.Column('opened_at', UtcDateTime(), nullable=True),
    sa.Column('closed_at', UtcDateTime(), nullable=True),
    sa.Column('pool_size', sa.Integer(), nullable=False),
    sa.Column('last_key', BigId, nullable=True),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index(op.f('ix_audit_epoch_project_id'), 'audit_epoch', ['project_id'], unique=False)
    op.create_table('batch',
    sa.Column('id', BigId, autoincrement=True, nullable=False),
    sa.Column('project_id', BigId, nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('rule', sa.JSON(), nullable=False),
    sa.Column('state', sa.String(32), nullable=False),
    sa.Column('mode', sa.String(32), nullable=False),
    sa.Column('reads', sa.Integer(), nullable=False),
    sa.Column('audit_share', sa.Integer(), nullable=False),
    sa.Column('second_share', sa.Integer(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('everyone', sa.Boolean(), nullable=False),
    sa.Column('due_at', UtcDateTime(), nullable=True),
    sa.Column('created_by', BigId, nullable=True),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('closed_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['created_by'], ['person.id'], ),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('project_id', 'number')
    )
    op.create_table('data_import',
    sa.Column('id', BigId, autoincrement=True, nullable=False),
    sa.Column('project_id', BigId, nullable=False),
    sa.Column('state', sa.String(32), nullable=False),
    sa.Column('file_name', sa.String(length=300), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('size', BigId, nullable=False),
    sa.Column('mapping', sa.JSON(), nullable=False),
    sa.Column('mapping_hash', sa.String(length=64), nullable=False),
    sa.Column('report', sa.JSON(), nullable=False),
    sa.Column('rows_read', sa.Integer(), nullable=False),
    sa.Column('rows_good', sa.Integer(), nullable=False),
    sa.Column('rows_left_out', sa.Integer(), nullable=False),
    sa.Column('message', sa.Text(), nullable=False),
    sa.Column('created_by', BigId, nullable=True),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('finished_at', UtcDateTime(), nullable=True),
    sa.Column('seq', BigId, nullable=True),
    sa.ForeignKeyConstraint(['created_by'], ['person.id'], ),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('project_id', 'sha256', 'mapping_hash')
    )
    op.create_table('event',
    sa.Column('project_id', BigId, nullable=False),
    sa.Column('seq', BigId, autoincrement=False, nullable=False),
    sa.Column('kind', sa.String(32), nullable=False),
    sa.Column('example_id', BigId, nullable=True),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('hash', sa.LargeBinary(length=32), nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], ),
    sa.PrimaryKeyConstraint('project_id', 'seq')
    )
    op.create_index(op.f('ix_event_example_id'), 'event', ['example_id'], unique=False)
    op.create_table('job',
    sa.Column('id', BigId, autoincrement=True, nullable=False),
    sa.Column('project_id', BigId, nullable=True),
    sa.Column('task', sa.String(length=40), nullable=False),
    sa.Column('arguments', sa.JSON(), nullable=False),
    sa.Column('state', sa.String(32), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('fence', sa.Integer(), nullable=False),
    sa.Column('worker', sa.String(length=80), nullable=False),
    sa.Column('heartbeat_at', UtcDateTime(), nullable=True),
    sa.Column('run_after', UtcDateTime(), nullable=False),
    sa.Column('cancel_asked', sa.Boolean(), nullable=False),
    sa.Column('step', sa.String(length=120), nullable=False),
    sa.Column('step_done', sa.Integer(), nullable=False),
    sa.Column('step_total', sa.Integer(), nullable=False),
    sa.Column('result', sa.JSON(), nullable=False),
    sa.Column('message', sa.Text(), nullable=False),
    sa.Column('created_by', BigId, nullable=True),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('started_at', UtcDateTime(), nullable=True),
    sa.Column('finished_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['created_by'], ['person.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index(op.f('ix_job_project_id'), 'job', ['project_id'], unique=False)
    op.create_index('ix_job_state', 'job', ['state', 'run_after', 'id'], unique=False)
    op.create_table('label',
    sa.Column('id', BigId, autoincrement=True, nullable=False),
    sa.Column('project_id', BigId, nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('code', sa.String(length=200), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('synonyms', sa.JSON(), nullable=False),
    sa.Column('key', sa.String(length=8), nullable=False),
    sa.Column('schema_revision', sa.Integer(), nullable=False),
    sa.Column('retired_at', UtcDateTime(), nullable=True),
    sa.Column('replaced_by', BigId, nullable=True),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], ),
    sa.ForeignKeyConstraint(['replaced_by'], ['label.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('project_id', 'name')
    )
    op.create_table('login_session',
    sa.Column('id', BigId, autoincrement=True, nullable=False),
    sa.Column('token_hash', sa.LargeBinary(length=32), nullable=False),
    sa.Column('csrf', sa.String(length=64), nullable=False),
    sa.Column('person_id', BigId, nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('seen_at', UtcDateTime(), nullable=False),
    sa.Column('expires_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('token_hash')
    )
    op.create_index(op.f('ix_login_session_person_id'), 'login_session', ['person_id'], unique=False)
    op.create_table('membership',
    sa.Column('project_id', BigId, nullable=False),
    sa.Column('person_id', BigId, nullable=False),
    sa.Column('role', sa.String(32), nullable=False),
    sa.Column('joined_at', UtcDateTime(), nullable=False),
    sa.Column('left_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], ),
    sa.PrimaryKeyConstraint('project_id', 'person_id')
    )
    op.create_index(op.f('ix_membership_person_id'), 'membership', ['person_id'], unique=False)
    op.create_table('prediction',
    sa.Column('id', BigId, autoincrement=True, nullable=False),
    sa.Column('project_id', BigId, nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('name', sa.String(length=300), nullable=False),
    sa.Column('blob', sa.String(length=64), nullable=False),
    sa.Column('rows', sa.Integer(), nullable=False),
    sa.Column('report', sa.JSON(), nullable=False),
    sa.Column('created_by', BigId, nullable=True),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['created_by'], ['person.id'], ),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index(op.f('ix_prediction_project_id'), 'prediction', ['project_id'], unique=False)
    op.create_table('project_slug',
    sa.Column('slug', sa.String(length=80), nullable=False),
    sa.Column('project_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], ),
    sa.PrimaryKeyConstraint('slug')
    )
    op.create_index(op.f('ix_project_slug_project_id'), 'project_slug', ['project_id'], unique=False)
    op.create_table('release',
    sa.Column('id', BigId, autoincrement=True, nullable=False),
    sa.Column('project_id', BigId, nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(32), nullable=False),
    sa.Column('spec', sa.JSON(), nullable=False),
    sa.Column('counts', sa.JSON(), nullable=False),
    sa.Column('files', sa.JSON(), nullable=False),
    sa.Column('up_to_seq', BigId, nullable=True),
    sa.Column('head_hash', sa.LargeBinary(length=32), nullable=True),
    sa.Column('message', sa.Text(), nullable=False),
    sa.Column('created_by', BigId, nullable=True),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('finished_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['created_by'], ['person.id'], ),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('project_id', 'number')
    )
    op.create_table('scoring_run',
    sa.Column('id', BigId, autoincrement=True, nullable=False),
    sa.Column('project_id', BigId, nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(32), nullable=False),
    sa.Column('method', sa.String(length=40), nullable=False),
    sa.Column('settings', sa.JSON(), nullable=False),
    sa.Column('seed', BigId, nullable=False),
    sa.Column('versions', sa.JSON(), nullable=False),
    sa.Column('artefacts', sa.JSON(), nullable=False),
    sa.Column('counts', sa.JSON(), nullable=False),
    sa.Column('log_seq', BigId, nullable=False),
    sa.Column('message', sa.Text(), nullable=False),
    sa.Column('created_by', BigId, nullable=True),
    sa.Column('started_at', UtcDateTime(), nullable=False),
    sa.Column('finished_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['created_by'], ['person.id'], ),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index(op.f('ix_scoring_run_project_id'), 'scoring_run', ['project_id'], unique=False)
    op.create_table('source',
    sa.Column('id', BigId, autoincrement=True, nullable=False),
    sa.Column('project_id', BigId, nullable=False),
    sa.Column('origin', sa.String(length=64), nullable=False),
    sa.Column('type', sa.String(length=16), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('guideline_version', sa.String(length=80), nullable=False),
    sa.Column('batch', sa.String(length=80), nullable=False),
    sa.Column('model_version', sa.String(length=80), nullable=False),
    sa.Column('made_at', UtcDateTime(), nullable=True),
    sa.Column('person_id', BigId, nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('project_id', 'origin')
    )
    op.create_table('token',
    sa.Column('id', BigId, autoincrement=True, nullable=False),
    sa.Column('person_id', BigId, nullable=False),
    sa.Column('project_id', BigId, nullable=True),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('token_hash', sa.LargeBinary(length=32), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('expires_at', UtcDateTime(), nullable=False),
    sa.Column('used_at', UtcDateTime(), nullable=True),
    sa.Column('revoked_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('token_hash')
    )
    op.create_index(op.f('ix_token_person_id'), 'token', ['person_id'], unique=False)
    op.create_table('batch_person',
    sa.Column('batch_id', BigId, nullable=False),
    sa.Column('person_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['batch_id'], ['batch.id'], ),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.PrimaryKeyConstraint('batch_id', 'person_id')
    )
    op.create_index(op.f('ix_batch_person_person_id'), 'batch_person', ['person_id'], unique=False)
    op.create_table('example',
    sa.Column('id', BigId, autoincrement=True, nullable=False),
    sa.Column('project_id', BigId, nullable=False),
    sa.Column('import_id', BigId, nullable=False),
    sa.Column('row', sa.Integer(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('content', sa.JSON(), nullable=False),
    sa.Column('columns', sa.JSON(), nullable=False),
    sa.Column('salt', sa.String(length=32), nullable=True),
    sa.Column('content_hash', sa.String(length=64), nullable=False),
    sa.Column('given_label_id', BigId, nullable=True),
    sa.Column('source_id', BigId, nullable=True),
    sa.Column('split', sa.String(length=80), nullable=False),
    sa.Column('status', sa.String(32), nullable=False),
    sa.Column('final_label_id', BigId, nullable=True),
    sa.Column('removed_reason', sa.String(32), nullable=True),
    sa.Column('decided_seq', BigId, nullable=True),
    sa.ForeignKeyConstraint(['final_label_id'], ['label.id'], ),
    sa.ForeignKeyConstraint(['given_label_id'], ['label.id'], ),
    sa.ForeignKeyConstraint(['import_id'], ['data_import.id'], ),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], ),
    sa.ForeignKeyConstraint(['source_id'], ['source.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('project_id', 'key')
    )
    op.create_index('ix_example_final', 'example', ['project_id', 'final_label_id', 'id'], unique=False)
    op.create_index('ix_example_given', 'example', ['project_id', 'given_label_id', 'id'], unique=False)
    op.create_index('ix_example_import', 'example', ['import_id', 'row'], unique=False)
    op.create_index('ix_example_status', 'example', ['project_id', 'status', 'id'], unique=False)
    op.create_table('left_out',
    sa.Column('id', BigId, autoincrement=True, nullable=False),
    sa.Column('import_id', BigId, nullable=False),
    sa.Column('row', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=8), nullable=False),
    sa.Column('column', sa.String(length=300), nullable=False),
    sa.Column('message', sa.Text(), nullable=False),
    sa.Column('excerpt', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['import_id'], ['data_import.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_left_out_import', 'left_out', ['import_id', 'row'], unique=False)
    op.create_table('audit_key',
    sa.Column('epoch_id', BigId, nullable=False),
    sa.Column('example_id', BigId, nullable=False),
    sa.Column('key', BigId, nullable=False),
    sa.Column('label_at_open', BigId, nullable=False),
    sa.ForeignKeyConstraint(['epoch_id'], ['audit_epoch.id'], ),
    sa.ForeignKeyConstraint(['example_id'], ['example.id'], ),
    sa.ForeignKeyConstraint(['label_at_open'], ['label.id'], ),
    sa.PrimaryKeyConstraint('epoch_id', 'example_id')
    )
    op.create_index('ix_audit_key_order', 'audit_key', ['epoch_id', 'key'], unique=False)
    op.create_table('batch_member',
    sa.Column('batch_id', BigId, nullable=False),
    sa.Column('example_id', BigId, nullable=False),
    sa.Column('priority', sa.Double(), nullable=False),
    sa.Column('waiting', sa.Boolean(), nullable=False),
    sa.Column('joined_at', UtcDateTime(), nullable=False),
    sa.Column('left_at', UtcDateTime(), nullable=True),
    sa.Column('left_why', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['batch_id'], ['batch.id'], ),
    sa.ForeignKeyConstraint(['example_id'], ['example.id'], ),
    sa.PrimaryKeyConstraint('batch_id', 'example_id')
    )
    op.create_index('ix_batch_member_example', 'batch_member', ['example_id'], unique=False)
    op.create_index('ix_batch_member_waiting', 'batch_member', ['batch_id', 'priority', 'example_id'], unique=False, postgresql_where=sa.text('waiting'), sqlite_where=sa.text('waiting = 1'))
    op.create_table('decision',
    sa.Column('id', BigId, autoincrement=True, nullable=False),
    sa.Column('project_id', BigId, nullable=False),
    sa.Column('seq', BigId, nullable=False),
    sa.Column('idempotency_key', sa.String(length=64), nullable=False),
    sa.Column('content_hash', sa.String(length=64), nullable=False),
    sa.Column('example_id', BigId, nullable=False),
    sa.Column('person_id', BigId, nullable=False),
    sa.Column('adjudicates', sa.Boolean(), nullable=False),
    sa.Column('verdict', sa.String(32), nullable=False),
    sa.Column('label_id', BigId, nullable=True),
    sa.Column('reason', sa.String(32), nullable=True),
    sa.Column('note_id', BigId, nullable=True),
    sa.Column('first_answer', sa.JSON(), nullable=True),
    sa.Column('mode', sa.String(32), nullable=False),
    sa.Column('read_reason', sa.String(32), nullable=False),
    sa.Column('confirmations', sa.Integer(), nullable=False),
    sa.Column('batch_id', BigId, nullable=True),
    sa.Column('lease_token', sa.String(length=32), nullable=True),
    sa.Column('serve_seq', BigId, nullable=True),
    sa.Column('stream', sa.String(32), nullable=True),
    sa.Column('shown', sa.JSON(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=True),
    sa.Column('seconds', sa.Double(), nullable=False),
    sa.Column('browser_seconds', sa.Double(), nullable=True),
    sa.Column('guideline_revision', sa.Integer(), nullable=False),
    sa.Column('run_id', BigId, nullable=True),
    sa.Column('supersedes', BigId, nullable=True),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['batch_id'], ['batch.id'], ),
    sa.ForeignKeyConstraint(['example_id'], ['example.id'], ),
    sa.ForeignKeyConstraint(['label_id'], ['label.id'], ),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('project_id', 'person_id', 'idempotency_key'),
    sa.UniqueConstraint('project_id', 'seq')
    )
    op.create_index('ix_decision_batch', 'decision', ['batch_id', 'person_id'], unique=False)
    op.create_index('ix_decision_example', 'decision', ['example_id', 'seq'], unique=False)
    op.create_index('ix_decision_person', 'decision', ['person_id', 'id'], unique=False)
    op.create_table('disagreement',
    sa.Column('id', BigId, autoincrement=True, nullable=False),
    sa.Column('project_id', BigId, nullable=False),
    sa.Column('example_id', BigId, nullable=False),
    sa.Column('kind', sa.String(32), nullable=False),
    sa.Column('seq', BigId, nullable=True),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('settled_at', UtcDateTime(), nullable=True),
    sa.Column('settled_by', BigId, nullable=True),
    sa.Column('settled_seq', BigId, nullable=True),
    sa.ForeignKeyConstraint(['example_id'], ['example.id'], ),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], ),
    sa.ForeignKeyConstraint(['settled_by'], ['person.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_disagreement_example', 'disagreement', ['example_id'], unique=False)
    op.create_index('ix_disagreement_open', 'disagreement', ['project_id', 'settled_at', 'id'], unique=False)
    op.create_table('lease',
    sa.Column('id', BigId, autoincrement=True, nullable=False),
    sa.Column('token', sa.String(length=32), nullable=False),
    sa.Column('project_id', BigId, nullable=False),
    sa.Column('example_id', BigId, nullable=False),
    sa.Column('person_id', BigId, nullable=False),
    sa.Column('batch_id', BigId, nullable=True),
    sa.Column('read_due_id', BigId, nullable=True),
    sa.Column('read_reason', sa.String(32), nullable=False),
    sa.Column('mode', sa.String(32), nullable=False),
    sa.Column('serve_seq', BigId, nullable=True),
    sa.Column('stream', sa.String(32), nullable=True),
    sa.Column('run_id', BigId, nullable=True),
    sa.Column('shown', sa.JSON(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('expires_at', UtcDateTime(), nullable=False),
    sa.Column('ended_at', UtcDateTime(), nullable=True),
    sa.Column('ended_why', sa.String(length=20), nullable=False),
    sa.ForeignKeyConstraint(['batch_id'], ['batch.id'], ),
    sa.ForeignKeyConstraint(['example_id'], ['example.id'], ),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('token')
    )
    op.create_index('ix_lease_live_example', 'lease', ['example_id'], unique=True, postgresql_where=sa.text('ended_at IS NULL'), sqlite_where=sa.text('ended_at IS NULL'))
    op.create_index('ix_lease_live_expiry', 'lease', ['project_id', 'expires_at'], unique=False, postgresql_where=sa.text('ended_at IS NULL'), sqlite_where=sa.text('ended_at IS NULL'))
    op.create_index('ix_lease_live_person', 'lease', ['person_id', 'batch_id'], unique=False, postgresql_where=sa.text('ended_at IS NULL'), sqlite_where=sa.text('ended_at IS NULL'))
    op.create_table('note',
    sa.Column('id', BigId, autoincrement=True, nullable=False),
    sa.Column('project_id', BigId, nullable=False),
    sa.Column('example_id', BigId, nullable=False),
    sa.Column('person_id', BigId, nullable=True),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('salt', sa.String(length=32), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['example_id'], ['example.id'], ),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index(op.f('ix_note_example_id'), 'note', ['example_id'], unique=False)
    op.create_index(op.f('ix_note_project_id'), 'note', ['project_id'], unique=False)
    op.create_table('read_due',
    sa.Column('id', BigId, autoincrement=True, nullable=False),
    sa.Column('project_id', BigId, nullable=False),
    sa.Column('example_id', BigId, nullable=False),
    sa.Column('reason', sa.String(32), nullable=False),
    sa.Column('for_role', sa.String(length=16), nullable=False),
    sa.Column('for_person', BigId, nullable=True),
    sa.Column('first_by', BigId, nullable=True),
    sa.Column('not_by', sa.JSON(), nullable=False),
    sa.Column('skipped_by', sa.JSON(), nullable=False),
    sa.Column('after_batch', sa.Boolean(), nullable=False),
    sa.Column('batch_id', BigId, nullable=True),
    sa.Column('created_by_seq', BigId, nullable=True),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('done_at', UtcDateTime(), nullable=True),
    sa.Column('done_why', sa.String(length=20), nullable=False),
    sa.ForeignKeyConstraint(['batch_id'], ['batch.id'], ),
    sa.ForeignKeyConstraint(['example_id'], ['example.id'], ),
    sa.ForeignKeyConstraint(['for_person'], ['person.id'], ),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_read_due_example', 'read_due', ['example_id'], unique=False)
    op.create_index('ix_read_due_owed', 'read_due', ['project_id', 'id'], unique=False, postgresql_where=sa.text('done_at IS NULL'), sqlite_where=sa.text('done_at IS NULL'))
    op.create_table('reversal',
    sa.Column('id', BigId, autoincrement=True, nullable=False),
    sa.Column('project_id', BigId, nullable=False),
    sa.Column('seq', BigId, nullable=False),
    sa.Column('kind', sa.String(32), nullable=False),
    sa.Column('example_id', BigId, nullable=False),
    sa.Column('decision_seq', BigId, nullable=True),
    sa.Column('person_id', BigId, nullable=True),
    sa.Column('idempotency_key', sa.String(length=64), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['example_id'], ['example.id'], ),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('project_id', 'person_id', 'idempotency_key'),
    sa.UniqueConstraint('project_id', 'seq')
    )
    op.create_index('ix_reversal_example', 'reversal', ['example_id', 'seq'], unique=False)
    op.create_table('score',
    sa.Column('run_id', BigId, nullable=False),
    sa.Column('example_id', BigId, nullable=False),
    sa.Column('priority', sa.Double(), nullable=True),
    sa.Column('quality', sa.Double(), nullable=True),
    sa.Column('difficulty', sa.Double(), nullable=True),
    sa.Column('p_given', sa.Double(), nullable=True),
    sa.Column('suggested_id', BigId, nullable=True),
    sa.Column('suggestions', sa.JSON(), nullable=False),
    sa.Column('neighbours', sa.JSON(), nullable=False),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.CheckConstraint('abs(difficulty) < 1e300', name='finite_difficulty'),
    sa.CheckConstraint('abs(p_given) < 1e300', name='finite_p_given'),
    sa.CheckConstraint('abs(priority) < 1e300', name='finite_priority'),
    sa.CheckConstraint('abs(quality) < 1e300', name='finite_quality'),
    sa.ForeignKeyConstraint(['example_id'], ['example.id'], ),
    sa.ForeignKeyConstraint(['run_id'], ['scoring_run.id'], ),
    sa.ForeignKeyConstraint(['suggested_id'], ['label.id'], ),
    sa.PrimaryKeyConstraint('run_id', 'example_id')
    )
    op.create_index('ix_score_priority', 'score', ['run_id', 'priority', 'example_id'], unique=False)
    op.create_index('ix_score_quality', 'score', ['run_id', 'quality', 'example_id'], unique=False)
    op.create_table('serve',
    sa.Column('id', BigId, autoincrement=True, nullable=False),
    sa.Column('project_id', BigId, nullable=False),
    sa.Column('epoch_id', BigId, nullable=False),
    sa.Column('serve_seq', BigId, nullable=False),
    sa.Column('example_id', BigId, nullable=False),
    sa.Column('stream', sa.String(32), nullable=False),
    sa.Column('unserved_before', sa.Integer(), nullable=False),
    sa.Column('batch_id', BigId, nullable=True),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['batch_id'], ['batch.id'], ),
    sa.ForeignKeyConstraint(['epoch_id'], ['audit_epoch.id'], ),
    sa.ForeignKeyConstraint(['example_id'], ['example.id'], ),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('epoch_id', 'example_id'),
    sa.UniqueConstraint('project_id', 'serve_seq')
    )
    op.create_index('ix_serve_batch', 'serve', ['batch_id'], unique=False)
    op.create_index('ix_serve_example', 'serve', ['example_id'], unique=False)
    dialect = op.get_bind().dialect.name
    for table in APPEND_ONLY:
        for line in forbid_changes(table, dialect):
            op.execute(sa.text(line))


def downgrade() -> None:
    raise RuntimeError("there is no way down: restore a backup instead")
