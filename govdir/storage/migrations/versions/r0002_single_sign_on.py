"""Single sign-on: sessions, flows under way, second factors, service providers, the trail, letters."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Adds tables only; the directory's are left as they are."""
    _create_sessions()
    _create_keeping()
    _create_attempts()
    _create_factors()
    _create_services()
    _create_trail()
    _create_outbox()


def _create_sessions() -> None:
    op.create_table(
        "sso_sessions",
        sa.Column("key", sa.LargeBinary, primary_key=True),
        sa.Column("entry_uuid", sa.Text, nullable=False),
        sa.Column("began", _NUMBER, nullable=False),
        sa.Column("seen", _NUMBER, nullable=False),
        sa.Column("ends", _NUMBER, nullable=False),
        sa.Column("authenticated", _NUMBER, nullable=False),
        sa.Column("factors", sa.Text, nullable=False),
        sa.Column("proof", sa.LargeBinary, nullable=False),
        sa.Column("network", sa.Text, nullable=False),
        sa.Column("agent", sa.Text, nullable=False),
    )
    for column in ("entry_uuid", "seen", "ends"):
        op.create_index(f"sso_sessions_{column}_ix", "sso_sessions", [column])
    op.create_table(
        "sso_participants",
        sa.Column("session_key", sa.LargeBinary, primary_key=True),
        sa.Column("entity_id", sa.Text, primary_key=True),
        sa.Column("name", sa.LargeBinary, primary_key=True),
        sa.Column("session_index", sa.Text, nullable=False),
        sa.Column("name_id", sa.Text, nullable=False),
        sa.Column("name_format", sa.Text, nullable=False),
        sa.Column("name_qualifier", sa.Text),
        sa.Column("sp_name_qualifier", sa.Text),
        sa.Column("since", _NUMBER, nullable=False),
        sa.ForeignKeyConstraint(
            ["session_key"],
            ["sso_sessions.key"],
            ondelete="CASCADE",
            onupdate="CASCADE",
            name="sso_participants_session_key_fk",
        ),
    )
    op.create_index("sso_participants_by_name_ix", "sso_participants", ["entity_id", "name_id"])


def _create_keeping() -> None:
    op.create_table(
        "sso_kept",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("version", _NUMBER, nullable=False),
        sa.Column("expires", _NUMBER, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
    )
    op.create_index("sso_kept_expires_ix", "sso_kept", ["expires"])
    op.create_table(
        "sso_messages",
        sa.Column("message", sa.LargeBinary, primary_key=True),
        sa.Column("until", _NUMBER, nullable=False),
    )
    op.create_index("sso_messages_until_ix", "sso_messages", ["until"])


def _create_attempts() -> None:
    op.create_table(
        "sso_failures",
        sa.Column("key", sa.LargeBinary, primary_key=True),
        sa.Column("at", _NUMBER, primary_key=True, autoincrement=False),
        sa.Column("times", _NUMBER, nullable=False),
    )
    op.create_index("sso_failures_at_ix", "sso_failures", ["at"])
    op.create_table(
        "sso_familiar",
        sa.Column("entry_uuid", sa.Text, primary_key=True),
        sa.Column("mark", sa.LargeBinary, primary_key=True),
        sa.Column("at", _NUMBER, nullable=False),
    )
    op.create_index("sso_familiar_at_ix", "sso_familiar", ["at"])


def _create_factors() -> None:
    op.create_table(
        "sso_factors",
        sa.Column("entry_uuid", sa.Text, primary_key=True),
        sa.Column("secret", sa.LargeBinary, nullable=False),
        sa.Column("since", _NUMBER, nullable=False),
        sa.Column("last_step", _NUMBER, nullable=False),
    )
    op.create_table(
        "sso_recovery",
        sa.Column("entry_uuid", sa.Text, primary_key=True),
        sa.Column("digest", sa.LargeBinary, primary_key=True),
        sa.Column("place", _NUMBER, nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_uuid"], ["sso_factors.entry_uuid"], ondelete="CASCADE", name="sso_recovery_entry_uuid_fk"
        ),
    )


def _create_services() -> None:
    op.create_table(
        "sso_services",
        sa.Column("entity_id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("metadata", sa.LargeBinary, nullable=False),
        sa.Column("settings", sa.Text, nullable=False),
        sa.Column("metadata_url", sa.Text, nullable=False),
        sa.Column("metadata_signer", sa.LargeBinary, nullable=False),
        sa.Column("refreshed", _NUMBER),
        sa.Column("trouble", sa.Text, nullable=False),
        sa.Column("version", _NUMBER, nullable=False),
        sa.UniqueConstraint("name", name="sso_services_name_uq"),
    )
    op.create_table(
        "sso_counters",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("number", _NUMBER, nullable=False),
    )


def _create_trail() -> None:
    texts = ("kind", "outcome", "entry_uuid", "who", "entity_id", "channel", "factors", "network", "agent")
    op.create_table(
        "sso_trail",
        sa.Column("number", _NUMBER, sa.Identity(), primary_key=True),
        sa.Column("at", _NUMBER, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in (*texts, "detail")),
    )
    op.create_index("sso_trail_at_ix", "sso_trail", ["at"])
    op.create_index("sso_trail_of_entry_ix", "sso_trail", ["entry_uuid", "at"])


def _create_outbox() -> None:
    op.create_table(
        "sso_outbox",
        sa.Column("number", _NUMBER, sa.Identity(), primary_key=True),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("written", _NUMBER, nullable=False),
        sa.Column("tries", _NUMBER, nullable=False),
        sa.Column("due", _NUMBER, nullable=False),
    )
    op.create_index("sso_outbox_due_ix", "sso_outbox", ["due"])
