"""The database's tables, as SQLAlchemy metadata that SQLite and PostgreSQL read alike.

Times are microseconds since the epoch, UTC. Every rule that must hold between processes and nodes is a
constraint here; the checks of `units` only say which one was met.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

# 64 bits everywhere; SQLite makes a column the row's own key only when it is called INTEGER.
Number = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pk",
        "fk": "%(table_name)s_%(column_0_N_name)s_fk",
        "ix": "%(table_name)s_%(column_0_N_name)s_ix",
        "uq": "%(table_name)s_%(column_0_N_name)s_uq",
        "ck": "%(table_name)s_%(constraint_name)s_ck",
    }
)

# What entries of one kind have in common; interned, because a province has few kinds and many entries.
shapes = Table(
    "shapes",
    metadata,
    Column("id", Number, Identity(), primary_key=True),
    Column("descriptor", Text, nullable=False, unique=True),
    sqlite_autoincrement=True,
)

# AUTOINCREMENT: an id must never come back, since change records name entries that are gone.
entries = Table(
    "entries",
    metadata,
    Column("id", Number, Identity(), primary_key=True),
    Column("parent_id", Number, ForeignKey("entries.id", ondelete="RESTRICT")),
    Column("rdn", Text, nullable=False),
    Column("rdn_key", Text, nullable=False),
    Column("shape_id", Number, ForeignKey("shapes.id", ondelete="RESTRICT"), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("secrets", LargeBinary),
    Column("keys", LargeBinary, nullable=False),
    Column("version", Number, nullable=False),
    UniqueConstraint("parent_id", "rdn_key"),
    CheckConstraint("parent_id <> id", name="not_its_own_parent"),
    sqlite_autoincrement=True,
)

# NULL is equal to nothing, so the constraint above would let any number of suffixes in.
one_suffix = Index(
    "entries_one_suffix_uq",
    text("(parent_id IS NULL)"),
    unique=True,
    sqlite_where=entries.c.parent_id.is_(None),
    postgresql_where=entries.c.parent_id.is_(None),
)
entries.append_constraint(one_suffix)

# Whose each address is; `entry_id` NULL: retired, nobody's for ever.
addresses = Table(
    "addresses",
    metadata,
    Column("address", Text, primary_key=True),
    Column("entry_id", Number, ForeignKey("entries.id", ondelete="RESTRICT"), index=True),
    Column("kind", Text, nullable=False),
    Column("since", Number, nullable=False),
    sqlite_with_rowid=False,
)

# The audit trail; `number` is given by the writer, strictly increasing in commit order.
changes = Table(
    "changes",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=False),
    Column("at", Number, nullable=False),
    Column("actor", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("dn", Text, nullable=False),
    Column("entry_uuid", Text, nullable=False),
    Column("detail", Text, nullable=False),
)

# Which entries a change touched; no foreign key on `entry_id`, because the entry may be gone.
change_entries = Table(
    "change_entries",
    metadata,
    Column("number", Number, ForeignKey("changes.number", ondelete="CASCADE"), primary_key=True),
    Column("entry_id", Number, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

# What binds leave behind; `failures` is a JSON array of times.
login_facts = Table(
    "login_facts",
    metadata,
    Column(
        "entry_id",
        Number,
        ForeignKey("entries.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("last_success", Number),
    Column("failures", Text, nullable=False),
)

# Facts about the database itself: suffix, province, version of the index keys.
meta = Table(
    "meta",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
