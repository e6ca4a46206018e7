"""Alembic's entry point; the connection comes from `migrate`, so no alembic.ini is needed."""

from __future__ import annotations

from alembic import context

from govdir.storage.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
