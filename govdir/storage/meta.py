"""Facts about the database itself (suffix, province, version of the index keys): small texts by key."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import delete, insert, select

from govdir.storage.engine import Database
from govdir.storage.tables import meta


def read_meta(database: Database) -> dict[str, str]:
    """All facts. Blocking. Raises StoreUnavailable."""
    with database.read_connection() as connection:
        return {row.key: row.value for row in connection.execute(select(meta.c.key, meta.c.value))}


def write_meta_once(database: Database, key: str, value: str) -> str:
    """Sets a fact unless it is there; which value stands, whoever else set one meanwhile. Blocking.

    Raises StoreUnavailable.
    """
    with database.exclusive_connection() as connection:
        found = connection.execute(select(meta.c.value).where(meta.c.key == key)).scalar_one_or_none()
        if found is not None:
            return str(found)
        connection.execute(insert(meta).values(key=key, value=value))
        return value


def write_meta(database: Database, facts: Mapping[str, str]) -> None:
    """Sets these facts and leaves the others, in one transaction. Blocking. Raises StoreUnavailable."""
    with database.exclusive_connection() as connection:
        for key, value in facts.items():
            connection.execute(delete(meta).where(meta.c.key == key))
            connection.execute(insert(meta).values(key=key, value=value))
