"""Last accesses by channel, and the days of access; since when they are recorded."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Adds tables only. Days before this say nothing of who used what, which `meta` keeps."""
    op.create_table(
        "last_accesses",
        sa.Column("entry_id", _NUMBER, primary_key=True, autoincrement=False),
        sa.Column("channel", sa.Text, primary_key=True),
        sa.Column("at", _NUMBER, nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entries.id"], ondelete="CASCADE", name="last_accesses_entry_id_fk"
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "access_days",
        sa.Column("entry_id", _NUMBER, primary_key=True, autoincrement=False),
        sa.Column("month", _NUMBER, primary_key=True, autoincrement=False),
        sa.Column("channel", sa.Text, primary_key=True),
        sa.Column("days", _NUMBER, nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entries.id"], ondelete="CASCADE", name="access_days_entry_id_fk"
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("access_days_month_ix", "access_days", ["month"])
    meta = sa.table("meta", sa.column("key", sa.Text), sa.column("value", sa.Text))
    op.execute(
        meta.insert().values(key="accesses_since", value=str(int(datetime.now(UTC).timestamp()) * 10**6))
    )
