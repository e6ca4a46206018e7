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

# When each entry was last used, by channel, and on which dates: `month` is 202611, bit 0 of `days` its first
# (directory.access_days).
last_accesses = Table(
    "last_accesses",
    metadata,
    Column(
        "entry_id",
        Number,
        ForeignKey("entries.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("channel", Text, primary_key=True),
    Column("at", Number, nullable=False),
    sqlite_with_rowid=False,
)
access_days = Table(
    "access_days",
    metadata,
    Column(
        "entry_id",
        Number,
        ForeignKey("entries.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("month", Number, primary_key=True, autoincrement=False, index=True),
    Column("channel", Text, primary_key=True),
    Column("days", Number, nullable=False),
    sqlite_with_rowid=False,
)

# --- single sign-on (`govdir.sso.model` says what the columns mean). Nothing here refers to `entries`: an
# entry is named by its lasting entry_uuid, and what it leaves behind when it goes ends by itself.

# Browsers that are signed in; `key` is the digest of the cookie's token.
sso_sessions = Table(
    "sso_sessions",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("entry_uuid", Text, nullable=False, index=True),
    Column("began", Number, nullable=False),
    Column("seen", Number, nullable=False, index=True),
    Column("ends", Number, nullable=False, index=True),
    Column("authenticated", Number, nullable=False),
    Column("factors", Text, nullable=False),
    Column("proof", LargeBinary, nullable=False),
    Column("network", Text, nullable=False),
    Column("agent", Text, nullable=False),
)

# Service providers that were told of a session. A session that is proved anew gets another key, and they
# follow. `name` is the digest of the whole NameID, since NULL qualifiers are equal to nothing.
sso_participants = Table(
    "sso_participants",
    metadata,
    Column(
        "session_key",
        LargeBinary,
        ForeignKey("sso_sessions.key", ondelete="CASCADE", onupdate="CASCADE"),
        primary_key=True,
    ),
    Column("entity_id", Text, primary_key=True),
    Column("name", LargeBinary, primary_key=True),
    Column("session_index", Text, nullable=False),
    Column("name_id", Text, nullable=False),
    Column("name_format", Text, nullable=False),
    Column("name_qualifier", Text),
    Column("sp_name_qualifier", Text),
    Column("since", Number, nullable=False),
    Index("sso_participants_by_name_ix", "entity_id", "name_id"),
)

# Sign-ins and logouts under way.
sso_kept = Table(
    "sso_kept",
    metadata,
    Column("id", Text, primary_key=True),
    Column("version", Number, nullable=False),
    Column("expires", Number, nullable=False, index=True),
    Column("payload", LargeBinary, nullable=False),
)

# Messages that must not come a second time; `message` is the digest of issuer and ID.
sso_messages = Table(
    "sso_messages",
    metadata,
    Column("message", LargeBinary, primary_key=True),
    Column("until", Number, nullable=False, index=True),
)

# Failed proofs; `key` is the digest of a name or network, `times` how many there were in that microsecond.
sso_failures = Table(
    "sso_failures",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("at", Number, primary_key=True, autoincrement=False, index=True),
    Column("times", Number, nullable=False),
)

# Networks and devices, as digests, from which somebody has signed in.
sso_familiar = Table(
    "sso_familiar",
    metadata,
    Column("entry_uuid", Text, primary_key=True),
    Column("mark", LargeBinary, primary_key=True),
    Column("at", Number, nullable=False, index=True),
)

# Second factors; `secret` is encrypted with a key that is not in the database.
sso_factors = Table(
    "sso_factors",
    metadata,
    Column("entry_uuid", Text, primary_key=True),
    Column("secret", LargeBinary, nullable=False),
    Column("since", Number, nullable=False),
    Column("last_step", Number, nullable=False),
)

# Recovery codes that are left, as digests, in the order they were shown.
sso_recovery = Table(
    "sso_recovery",
    metadata,
    Column("entry_uuid", Text, ForeignKey("sso_factors.entry_uuid", ondelete="CASCADE"), primary_key=True),
    Column("digest", LargeBinary, primary_key=True),
    Column("place", Number, nullable=False),
)

# Service providers; `settings` is JSON of those that are not the default.
sso_services = Table(
    "sso_services",
    metadata,
    Column("entity_id", Text, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("metadata", LargeBinary, nullable=False),
    Column("settings", Text, nullable=False),
    Column("metadata_url", Text, nullable=False),
    Column("metadata_signer", LargeBinary, nullable=False),
    Column("refreshed", Number),
    Column("trouble", Text, nullable=False),
    Column("version", Number, nullable=False),
)

# Numbers that say that something has changed ("services"), so that processes know when to look again.
sso_counters = Table(
    "sso_counters",
    metadata,
    Column("name", Text, primary_key=True),
    Column("number", Number, nullable=False),
)

# The audit trail of signing in.
sso_trail = Table(
    "sso_trail",
    metadata,
    Column("number", Number, Identity(), primary_key=True),
    Column("at", Number, nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("entry_uuid", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("entity_id", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("factors", Text, nullable=False),
    Column("network", Text, nullable=False),
    Column("agent", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Index("sso_trail_of_entry_ix", "entry_uuid", "at"),
)

# Letters to be sent. Who takes one moves `due` on, so that no other takes it as well; a sender that died
# with it is thereby followed by the next.
sso_outbox = Table(
    "sso_outbox",
    metadata,
    Column("number", Number, Identity(), primary_key=True),
    Column("recipient", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("written", Number, nullable=False),
    Column("tries", Number, nullable=False),
    Column("due", Number, nullable=False, index=True),
)

# Facts about the database itself: suffix, province, version of the index keys.
meta = Table(
    "meta",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
