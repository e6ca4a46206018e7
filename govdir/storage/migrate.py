"""Brings a database to the tables this program knows, and refuses one that is newer."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from govdir.storage.engine import Database


class DatabaseTooNew(Exception):
    """The database was made by a later release: `found` is its version, `known` the newest this one knows."""

    def __init__(self, found: str, known: str) -> None:
        super().__init__(f"the database is at version {found}; this program knows versions up to {known}")
        self.found = found
        self.known = known


def known_version() -> str:
    """The newest version of the tables that this program knows."""
    head = _scripts(_config()).get_current_head()
    if head is None:  # pragma: no cover - a package without its migrations
        raise FileNotFoundError("govdir.storage.migrations holds no revision")
    return head


def current_version(database: Database) -> str | None:
    """The database's version, None when it has no tables yet. Blocking.

    Raises StoreUnavailable.
    """
    with database.read_connection() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(database: Database) -> None:
    """Creates the tables, or brings older ones forward, in one transaction; a current database is left alone.

    Blocking. Processes that start together take turns. Raises DatabaseTooNew, StoreUnavailable.
    """
    config = _config()
    known = known_version()
    if current_version(database) == known:
        return
    with database.exclusive_connection() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
        if found is not None and found not in _revisions(config):
            raise DatabaseTooNew(found, known)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "govdir.storage:migrations")
    return config


def _scripts(config: Config) -> ScriptDirectory:
    return ScriptDirectory.from_config(config)


def _revisions(config: Config) -> frozenset[str]:
    return frozenset(script.revision for script in _scripts(config).walk_revisions())
