"""The directory: entries, addresses, changes, login facts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Creates every table of the first release."""
    _create_entries()
    _create_addresses()
    _create_changes()
    _create_facts()


def _create_entries() -> None:
    op.create_table(
        "shapes",
        sa.Column("id", _NUMBER, sa.Identity(), primary_key=True),
        sa.Column("descriptor", sa.Text, nullable=False),
        sa.UniqueConstraint("descriptor", name="shapes_descriptor_uq"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "entries",
        sa.Column("id", _NUMBER, sa.Identity(), primary_key=True),
        sa.Column("parent_id", _NUMBER),
        sa.Column("rdn", sa.Text, nullable=False),
        sa.Column("rdn_key", sa.Text, nullable=False),
        sa.Column("shape_id", _NUMBER, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("secrets", sa.LargeBinary),
        sa.Column("keys", sa.LargeBinary, nullable=False),
        sa.Column("version", _NUMBER, nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["entries.id"], ondelete="RESTRICT", name="entries_parent_id_fk"
        ),
        sa.ForeignKeyConstraint(["shape_id"], ["shapes.id"], ondelete="RESTRICT", name="entries_shape_id_fk"),
        sa.UniqueConstraint("parent_id", "rdn_key", name="entries_parent_id_rdn_key_uq"),
        sa.CheckConstraint("parent_id <> id", name=op.f("entries_not_its_own_parent_ck")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "entries_one_suffix_uq",
        "entries",
        [sa.text("(parent_id IS NULL)")],
        unique=True,
        sqlite_where=sa.text("parent_id IS NULL"),
        postgresql_where=sa.text("parent_id IS NULL"),
    )


def _create_addresses() -> None:
    op.create_table(
        "addresses",
        sa.Column("address", sa.Text, primary_key=True),
        sa.Column("entry_id", _NUMBER),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("since", _NUMBER, nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entries.id"], ondelete="RESTRICT", name="addresses_entry_id_fk"
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("addresses_entry_id_ix", "addresses", ["entry_id"])


def _create_changes() -> None:
    op.create_table(
        "changes",
        sa.Column("number", _NUMBER, primary_key=True, autoincrement=False),
        sa.Column("at", _NUMBER, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("dn", sa.Text, nullable=False),
        sa.Column("entry_uuid", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
    )
    op.create_table(
        "change_entries",
        sa.Column("number", _NUMBER, primary_key=True, autoincrement=False),
        sa.Column("entry_id", _NUMBER, primary_key=True, autoincrement=False),
        sa.ForeignKeyConstraint(
            ["number"], ["changes.number"], ondelete="CASCADE", name="change_entries_number_fk"
        ),
        sqlite_with_rowid=False,
    )


def _create_facts() -> None:
    op.create_table(
        "login_facts",
        sa.Column("entry_id", _NUMBER, primary_key=True, autoincrement=False),
        sa.Column("last_success", _NUMBER),
        sa.Column("failures", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entries.id"], ondelete="CASCADE", name="login_facts_entry_id_fk"
        ),
    )
    op.create_table(
        "meta",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
